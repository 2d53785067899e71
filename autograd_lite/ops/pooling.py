"""Windows that move over images (N, C, H, W), and what is reduced within each of them."""

from collections.abc import Iterator
from functools import reduce
from math import inf, nan
from typing import Any, NamedTuple

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Shape
from autograd_lite.ops.half import widened
from autograd_lite.ops.writing import increased, written

__all__ = [
    "AvgPool2d", "MaxPool2d", "Windows2d", "WindowsAdd2d",
]  # fmt: skip

Pair = tuple[int, int]


class Window(NamedTuple):
    """How a window of `size` elements moves; each part is a pair, for rows and columns."""

    size: Pair
    stride: Pair
    padding: Pair
    dilation: Pair = (1, 1)

    def places(self, lengths: Pair) -> Pair:
        """At how many places it fits into an image of these lengths; ValueError if at none."""
        found = [
            (n + 2 * pad - dilation * (size - 1) - 1) // stride + 1
            for n, size, stride, pad, dilation in zip(lengths, *self, strict=True)
        ]
        if min(found) < 1:
            raise ValueError(f"a window of {self.size} does not fit into {lengths}")
        return found[0], found[1]

    def slices(self, lengths: Pair) -> Iterator[Any]:
        """For each element of the window, where in the padded image it is met, place by place."""
        rows, columns = self.places(lengths)
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                top, left = i * self.dilation[0], j * self.dilation[1]
                down = slice(top, top + self.stride[0] * (rows - 1) + 1, self.stride[0])
                right = slice(left, left + self.stride[1] * (columns - 1) + 1, self.stride[1])
                yield (..., down, right)


def pair(name: str, value: Any, *, least: int) -> Pair:
    """The value for rows and columns, from one number for both or from two.

    >>> pair("stride", 2, least=1), pair("padding", (0, 1), least=0)
    ((2, 2), (0, 1))

    Raises ValueError.
    """
    both = (value, value) if isinstance(value, int) else value
    is_pair = isinstance(both, tuple) and len(both) == 2
    if not is_pair or not all(isinstance(n, int) and n >= least for n in both):
        raise ValueError(f"{name} has to be an integer of at least {least}, or two of them")
    return both


def window(size: Any, stride: Any, padding: Any, dilation: Any = 1) -> Window:
    """The window that parameters describe; without a stride it moves by its own size."""
    return Window(
        pair("size", size, least=1),
        pair("stride", size if stride is None else stride, least=1),
        pair("padding", padding, least=0),
        pair("dilation", dilation, least=1),
    )


def images(x: Array) -> Pair:
    """The lengths of images; ValueError if x is something else."""
    if len(x.shape) != 4:
        raise ValueError(f"{len(x.shape)} axes instead of 4")
    return x.shape[2], x.shape[3]


def padded(xp: Xp, x: Array, padding: Pair, fill: float = 0.0) -> Array:
    """The images with rows and columns of `fill` around them."""
    if padding == (0, 0):
        return x
    (rows, columns), (height, width) = padding, images(x)
    shape = (*x.shape[:2], height + 2 * rows, width + 2 * columns)
    frame = xp.full(shape, fill, dtype=x.dtype)
    return written(frame, (..., slice(rows, rows + height), slice(columns, columns + width)), x)


def gathered(xp: Xp, x: Array, view: Window, fill: float = 0.0) -> Array:
    """(N, C, elements of the window, rows, columns): what the window shows at each place."""
    frame = padded(xp, x, view.padding, fill)
    return xp.stack([frame[place] for place in view.slices(images(x))], axis=2)


def scattered(xp: Xp, x: Array, shape: Shape, view: Window) -> Array:
    """Images of that shape, with what windows show added where they show it."""
    (rows, columns), (height, width) = view.padding, shape[2:]
    frame = xp.zeros((*shape[:2], height + 2 * rows, width + 2 * columns), dtype=x.dtype)
    for k, place in enumerate(view.slices((height, width))):
        frame = increased(frame, place, x[:, :, k, ...])
    return frame[..., rows : rows + height, columns : columns + width]


class Windows2d(Op):
    """What a window shows at each of its places: (N, C, H, W) gives (N, C, size, rows, columns)."""

    formula = "windows of x"
    derivative = "adds grad where the windows were"
    analytic = True
    selects = True
    expects = "images (N, C, H, W) that the window fits into"
    hint = "use a smaller size or dilation, or more padding"

    def forward(
        xp: Xp,
        x: Array,
        *,
        size: Any,
        stride: Any = None,
        padding: Any = 0,
        fill: float = 0.0,
    ) -> Array:
        return gathered(xp, x, window(size, stride, padding), fill)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, fill: float, **moves: Any) -> Array:
        return WindowsAdd2d.within(xp, grad, x, **moves)


class WindowsAdd2d(Op):
    """Images shaped like `like`, with windows added where they are: the adjoint of Windows2d."""

    formula = "windows added up"
    derivative = "windows of grad"
    linear = True
    analytic = True
    expects = "windows of images shaped like `like`"
    hint = "this op belongs to the gradient of Windows2d, with the same parameters"

    def forward(
        xp: Xp, x: Array, like: Array, *, size: Any, stride: Any = None, padding: Any = 0
    ) -> Array:
        return scattered(xp, x, like.shape, window(size, stride, padding))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array, **moves: Any) -> Array:
        return Windows2d.within(xp, grad, **moves)

    vjp_like = None


class MaxPool2d(Op):
    """The largest element in each window; equal largest elements share the gradient, as in Max.

    Padding counts as -∞, or as the least of integers, so it never wins; it has to be narrower than
    the window.
    """

    formula = "max over each window"
    derivative = "1 for the largest element, shared evenly by ties, 0 for the others"
    kinks = "two largest elements: each gets an equal share"
    selects = True
    expects = Windows2d.expects
    hint = Windows2d.hint

    def forward(xp: Xp, x: Array, *, size: Any, stride: Any = None, padding: Any = 0) -> Array:
        view = window(size, stride, padding)
        if not all(pad < length for pad, length in zip(view.padding, view.size, strict=True)):
            raise ValueError("a window must not show padding alone")
        frame = padded(xp, x, view.padding, least(xp, x.dtype))
        first, *others = view.slices(images(x))
        return reduce(xp.maximum, [frame[place] for place in others], frame[first])

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **moves: Any) -> Array:
        # Padding is NaN here, which equals nothing: -∞ in x gets the whole gradient.
        hits = Windows2d.within(xp, x, **moves, fill=nan) == xp.expand_dims(out, axis=2)
        ties = xp.sum(xp.astype(hits, x.dtype), axis=2)
        share = xp.where(hits, xp.expand_dims(grad / ties, axis=2), 0.0)
        return WindowsAdd2d.within(xp, share, x, **moves)


def least(xp: Xp, dtype: Any) -> float:
    """What no element of a dtype is below."""
    name = str(dtype)
    return -inf if "float" in name else xp.iinfo(dtype).min if "int" in name else False


class AvgPool2d(Op):
    """The mean of each window, padding counted as zeros; each element gets its share of grad."""

    formula = "mean over each window"
    derivative = "1 / elements of the window, added up where windows overlap"
    linear = True
    analytic = True
    expects = Windows2d.expects
    hint = Windows2d.hint

    @widened
    def forward(xp: Xp, x: Array, *, size: Any, stride: Any = None, padding: Any = 0) -> Array:
        view = window(size, stride, padding)
        frame = padded(xp, x, view.padding)
        total = sum(frame[place] for place in view.slices(images(x)))
        return total / (view.size[0] * view.size[1])

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, size: Any, **moves: Any) -> Array:
        rows, columns = pair("size", size, least=1)
        count = rows * columns
        share = xp.stack([grad / count] * count, axis=2)
        return WindowsAdd2d.within(xp, share, x, size=size, **moves)
