"""A function under `jit` gives what it gives without: values and derivatives, every op."""

import numpy as np
import pytest
from compiled import assert_same
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPS, SAMPLES

import autograd_lite as ag
from autograd_lite.autodiff.trees import leaves_of

one = settings(max_examples=max(1, settings.default.max_examples // 15))


def inner(tree):
    """One number of many arrays, in which each element has a weight of its own."""
    total = 0.0
    for x in leaves_of(tree):
        if x.size:
            weights = np.cos(1 + np.arange(x.size)).reshape(x.shape)
            total = total + ag.sum(ag.astype(x, "float64") * weights)
    return total


def derivatives(op, inputs, params):
    """A function of the inputs that gives the value, and both orders of derivatives if any."""
    floats = tuple(i for i, x in enumerate(inputs) if x.dtype.kind == "f")

    def value(*inputs):
        return op(*inputs, **params)

    def first(*inputs):
        return ag.grad(lambda *own: inner(value(*own)), floats)(*inputs)

    def second(*inputs):
        return ag.grad(lambda *own: inner(first(*own)), floats)(*inputs)

    def both(*inputs):
        return value(*inputs), first(*inputs), second(*inputs)

    return both if floats else value


@pytest.mark.parametrize("name", SAMPLES)
@one
@given(data=st.data())
def test_every_op(name, data):
    sample = SAMPLES[name]
    dtype = data.draw(st.sampled_from(sample.dtypes))
    case = data.draw(sample.cases)
    inputs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in case.inputs]
    f = derivatives(OPS[name], inputs, case.params)
    found = ag.jit(f, executor="numpy")(*inputs)
    for a, b in zip(leaves_of(found), leaves_of(f(*inputs)), strict=True):
        assert_same(a, b, f"{name}{case}")
