"""Windows that move over images, reduced to one number each."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_first

__all__ = [
    "avg_pool2d",
    "max_pool2d",
]

Pair = int | tuple[int, int]


@of_first
def max_pool2d(x: Any, /, size: Pair, *, stride: Pair | None = None, padding: Pair = 0) -> Any:
    """The largest element of each window of images (N, C, H, W); ties share the gradient.

    Without a stride, windows stand side by side. Padding never wins.

    >>> max_pool2d([[[[1.0, 2.0, 5.0, 4.0]]]], (1, 2)).tolist()
    [[[[2.0, 5.0]]]]

    Raises ShapeError where the window does not fit into the images.
    """
    return ops.MaxPool2d(x, size=size, stride=stride, padding=padding)


@of_first
def avg_pool2d(x: Any, /, size: Pair, *, stride: Pair | None = None, padding: Pair = 0) -> Any:
    """The mean of each window of images (N, C, H, W), padding counted as zeros.

    Without a stride, windows stand side by side.

    >>> avg_pool2d([[[[1.0, 2.0, 5.0, 4.0]]]], (1, 2)).tolist()
    [[[[1.5, 4.5]]]]

    Raises ShapeError where the window does not fit into the images.
    """
    return ops.AvgPool2d(x, size=size, stride=stride, padding=padding)
