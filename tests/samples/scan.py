"""One row for each op of `ops/scan.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import NUMBERS, Case, factors, reals, row, shapes


def axes_of(x):
    return st.sampled_from(range(-x.ndim, x.ndim))


@st.composite
def scans(draw, values):
    x = draw(shapes(min_dims=1).flatmap(values))
    axis = draw(axes_of(x) | st.none() if x.ndim == 1 else axes_of(x))
    flags = {key: draw(st.booleans()) for key in ("include_initial", "reverse")}
    return Case((x,), {"axis": axis, **flags})


@st.composite
def differences(draw):
    x = draw(shapes(min_dims=1).flatmap(reals))
    return Case((x,), {"axis": draw(axes_of(x))})


@st.composite
def recurrences(draw):
    b = draw(shapes(min_dims=1).flatmap(reals))
    axis = draw(axes_of(b))
    a = draw(factors(np.diff(b, axis=axis).shape))
    return Case((a, b), {"axis": axis, "reverse": draw(st.booleans())})


def scan(accumulate, initial):
    def reference(x, axis, include_initial, reverse):
        x = np.moveaxis(x, 0 if axis is None else axis, 0)
        begun = [np.full((1, *x.shape[1:]), initial, x.dtype)] if include_initial else []
        out = np.concatenate([*begun, accumulate(np.flip(x, 0) if reverse else x, axis=0)])
        return np.moveaxis(np.flip(out, 0) if reverse else out, 0, axis or 0)

    return reference


def recurrence(a, b, axis, reverse):
    """By the matrix of all products of factors between two places."""
    a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    if reverse:
        a, b = np.flip(a, -1), np.flip(b, -1)
    steps = range(b.shape[-1])
    rows = [sum(b[..., i] * np.prod(a[..., i:k], axis=-1) for i in range(k + 1)) for k in steps]
    out = np.stack(rows, axis=-1) if rows else b
    return np.moveaxis(np.flip(out, -1) if reverse else out, -1, axis)


def public(function):
    """The function, which has no `reverse`; an op walks back in gradients alone."""

    def forward_only(x, *, reverse, **params):
        if reverse:
            op = {
                ag.cumulative_sum: ag.ops.CumulativeSum,
                ag.cumulative_prod: ag.ops.CumulativeProd,
            }
            return op[function](x, reverse=True, **params)
        return function(x, **params)

    return forward_only


def walked_rows(inputs, *, axis, reverse):
    return () if axis in (0, -inputs[1].ndim) else (0, 1)


SAMPLES = {
    "CumulativeProd": row(scans(factors), scan(np.cumprod, 1), public(ag.cumulative_prod)),
    "CumulativeSum": row(
        scans(reals), scan(np.cumsum, 0), public(ag.cumulative_sum), dtypes=NUMBERS
    ),
    "Diff": row(differences(), np.diff, ag.diff, dtypes=NUMBERS),
    "Recurrence": row(
        recurrences(),
        recurrence,
        batch=walked_rows,
        shared=st.just(Case((np.ones(0), np.ones(0)), {"axis": 0, "reverse": False})),
    ),
}
