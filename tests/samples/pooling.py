"""One row for each op of `ops/pooling.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import Case, distinct, odd, row

SIZES = (1, 2, (2, 1), (1, 3))


def image_shapes():
    return st.tuples(*(st.integers(low, high) for low, high in [(1, 2), (1, 2), (3, 4), (3, 4)]))


@st.composite
def pools(draw, values):
    params = {
        "size": draw(st.sampled_from(SIZES)),
        "stride": draw(st.sampled_from([None, 1, (1, 2)])),
        "padding": draw(st.sampled_from([0, (0, 1)])),
    }
    return Case((draw(image_shapes().flatmap(values)),), params)


def shows_entries(case):
    """Whether no window shows padding alone, which has no maximum."""
    return np.all(np.less(case.params["padding"], case.params["size"]))


@st.composite
def shown(draw):
    (x,), params = draw(pools(odd(-9, 9)))
    return Case((x,), {**params, "fill": draw(st.sampled_from([0.0, 1.5]))})


@st.composite
def put_back(draw):
    (like,), params = draw(pools(odd(-9, 9)))
    return Case((draw(odd(-9, 9)(windows(like, **params).shape)), like), params)


def output_length(length, size, stride, padding, dilation=1):
    return len(range(0, length + 2 * padding - dilation * (size - 1), stride))


def places(shape, *, size, stride=None, padding=0, dilation=1):
    """For each output row and column, the padded rows and columns that its window shows."""
    stride = size if stride is None else stride
    moves = zip(
        shape[2:], *(np.broadcast_to(v, 2) for v in (size, stride, padding, dilation)), strict=True
    )
    return [
        np.add.outer(np.arange(length) * s, np.arange(n) * d)
        for lengths, n, s, p, d in moves
        for length in [output_length(lengths, n, s, p, d)]
    ]


def frame_of(x, padding, fill=0.0):
    rows, columns = np.broadcast_to(padding, 2)
    return np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)), constant_values=fill)


def windows(x, *, size, stride=None, padding=0, fill=0.0, dilation=1):
    rows, columns = places(x.shape, size=size, stride=stride, padding=padding, dilation=dilation)
    shown = frame_of(x, padding, fill)[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return np.moveaxis(shown, (4, 5), (2, 3)).reshape(*x.shape[:2], -1, *shown.shape[2:4])


def put_windows(x, like, *, size, stride=None, padding=0, dilation=1):
    numbers = np.arange(1, like.size + 1).reshape(like.shape)  # 0 is the padding
    targets = windows(numbers, size=size, stride=stride, padding=padding, dilation=dilation)
    total = np.bincount(targets.ravel(), weights=x.ravel(), minlength=like.size + 1)[1:]
    return total.reshape(like.shape).astype(x.dtype)


SAMPLES = {
    "AvgPool2d": row(
        pools(odd(-9, 9)), lambda x, **moves: windows(x, **moves).mean(2), ag.avg_pool2d
    ),
    "MaxPool2d": row(
        pools(distinct).filter(shows_entries),
        lambda x, **moves: windows(x, fill=-np.inf, **moves).max(2),
        ag.max_pool2d,
    ),
    "Windows2d": row(shown(), windows),
    "WindowsAdd2d": row(put_back(), put_windows, batch=lambda inputs, **params: (0, 1)),
}
