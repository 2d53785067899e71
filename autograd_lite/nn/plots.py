"""Pictures of training, in one quiet style; matplotlib is imported when a picture is asked for.

Lines differ in dash and marker as well as in shade, so they can be told apart in grey.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, isqrt, sqrt
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import unknown_name
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import (
    Array,
    as_array,
    needed,
    positive_number,
    refuse_unless,
    whole_number,
)
from autograd_lite.serialize.files import as_path, write

STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "axes.grid": True,
    "grid.alpha": 0.25,
    "font.size": 9,
    "lines.linewidth": 1.4,
    "savefig.dpi": 150,
}
LINES: tuple[dict[str, Any], ...] = (
    {"color": "0.1", "linestyle": "-"},
    {"color": "tab:orange", "linestyle": "--"},
    {"color": "tab:blue", "linestyle": "-."},
    {"color": "0.55", "linestyle": ":"},
)
Curves = Mapping[str, tuple[Sequence[float], Sequence[float | None]]]  # label → (x, y)


class Plot:
    """A matplotlib Figure that shows itself in a notebook and can be saved.

    >>> plot = Plot(1, 2)
    >>> plot
    <Plot>
    >>> len(plot.figure.axes), plot._repr_png_()[1:4]
    (2, b'PNG')

    Raises ConfigError where matplotlib is not installed.
    """

    @checks_call
    def __init__(
        self, rows: int = 1, columns: int = 1, size: tuple[float, float] = (4.2, 3.2)
    ) -> None:
        for name, count in (("rows", rows), ("columns", columns)):
            whole_number(name, count, least=1)
        are_two = isinstance(size, tuple | list) and len(size) == 2
        refuse_unless(are_two, "size", size, "inches across and down", "size=(4.2, 3.2)")
        for inches in size:
            positive_number("size", inches)
        self._matplotlib = needed("matplotlib", "plot", "matplotlib, which draws it")
        with self._matplotlib.rc_context(STYLE):
            figure = needed("matplotlib.figure", "plot", "matplotlib, which draws it").Figure
            self.figure = figure((columns * size[0], rows * size[1]), layout="constrained")
            grid = self.figure.subplots(rows, columns, squeeze=False)
        self.axes: list[Any] = list(grid.flat)

    @checks_call
    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture; the end of the path says which form: png, svg, pdf.

        Raises ConfigError for a form that matplotlib does not know, or a place it cannot write to.
        """
        target = as_path(path)
        form = target.suffix.removeprefix(".").lower()
        known = self.figure.canvas.get_supported_filetypes()
        expected = "a file name that ends in .png, .svg or .pdf"
        refuse_unless(form in known, "plot", str(path), expected)
        return write(target, self._drawn(form))

    if not TYPE_CHECKING:

        def __getattr__(self, name):  # noqa: ANN001, ANN204
            raise unknown_name("Plot", name, dir(self), {"show": 'write plot.save("plot.png")'})

    def __repr__(self) -> str:
        return "<Plot>"

    def _repr_png_(self) -> bytes:
        return self._drawn("png")

    def _drawn(self, form: str) -> bytes:
        file = io.BytesIO()
        try:
            with self._matplotlib.rc_context(STYLE):
                self.figure.savefig(file, format=form)
        except RuntimeError as problem:  # a form for which matplotlib needs a program
            expected = f"a form that can be written here ({problem})"
            refuse_unless(False, "plot", form, expected, "write .png, .svg or .pdf")
        return file.getvalue()


@checks_call
def plot_curves(panels: Mapping[str, Curves], xlabel: str) -> Plot:
    """One panel for each quantity, with a line for each of its curves.

    >>> plot = plot_curves({"loss": {"train": ([0, 1], [2.0, 1.0])}}, xlabel="epoch")
    >>> plot.axes[0].get_ylabel(), plot.axes[0].get_xlabel()
    ('loss', 'epoch')
    """
    expected = "curves by label, by panel: {panel: {label: (x, y)}}, y as long as x"
    refuse_unless(bool(panels) and _are_panels(panels), "plot_curves", panels, expected)
    plot = Plot(1, len(panels))
    for axes, (quantity, curves) in zip(plot.axes, panels.items(), strict=True):
        for number, (label, (x, y)) in enumerate(curves.items()):
            marker = "o" if len(x) == 1 else None
            axes.plot(x, y, label=label, marker=marker, **LINES[number % len(LINES)])
        axes.set_xlabel(xlabel)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_ylabel(quantity)
        if curves:
            axes.legend(frameon=False)
    return plot


def _are_panels(panels: Any) -> bool:
    """Whether these are curves as `plot_curves` draws them."""
    try:
        curves = [curve for panel in panels.values() for curve in panel.values()]
        return all(len(x) == len(y) for x, y in curves)
    except (AttributeError, TypeError, ValueError):  # no mapping, no pair, nothing with a length
        return False


@checks_call
def plot_confusion(matrix: Array) -> Plot:
    """A confusion matrix: rows are the labels, columns what they were taken for.

    >>> import numpy as np
    >>> plot_confusion(np.array([[5, 1], [0, 4]])).axes[0].get_xlabel()
    'predicted class'
    """
    matrix = as_array(matrix)
    is_square = matrix.ndim == 2 and len({*matrix.shape}) == 1 and _is_numeric(matrix)
    expected = "counts (classes, classes), as of nn.confusion_matrix"
    refuse_unless(is_square, "plot_confusion", matrix, expected)
    side = 1.5 + 0.42 * len(matrix)
    plot = Plot(size=(side, side))
    (axes,) = plot.axes
    shares = matrix / matrix.sum(axis=1, keepdims=True).clip(1)
    axes.imshow(shares, cmap="Greys", vmin=0, vmax=1)
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=shade, fontsize=7)
    axes.set(xlabel="predicted class", ylabel="label", xticks=range(len(matrix)))
    axes.set_yticks(range(len(matrix)))
    axes.grid(visible=False)
    return plot


@checks_call
def plot_mistakes(images: Array, labels: Array, predictions: Array, count: int = 24) -> Plot:
    """The first `count` images that were taken for another class, with both classes as titles.

    >>> import numpy as np
    >>> plot = plot_mistakes(np.zeros((2, 28, 28)), np.array([3, 4]), np.array([3, 9]))
    >>> plot.axes[0].get_title()
    '4 taken for 9'
    """
    images, labels, predictions = as_array(images), as_array(labels), as_array(predictions)
    are_classes = labels.ndim == 1 and labels.shape == predictions.shape
    expected = "labels (N,) and as many predictions, both of them classes"
    refuse_unless(are_classes, "plot_mistakes", predictions, expected, "give x.argmax(axis=1)")
    fits = images.ndim > 0 and len(images) == len(labels)
    refuse_unless(fits, "plot_mistakes", images, "an image for each label")
    whole_number("count", count, least=0)
    wrong = [i for i in range(len(labels)) if labels[i] != predictions[i]][:count]
    titles = [f"{labels[i]} taken for {predictions[i]}" for i in wrong]
    return plot_images([images[i] for i in wrong], titles, cmap="Greys")


@checks_call
def plot_weights(weight: Array, shape: tuple[int, int] | None = None, count: int = 36) -> Plot:
    """The weights (pixels, units) of the first `count` units of a first layer, as images.

    Black is the most negative weight, white the most positive, and mid-grey is 0.

    >>> import numpy as np
    >>> len(plot_weights(np.zeros((784, 10))).figure.axes)
    12

    Raises ConfigError if the pixels are no square and `shape` does not say what they are.
    """
    weight = as_array(weight)
    is_matrix = weight.ndim == 2 and _is_numeric(weight)
    refuse_unless(is_matrix, "plot_weights", weight, "numbers (pixels, units)", "give W.value")
    whole_number("count", count, least=0)
    side = isqrt(len(weight))
    are_two = isinstance(shape, tuple | list) and len(shape) == 2
    refuse_unless(shape is None or are_two, "shape", shape, "two numbers", "shape=(28, 28)")
    rows, columns = [whole_number("shape", n, least=0) for n in shape or (side, side)]
    refuse_unless(
        rows * columns == len(weight),
        "plot_weights",
        (rows, columns),
        f"a shape of {len(weight)} pixels",
        "give the rows and columns of the images: shape=(28, 28)",
    )
    units = weight.T[:count].reshape(-1, rows, columns)
    top = float(abs(units).max(initial=0)) or 1.0
    titles = [f"unit {number}" for number in range(len(units))]
    return plot_images(list(units), titles, cmap="gray", vmin=-top, vmax=top)


@checks_call
def plot_images(images: Sequence[Array], titles: Sequence[str], **options: Any) -> Plot:
    """Images in a grid about as wide as high, each with its title.

    >>> import numpy as np
    >>> len(plot_images([np.zeros((2, 2))] * 5, list("abcde")).axes)
    6
    """
    are_several = isinstance(images, Iterable) and isinstance(titles, Iterable)
    expected = "a list of images, and one of titles"
    refuse_unless(are_several, "plot_images", (images, titles), expected)
    images = [as_array(image) for image in images]
    for image in images:
        is_image = image.ndim == 2 or image.shape[2:] in {(3,), (4,)}
        expected = "images of numbers (rows, columns), or with colours"
        refuse_unless(is_image and _is_numeric(image), "plot_images", image, expected)
    columns = max(ceil(sqrt(len(images))), 1)
    plot = Plot(max(ceil(len(images) / columns), 1), columns, size=(1.1, 1.25))
    for axes in plot.axes:
        axes.set_axis_off()
    for axes, image, title in zip(plot.axes, images, titles, strict=False):
        try:
            axes.imshow(image, interpolation="nearest", **options)
        except (AttributeError, TypeError, ValueError) as problem:
            expected = f"options of matplotlib's imshow ({problem})"
            refuse_unless(False, "plot_images", options, expected)
        axes.set_title(title, fontsize=6)
    return plot


def _is_numeric(array: Array) -> bool:
    return array.dtype.kind in "biuf"
