"""What the ops of linear algebra have in common: matrices in the last two axes, and their faults.

The axes before the last two are a stack of matrices. Formulas of backward rules are those of
M. B. Giles, "An extended collection of matrix derivative results" (2008), where no other source
is named.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from autograd_lite.core.op import Array, Op, Params, Xp
from autograd_lite.core.outputs import TupleSpec
from autograd_lite.core.shapes import Shape, Spec
from autograd_lite.errors import AutogradError, SingularError

__all__: list[str] = []


class OfMatrices(Op, abstract=True):
    """An op whose inputs are stacks of matrices."""

    expects = "matrices in the last two axes"
    hint = "make a vector a matrix with expand_dims first"

    def refuse(x: Array, *others: Array, **params: object) -> None:
        refuse_vectors(x)

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """The shape of the result for inputs of these shapes; that of the first one by default."""
        return shapes[0]

    @classmethod
    def output_shapes(cls, *shapes: Shape) -> tuple[Shape, ...]:
        """The shapes of all outputs, where an op has several."""
        return (cls.output_shape(*shapes),)

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """The shape by rule, because an example of ones is singular."""
        try:
            cls.refuse(*specs, **params)
            shapes = cls.output_shapes(*(spec.shape for spec in specs))
        except ValueError as problem:
            raise cls.misfit(specs, params, problem) from problem
        dtype = np.result_type(*map(_floating, specs))
        outputs = [Spec(shape, dtype) for shape in shapes]
        return TupleSpec.of(outputs) if cls.outputs else outputs[0]

    @classmethod
    def misfit(cls, specs: Iterable[Spec], params: Params, problem: Exception) -> AutogradError:
        """The error for inputs of the wrong shapes, or of values that cannot be done."""
        error = super().misfit(specs, params, problem)
        if not isinstance(problem, np.linalg.LinAlgError):
            return error
        return SingularError(
            cls.name,
            expected=f"{cls.expects}, for which there is a result",
            came=error.came,
            suggestion="look for equal or zero rows and for NaN, or add a little to the diagonal",
        )


class OfSquares(OfMatrices, abstract=True):
    """An op whose first input is a stack of square matrices."""

    expects = "square matrices in the last two axes"
    hint = "compare the lengths of the last two axes"

    def refuse(x: Array, *others: Array, **params: object) -> None:
        refuse_oblongs(x)


def refuse_vectors(x: Array | Spec) -> None:
    """ValueError unless x has two axes."""
    if len(x.shape) < 2:
        raise ValueError("matrices have two axes")


def refuse_oblongs(x: Array | Spec) -> None:
    """ValueError unless x is square in its last two axes."""
    refuse_vectors(x)
    rows, columns = x.shape[-2:]
    if rows != columns:
        raise ValueError(f"{rows} rows, but {columns} columns")


def without_infinities(x: Array) -> Array:
    """x with NaN for infinities: LAPACK refuses NaN, but may seek singular values of ∞ for ever."""
    return x + (x - x)


def mirrored(xp: Xp, x: Array) -> Array:
    """The lower triangle of x, mirrored upwards."""
    return xp.tril(x) + xp.matrix_transpose(xp.tril(x, k=-1))


def unmirrored(xp: Xp, grad: Array) -> Array:
    """What a gradient says of the triangle that was mirrored: both elements of a pair, below."""
    return xp.tril(grad) + xp.tril(xp.matrix_transpose(grad), k=-1)


def scaled_columns(xp: Xp, x: Array, factors: Array) -> Array:
    """x · diag(factors)."""
    return x * xp.expand_dims(factors, axis=-2)


def turns(xp: Xp, x: Array, values: Array) -> Array:
    """(xᵢⱼ - xⱼᵢ)/(vⱼ - vᵢ): how x turns pairs of vectors; 0/0 counts as 0, the diagonal too."""
    gaps = xp.expand_dims(values, axis=-2) - xp.expand_dims(values, axis=-1)
    skew = x - xp.matrix_transpose(x)
    still = xp.logical_and(gaps == 0, skew == 0)
    return xp.where(still, 0.0, skew / xp.where(still, 1.0, gaps))


def _floating(spec: Spec) -> np.dtype[np.floating]:
    return spec.dtype if spec.dtype.kind == "f" else np.dtype(np.float64)
