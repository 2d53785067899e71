"""One row for each op of `ops/linalg.py`, on matrices that are far from singular ones."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import Case, axes, first_input, joined, reals, row, shapes

SIDES = (2, 3, 1, 2, 3, 0)


@st.composite
def stacks(draw):
    """The shape of a stack: mostly none, else up to three matrices."""
    return draw(st.sampled_from([(), (), (2,), (1,), (3,), (0,)]))


@st.composite
def filled(draw, stack, rows, columns, diagonal):
    """Matrices with small elements beside large ones on the diagonal, in either sign."""
    x = draw(reals((*stack, rows, columns))) / 8
    count = min(rows, columns)
    signs = draw(st.lists(st.sampled_from([1.0, -1.0]), min_size=count, max_size=count))
    places = np.arange(count)
    x[..., places, places] += np.array(diagonal[:count]) * signs
    return x


@st.composite
def squares(draw, sides=SIDES):
    """Diagonally dominant, so their inverses are of the size of 1."""
    side = draw(st.sampled_from(sides))
    return draw(filled(draw(stacks()), side, side, (2.0, 1.5, 2.5)))


@st.composite
def oblongs(draw):
    """Of full rank, with singular values near 2, 4 and 7."""
    rows, columns = draw(st.sampled_from(SIDES[:-1])), draw(st.sampled_from(SIDES[:-1]))
    return draw(filled(draw(stacks()), rows, columns, (4.0, 2.0, 7.0)))


@st.composite
def systems(draw, sides=SIDES):
    """Stacks broadcast, unless there is one vector for all of them."""
    a = draw(squares(sides))
    side = a.shape[-1]
    columns = st.sampled_from([(side, 2), (side, 1), (side, 0), (*a.shape[:-2], side, 2)])
    b = draw(columns if draw(st.booleans()) else st.just((side,)))
    return Case((a, draw(reals(b))))


@st.composite
def systems_of_squares(draw):
    a = draw(filled((), 3, 3, (2.0, 1.5, 2.5)))
    return Case((a, a))


@st.composite
def norms(draw):
    """Elements away from 0, where a small power has a kink."""
    x = draw(shapes().flatmap(reals))
    power = draw(st.sampled_from([2, 2, 3, 1.5, 0.5, 2.5]))
    return Case((x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans()), "power": power})


@st.composite
def ranked(draw):
    return Case((draw(oblongs()),), {"rtol": draw(st.sampled_from([None, 1e-3]))})


def alone(x):
    return Case((x,))


def cofactor(x):
    return np.linalg.det(x)[..., None, None].astype(x.dtype) * np.linalg.inv(x).mT


def slogdet(x):
    return joined(np.linalg.slogdet(x))


def vector_norm(x, *, axis, keepdims, power):
    total = np.sum(np.abs(x) ** power, axis=axis, keepdims=keepdims)
    return total ** (1 / power)


def public_norm(x, *, axis, keepdims, power):
    return ag.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=power)


def stacked_rows(inputs, **params):
    """The stacks, where there are some."""
    full = [i for i, x in enumerate(inputs) if x.ndim == 3]
    return tuple(i for i in full if inputs[i].shape[0] == inputs[full[0]].shape[0])


def solved_rows(inputs):
    """The stack of a, and that of b where there is one."""
    a, b = inputs
    if a.ndim < 3:
        return ()
    return (0, 1) if b.ndim == 3 else (0,)


SAMPLES = {
    "Cofactor": row(squares().map(alone), cofactor, batch=stacked_rows),
    "Det": row(squares().map(alone), np.linalg.det, ag.linalg.det, batch=stacked_rows),
    "IdentityLike": row(
        squares().map(alone),
        lambda like: np.broadcast_to(np.eye(like.shape[-1], dtype=like.dtype), like.shape),
        batch=stacked_rows,
    ),
    "Inv": row(squares().map(alone), np.linalg.inv, ag.linalg.inv, batch=stacked_rows),
    "MatrixRank": row(ranked(), np.linalg.matrix_rank, ag.linalg.matrix_rank, batch=stacked_rows),
    "PInv": row(ranked(), np.linalg.pinv, ag.linalg.pinv, batch=stacked_rows),
    "SlogDet": row(squares().map(alone), slogdet, batch=stacked_rows),
    "Solve": row(
        systems(), np.linalg.solve, ag.linalg.solve, shared=systems_of_squares(), batch=solved_rows
    ),
    "VectorNorm": row(norms(), vector_norm, public_norm, batch=first_input),
}
