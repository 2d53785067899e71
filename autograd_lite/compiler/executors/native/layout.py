"""How a loop over the elements of a shape walks through arrays: axes, strides, what is merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any

from autograd_lite.core.shapes import Shape

Strides = tuple[int, ...]  # in elements, one for each axis of the loop


def row_major(shape: Shape) -> Strides:
    """The strides of an array of that shape, in row-major order.

    >>> row_major((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(accumulate(shape[:0:-1], mul, initial=1))[::-1] if shape else ()


def broadcast_strides(shape: Shape, loop: Shape) -> Strides:
    """The strides with which an array of `shape` is read in a loop over the shape `loop`.

    >>> broadcast_strides((3, 1), (2, 3, 4))
    (0, 1, 0)
    """
    own = [0 if n == 1 else s for n, s in zip(shape, row_major(shape), strict=True)]
    return (*[0] * (len(loop) - len(shape)), *own)


@dataclass(frozen=True)
class Walk:
    """The axes of a loop, as few as possible, and for each array its strides along them."""

    sizes: Shape
    strides: Mapping[Any, Strides]

    def offset(self, key: Any, indices: Sequence[str], first: int = 0) -> str:
        """Where the element of an array is, as a C expression of the loop's indices.

        >>> Walk((5, 3), {"x": (3, 1)}).offset("x", ["i", "j"])
        'i * 3 + j'
        """
        pairs = zip(indices, self.strides[key], strict=True)
        terms = [i if s == 1 else f"{i} * {s}" for i, s in pairs if s != 0]
        return " + ".join([str(first)] * (first != 0 or not terms) + terms)


def walk(shape: Shape, strides: Mapping[Any, Strides]) -> Walk:
    """The loop over a shape; axes that all arrays walk through in one go are merged.

    >>> walk((2, 3, 4), {"x": (12, 4, 1), "row": (0, 4, 1)})
    Walk(sizes=(2, 12), strides={'x': (12, 1), 'row': (0, 1)})
    """
    sizes: list[int] = []
    kept: dict[Any, list[int]] = {key: [] for key in strides}
    for axis, n in enumerate(shape):
        if n == 1:
            continue
        if sizes and all(kept[key][-1] == n * s[axis] for key, s in strides.items()):
            sizes[-1] *= n
            for key, s in strides.items():
                kept[key][-1] = s[axis]
            continue
        sizes.append(n)
        for key, s in strides.items():
            kept[key].append(s[axis])
    return Walk(tuple(sizes), {key: tuple(s) for key, s in kept.items()})
