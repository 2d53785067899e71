"""What has to hold for every op: one function a property, of one drawn call."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from autograd_lite.autodiff.gradients import gradients
from autograd_lite.core.op import Op, Params
from autograd_lite.core.shapes import spec_of
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.check import check_gradients
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.replay import Call, MisfitError
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
        """The positions of the inputs that have a rule, which is written."""
        rules = (getattr(self.op, f"vjp_{self.name(i)}") for i in range(len(self.inputs)))
        return [i for i, rule in enumerate(rules) if rule not in (None, NotImplemented)]

    def on(self, inputs: Sequence[Array]) -> Call:
        """The same call on other inputs."""
        return Call(self.op, tuple(inputs), self.params)

    def gradients(self, inputs: Sequence[Array], cotangent: Array) -> list[Array]:
        """What the rules give, each summed to the shape of its input."""
        return [self.on(inputs).pull(i, cotangent) for i in self.edges]

    def results(self, inputs: Sequence[Array], cotangent: Array) -> list[tuple[str, Array]]:
        """What forward gives, under the name "", then what each rule gives, under its input's."""
        parts = self.gradients(inputs, cotangent)
        named = zip(map(self.name, self.edges), parts, strict=True)
        return [("", self.on(inputs).output()), *named]

    def name(self, position: int) -> str:
        """What the op calls its input; all of a variadic one have one rule."""
        return self.op.input_names[min(position, len(self.op.input_names) - 1)]

    def leaves(self) -> list[Node]:
        """The inputs as nodes."""
        return [Node(x) if i in self.edges else constant(x) for i, x in enumerate(self.inputs)]


class Broken(NamedTuple):
    """A property that does not hold, and the rule that breaks it where that is known."""

    expected: str
    came: str
    suggestion: str
    rule: str = ""


def rules_run(case: Case) -> Broken | None:
    """Every rule runs, and gives a gradient that sums to the shape of its input."""
    case.on(case.inputs).output()
    for i in case.edges:
        try:
            case.on(case.inputs).pull(i, case.cotangents[0])
        except MisfitError as problem:
            came = f"vjp_{case.name(i)} of {case.op.name}: {problem}"
            advice = "sum over what was broadcast, and keep all other axes"
            shape = case.inputs[i].shape
            return Broken(f"a gradient that sums to {shape}", came, advice, case.name(i))
    return None


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
        return Broken("the derivative that finite differences show", came, advice, row.input)
    return None


def inputs_stay(case: Case) -> Broken | None:
    """Neither forward nor a rule writes into what it is given."""
    inputs, cotangent = [*map(_strided, case.inputs)], _strided(case.cotangents[0])
    call = case.on(inputs)
    calls = [("", call.output)]
    calls += [(case.name(i), partial(call.pull, i, cotangent)) for i in case.edges]
    for rule, run in calls:
        try:
            run()
        except ValueError as problem:
            if "read-only" not in str(problem):
                raise
            came = str(getattr(problem, "came", problem))
            expected = "inputs and grad left as they are"
            return Broken(expected, came, "compute a new array", rule)
    return None


def layout_does_not_matter(case: Case) -> Broken | None:
    """Arrays that are read-only and not contiguous give the same."""
    strided = [_strided(x) for x in case.inputs]
    expected = case.results(case.inputs, case.cotangents[0])
    found = case.results(strided, _strided(case.cotangents[0]))
    for (rule, value), (_, other) in zip(expected, found, strict=True):
        if not _close(value, other):
            advice = "use functions that respect strides, and no views of raw memory"
            promise = "the same for arrays that are not contiguous"
            return Broken(promise, "other numbers", advice, rule)
    return None


def dtype_is_kept(case: Case) -> Broken | None:
    """float32 gives float32, forwards and backwards, and so does float64."""
    for dtype in ("float32", "float64"):
        inputs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in case.inputs]
        if "dtype" in case.params or not any(x.dtype == dtype for x in inputs):
            continue
        found = [("", x) for x in case.on(inputs).outputs()]
        found += case.results(inputs, case.cotangents[0].astype(dtype))[1:]
        for rule, x in found:
            if x.dtype.kind == "f" and x.dtype != dtype:
                advice = "write constants as Python numbers, which take the dtype of their partners"
                return Broken(f"{dtype} from {dtype}", str(x.dtype), advice, rule)
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
    for i, total, (a, b) in zip(case.edges, sums, parts, strict=True):
        if not _close(1000.0 * a - 3.0 * b, total):
            promise, advice = "a rule that is linear in grad", "multiply grad, nothing else"
            return Broken(promise, "one that is not", advice, case.name(i))
    return None


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
    for i, a, b in zip(case.edges, expected, found, strict=True):
        if not _close(a, np.asarray(b.value)):
            advice = "write the rule with xp and operators only"
            promise = "the same gradient as graph and as numbers"
            return Broken(promise, "two different ones", advice, case.name(i))
    return None


Property = Callable[[Case], Broken | None]
PROPERTIES: Sequence[Property] = (
    rules_run,
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
