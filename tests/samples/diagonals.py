"""One row for each op of `ops/diagonals.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import NUMBERS, Case, reals, row, shapes


@st.composite
def triangles(draw):
    x = draw(shapes(min_dims=2).flatmap(reals))
    return Case((x,), {"k": draw(st.integers(-3, 3))})


@st.composite
def lines(draw):
    """Diagonals within the matrix or beside it."""
    x = draw(shapes(min_dims=2).flatmap(reals))
    return Case((x,), {"offset": draw(st.integers(-3, 3))})


@st.composite
def vectors(draw):
    x = draw(shapes(min_dims=1).flatmap(reals))
    return Case((x,), {"offset": draw(st.integers(-3, 3))})


def diag(x, *, offset):
    side = x.shape[-1] + abs(offset)
    return diagonal_like(x, np.zeros((*x.shape[:-1], side, side)), offset=offset)


@st.composite
def put_lines(draw):
    (like,), params = draw(lines())
    return Case((draw(reals(np.linalg.diagonal(like, **params).shape)), like), params)


def diagonal_like(x, like, *, offset):
    rows, columns = like.shape[-2:]
    on_diagonal = np.eye(rows, columns, offset, bool)
    out = np.zeros(like.shape, x.dtype)
    out[..., on_diagonal] = x
    return out


def stack_rows(inputs, **params):
    """The stack, where there is one."""
    full = max(x.ndim for x in inputs)
    return tuple(range(len(inputs))) if full > 2 else ()


def vector_rows(inputs, **params):
    return (0,) if inputs[0].ndim > 1 else ()


SAMPLES = {
    "Diag": row(vectors(), diag, ag.diag, batch=vector_rows, dtypes=NUMBERS),
    "Diagonal": row(lines(), np.linalg.diagonal, ag.diagonal, batch=stack_rows, dtypes=NUMBERS),
    "DiagonalLike": row(put_lines(), diagonal_like, batch=stack_rows),
    "TriL": row(triangles(), np.tril, ag.tril, dtypes=NUMBERS),
    "TriU": row(triangles(), np.triu, ag.triu, dtypes=NUMBERS),
}
