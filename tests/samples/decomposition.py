"""One row for each op of `ops/decomposition.py`, on matrices whose factors are well apart."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import joined, pinned_eigh, pinned_svd, row
from samples.linalg import SIDES, alone, filled, oblongs, stacked_rows, stacks


@st.composite
def symmetric(draw, diagonal):
    side = draw(st.sampled_from(SIDES))
    x = draw(filled(draw(stacks()), side, side, diagonal))
    return (x + x.mT) / 2


def gaps():
    """Eigenvalues near ±1, ±4 and ±7."""
    return symmetric((4.0, 1.0, 7.0)).map(alone)


def positive_definite():
    return symmetric((4.0, 2.0, 7.0)).map(lambda x: alone(x @ x.mT / 4))


def svd(x):
    return joined(pinned_svd(*np.linalg.svd(x, full_matrices=False)))


SAMPLES = {
    "Cholesky": row(
        positive_definite(), np.linalg.cholesky, ag.linalg.cholesky, batch=stacked_rows
    ),
    "EigH": row(gaps(), lambda x: joined(pinned_eigh(*np.linalg.eigh(x))), batch=stacked_rows),
    "QR": row(oblongs().map(alone), lambda x: joined(np.linalg.qr(x)), batch=stacked_rows),
    "SVD": row(oblongs().map(alone), svd, batch=stacked_rows),
}
