"""Products that sum over axes."""

from string import ascii_letters
from typing import Any

from autograd_lite import ops
from autograd_lite.core.shapes import spec_of
from autograd_lite.functions.einsum import einsum
from autograd_lite.functions.shaping import moveaxis
from autograd_lite.functions.signatures import of_pair, of_two
from autograd_lite.ops.shaping import of_lengths
from autograd_lite.ops.subscripts import pair_axes, refuse_other_length

__all__ = [
    "einsum", "kron", "matmul", "outer", "tensordot", "vdot", "vecdot",
]  # fmt: skip


@of_two
def matmul(x: Any, y: Any, /) -> Any:
    """`x @ y` with NumPy's ranks.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    """
    return ops.MatMul(x, y)


@of_two
def vdot(x: Any, w: Any, /) -> Any:
    """A vector (or rows of a batch) times a matrix: (n,) · (n, m) gives (m,).

    >>> vdot([1.0, 2.0], [[3.0], [4.0]]).tolist()
    [11.0]
    """
    return ops.VDot(x, w)


@of_pair
def vecdot(x: Any, y: Any, /, axis: int = -1) -> Any:
    """The scalar products of vectors along an axis; the other axes broadcast.

    >>> vecdot([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).tolist()
    [3.0, 7.0]

    Raises ShapeError if the vectors are not of one length.
    """
    x, y = moveaxis(x, axis, -1), moveaxis(y, axis, -1)
    refuse_other_length("vecdot", spec_of(x), spec_of(y))
    return einsum("...i,...i->...", x, y)


@of_two
def outer(x: Any, y: Any, /) -> Any:
    """Every element of a vector times every element of another: (n,) and (m,) give (n, m).

    >>> outer([1.0, 2.0], [3.0, 4.0]).tolist()
    [[3.0, 4.0], [6.0, 8.0]]

    Raises ShapeError for what is not a vector.
    """
    return ops.Einsum(x, y, subscripts="i,j->ij")


@of_pair
def tensordot(x: Any, y: Any, /, *, axes: Any = 2) -> Any:
    """Products summed over pairs of axes: so many last of x and first of y, or those named.

    `axes` is a number of axes, or a pair: one axis of x and one of y, or several of each.

    >>> tensordot([[1.0, 2.0]], [[3.0], [4.0]], axes=1).tolist()
    [[11.0]]
    >>> float(tensordot([[1.0, 2.0]], [[3.0], [4.0]], axes=((0, 1), (1, 0))))
    11.0

    Raises ShapeError if the axes are not there, or a pair differs in length.
    """
    shapes = [spec_of(z).shape for z in (x, y)]
    return ops.Einsum(x, y, subscripts=pair_axes(shapes, axes))


@of_two
def kron(x: Any, y: Any, /) -> Any:
    """The Kronecker product: each element of x replaced by that element times y.

    >>> kron([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[3.0, 6.0], [4.0, 8.0]]
    """
    ranks = [len(spec_of(z).shape) for z in (x, y)]
    x, y = (of_lengths(z, *range(n)) for z, n in zip((x, y), ranks, strict=True))
    rank = max(ranks)
    missing = [tuple(range(rank - n)) for n in ranks]
    x, y = (ops.ExpandDims(z, axis=axes) for z, axes in zip((x, y), missing, strict=True))
    left, right = ascii_letters[:rank], ascii_letters[rank : 2 * rank]
    pairs = "".join(a + b for a, b in zip(left, right, strict=True))
    blocks = ops.Einsum(x, y, subscripts=f"{left},{right}->{pairs}")
    sides = spec_of(blocks).shape
    lengths = tuple(a * b for a, b in zip(sides[::2], sides[1::2], strict=True))
    return ops.Reshape(blocks, shape=lengths)
