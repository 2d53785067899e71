"""Rules speak the array API alone: every op's, under array-api-strict and traced by JAX."""

from functools import cache

import array_api_strict
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, settings
from samples import SAMPLES

from autograd_lite import ops

# What the standard itself has no word for; the other namespaces have.
BEYOND_THE_STANDARD = {
    "CountNonzero": "it does not sum booleans",
    "SumRepeats": "it takes no array of places beside slices",
}

LOOK = settings(
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def is_strict(case):
    """Whether the standard takes it: one kind of numbers for bits, booleans for logic."""
    return len({x.dtype for x in case.inputs}) == 1


@cache
def some_case(name):
    """A case with elements in it, of dtypes that the standard mixes."""

    def is_wanted(case):
        if name.startswith("Logical"):
            return is_strict(case) and case.inputs[0].dtype == bool
        if name.startswith("Bitwise"):
            return is_strict(case) and case.inputs[0].dtype != bool
        return all(x.size for x in case.inputs)

    return find(SAMPLES[name].cases, is_wanted, settings=LOOK)


def rules_of(xp, op, inputs, params):
    """What all rules of the op give in that namespace, the forward rule first."""
    out = op.forward(xp, *inputs, **params)
    several = isinstance(out, tuple)
    grad = tuple(map(xp.ones_like, out)) if several else xp.ones_like(out)
    found = [*(out if several else [out])]
    for rule in op.rules_for(len(inputs)):
        if rule is not None:
            part = rule(xp, grad, out, *inputs, **params)
            found += part if isinstance(part, list) else [part]
    return found


def called(name, *, xp=np, case=None):
    """The op, and the inputs and parameters of a case, as arrays of that namespace."""
    op, case = ops.OPS[name], case or some_case(name)
    return op, [xp.asarray(x) for x in case.inputs], op.bind(case.inputs, case.params)


def is_refused(name, case):
    """Whether the standard has no word for a case."""
    try:
        rules_of(array_api_strict, *called(name, xp=array_api_strict, case=case))
    except (TypeError, ValueError, IndexError, AttributeError):
        return True
    return False


def assert_like_numpy(name, found):
    """The numbers that NumPy gives, in dtypes of the same kind, and the same among floats."""
    with np.errstate(all="ignore"):
        expected = rules_of(np, *called(name))
    for a, b in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
        assert a.dtype == b.dtype or a.dtype.kind == b.dtype.kind != "f"


@pytest.mark.parametrize("name", SAMPLES)
def test_rules_run_under_the_standard(name):
    xp = array_api_strict
    if name in BEYOND_THE_STANDARD:
        assert find(SAMPLES[name].cases, lambda case: is_refused(name, case), settings=LOOK)
        return
    with np.errstate(all="ignore"):
        found = rules_of(xp, *called(name, xp=xp))
    assert {type(x) for x in found} == {type(xp.asarray(0.0))}
    assert_like_numpy(name, found)


class Unwritable(np.ndarray):
    """An array as JAX has them: what is written into it is another array."""

    def __setitem__(self, key, value):
        raise TypeError("arrays are immutable")

    @property
    def at(self):
        return Place(self)


class Place:
    """What `x.at[key]` is in JAX."""

    def __init__(self, x, key=...):
        self.x, self.key = x, key

    def __getitem__(self, key):
        return Place(self.x, key)

    def set(self, value):
        out = np.array(self.x)
        out[self.key] = value
        return out.view(Unwritable)

    def add(self, value):
        out = np.array(self.x)
        np.add.at(out, self.key, value)
        return out.view(Unwritable)


class WithoutWriting:
    """NumPy, but for new arrays that cannot be written to."""

    def zeros(self, shape, *, dtype):
        return np.zeros(shape, dtype).view(Unwritable)

    def full(self, shape, fill, *, dtype):
        return np.full(shape, fill, dtype).view(Unwritable)

    def __getattr__(self, name):
        return getattr(np, name)


@pytest.mark.parametrize("name", SAMPLES)
def test_rules_write_into_no_array_that_refuses(name):
    with np.errstate(all="ignore"):
        assert_like_numpy(name, rules_of(WithoutWriting(), *called(name)))


@pytest.mark.parametrize("name", SAMPLES)
def test_rules_are_traced_by_jax(name):
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    with jax.enable_x64(True):
        op, inputs, params = called(name, xp=jax.numpy)
        traced = jax.jit(lambda *inputs: rules_of(jax.numpy, op, inputs, params))
        assert_like_numpy(name, traced(*inputs))


@pytest.mark.parametrize("rate", [0.1, 0.5])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_dropout_drops_the_same_elements_in_every_namespace(count, rate):
    xp, seed, x = array_api_strict, np.asarray(2**40 + 7), np.ones(count)
    expected = ops.Dropout.forward(np, x, seed, rate=rate)
    found = ops.Dropout.forward(xp, xp.asarray(x), xp.asarray(seed), rate=rate)
    np.testing.assert_array_equal(np.asarray(found), expected)
