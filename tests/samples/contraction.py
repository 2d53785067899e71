"""One row for each op of `ops/contraction.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import LENGTHS, NUMBERS, Case, even, reals, row

TEXTS = [
    "ij,jk->ik", "ij,kj->ki", "ij,ij->", "i,j->ij", "i,j->ji", "ab,ab->ab", "bij,bjk->bik",
    "bij,jk->kbi", "ijk,kji->j", "abc,cd->abd", "ab,cd->cadb", ",ij->ji", "i,i->", "ab,abc->cb",
    "abcd,bd->ca", ",->",
]  # fmt: skip


@st.composite
def products(draw):
    """All pairs of ranks from vector·vector to stacks of matrices."""
    n, k, m, b = (draw(st.sampled_from(LENGTHS)) for _ in range(4))
    left, right = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stacks = st.sampled_from([b, 1])
    x_shape = ((draw(stacks), n, k), (n, k), (k,))[3 - left]
    y_shape = ((draw(stacks), k, m), (k, m), (k,))[3 - right]
    return Case((draw(reals(x_shape)), draw(even(y_shape))))


@st.composite
def contractions(draw):
    text = draw(st.sampled_from(TEXTS))
    lengths = {letter: draw(st.sampled_from(LENGTHS)) for letter in "abcdijk"}
    x, y = (tuple(lengths[c] for c in labels) for labels in text.split("->")[0].split(","))
    return Case((draw(reals(x)), draw(even(y))), {"subscripts": text})


@st.composite
def contractions_of_squares(draw):
    text = draw(st.sampled_from(["ij,jk->ik", "ij,ij->", "ab,ab->ab", "ij,kj->ki"]))
    return Case((draw(reals((3, 3))), draw(even((3, 3)))), {"subscripts": text})


def product_rows(inputs, **params):
    """The stacks if there are some, else the rows of a matrix at the left."""
    x, y = inputs
    if max(x.ndim, y.ndim) == 3:
        count = np.matmul(x, y).shape[0]
        return tuple(i for i, z in enumerate(inputs) if z.ndim == 3 and z.shape[0] == count)
    return (0,) if x.ndim == 2 else ()


def contraction_rows(inputs, *, subscripts):
    """The inputs that begin with the first letter of x, if it is in no other place."""
    labels = subscripts.split("->")[0].split(",")
    first = labels[0][:1]
    rows = tuple(i for i, text in enumerate(labels) if first and text.startswith(first))
    return rows if sum(first in text for text in labels) == len(rows) else ()


def einsum(x, y, *, subscripts):
    return np.asarray(np.einsum(subscripts, x, y))


def public_einsum(x, y, *, subscripts):
    return ag.einsum(subscripts, x, y)


SAMPLES = {
    "Einsum": row(
        contractions(),
        einsum,
        public_einsum,
        shared=contractions_of_squares(),
        batch=contraction_rows,
        dtypes=NUMBERS,
    ),
    "MatMul": row(products(), np.matmul, ag.matmul, batch=product_rows, dtypes=NUMBERS),
    "VDot": row(products(), np.matmul, ag.vdot, batch=product_rows, dtypes=NUMBERS),
}
