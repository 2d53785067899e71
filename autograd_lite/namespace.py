"""The functions: on arrays they compute, on nodes they append.

This is the library's public vocabulary under array-API names, and the meaning of `xp` that turns
a gradient into graph: a backward rule that is handed this module writes down what it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd_lite import ops
from autograd_lite.ops.shapes import Shape

Axes = int | Shape | None


# Arithmetic


def add(x: Any, y: Any, /) -> Any:
    """`x + y`, broadcast.

    >>> add([1.0, 2.0], 0.5).tolist()
    [1.5, 2.5]
    """
    return ops.Add(x, y)


def subtract(x: Any, y: Any, /) -> Any:
    """`x - y`, broadcast.

    >>> subtract([1.0, 2.0], 0.5).tolist()
    [0.5, 1.5]
    """
    return ops.Sub(x, y)


def multiply(x: Any, y: Any, /) -> Any:
    """`x · y` entry by entry, broadcast.

    >>> multiply([1.0, 2.0], 0.5).tolist()
    [0.5, 1.0]
    """
    return ops.Mul(x, y)


def divide(x: Any, y: Any, /) -> Any:
    """`x / y`, broadcast.

    >>> divide([1.0, 2.0], 0.5).tolist()
    [2.0, 4.0]
    """
    return ops.Div(x, y)


def negative(x: Any, /) -> Any:
    """`-x`.

    >>> negative([1.0, -2.0]).tolist()
    [-1.0, 2.0]
    """
    return ops.Neg(x)


def pow(x: Any, y: Any, /) -> Any:
    """`xʸ`, broadcast; NaN for a negative base with a broken exponent.

    >>> pow([1.0, 2.0], 3).tolist()
    [1.0, 8.0]
    """
    return ops.Pow(x, y)


def abs(x: Any, /) -> Any:
    """`|x|`.

    >>> abs([1.0, -2.0]).tolist()
    [1.0, 2.0]
    """
    return ops.Abs(x)


def maximum(x: Any, y: Any, /) -> Any:
    """The larger of two entries, broadcast; a tie shares the gradient.

    >>> maximum([1.0, -2.0], 0.0).tolist()
    [1.0, 0.0]
    """
    return ops.Maximum(x, y)


def minimum(x: Any, y: Any, /) -> Any:
    """The smaller of two entries, broadcast; a tie shares the gradient.

    >>> minimum([1.0, -2.0], 0.0).tolist()
    [0.0, -2.0]
    """
    return ops.Minimum(x, y)


# Exponentials and activations


def exp(x: Any, /) -> Any:
    """`eˣ`.

    >>> exp([0.0]).tolist()
    [1.0]
    """
    return ops.Exp(x)


def log(x: Any, /) -> Any:
    """The natural logarithm; -infinity at 0 and NaN below.

    >>> log([1.0]).tolist()
    [0.0]
    """
    return ops.Log(x)


def log1p(x: Any, /) -> Any:
    """`ln(1 + x)`, accurate near 0.

    >>> log1p([1e-20]).tolist()
    [1e-20]
    """
    return ops.Log1p(x)


def sqrt(x: Any, /) -> Any:
    """The square root; its derivative is infinite at 0.

    >>> sqrt([9.0]).tolist()
    [3.0]
    """
    return ops.Sqrt(x)


def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent.

    >>> tanh([0.0]).tolist()
    [0.0]
    """
    return ops.Tanh(x)


def sigmoid(x: Any, /) -> Any:
    """`1/(1 + e⁻ˣ)`, without overflow for any x.

    >>> sigmoid([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]
    """
    return ops.Sigmoid(x)


def relu(x: Any, /) -> Any:
    """`max(x, 0)`; the derivative at 0 is taken as 0.

    >>> relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    return ops.ReLU(x)


def softmax(x: Any, /, *, axis: int = -1) -> Any:
    """Probabilities along an axis, from scores of any size.

    >>> softmax([[0.0, 0.0], [1e4, 0.0]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    return ops.SoftMax(x, axis=axis)


def logsumexp(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """`ln Σ eˣ` over axes, from numbers of any size.

    >>> float(logsumexp([1000.0, 1000.0]) - 1000.0) == float(np.log(2.0)) or "rounded"
    'rounded'
    """
    return ops.LogSumExp(x, axis=axis, keepdims=keepdims)


# Comparison and selection


def where(condition: Any, x: Any, y: Any, /) -> Any:
    """X where the condition holds, y elsewhere, broadcast; no NaN leaks from what is not chosen.

    >>> where([True, False], 1.0, 2.0).tolist()
    [1.0, 2.0]
    """
    return ops.Where(condition, x, y)


def aref(a: Any, index: Any, /) -> Any:
    """The entry of each row that its label names: `a[..., index]`.

    a (n,) with one integer gives a scalar; a (N, n) with N integers gives (N,). Raises LabelError
    for a label outside 0 … n-1.

    >>> aref([[0.1, 0.9], [0.8, 0.2]], [1, 0]).tolist()
    [0.9, 0.8]
    """
    return ops.Aref(a, index)


def accuracy(scores: Any, labels: Any, /) -> Any:
    """The share of rows whose largest score is at the label; no gradient flows through it.

    >>> float(accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]))
    0.5
    """
    return ops.Accuracy(scores, labels)


# Products


def matmul(x: Any, y: Any, /) -> Any:
    """`x @ y` with NumPy's ranks.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    """
    return ops.MatMul(x, y)


def vdot(x: Any, w: Any, /) -> Any:
    """A vector (or rows of a batch) times a matrix: (n,) · (n, m) gives (m,).

    >>> vdot([1.0, 2.0], [[3.0], [4.0]]).tolist()
    [11.0]
    """
    return ops.VDot(x, w)


# Reductions


def sum(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """The sum over axes; over all of them by default.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [4.0, 6.0]
    """
    return ops.Sum(x, axis=axis, keepdims=keepdims)


def mean(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """The mean over axes; over all of them by default.

    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [2.0, 3.0]
    """
    return ops.Mean(x, axis=axis, keepdims=keepdims)


def max(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """The largest entry over axes; equal largest ones share the gradient.

    >>> max([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [3.0, 4.0]
    """
    return ops.Max(x, axis=axis, keepdims=keepdims)


# Shapes


def reshape(x: Any, /, shape: Shape) -> Any:
    """The same entries in row-major order under another shape; one length may be -1.

    >>> reshape([1.0, 2.0], (2, 1)).tolist()
    [[1.0], [2.0]]
    """
    return ops.Reshape(x, shape=shape)


def broadcast_to(x: Any, /, shape: Shape) -> Any:
    """X repeated along new axes and axes of length 1.

    >>> broadcast_to([1.0, 2.0], (2, 2)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    return ops.BroadcastTo(x, shape=shape)


def expand_dims(x: Any, /, *, axis: int | Shape = 0) -> Any:
    """X with new axes of length 1 at the given positions of the result.

    >>> expand_dims([1.0, 2.0], axis=1).tolist()
    [[1.0], [2.0]]
    """
    return ops.ExpandDims(x, axis=axis)


def squeeze(x: Any, /, axis: int | Shape) -> Any:
    """X without the given axes, which must have length 1.

    >>> squeeze([[1.0, 2.0]], axis=0).tolist()
    [1.0, 2.0]
    """
    return ops.Squeeze(x, axis=axis)


def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    return ops.Stack(*arrays, axis=axis)


def permute_dims(x: Any, /, axes: Shape) -> Any:
    """X with its axes in another order.

    >>> permute_dims([[1.0, 2.0]], (1, 0)).tolist()
    [[1.0], [2.0]]
    """
    return ops.PermuteDims(x, axes=axes)


def matrix_transpose(x: Any, /) -> Any:
    """X with its last two axes exchanged.

    >>> matrix_transpose([[1.0, 2.0]]).tolist()
    [[1.0], [2.0]]
    """
    return ops.MatrixTranspose(x)


def astype(x: Any, dtype: DTypeLike, /) -> Any:
    """X converted to another dtype.

    >>> str(astype([1.0, 2.0], "float32").dtype)
    'float32'
    """
    return ops.Cast(x, dtype=np.dtype(dtype).name)
