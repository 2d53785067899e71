"""Ops that layers are made of, beside products and convolutions."""

from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Axes, spec_of
from autograd_lite.errors import ConfigError, DTypeError
from autograd_lite.ops.half import widened
from autograd_lite.ops.indexing import ArrayIndex, IndexAdd, refuse_labels
from autograd_lite.ops.philox import uniform
from autograd_lite.ops.reduction import Reduction

__all__ = [
    "Dropout", "Embedding", "Standardize",
]  # fmt: skip


class Standardize(Reduction):
    """x̂ = (x - mean) / √(variance + eps), both taken over axes (None: all).

    dx = (grad - mean(grad) - x̂ · mean(grad · x̂)) / √(variance + eps). Elements that are all equal
    become 0. Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """

    formula = "x̂ = (x - mean x) / √(var x + eps)"
    derivative = "dx = (grad - mean(grad) - x̂ · mean(grad · x̂)) / √(var x + eps)"
    analytic = True
    expects = "axes that x has, none of them empty"

    @widened
    def forward(xp: Xp, x: Array, *, axis: Axes = None, eps: float = 1e-5) -> Array:
        centred, deviation = _spread(xp, x, axis, eps)
        return centred / deviation

    @widened
    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes, eps: float) -> Array:
        _, deviation = _spread(xp, x, axis, eps)
        mean = xp.mean(grad, axis=axis, keepdims=True)
        slope = xp.mean(grad * out, axis=axis, keepdims=True)
        return (grad - mean - out * slope) / deviation


def _spread(xp: Xp, x: Array, axis: Axes, eps: float) -> tuple[Array, Array]:
    """x without its mean, and its standard deviation."""
    centred = x - xp.mean(x, axis=axis, keepdims=True)
    variance = xp.mean(centred * centred, axis=axis, keepdims=True)
    return centred, xp.sqrt(variance + eps)


class Dropout(Op):
    """x with a random share `rate` of its elements set to 0, the others divided by 1 - rate.

    Which ones is told by the seed alone, an integer that is an input like x: the same seed drops
    the same elements, forwards, backwards and in every run, and a new feed drops others. The
    gradient is 0 where x was dropped. Source: Srivastava and others, "Dropout", 2014.
    """

    formula = "x ⊙ mask / (1 - rate), mask = (random(seed) ≥ rate)"
    derivative = "mask / (1 - rate)"
    analytic = True
    selects = True
    linear = True
    expects = "numbers x and one integer seed"
    hint = "declare the seed as ag.input(name='seed', shape=(), dtype='int64')"

    def forward(xp: Xp, x: Array, seed: Array, *, rate: float) -> Array:
        return xp.where(uniform(xp, x.shape, seed) >= rate, x / (1 - rate), 0.0)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, seed: Array, *, rate: float) -> Array:
        return Dropout.within(xp, grad, seed, rate=rate)

    vjp_seed = None

    def refuse(x: Array, seed: Array, *, rate: float) -> None:
        if seed.dtype.kind not in "iu" or seed.size != 1 or seed < 0:
            raise DTypeError(
                Dropout.name,
                expected="a seed: one integer of at least 0",
                came=f"seed {spec_of(seed)}" + (f" {seed}" if seed.size == 1 else ""),
                suggestion=Dropout.hint,
            )
        if not 0 <= rate < 1:
            raise ConfigError(
                Dropout.name,
                expected="a rate from 0 up to, but not including, 1",
                came=f"rate={rate}",
                suggestion="the rate is the share that is dropped, for example 0.5",
            )


def seed_from(seed: Any, x: Any) -> Any:
    """The seed as it is, or one drawn from a Generator, if x is there already.

    Drawn for a graph that is run again, it would drop the same elements each time.
    """
    if not isinstance(seed, np.random.Generator):
        return seed
    if getattr(x, "_value", x) is None:
        raise ConfigError(
            Dropout.name,
            expected="a seed that each forward run is fed, as x has no value yet",
            came="a Generator, which would be asked once",
            suggestion=Dropout.hint,
        )
    return int(seed.integers(2**62))


class Embedding(Op):
    """The rows of a table that integers name; each row gets the sum of what its places get."""

    formula = "table[index]"
    derivative = "adds grad to the rows that were picked"
    analytic = True
    selects = True
    expects = "a table of rows, and integers below their number"
    hint = "pass integers from 0 to the number of rows - 1"

    def forward(xp: Xp, table: Array, index: Array) -> Array:
        return table[index]

    def vjp_table(xp: Xp, grad: Array, out: Array, table: Array, index: Array) -> Array:
        return IndexAdd.within(xp, grad, table, index, key=(ArrayIndex(),))

    vjp_index = None

    def refuse(table: Array, index: Array) -> None:
        shape, hint = (*index.shape, table.shape[0]), "make a table with more rows"
        refuse_labels(Embedding.name, index, shape, "row numbers", hint)
