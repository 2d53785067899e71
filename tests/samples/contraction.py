"""One row for each op of `ops/contraction.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import LENGTHS, NUMBERS, Case, even, reals, row


@st.composite
def products(draw):
    """All pairs of ranks from vector·vector to stacks of matrices."""
    n, k, m, b = (draw(st.sampled_from(LENGTHS)) for _ in range(4))
    left, right = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stacks = st.sampled_from([b, 1])
    x_shape = ((draw(stacks), n, k), (n, k), (k,))[3 - left]
    y_shape = ((draw(stacks), k, m), (k, m), (k,))[3 - right]
    return Case((draw(reals(x_shape)), draw(even(y_shape))))


def product_rows(inputs, **params):
    """The stacks if there are some, else the rows of a matrix at the left."""
    x, y = inputs
    if max(x.ndim, y.ndim) == 3:
        count = np.matmul(x, y).shape[0]
        return tuple(i for i, z in enumerate(inputs) if z.ndim == 3 and z.shape[0] == count)
    return (0,) if x.ndim == 2 else ()


SAMPLES = {
    "MatMul": row(products(), np.matmul, ag.matmul, batch=product_rows, dtypes=NUMBERS),
    "VDot": row(products(), np.matmul, ag.vdot, batch=product_rows, dtypes=NUMBERS),
}
