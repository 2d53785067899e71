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
from autograd_lite.nn.ink import ink_of, without_lines


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
    "large": seven((900, 900), "white", "black"),
    "on glass": seven((200, 200), (0, 0, 0, 0), (10, 10, 10, 255), "RGBA"),
    "light on glass": seven((200, 200), (0, 0, 0, 0), (250, 250, 250, 255), "RGBA"),
    "by palette": seven((200, 200), "white", "black").convert("P"),
    "one bit": seven((200, 200), 1, 0, "1"),
}


@pytest.fixture
def read(tmp_path):
    def read(picture, **options):
        picture.save(tmp_path / "digit.png", **options)
        return read_digit(tmp_path / "digit.png")

    return read


@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_of_a_digit_is_the_same_image(read, name):
    image, reference = read(PICTURES[name]), read(PICTURES["dark on light"])
    assert (image.shape, image.dtype) == ((28, 28), "float32")
    assert 0 <= image.min() <= image.max() <= 1
    np.testing.assert_allclose(image, reference, atol=0.35)
    assert abs(image - reference).mean() < 0.02


def test_a_colour_that_stands_for_glass_is_paper(read):
    picture = seven((2000, 2000), (0, 0, 0), (10, 10, 10))
    image = read(picture, transparency=(0, 0, 0))
    np.testing.assert_allclose(image, read(PICTURES["dark on light"]), atol=0.35)


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
    digits = datasets.mnist()[1][0][:8]
    for digit in digits:
        image = read(Image.fromarray(digit))
        near = [np.roll(image, (x, y), (0, 1)) for x in (-1, 0, 1) for y in (-1, 0, 1)]
        assert min(abs(other - digit / 255).mean() for other in near) < 0.05


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

SIDE = 200
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE] / SIDE
GRAIN = np.random.default_rng(0).normal(0, 0.02, (SIDE, SIDE))
INK = 1 - np.asarray(seven((SIDE, SIDE), 255, 0, "L")) / 255


def ruled(*, tilt=0.0, squared=False, dark=0.5):
    paper = np.ones((SIDE, SIDE))
    paper[(ROWS + tilt * COLUMNS) * SIDE % 20 < 2] = dark
    paper[(COLUMNS * SIDE % 20 < 2) & squared] = dark
    return paper


LAMP = 1 - 0.7 * (0.6 * COLUMNS + 0.4 * ROWS)
PAPERS = {
    "a lamp at one side": LAMP + GRAIN,
    "a shadow": np.where(COLUMNS + 0.3 * ROWS > 0.5, 0.4, 1.0),
    "grain": 0.8 + 2 * GRAIN,
    "lines": ruled(),
    "black lines": ruled(dark=0.1),
    "squares": ruled(squared=True),
    "tilted lines": ruled(tilt=0.03),
    "lines under a lamp": ruled() * LAMP + GRAIN,
    "a speck": np.where((ROWS - 0.9) ** 2 + (COLUMNS - 0.9) ** 2 < 0.0005, 0.0, 1.0),
}


@pytest.mark.parametrize("name", PAPERS)
def test_whatever_the_paper_the_digit_is_the_same(read, name):
    grey = np.clip(PAPERS[name] * (1 - 0.85 * INK), 0, 1)
    image = read(Image.fromarray((grey * 255).astype("uint8")))
    reference = read(PICTURES["dark on light"])
    near = [np.roll(image, (x, y), (0, 1)) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    assert min(abs(other - reference).mean() for other in near) < 0.03


def test_chalk_under_a_lamp(read):
    board = 0.3 * LAMP * (1 - INK) + 0.8 * INK
    image = read(Image.fromarray((board * 255).astype("uint8")))
    assert abs(image - read(PICTURES["dark on light"])).mean() < 0.03


def test_no_more_parts_are_looked_at_than_there_is_time_for():
    dust = np.zeros((128, 128))
    dust[4::10, 4::10] = 1.0
    assert 0 < ink_of(1 - dust, Image).sum() < dust.sum()


def test_what_lies_apart_stays_if_it_is_large():
    ink = np.zeros((64, 64))
    ink[10:50, 10:14] = ink[10:40, 30:34] = ink[60, 60] = 1.0
    found = ink_of(1 - ink, Image)
    assert found[60, 60] == 0
    assert found[:58].sum() > 0.9 * ink[:58].sum()


def test_a_black_picture_is_no_paper_with_lines():
    ink = np.ones((20, 20))
    assert without_lines(ink) is ink


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


def dots(*places: int) -> Image.Image:
    picture = Image.new("L", (1000, 1000), 255)
    for place in places:
        picture.paste(0, (place, place, place + 6, place + 6))
    return picture


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: dots(10, 990).save(path, "PNG"), "came:  'dots that are too small to be s"),
        (lambda path: dots(500).save(path, "PNG"), "came:  'dots that are too small to be seen'"),
        (
            lambda path: Image.new("1", (8000, 8000)).save(path, "PNG"),
            "8000 by 8000 pixels, too many",
        ),
        (lambda path: Image.new("1", (50001, 1)).save(path, "PNG"), "50001 by 1 pixels, too many"),
        (os.mkfifo, "came:  no file"),
        (Path.mkdir, "came:  no file"),
        (lambda path: Image.new("RGBA", (9, 9)).save(path, "DDS"), "expected a picture of a digit"),
    ],
)
def test_pictures_that_show_no_digit_are_refused(make, message, tmp_path):
    make(tmp_path / "picture")
    with pytest.raises(ConfigError, match=message):
        read_digit(tmp_path / "picture")
