"""A picture of a digit, as any camera or hand makes it, turned into what MNIST's images are."""

import warnings
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.errors import ConfigError
from autograd_lite.nn.checks import Array, needed, refuse_unless
from autograd_lite.nn.ink import FAINTEST, ink_of
from autograd_lite.serialize.files import as_path

SIDE, BOX = 28, 20
CENTRE = 14.5  # the middle of pixel 14 of 0 … 27, where MNIST's images have their centre of mass
SHADES = " .:-=+*#%@"
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")  # others may start programs
LARGEST, ENOUGH = 50_000_000, 250_000  # pixels: that are read at all, that are looked at
LONGEST = 50_000  # pixels of a side
SMALLEST = 0.02  # of the picture's side: what is smaller is a speck


def read_digit(path: str | PathLike[str]) -> Array:
    """The digit in a picture file as MNIST shows digits: (28, 28), 0 the paper and 1 the ink.

    Any size and colour will do, light on dark or dark on light, under uneven light and on ruled
    paper; transparent parts are paper, and a camera's note on how it was held is followed. The ink
    is scaled into 20 × 20 pixels, and its centre of mass put into the centre of the image, as LeCun
    describes for MNIST.

    Raises ConfigError where Pillow is not installed, and for a file that is no picture, is larger
    than 50 million pixels or longer than 50,000, or shows nothing.
    """
    image = needed("PIL.Image", str(path), "Pillow, which reads pictures")
    source = as_path(path)
    try:
        with warnings.catch_warnings():  # of damage, beside the error that tells of it
            warnings.simplefilter("ignore")
            rgba = _read(source, image)
    except Exception as problem:
        expected, hint = "a picture of a digit", "save it as PNG or JPEG"
        came = str(problem) or type(problem).__name__
        raise ConfigError(str(path), expected=expected, came=came, suggestion=hint) from problem
    ink = ink_of(grey_of(rgba), image)
    expected = "a picture with a digit on it, darker or lighter than its paper"
    refuse_unless(bool(ink.any()), str(path), "one colour all over", expected)
    digit = cropped(ink)
    small = _resized(digit, image)
    is_seen = max(digit.shape) >= SMALLEST * max(ink.shape) and bool(small.max() >= FAINTEST)
    refuse_unless(is_seen, str(path), "dots that are too small to be seen", expected)
    return centred(small)


def _read(path: Path, image: Any) -> Array:
    """Colours and opacity (rows, columns, 4) from 0 to 1."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise OSError("no file")
    # From memory: a file would set memory aside for parts as large as a damaged picture says.
    with image.open(BytesIO(path.read_bytes()), formats=FORMATS) as picture:
        pixels = picture.width * picture.height
        if pixels > LARGEST or max(picture.size) > LONGEST:
            raise ValueError(f"{picture.width} by {picture.height} pixels, too many to be a digit")
        needed("PIL.ImageOps", str(path), "Pillow").exif_transpose(picture, in_place=True)
        # Integers and floats are grey with more than 8 bits, which "RGBA" would cut off.
        mode = {"I": "I", "F": "F"}.get(picture.mode[0], "RGBA")
        # Made small first, if colours can be averaged as they are: a copy may be 200 MB.
        is_plain = picture.mode in ("L", "RGB", mode) and "transparency" not in picture.info
        plain = picture if is_plain else picture.convert(mode)
        small = plain.reduce(max(round((pixels / ENOUGH) ** 0.5), 1))
        levels = np.asarray(small.convert(mode), "float64")
    top = {"I": 65535.0, "F": 1.0}.get(mode, 255.0)
    levels = np.nan_to_num(levels / max(top, float(levels.max(initial=0))))
    if levels.ndim == 3:
        return levels
    return np.stack([levels, levels, levels, np.ones_like(levels)], axis=-1)


def grey_of(rgba: Array) -> Array:
    """The shades (rows, columns) of a picture, from 0 to 1; what can be seen through is paper.

    >>> grey_of(np.array([[[0.2, 0.2, 0.2, 1.0], [0.0, 0.0, 0.0, 0.0]]])).tolist()
    [[0.2, 1.0]]
    """
    colour, alpha = rgba[..., :3] @ [0.299, 0.587, 0.114], rgba[..., 3]
    opaque = alpha > 0.5
    # White behind dark strokes, black behind light ones.
    behind = 1.0 if not opaque.any() or colour[opaque].mean() < 0.5 else 0.0
    return colour if opaque.all() else colour * alpha + behind * (1 - alpha)


def cropped(ink: Array) -> Array:
    """The smallest rectangle with all that is at least a fifth as dark as the darkest.

    >>> cropped(np.pad(np.ones((2, 3)), 4)).shape
    (2, 3)
    """
    dark = ink >= 0.2
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def centred(ink: Array) -> Array:
    """An image (28, 28) with the ink's centre of mass in its middle, as far as there is room.

    >>> image = centred(np.ones((19, 5)))
    >>> image.shape, image[5:24, 12:17].min().item(), image.sum().item()
    ((28, 28), 1.0, 95.0)
    """
    image = np.zeros((SIDE, SIDE), "float32")
    starts = []
    for axis, length in enumerate(ink.shape):
        weight = ink.sum(axis=1 - axis)
        centre = float(weight @ (np.arange(length) + 0.5) / weight.sum())
        starts.append(min(max(round(CENTRE - centre), 0), SIDE - length))
    top, left = starts
    image[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return image


def as_text(image: Array) -> str:
    """A picture in letters, two for each pixel, from 0 (blank) to 1 (@).

    >>> print(as_text(np.array([[1.0, 0.5], [0.25, 0.1]])))
    @@==
    ::
    """
    levels = (np.clip(image, 0, 1) * (len(SHADES) - 0.001)).astype(int)
    return "\n".join("".join(SHADES[level] * 2 for level in row).rstrip() for row in levels)


def _resized(ink: Array, image: Any) -> Array:
    """The ink with its longer side 20 pixels long."""
    scale = BOX / max(ink.shape)
    height, width = (max(round(length * scale), 1) for length in ink.shape)
    picture = image.fromarray((ink * 255).astype("uint8"))
    small = picture.resize((width, height), image.Resampling.BOX if scale < 1 else image.BICUBIC)
    return np.asarray(small, "float32") / 255
