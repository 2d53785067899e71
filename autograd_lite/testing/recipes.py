"""Random graphs as flat lists: each step is an op on values made earlier, so sharing is common.

A list shrinks well (drop a step, point to an earlier value), and trees would never hand two
gradients to one node. `strategies` draws them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.errors import AutogradError
from autograd_lite.frontend.leaves import parameter
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops import OPS
from autograd_lite.testing.finite_difference import Array

AXES: tuple[Mapping[str, Any], ...] = (
    {}, {"axis": 0}, {"axis": -1}, {"axis": -1, "keepdims": True}, {"keepdims": True},
)  # fmt: skip
PARAMS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    **dict.fromkeys(("Sum", "Mean", "Max", "LogSumExp"), AXES),
    "SoftMax": ({"axis": -1}, {"axis": 0}),
    "ExpandDims": ({"axis": 0}, {"axis": -1}),
    "Reshape": ({"shape": (-1,)}, {"shape": (-1, 1)}, {"shape": (2, -1)}),
}
"""The parameters to choose from, for ops that have some."""

UNARY = ("Tanh", "Exp", "Sigmoid", "ReLU", "Neg", "Abs", "Log1p", "Sqrt", "Log")
BINARY = ("Add", "Mul", "Sub", "Div", "Maximum", "Minimum", "Pow", "MatMul")
OTHERS = (*PARAMS, "MatrixTranspose")
DEFAULT_OPS = (*BINARY, *UNARY, *OTHERS)

Call = tuple[str, Sequence[int], int]
"""An op's name, numbers that pick its inputs, and one that picks its parameters."""
MANY = 60  # as many values to pick from; divisible by most counts, so each is as likely
NUMBERS = tuple(k / 4 for k in range(1, 13)) + tuple(-k / 4 for k in range(1, 13))
SHAPES: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3), (3, 2), (2, 2), (1, 3), (2, 1, 2))
LARGEST = 1e3  # values beyond are not used any further: exp(exp(exp(x))) tells nothing


class RecipeStep(NamedTuple):
    """An op's name, which earlier values it is applied to, and its parameters."""

    op: str
    inputs: tuple[int, ...]
    params: Mapping[str, Any]

    def __repr__(self) -> str:
        params = "".join(f", {key}={value!r}" for key, value in self.params.items())
        return f"{self.op}({', '.join(f'x{i}' for i in self.inputs)}{params})"


@dataclass(frozen=True)
class Recipe:
    """A graph as a flat list: the values of its leaves, then its steps.

    >>> steps = RecipeStep("Tanh", (0,), {}), RecipeStep("Mul", (0, 1), {})
    >>> recipe = Recipe((np.array(0.5),), steps)
    >>> recipe
    x0 = 0.5; x1 = Tanh(x0); x2 = Mul(x0, x1)
    >>> recipe.build().shape
    ()
    """

    leaves: tuple[Array, ...]
    steps: tuple[RecipeStep, ...]

    def build(self) -> Node:
        """The last value, as a node."""
        return self.nodes()[-1]

    def nodes(self) -> list[Node]:
        """A node for each leaf and each step."""
        with NodeGraph(), np.errstate(all="ignore"):
            nodes = [parameter(value) for value in self.leaves]
            for step in self.steps:
                nodes.append(OPS[step.op](*(nodes[i] for i in step.inputs), **step.params))
        return nodes

    def __repr__(self) -> str:
        leaves = [str(value.tolist()) for value in self.leaves]
        lines = [f"x{i} = {code}" for i, code in enumerate([*leaves, *map(repr, self.steps)])]
        return "; ".join(lines)


def compose(leaves: Sequence[Array], calls: Iterable[Call], *, largest: float = LARGEST) -> Recipe:
    """The graph of those calls that fit the values made before; the others are left out.

    A call is an op's name and any numbers, which pick earlier values and parameters. One whose
    value has elements of `largest` or more is left out as well.

    >>> compose([np.array(0.5)], [("Tanh", (7,), 0), ("MatMul", (0, 1), 0), ("Add", (1, 0), 0)])
    x0 = 0.5; x1 = Tanh(x0); x2 = Add(x1, x0)
    """
    values, chosen = list(leaves), []
    for name, picks, choice in calls:
        step = _step(name, picks, choice, len(values))
        value = tried(step, values, largest)
        if value is not None:
            chosen.append(step)
            values.append(value)
    return Recipe(tuple(leaves), tuple(chosen))


def _step(name: str, picks: Sequence[int], choice: int, count: int) -> RecipeStep:
    params = PARAMS.get(name, ({},))
    inputs = tuple(i % count for i in picks[: len(OPS[name].input_names)])
    return RecipeStep(name, inputs, params[choice % len(params)])


def tried(step: RecipeStep, values: Sequence[Array], largest: float) -> Array | None:
    """What a step gives, or None if it does not fit or leaves the finite and differentiable."""
    inputs = [values[i] for i in step.inputs]
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(OPS[step.op](*inputs, **step.params))
    except AutogradError:
        return None
    is_inside = value.size and np.all(np.abs(value) < largest) and _is_smooth(step.op, inputs)
    return value if is_inside else None


def _is_smooth(op: str, inputs: Sequence[Array]) -> bool:
    """Whether a slope is finite: those of a root or power are not where its base is 0."""
    positive_base = op in ("Sqrt", "Log", "Log1p", "Pow")
    return not positive_base or bool(np.all(inputs[0] > 0))
