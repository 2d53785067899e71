"""Kernels that move over images."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_pair

__all__ = [
    "conv2d",
]

Pair = int | tuple[int, int]


@of_pair
def conv2d(
    x: Any,
    w: Any,
    /,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Any:
    """Images (N, C, H, W) with kernels (O, C/groups, h, w), not flipped, give (N, O, H', W').

    H' = (H + 2 · padding - dilation · (h - 1) - 1) // stride + 1, and W' alike. Padding is zeros.
    A bias (O,) is added as `+ reshape(b, (-1, 1, 1))`.

    >>> edges = conv2d([[[[0.0, 0.0, 1.0, 1.0]]]], [[[[-1.0, 1.0]]]])
    >>> edges.tolist()
    [[[[0.0, 1.0, 0.0]]]]

    Raises ShapeError where images, kernels and parameters do not fit together.
    """
    return ops.Conv2d(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
