"""Compiled equals interpreted: every op, random graphs, every executor, NaN and infinities too."""

import numpy as np
import pytest
from compiled import assert_same, interpreted
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPS, SAMPLES, Case

import autograd_lite as ag
from autograd_lite.compiler.executors.tape.executor import TapePlan
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import AutogradError, GradientError
from autograd_lite.testing import strategies

few = settings(max_examples=max(1, settings.default.max_examples // 10))
AWKWARD = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30)


def recorded(op, case):
    """A graph of one op on inputs that are fed, with the gradient of each input that has one."""
    with ag.Graph() as graph:
        inputs = [
            ag.input(name=f"x{i}", shape=x.shape, dtype=x.dtype, requires_grad=x.dtype.kind == "f")
            for i, x in enumerate(case.inputs)
        ]
        out = op(*inputs, **case.params)
        outputs = [out]
        targets = [x for x in inputs if x.requires_grad]
        if out.requires_grad and targets:
            seed = ag.constant(
                np.linspace(-1, 2, max(out.size, 1))[: out.size]
                .reshape(out.shape)
                .astype(out.dtype)
            )
            for x in targets:
                try:
                    outputs.append(ag.gradients(out, x, cotangent=seed))
                except GradientError:
                    continue
    return graph, outputs


def check(op, case, executor):
    graph, outputs = recorded(op, case)
    feeds = {f"x{i}": x for i, x in enumerate(case.inputs)}
    program = ag.compile(graph, outputs, executor=executor, steps=1)
    try:
        expected = interpreted(graph, outputs, feeds)
    except AutogradError as problem:
        with pytest.raises(type(problem)):
            program(**feeds)
        return
    actual = program(**feeds)
    rows = program.scan({name: np.stack([x, x]) for name, x in feeds.items()})
    for node, a, row, b in zip(outputs, actual, rows, expected, strict=True):
        told = f"{node.label()} of {op.name}{case.params}\n{program.source}"
        assert_same(a, b, told)
        assert_same(row, np.stack([b, b]), told)


def converted(case, dtype):
    inputs = (x.astype(dtype) if x.dtype.kind == "f" else x for x in case.inputs)
    return Case(tuple(inputs), case.params)


def sprinkled(data, case, values=AWKWARD):
    """The case with awkward numbers at some places."""
    inputs = []
    for x in (x.copy() for x in case.inputs):
        if x.dtype.kind == "f" and x.size:
            for _ in range(data.draw(st.integers(0, 2))):
                place = data.draw(st.integers(0, x.size - 1))
                x.reshape(-1)[place] = data.draw(st.sampled_from(values))
        inputs.append(x)
    return Case(tuple(inputs), case.params)


@pytest.mark.parametrize("name", SAMPLES)
@few
@given(data=st.data())
def test_every_op(name, data):
    sample, op = SAMPLES[name], OPS[name]
    case = converted(data.draw(sample.cases), data.draw(st.sampled_from(sample.dtypes)))
    if data.draw(st.booleans()):
        case = sprinkled(data, case)
    try:
        recorded(op, case)
    except AutogradError:  # a mask, whose shape cannot be told before there are values
        return
    check(op, case, "numpy")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@given(data=st.data())
def test_random_graphs(dtype, data):
    last = data.draw(strategies.graphs(dtype=dtype)).build()
    nodes = ancestors(last)
    outputs = [node for node in nodes if node.inputs]
    leaves = [node for node in nodes if not node.inputs and node.requires_grad]
    total = ag.sum(last) if last.dtype.kind == "f" else None
    if total is not None and total.requires_grad:
        outputs += ag.gradients(total, leaves)
    with ag.Graph() as graph:
        pass
    program = ag.compile(graph, outputs, executor="numpy")
    for node, value in zip(outputs, program(), strict=True):
        assert_same(value, np.asarray(node.value), f"{node!r}\n{program.source}")
    plan = program.plan
    assert isinstance(plan, TapePlan) or plan.arena_bytes <= 1.05 * plan.bound_bytes
