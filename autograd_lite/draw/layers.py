"""Where boxes stand: layers from the append order, then an order and a place inside each layer.

The picture is layered as Sugiyama, Tagawa and Toda described (IEEE Trans. SMC 11, 1981), without
the hard parts: append order is topological already, so layers need no search, and the places
within a layer are the least-squares ones that keep order and distance (isotonic regression).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[int, int]  # from box to box, by their places in the picture
Neighbours = list[list[int]]

GAP = 26.0  # between boxes side by side
WAY = 14.0  # the width that an edge takes where it passes a layer
MOST_BENDS = 20_000  # beyond, the longest edges run straight instead of around the boxes


@dataclass
class Layering:
    """Boxes and bends in layers; a bend is where an edge passes a layer on its way."""

    rows: list[list[int]]  # the items of each layer from left to right
    layer: list[int]  # of each item: boxes first, then bends
    widths: list[float]
    above: Neighbours  # the items in earlier layers that each one is joined to
    below: Neighbours
    chains: dict[Edge, list[int]]  # from box to box by way of the bends, downwards


def arrange(widths: Sequence[float], edges: Sequence[Edge]) -> tuple[Layering, list[float]]:
    """The layers, and the middle of each item from left to right.

    >>> layering, x = arrange([10, 10, 10], [(0, 2), (1, 2)])
    >>> layering.rows, x
    ([[0, 1], [2]], [5.0, 41.0, 23.0])
    """
    layering = _with_bends(list(widths), _downward(edges))
    rounds = 8 if len(layering.layer) < 5_000 else 2
    for _ in range(rounds):
        _order(layering)
    return layering, _places(layering, rounds)


def _downward(edges: Sequence[Edge]) -> list[Edge]:
    """Each edge once, from the earlier box to the later one; folded scopes can have both ways."""
    return list(dict.fromkeys((min(edge), max(edge)) for edge in edges if edge[0] != edge[1]))


def _layers(count: int, edges: Sequence[Edge]) -> list[int]:
    """The layer of each box: below all its inputs; a leaf stands just above its first user."""
    inputs: Neighbours = [[] for _ in range(count)]
    users: Neighbours = [[] for _ in range(count)]
    for a, b in edges:
        inputs[b].append(a)
        users[a].append(b)
    layer = [0] * count
    for b in range(count):
        layer[b] = max((layer[a] + 1 for a in inputs[b]), default=0)
    for a in range(count):
        if users[a] and not inputs[a]:
            layer[a] = min(layer[b] for b in users[a]) - 1
    return layer


def _with_bends(widths: list[float], edges: Sequence[Edge]) -> Layering:
    """Cut each long edge into pieces from layer to layer, the shortest ones first."""
    count = len(widths)
    layer = _layers(count, edges)
    chains: dict[Edge, list[int]] = {}
    for a, b in sorted(edges, key=lambda edge: layer[edge[1]] - layer[edge[0]]):
        passed = range(layer[a] + 1, layer[b])
        if len(layer) + len(passed) > count + MOST_BENDS:
            passed = range(0)
        bends = list(range(len(layer), len(layer) + len(passed)))
        layer += passed
        widths += [WAY] * len(bends)
        chains[a, b] = [a, *bends, b]
    above: Neighbours = [[] for _ in layer]
    below: Neighbours = [[] for _ in layer]
    for chain in chains.values():
        for a, b in pairwise(chain):
            above[b].append(a)
            below[a].append(b)
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for item, row in enumerate(layer):
        rows[row].append(item)
    return Layering(rows, layer, widths, above, below, chains)


def _order(layering: Layering) -> None:
    """Move each item towards its neighbours, once downwards and once upwards: fewer crossings."""
    place = [0.0] * len(layering.layer)
    for row in layering.rows:
        _number(row, place)
    for rows, neighbours in (
        (layering.rows[::-1], layering.below),
        (layering.rows, layering.above),
    ):
        for row in rows:
            wish = {item: _mean(place, neighbours[item], place[item]) for item in row}
            row.sort(key=wish.__getitem__)
            _number(row, place)


def _number(row: list[int], place: list[float]) -> None:
    """Places between 0 and 1, so that rows of different lengths can be compared."""
    for i, item in enumerate(row):
        place[item] = (i + 0.5) / len(row)


def _mean(place: list[float], items: list[int], default: float) -> float:
    return sum(map(place.__getitem__, items)) / len(items) if items else default


def _places(layering: Layering, rounds: int) -> list[float]:
    """The middle of each item, close to its neighbours' middles."""
    x = [0.0] * len(layering.layer)
    for row in layering.rows:
        _settle(layering, row, [0.0] * len(row), x)
    ways = (layering.above, layering.below)
    for turn in range(2 * rounds):
        neighbours = ways[turn % 2]
        for row in layering.rows if turn % 2 == 0 else layering.rows[::-1]:
            _settle(layering, row, [_mean(x, neighbours[i], x[i]) for i in row], x)
    left = min((x[i] - layering.widths[i] / 2 for i in range(len(x))), default=0.0)
    return [middle - left for middle in x]


def _settle(layering: Layering, row: list[int], wishes: list[float], x: list[float]) -> None:
    """Put a row as close to the wishes as order and distances allow.

    With the distances subtracted this is isotonic regression, solved by pooling neighbours that
    would overlap and giving each pool the mean of its wishes.
    """
    widths = layering.widths
    offsets = [0.0]
    for a, b in pairwise(row):
        offsets.append(offsets[-1] + (widths[a] + widths[b]) / 2 + GAP)
    pools: list[tuple[float, int]] = []  # the sum of the wishes, and how many
    for wish, offset in zip(wishes, offsets, strict=True):
        total, size = wish - offset, 1
        while pools and pools[-1][0] * size >= total * pools[-1][1]:
            earlier, count = pools.pop()
            total, size = total + earlier, size + count
        pools.append((total, size))
    places = (total / size for total, size in pools for _ in range(size))
    for item, offset, place in zip(row, offsets, places, strict=True):
        x[item] = place + offset
