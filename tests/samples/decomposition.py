"""One row for each op of `ops/decomposition.py`, on matrices whose factors are well apart."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import row
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


def signs(vectors):
    """What makes the sum of v₀/e, v₁/(1 + e), … positive for each column."""
    weights = 1 / (np.e + np.arange(vectors.shape[-2]))
    return np.sign(weights @ vectors)[..., None, :].astype(vectors.dtype)


def eigh(x):
    values, vectors = np.linalg.eigh(x)
    return np.concatenate([values[..., None, :], vectors * signs(vectors)], axis=-2)


def qr(x):
    q, r = np.linalg.qr(x)
    return np.concatenate([q, r.mT], axis=-2)


def svd(x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u * signs(u), s[..., None, :], vh.mT * signs(u)], axis=-2)


SAMPLES = {
    "Cholesky": row(
        positive_definite(), np.linalg.cholesky, ag.linalg.cholesky, batch=stacked_rows
    ),
    "EigH": row(gaps(), eigh, batch=stacked_rows),
    "QR": row(oblongs().map(alone), qr, batch=stacked_rows),
    "SVD": row(oblongs().map(alone), svd, batch=stacked_rows),
}
