"""What a loop of `forward` and `backward` does again and again, as two straight functions.

They are written when a loop has turned ten times, line after line: each is a rule with the places
of its values. What may have changed since is looked at in every run. Where something has, or where
anything fails, the answer is None: then the general ways, `evaluate` and `core.sweep`, do all of
it again, with their checks and errors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from autograd_lite.core import arrays
from autograd_lite.core.backward import steep_inputs
from autograd_lite.core.node import Leaf
from autograd_lite.core.sweep import Cotangents, ancestors, fit_gradient, owned
from autograd_lite.core.values import frozen
from autograd_lite.frontend.feeds import fed_value

Steps = Callable[[Any], Cotangents | None]  # values or cotangents of nodes
USUAL = 10  # turns of a loop that go the general ways: to write and translate takes as long
MOST = 300  # operations


class Repeated:
    """Writes a function where it is asked for the same thing again and again."""

    def __init__(self, write: Callable[[Any], Steps | None]) -> None:
        self.write = write
        self.key: object = None
        self.turns = 0
        self.steps: Steps | None = None

    def run(self, thing: Any, key: object, given: Any) -> Cotangents | None:
        """What the function gives, or None; under another key it is another thing."""
        if key != self.key:
            self.key, self.turns, self.steps = key, 0, None
        self.turns += 1
        if self.turns <= USUAL:
            return None
        if self.steps is None:
            self.steps = self.write(thing) or _never
        found = self.steps(given)
        if found is None and self.steps is not _never:
            self.key = None
        return found


def _never(_: Any) -> None:
    """Stands for steps that there are not."""


# Forward


def forward_steps(nodes: Sequence[Any]) -> Steps | None:
    """From feeds to the new values of all inputs and operations, by the rules of `evaluate`."""
    leaves, computed = _parted(nodes)
    if len(computed) > MOST:
        return None
    inputs = [node for node in leaves if node.op is Leaf.Input]
    kept = [node for node in leaves if node.op is not Leaf.Input]
    changing = inputs + computed
    place = {node: i for i, node in enumerate(kept + changing)}
    names: dict[str, Any] = {"xp": arrays, "frozen": frozen}
    lines = [line for node in computed for line in _computing(node, place, names)]
    run = _function(
        [f"v{i}" for i in range(len(leaves))], lines, "v", {x: place[x] for x in changing}, names
    )
    loose = _loose(leaves)

    def steps(feeds: Mapping[str, Any]) -> Cotangents | None:
        if feeds.keys() != {node.name for node in inputs} or (loose and _are_floats(loose)):
            return None
        try:
            values = [frozen(fed_value(node, feeds[node.name])) for node in inputs]
            return run(*[node._value for node in kept], *values)
        except Exception:  # noqa: BLE001 - `evaluate` meets it again, and has the words
            return None

    return steps


def _computing(node: Any, place: Mapping[Any, int], names: dict[str, Any]) -> Iterator[str]:
    """The lines that compute a node."""
    i, op = place[node], node.op
    values = ", ".join(f"v{place[x]}" for x in node.inputs)
    is_ours = op.__module__.startswith("autograd_lite.")
    if is_ours and op.refuse is None and _is_plain(node):  # `compute` would add nothing
        names[f"r{i}"] = op.forward
        yield f"v{i} = r{i}(xp, {values}{_params(node, i, names)})"
    else:
        names |= {f"r{i}": op.compute, f"p{i}": node.params}
        yield f"v{i} = r{i}(({values},), p{i})"
    is_array = isinstance(node._value, np.ndarray)
    yield f"v{i}.setflags(False)" if is_array else f"v{i} = frozen(v{i})"


# Backward


def backward_steps(output: Any) -> Steps | None:
    """From the cotangent of an output to those of all behind it, by the rules of `cotangents`."""
    leaves, computed = _parted(_reached(output))
    is_plain = all(_is_plain(node) and not node.op.joint for node in computed)
    if len(computed) > MOST or not is_plain:
        return None
    path = computed + leaves
    others = {x for node in computed for x in node.inputs}.difference(path)
    place = {node: i for i, node in enumerate([*path, *others])}
    required = [node.requires_grad for node in place]
    names = {"xp": arrays, "fit": fit_gradient, "owned": owned, "ndarray": np.ndarray}
    names |= {"isnan": isnan, "vdot": np.vdot}
    lines, known = [], {output}
    for node in path:
        lines += _settling(node, place[node])
        if node._first is not None:
            lines += _pulling(node, place, names, known)
    for x in dict.fromkeys(steep_inputs(dict.fromkeys(path))):
        lines += [f"if isnan(vdot(g{place[x]}, g{place[x]})):", "    return None"]
    given = ["g0", *(f"v{i}" for i in range(len(place)))]
    run = _function(given, lines, "g", {x: place[x] for x in path}, names)
    loose = _loose(place)

    def steps(seed: Any) -> Cotangents | None:
        stamps = [node._stamp for node in place]
        is_stale = max(stamps) > min(stamps[: len(computed)] or stamps)
        if (
            is_stale
            or [x.requires_grad for x in place] != required
            or (loose and _are_floats(loose))
        ):
            return None
        with np.errstate(all="ignore"):
            try:
                return run(seed, *[node._value for node in place])
            except Exception:  # noqa: BLE001 - the sweep meets it again, and has the words
                return None

    return steps


def _reached(output: Any) -> Iterator[Any]:
    """What a cotangent of the output gets to, newest first."""
    found = {output}
    for node in reversed(ancestors(output)):
        if node in found:
            yield node
            if node._first is not None:
                found.update(x for x, _ in node.op.edges(node.inputs) if x.requires_grad)


def _settling(node: Any, i: int) -> list[str]:
    """The lines that put a whole cotangent in memory of its own, as `owned` does."""
    if i == 0 or not isinstance(node._value, np.ndarray):
        return [
            f"if type(g{i}) is ndarray:",
            f"    g{i} = owned(g{i}, is_leaf={node._first is None})",
        ]
    lines = [f"if g{i}.base is not None or not g{i}.flags.writeable:", f"    g{i} = g{i}.copy()"]
    return lines if node._first is None else [*lines, f"g{i}.setflags(False)"]


def _pulling(
    node: Any, place: Mapping[Any, int], names: dict[str, Any], known: set[Any]
) -> Iterator[str]:
    """The lines that give a node's inputs what arrives there; those that have some are known."""
    i, rules = place[node], node.op.rules_for(len(node.inputs))
    values = ", ".join(f"v{place[x]}" for x in (node, *node.inputs))
    params = _params(node, i, names)
    for number, (x, rule) in enumerate(zip(node.inputs, rules, strict=True)):
        if rule is not None and x.requires_grad:
            k = place[x]
            names[f"r{i}_{number}"] = rule
            yield f"g = r{i}_{number}(xp, g{i}, {values}{params})"
            is_like = f"type(g) is type(v{k}) and g.shape == v{k}.shape and g.dtype is v{k}.dtype"
            yield f"g = g if {is_like} else fit(n{i}, n{k}, g)"
            yield f"g{k} = g{k} + g" if x in known else f"g{k} = g"
            known.add(x)


# Both


def _function(
    given: Sequence[str],
    lines: Sequence[str],
    kind: str,
    wanted: Mapping[Any, int],
    names: dict[str, Any],
) -> Callable[..., Cotangents]:
    """The function of these lines, from what is given to what is wanted for nodes, of a kind."""
    names |= {f"n{i}": node for node, i in wanted.items()}
    found = ", ".join(f"n{i}: {kind}{i}" for i in wanted.values())
    body = "\n    ".join([*lines, f"return {{{found}}}"])
    exec(f"def run({', '.join(given)}):\n    {body}\n", names)  # noqa: S102 - numbers and our words
    run: Callable[..., Cotangents] = names["run"]
    return run


def _params(node: Any, i: int, names: dict[str, Any]) -> str:
    """The last argument of a call, if the node has parameters."""
    names[f"p{i}"] = node.params
    return f", **p{i}" if node.params else ""


def _parted(nodes: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """The leaves among nodes, and what is computed."""
    leaves: list[Any] = []
    computed: list[Any] = []
    for node in nodes:
        (leaves if node._first is None else computed).append(node)
    return leaves, computed


def _is_plain(node: Any) -> bool:
    """Whether rules take the values of a node as they are: all of them are NumPy's."""
    return all(isinstance(x._value, np.ndarray | np.generic) for x in (node, *node.inputs))


def _loose(nodes: Iterable[Any]) -> list[Any]:
    """The leaves that may be given a Python float instead of an array."""
    leaves = [x for x in nodes if x._first is None and isinstance(x._value, np.ndarray)]
    return [x for x in leaves if x.shape == ()]


def _are_floats(loose: Sequence[Any]) -> bool:
    return any(type(node._value) is float for node in loose)
