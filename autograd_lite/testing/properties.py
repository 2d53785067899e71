"""What has to hold for every op: one function a property, of one drawn call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from autograd_lite.autodiff.gradients import gradients
from autograd_lite.core.op import Op, Params
from autograd_lite.core.shapes import spec_of
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.check import check_gradients
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.replay import Call
from autograd_lite.testing.report import described


class Case(NamedTuple):
    """One call of an op, with cotangents for its output."""

    op: type[Op]
    inputs: tuple[Array, ...]
    params: Params
    cotangents: tuple[Array, Array]
    order: int

    def __repr__(self) -> str:
        inputs = ", ".join(map(repr, self.inputs))
        params = "".join(f", {key}={value!r}" for key, value in self.params.items())
        return f"{self.op.name}({inputs}{params})"

    @property
    def edges(self) -> list[int]:
        """The positions of the inputs that have a rule."""
        rules = self.op.rules_for(len(self.inputs))
        return [i for i, rule in enumerate(rules) if rule is not None]

    def on(self, inputs: Sequence[Array]) -> Call:
        """The same call on other inputs."""
        return Call(self.op, tuple(inputs), self.params)

    def gradients(self, inputs: Sequence[Array], cotangent: Array) -> list[Array]:
        """What the rules give, each summed to the shape of its input."""
        return [self.on(inputs).pull(i, cotangent) for i in self.edges]

    def leaves(self) -> list[Node]:
        """The inputs as nodes."""
        return [Node(x) if i in self.edges else constant(x) for i, x in enumerate(self.inputs)]


class Broken(NamedTuple):
    """A property that does not hold."""

    expected: str
    came: str
    suggestion: str


def derivatives_are_right(case: Case) -> Broken | None:
    """Every rule agrees with finite differences."""
    return _checked(case, order=1)


def second_derivatives_are_right(case: Case) -> Broken | None:
    """The derivative of every rule agrees with finite differences."""
    return _checked(case, order=2) if case.order == 2 else None


def _checked(case: Case, *, order: int) -> Broken | None:
    if not case.edges:
        return None
    with NodeGraph():
        out = case.op(*case.leaves(), **case.params)
    for row in check_gradients(out, order=order, progress=False).guilty:
        came = f"{row.subject}: {described(row)}"
        advice = "compare the rule with the derivative of forward"
        return Broken("the derivative that finite differences show", came, advice)
    return None


def inputs_stay(case: Case) -> Broken | None:
    """Neither forward nor a rule writes into what it is given."""
    inputs = [*map(_strided, case.inputs)]
    try:
        case.on(inputs).output()
        case.gradients(inputs, _strided(case.cotangents[0]))
    except ValueError as problem:
        if "read-only" not in str(problem):
            raise
        came = str(getattr(problem, "came", problem))
        return Broken("inputs and grad left as they are", came, "compute a new array")
    return None


def layout_does_not_matter(case: Case) -> Broken | None:
    """Arrays that are read-only and not contiguous give the same."""
    strided = [_strided(x) for x in case.inputs]
    expected = [case.on(case.inputs).output(), *case.gradients(case.inputs, case.cotangents[0])]
    found = [case.on(strided).output(), *case.gradients(strided, _strided(case.cotangents[0]))]
    if all(map(_close, expected, found)):
        return None
    advice = "use functions that respect strides, and no views of raw memory"
    return Broken("the same for arrays that are not contiguous", "other numbers", advice)


def dtype_is_kept(case: Case) -> Broken | None:
    """float32 gives float32, forwards and backwards, and so does float64."""
    for dtype in ("float32", "float64"):
        inputs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in case.inputs]
        outputs = case.on(inputs).outputs()
        outputs += case.gradients(inputs, case.cotangents[0].astype(dtype))
        wrong = [x.dtype for x in outputs if x.dtype.kind == "f" and x.dtype != dtype]
        if wrong and "dtype" not in case.params and any(x.dtype == dtype for x in inputs):
            advice = "write constants as Python numbers, which take the dtype of their partners"
            return Broken(f"{dtype} from {dtype}", str(wrong[0]), advice)
    return None


def inference_is_right(case: Case) -> Broken | None:
    """The shape and dtype that are inferred without values are those of the value."""
    inferred = case.op.infer([spec_of(x) for x in case.inputs], case.params)
    found = spec_of(case.on(case.inputs).output())
    if inferred == found:
        return None
    return Broken(f"{inferred}, as inferred", str(found), "let infer follow what forward does")


def rules_are_linear(case: Case) -> Broken | None:
    """A rule is linear in grad: it may scale it, not clip or square it."""
    u, v = case.cotangents
    sums = case.gradients(case.inputs, 1000.0 * u - 3.0 * v)
    parts = zip(case.gradients(case.inputs, u), case.gradients(case.inputs, v), strict=True)
    if all(_close(1000.0 * a - 3.0 * b, total) for total, (a, b) in zip(sums, parts, strict=True)):
        return None
    return Broken("a rule that is linear in grad", "one that is not", "multiply grad, nothing else")


def one_node_may_come_twice(case: Case) -> Broken | None:
    """With the same node as all inputs, its gradient is the sum of what the rules give."""
    if len(case.edges) < 2:
        return None
    value = case.inputs[case.edges[0]]
    same = [value if i in case.edges else x for i, x in enumerate(case.inputs)]
    if not _takes(case, same):
        return None
    x = Node(value)
    with NodeGraph():
        out = case.op(*(x if i in case.edges else y for i, y in enumerate(same)), **case.params)
    cotangent = np.ones(out.shape)
    out.backward(cotangent)
    if _close(np.asarray(x.grad), _sum_of_gradients(case, same, cotangent)):
        return None
    return Broken("the sum of all gradients for a node given twice", str(x.grad), "keep rules pure")


def graph_and_numbers_agree(case: Case) -> Broken | None:
    """The rules mean the same with nodes as with numbers."""
    if not case.edges:
        return None
    leaves, cotangent = case.leaves(), case.cotangents[0]
    wanted = [leaves[i] for i in case.edges]
    with NodeGraph():
        out = case.op(*leaves, **case.params)
        found = gradients(out, wanted, cotangent=cotangent)
    expected = case.gradients(case.inputs, cotangent)
    if all(_close(a, np.asarray(b.value)) for a, b in zip(expected, found, strict=True)):
        return None
    advice = "write the rule with xp and operators only"
    return Broken("the same gradient as graph and as numbers", "two different ones", advice)


Property = Callable[[Case], Broken | None]
PROPERTIES: Sequence[Property] = (
    inputs_stay,
    derivatives_are_right,
    rules_are_linear,
    layout_does_not_matter,
    dtype_is_kept,
    inference_is_right,
    one_node_may_come_twice,
    graph_and_numbers_agree,
    second_derivatives_are_right,
)


def _sum_of_gradients(case: Case, same: Sequence[Array], cotangent: Array) -> Array:
    """What the rules give for equal arrays that are not the same one."""
    found = case.gradients([x.copy() for x in same], cotangent)
    return np.asarray(sum(found))


def _strided(array: Array) -> Array:
    """A read-only copy with gaps in memory."""
    view = np.repeat(np.expand_dims(array, -1), 2, axis=-1)[..., 0]
    view.setflags(write=False)
    return view


def _close(a: Array, b: Array) -> bool:
    """Equal but for rounding."""
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


def _takes(case: Case, inputs: Sequence[Array]) -> bool:
    try:
        case.on(inputs).output()
    except (ValueError, TypeError):
        return False
    return True
