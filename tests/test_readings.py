"""One program, nine readings: eager, recorded, re-fed, differentiated and compiled, all agree.

Each reading gives the same numbers for ordinary and for special values, or refuses in the library's
own words. `HYPOTHESIS_PROFILE=long` looks at many more programs.
"""

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from programs import Recorded, Told, assert_same, eager, feeds_of, floating, loss_of, programs
from samples import OPS, SAMPLES

import autograd_lite as ag

few = settings(max_examples=max(3, settings.default.max_examples // 5))
fewest = settings(max_examples=max(2, settings.default.max_examples // 25))

# A product of an infinity and a zero inside of a sum depends on the order in which BLAS adds.
ORDERED = {"MatMul", "VDot", "VecDot", "Tensordot", "Einsum", "Conv1d", "Conv2d"}
"""Ops whose special values are BLAS's own."""


def or_refusal(reading, *args, **options):
    """What a reading gives; or the class of the refusal, which is one of the library's."""
    try:
        return reading(*args, **options)
    except ag.AutogradError as refusal:
        return type(refusal)


def recorded(program, **options):
    """The recorded program, or an assumption that fails: a mask has no shape before a value."""
    try:
        return Recorded(program, **options)
    except ag.AutogradError:
        reject()


def check(program):
    """Eager, recorded, backward and gradients."""
    expected = or_refusal(eager, program)
    graph = recorded(program)
    read = or_refusal(graph.forward, program)
    if isinstance(expected, type):
        assert isinstance(read, type), f"eager refuses, forward does not:\n{program}"
        return
    assert not isinstance(read, type), f"forward refuses, eager does not:\n{program}"
    values, grads = expected
    told = program, graph.graph
    assert_same(read[: len(values)], values, Told("recorded", *told))
    assert_same(graph.backward(graph.loss), grads, Told("backward of the recorded graph", *told))
    assert_same(graph.symbolic(graph.grads), grads, Told("gradients", *told))


@pytest.mark.parametrize("name", SAMPLES)
@few
@given(data=st.data())
def test_eager_recorded_and_both_gradients(name, data):
    check(data.draw(programs((name,), most=1)))


@given(program=programs())
def test_programs_of_several_ops(program):
    check(program)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - ORDERED))
@few
@given(data=st.data())
def test_special_values(name, data):
    check(data.draw(programs((name,), most=1, special=True)))


@given(program=programs(tuple(sorted(set(SAMPLES) - ORDERED)), special=True))
def test_special_values_in_programs_of_several_ops(program):
    check(program)


# Scalars: Python floats give what arrays without axes give

ELEMENTWISE = [
    name
    for name, row in SAMPLES.items()
    if OPS[name].elementwise and "Bitwise" not in name and "float64" in row.dtypes
]


@pytest.mark.parametrize("name", ELEMENTWISE)
@few
@given(data=st.data(), special=st.booleans())
def test_floats_are_arrays_without_axes(name, data, special):
    program = data.draw(programs((name,), most=1, special=special, dtype="float64"))
    assume(program.arrays and all(x.size for x in program.arrays))
    program = program.replaced(x.reshape(-1)[:1].reshape(()) for x in program.arrays)
    (values, grads), (floats, slopes) = eager(program), eager(program, floats=True)
    assert_same(floats, values, Told("floats", program))
    assert_same(slopes, grads, Told("gradients of floats", program))


# Fed again with other lengths


def resized(program, rows, length):
    """The program with another length of axis 0 where the row says that it is a batch."""
    arrays = list(program.arrays)
    for i in rows:
        x = arrays[i]
        arrays[i] = (
            np.resize(x, (length, *x.shape[1:]))
            if x.size
            else np.ones((length, *x.shape[1:]), x.dtype)
        )
    return program.replaced(arrays)


@pytest.mark.parametrize("name", [n for n in SAMPLES if callable(SAMPLES[n].batch)])
@few
@given(data=st.data(), lengths=st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from([0, 1, 3, 5])))
def test_fed_again_with_other_lengths(name, data, lengths):
    program = data.draw(programs((name,), most=1, dtype="float64"))
    assume(program.steps)
    params = program.steps[0].params
    rows = SAMPLES[name].batch(program.arrays, **params)
    assume(len(rows))
    declared = resized(program, rows, lengths[0])
    if lengths[0] == 1:  # an axis of 1 may be longer in one input alone, and broadcast in others
        rows = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
    fed = resized(declared, rows, lengths[1])
    others = [i for i, x in enumerate(program.arrays) if i not in rows and floating(x)]
    fixed = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
    graph = recorded(declared, fixed=fixed)
    expected = or_refusal(eager, fed)
    read = or_refusal(graph.forward, fed)
    if isinstance(expected, type) or isinstance(read, type):
        return
    values, grads = expected
    told = f"recorded for {lengths[0]}, fed with {lengths[1]}", fed, graph.graph
    assert_same(read[: len(values)], values, Told(*told))
    assert_same(graph.backward(graph.loss), grads, Told("backward", *told))
    assert_same(graph.symbolic(graph.grads), grads, Told("gradients", *told))


# Order 2 and 3: the numeric sweep over gradients that are nodes, and their gradients as nodes


@pytest.mark.parametrize("name", SAMPLES)
@few
@given(data=st.data())
def test_orders_two_and_three(name, data):
    program = data.draw(programs((name,), most=1, dtype="float64"))
    graph = recorded(program, order=3)
    assume(not isinstance(or_refusal(graph.forward, program), type))
    lower = [graph.grads, *graph.higher]
    for order, (grads, derived) in enumerate(zip(lower, graph.higher, strict=False), start=2):
        with graph.graph:
            loss = loss_of([g for g in grads if g is not None])
        told = Told(f"order {order}", program, graph.graph)
        assert_same(graph.symbolic(derived), graph.backward(loss), told)


# Compiled


def compiled(graph, program, executor):
    nodes = graph.nodes()
    return [
        np.asarray(x)
        for x in ag.compile(graph.graph, nodes, executor=executor)(**feeds_of(program))
    ]


def check_compiled(program, executor, *, order=2):
    graph = recorded(program, order=order)
    read = or_refusal(graph.forward, program)
    assume(not isinstance(read, type) and graph.nodes())
    assert_same(compiled(graph, program, executor), read, Told(program, graph.graph))


@pytest.mark.parametrize("special", [False, True])
@given(data=st.data())
def test_compiled_by_numpy(special, data):
    names = tuple(sorted(set(SAMPLES) - ORDERED)) if special else tuple(SAMPLES)
    check_compiled(data.draw(programs(names, special=special)), "numpy")


# C takes a second to compile, so a program is long and examples are few


@pytest.mark.parametrize("special", [False, True])
@fewest
@given(data=st.data())
def test_compiled_by_native(special, data):
    names = tuple(sorted(set(SAMPLES) - ORDERED)) if special else tuple(SAMPLES)
    program = data.draw(programs(names, most=12, special=special))
    check_compiled(program, "native", order=1)
