"""Pictures of digits, as people make them, become images as MNIST has them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from autograd_lite import datasets
from autograd_lite.errors import ConfigError
from autograd_lite.nn.digit import as_text, read_digit


def seven(size, paper, ink, mode="RGB"):
    """A 7 in the lower left of a picture."""
    picture = Image.new(mode, size, paper)
    width, height = size
    points = [(0.1, 0.4), (0.4, 0.4), (0.2, 0.9)]
    line = [(x * width, y * height) for x, y in points]
    ImageDraw.Draw(picture).line(line, fill=ink, width=max(round(width / 20), 1))
    return picture


PICTURES = {
    "dark on light": seven((200, 200), "white", "black"),
    "light on dark": seven((200, 200), "black", "white"),
    "grey": seven((200, 200), 200, 20, "L"),
    "coloured": seven((200, 200), (250, 250, 200), (20, 20, 160)),
    "large": seven((1600, 1600), "white", "black"),
    "on glass": seven((200, 200), (0, 0, 0, 0), (10, 10, 10, 255), "RGBA"),
    "light on glass": seven((200, 200), (0, 0, 0, 0), (250, 250, 250, 255), "RGBA"),
    "by palette": seven((200, 200), "white", "black").convert("P"),
    "one bit": seven((200, 200), 1, 0, "1"),
}


@pytest.fixture
def read(tmp_path):
    def read(picture):
        picture.save(tmp_path / "digit.png")
        return read_digit(tmp_path / "digit.png")

    return read


@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_of_a_digit_is_the_same_image(read, name):
    image, reference = read(PICTURES[name]), read(PICTURES["dark on light"])
    assert (image.shape, image.dtype) == ((28, 28), "float32")
    assert 0 <= image.min() <= image.max() <= 1
    np.testing.assert_allclose(image, reference, atol=0.35)
    assert abs(image - reference).mean() < 0.02


def test_the_ink_is_20_pixels_long_and_its_mass_in_the_centre(read):
    image = read(PICTURES["dark on light"])
    rows, columns = (np.flatnonzero((image > 0.2).any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    middle = np.arange(28) + 0.5
    for axis in (0, 1):
        assert abs(image.sum(axis=1 - axis) @ middle / image.sum() - 14.5) <= 0.5


def test_a_small_picture_is_enlarged(read):
    image = read(seven((10, 10), "white", "black"))
    assert np.ptp(np.flatnonzero((image > 0.2).any(axis=1))) >= 18


def test_an_image_of_mnist_stays_what_it_is(read):
    digits = datasets.mnist()[1][0][:20]
    for digit in digits:
        image = read(Image.fromarray(digit))
        assert abs(image - digit / 255).mean() < 0.05


def test_a_picture_in_letters():
    shown = as_text(np.array([[0.0, 1.0], [0.5, 0.0]]))
    assert shown == "  @@\n=="


@pytest.mark.parametrize(
    "picture", [Image.new("L", (9, 9), 77), Image.new("RGBA", (9, 9), (0, 0, 0, 0))]
)
def test_an_empty_picture_is_refused(read, picture):
    with pytest.raises(
        ConfigError,
        match="expected a picture with a digit on it, darker or lighter than its paper\n  came:  .one colour",
    ):
        read(picture)


@pytest.mark.parametrize("data", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(tmp_path, data):
    path = tmp_path / "digit.png"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"digit.png: expected a picture of a digit\n  came:  .+"):
        read_digit(path)


def test_without_pillow_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ConfigError, match=r"expected Pillow(.|\n)*pip install"):
        read_digit("digit.png")


# Pictures from cameras and scanners


def test_16_bits_of_grey_are_looked_at_in_full(tmp_path):
    levels = np.full((50, 50), 40000, "uint16")
    levels[10:40, 20:30] = 10000
    images = []
    for name, array in (("deep.png", levels), ("plain.png", (levels >> 8).astype("uint8")), ("float.tiff", levels / np.float32(65535))):  # fmt: skip
        Image.fromarray(array).save(tmp_path / name)
        images.append(read_digit(tmp_path / name))
    assert images[0].sum() > 50
    for image in images[1:]:
        np.testing.assert_allclose(image, images[0], atol=0.02)


def test_a_camera_that_was_held_sideways_says_so(tmp_path):
    upright = seven((200, 200), "white", "black")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees to look at it
    upright.save(tmp_path / "upright.jpg")
    upright.rotate(90).save(tmp_path / "sideways.jpg", exif=exif)
    images = [read_digit(tmp_path / f"{name}.jpg") for name in ("upright", "sideways")]
    np.testing.assert_allclose(*images, atol=0.1)


def dots() -> Image.Image:
    picture = Image.new("L", (1000, 1000), 255)
    picture.putpixel((10, 10), 0)
    picture.putpixel((990, 990), 0)
    return picture


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: dots().save(path, "PNG"), "came:  'dots that are too small to be seen'"),
        (
            lambda path: Image.new("1", (8000, 8000)).save(path, "PNG"),
            "8000 by 8000 pixels, too many",
        ),
        (os.mkfifo, "came:  no file"),
        (Path.mkdir, "came:  no file"),
        (lambda path: Image.new("RGBA", (9, 9)).save(path, "DDS"), "expected a picture of a digit"),
    ],
)
def test_pictures_that_show_no_digit_are_refused(make, message, tmp_path):
    make(tmp_path / "picture")
    with pytest.raises(ConfigError, match=message):
        read_digit(tmp_path / "picture")
