"""Random programs of all ops, and the ways to read one: eager, recorded, re-fed, compiled …

A program is a flat list of steps. Each step is an op on arrays that its sample row draws for it, and
some of them move a little with the value of an earlier step, so that gradients flow through several
ops; or an elementwise op takes what is selected of an earlier value. Every reading gives the same
numbers, or refuses in the library's own words.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from samples import OPS, SAMPLES

import autograd_lite as ag
import autograd_lite.errors

SPECIAL = (0.0, -0.0, 5e-324, 1e-200, -1e200, 1e200, 700.0, -700.0, np.inf, -np.inf, np.nan)
UNARY = {
    name for name in SAMPLES
    if OPS[name].elementwise and OPS[name].simple and len(OPS[name].input_names) == 1
}  # fmt: skip
LINK = 1 / 64  # how much an input moves with an earlier value: it stays away from kinks


class Operand(NamedTuple):
    """A leaf, and the earlier value that it moves with, if there is one; or that value alone."""

    leaf: int | None
    source: int | None


class Step(NamedTuple):
    """An op applied to operands."""

    op: str
    operands: tuple[Operand, ...]
    params: dict[str, Any]


@dataclass(frozen=True)
class Program:
    """Arrays, and steps that use them."""

    arrays: tuple[np.ndarray, ...]
    steps: tuple[Step, ...]

    def __repr__(self):
        lines = [f"a{i} = {x!r}" for i, x in enumerate(self.arrays)]
        for i, (op, operands, params) in enumerate(self.steps):
            names = [
                f"v{y} if v{y} > ½ else ½" if x is None else f"a{x}" + f" ~ v{y}" * (y is not None)
                for x, y in operands
            ]
            lines.append(f"v{i} = {op}({', '.join(names)}, {params})")
        return "\n".join(lines)

    def values(self, leaves):
        """The value of each step, computed from these leaves."""
        values = []
        for op, operands, params in self.steps:
            inputs = [
                self._operand(*(None if i is None else of[i] for i, of in pair))
                for pair in [zip(both, (leaves, values), strict=True) for both in operands]
            ]
            values.append(OPS[op](*inputs, **params))
        return values

    def _operand(self, leaf, source):
        if leaf is None:
            return ag.where(source > 0.5, source, 0.5)
        return leaf if source is None else leaf + ag.tanh(ag.mean(source)) * LINK

    def loss(self, values):
        """A scalar of the values that no step takes for its own."""
        taken = {y for _, operands, _ in self.steps for x, y in operands if x is None}
        return loss_of([value for i, value in enumerate(values) if i not in taken])

    def replaced(self, arrays):
        return Program(tuple(arrays), self.steps)


def floating(x):
    return x.dtype.kind == "f"


@st.composite
def programs(draw, names=tuple(SAMPLES), *, most=3, special=False, dtype=None):
    """A program of up to so many steps; `special`: with infinities, NaN, zeros and tails in it."""
    arrays, steps, floats = [], [], []
    dtype = dtype or draw(st.sampled_from(["float64", "float64", "float32"]))
    for _ in range(draw(st.integers(1, most))):
        name = draw(st.sampled_from(names))
        if dtype not in SAMPLES[name].dtypes:
            continue
        if special and floats and name in UNARY and draw(st.booleans()):
            steps.append(Step(name, (Operand(None, draw(st.sampled_from(floats))),), {}))
            floats.append(len(steps) - 1)
            continue
        case = draw(SAMPLES[name].cases)
        operands = []
        for given in case.inputs:
            x = given.astype(dtype) if floating(given) else given
            links = floats if floating(x) else []
            source = draw(st.sampled_from([None, *links])) if links else None
            operands.append(Operand(len(arrays), source))
            arrays.append(draw(sprinkled(x)) if special and floating(x) else x)
        steps.append(Step(name, tuple(operands), case.params))
        floats.append(len(steps) - 1)
        if not gives_floats(Program(tuple(arrays), tuple(steps))):
            floats.pop()
    return Program(tuple(arrays), tuple(steps))


def gives_floats(program):
    """Whether the last step's value is an array of floats, with elements in it."""
    try:
        with np.errstate(all="ignore"):
            last = program.values([ag.constant(x) for x in program.arrays])[-1]
    except ag.AutogradError:
        return False
    return not isinstance(last, tuple) and last.dtype.kind == "f" and last.size > 0


@st.composite
def sprinkled(draw, x):
    """The array with up to two of its elements replaced by special ones."""
    x = x.copy()
    for place in draw(st.lists(st.integers(0, max(x.size - 1, 0)), max_size=2)):
        if x.size:
            with np.errstate(all="ignore"):
                x.reshape(-1)[place] = draw(st.sampled_from(SPECIAL))
    return x


def loss_of(values):
    """A scalar that depends on all floats among the values, curved so that slopes differ."""
    total = None
    for number, value in enumerate(flat(values)):
        if value.dtype.kind == "f":
            part = ag.sum(value * ((number + 2) / 4) + value * value * 0.125)
            total = part if total is None else total + ag.astype(part, total.dtype)
    return total


def flat(values):
    """The values, those of several outputs one by one."""
    return [x for value in values for x in (value if isinstance(value, tuple) else (value,))]


# Readings: each gives the values of all steps and the gradients of all float leaves


def eager(program, *, floats=False):
    """Values and gradients at once: leaves are arrays, or Python floats."""
    with np.errstate(all="ignore"):
        leaves = [
            (ag.Node(float(x)) if floats else ag.Node(x)) if floating(x) else ag.constant(x)
            for x in program.arrays
        ]
        values = program.values(leaves)
        loss = program.loss(values)
        if loss is not None and loss.requires_grad:
            loss.backward()
    wanted = [x for x in leaves if x.requires_grad]
    grads = [np.zeros(x.shape, x.dtype) if x.grad is None else x.grad for x in wanted]
    return arrays_of(values), [np.asarray(grad) for grad in grads]


class Recorded:
    """The program as a graph that is fed, with its gradients as nodes, to a given order."""

    def __init__(self, program, *, order=1, fixed=()):
        self.fixed = fixed  # leaves that are parameters instead of inputs
        self.leaves = {i: ag.parameter(program.arrays[i]) for i in fixed}
        with np.errstate(all="ignore"), ag.Graph() as self.graph:
            self.leaves = [
                self.leaves[i]
                if i in fixed
                else ag.input(name=f"a{i}", shape=x.shape, dtype=x.dtype, requires_grad=floating(x))
                for i, x in enumerate(program.arrays)
            ]
            values = program.values(self.leaves)
            self.values, self.loss = flat(values), program.loss(values)
            self.wanted = [x for x in self.leaves if x.requires_grad]
            self.grads = self.derived(self.loss)
            self.higher = []
            for _ in range(1, order):
                last = self.higher[-1] if self.higher else self.grads
                self.higher.append(self.derived(loss_of([g for g in last if g is not None])))

    def derived(self, loss):
        """The gradient of each float leaf as a node; None where the loss does not depend on it."""
        if loss is None or not loss.requires_grad:
            return [None] * len(self.wanted)
        try:
            return ag.gradients(loss, self.wanted)
        except ag.errors.GradientError:
            return [gradient(loss, x) for x in self.wanted]

    def nodes(self):
        """All that is compared: values, and gradients of all orders."""
        grads = [*self.grads, *(g for grads in self.higher for g in grads)]
        return [*self.values, *(g for g in grads if g is not None)]

    def forward(self, program):
        self.graph.forward(**feeds_of(program, self.fixed))
        return [np.asarray(node.value) for node in self.nodes()]

    def backward(self, loss):
        """The gradients of all float leaves by the numeric sweep."""
        if loss is None or not loss.requires_grad:
            return [np.zeros(np.shape(x.value), x.dtype) for x in self.wanted]
        self.graph.backward(loss)
        grads = [np.zeros_like(x.value) if x.grad is None else x.grad for x in self.wanted]
        return [np.asarray(grad) for grad in grads]

    def symbolic(self, grads):
        """Gradients that are nodes, as arrays."""
        pairs = zip(grads, self.wanted, strict=True)
        return [np.zeros_like(x.value) if g is None else np.asarray(g.value) for g, x in pairs]


def gradient(loss, x):
    """The gradient as a node; None where none flows."""
    try:
        return ag.gradients(loss, x)
    except ag.errors.GradientError:
        return None


def feeds_of(program, fixed=()):
    return {f"a{i}": x for i, x in enumerate(program.arrays) if i not in fixed}


def arrays_of(values):
    return [np.asarray(x.value) for x in flat(values)]


class Told:
    """What a failure tells, put into words only then: graphs are long."""

    def __init__(self, *parts):
        self.parts = parts

    def __str__(self):
        return "\n".join(map(str, self.parts))


def assert_same(actual, expected, told, *, roundings=2048):
    """Equal shapes, dtypes, NaN and infinities; and numbers, up to some roundings."""
    assert len(actual) == len(expected), told
    for a, b in zip(actual, expected, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype), f"{told}\n{a!r} {b!r}"
        try:
            assert_near(a, b, roundings)
        except AssertionError as difference:
            raise AssertionError(f"{told}\n{difference}") from None


def assert_near(a, b, roundings):
    if b.dtype.kind != "f":
        np.testing.assert_array_equal(a, b)
        return
    eps = np.finfo(b.dtype).eps * roundings
    size = np.max(np.abs(b[np.isfinite(b)]), initial=1.0)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(a, b, rtol=eps, atol=eps * size)
