"""One row for each op of `ops/convolution.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import Case, even, odd, row
from samples.pooling import output_length, put_windows, windows


@st.composite
def convolutions(draw):
    """Images and kernels that fit, in groups, with parameters for rows and columns or for both."""
    groups, channels, kernels = (draw(st.integers(1, 2)) for _ in range(3))
    h, w = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    params = {
        "stride": draw(st.sampled_from([1, 2, (2, 1)])),
        "padding": draw(st.sampled_from([0, 1, (0, 1)])),
        "dilation": draw(st.sampled_from([1, (1, 2)])),
        "groups": groups,
    }
    x_shape = (
        draw(st.integers(1, 2)),
        groups * channels,
        draw(st.integers(3, 4)),
        draw(st.integers(3, 4)),
    )
    w_shape = (groups * kernels, channels, h, w)
    return Case((draw(odd(-9, 9)(x_shape)), draw(even(w_shape))), params)


def alike(count):
    """One array for all inputs: a kernel as large as the image, padded so that planes are, too."""
    x = odd(-9, 9)((2, 2, 3, 3))
    return x.map(lambda x: Case((x,) * count, {"padding": 1}))


def plane_shape(x, w, *, stride, padding, dilation, groups):
    moves = zip(x.shape[2:], w.shape[2:], *map(both, (stride, padding, dilation)), strict=True)
    return (len(x), len(w), *(output_length(*numbers) for numbers in moves))


def both(value):
    return np.broadcast_to(value, 2)


@st.composite
def adjoints(draw):
    (x, w), params = draw(convolutions())
    return Case((draw(odd(-9, 9)(plane_shape(x, w, **params))), w, x), params)


@st.composite
def kernel_sums(draw):
    (y, w, x), params = draw(adjoints())
    return Case((x, y, w), params)


def in_groups(x, w, groups, **moves):
    """Windows (N, G, C/G, hw, places), kernels (G, O/G, C/G, hw)."""
    shown = windows(x, size=w.shape[2:], **moves)
    shown = shown.reshape(len(x), groups, -1, *shown.shape[2:3], int(np.prod(shown.shape[3:])))
    return shown, w.reshape(groups, -1, w.shape[1], int(np.prod(w.shape[2:])))


def convolve(x, w, groups, **moves):
    shown, kernels = in_groups(x, w, groups, **moves)
    planes = np.einsum("ngckp,gock->ngop", shown, kernels)
    return planes.reshape(plane_shape(x, w, groups=groups, **moves))


def adjoint(y, w, like, groups, **moves):
    shown, kernels = in_groups(like, w, groups, **moves)
    planes = y.reshape(len(y), groups, -1, shown.shape[-1])
    elements = np.einsum("ngop,gock->ngckp", planes, kernels)
    elements = elements.reshape(*like.shape[:2], -1, *y.shape[2:])
    return put_windows(elements, like, size=w.shape[2:], **moves)


def kernel_sum(x, y, like, groups, **moves):
    shown, _ = in_groups(x, like, groups, **moves)
    planes = y.reshape(len(y), groups, -1, shown.shape[-1])
    return np.einsum("ngckp,ngop->gock", shown, planes).reshape(like.shape)


SAMPLES = {
    "Conv2d": row(convolutions(), convolve, ag.conv2d, shared=alike(2)),
    "Conv2dAdjoint": row(
        adjoints(), adjoint, batch=lambda inputs, **params: (0, 2), shared=alike(3)
    ),
    "Conv2dKernel": row(
        kernel_sums(), kernel_sum, batch=lambda inputs, **params: (0, 1), shared=alike(3)
    ),
}
