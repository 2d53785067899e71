"""Pictures as people make them: how many digits `autograd-lite predict` reads, by kind of picture.

    python benchmarks/pictures.py [--weights WEIGHTS] [--digits 50] [--keep FOLDER]

Digits of MNIST's test set are enlarged and put on paper as a camera, a scanner or a drawing program
would show them. Without weights, a network is trained first.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from autograd_lite import datasets, nn
from autograd_lite.nn.digit import read_digit

SIDE = 400  # pixels
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE] / SIDE


def strokes(digit: np.ndarray, side: int = 220, place: tuple[int, int] = (90, 90)) -> np.ndarray:
    """Where the ink is (SIDE, SIDE), from 0 to 1."""
    large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    ink = np.zeros((SIDE, SIDE))
    top, left = place
    ink[top : top + side, left : left + side] = np.asarray(large) / 255
    return ink


def on_paper(ink: np.ndarray, paper: np.ndarray | float = 0.95, pen: float = 0.15) -> np.ndarray:
    return paper * (1 - ink) + pen * paper * ink


def light() -> np.ndarray:
    """A lamp at the upper left: the other corner is dark."""
    return 1.0 - 0.75 * (0.6 * COLUMNS + 0.4 * ROWS)


def shadow() -> np.ndarray:
    """The soft shadow of a hand over the right half."""
    return 1.0 - 0.5 / (1 + np.exp(-(COLUMNS + 0.3 * ROWS - 0.6) * 40))


def lines(*, squared: bool = False, tilt: float = 0.0, dark: float = 0.45) -> np.ndarray:
    """Ruled paper: a line every 40 pixels, two pixels wide."""
    paper = np.full((SIDE, SIDE), 0.95)
    height = ROWS * SIDE + tilt * COLUMNS * SIDE
    paper[height % 40 < 2] = dark
    if squared:
        paper[(COLUMNS * SIDE - tilt * ROWS * SIDE) % 40 < 2] = dark
    return paper


def noise(amount: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, amount, (SIDE, SIDE))


def as_image(grey: np.ndarray) -> Image.Image:
    return Image.fromarray((np.clip(grey, 0, 1) * 255).astype("uint8"))


def coloured(ink: np.ndarray) -> Image.Image:
    paper, pen = np.array([250, 245, 200]), np.array([30, 40, 160])
    return Image.fromarray((paper + ink[..., None] * (pen - paper)).astype("uint8"))


def on_glass(ink: np.ndarray) -> Image.Image:
    alpha = (ink * 255).astype("uint8")
    return Image.fromarray(np.dstack([np.zeros((*ink.shape, 3), "uint8"), alpha]))


def chalk(ink: np.ndarray) -> np.ndarray:
    return 0.8 * ink + 0.3 * light() * (1 - ink)


def ruled_in_the_dark(ink: np.ndarray) -> np.ndarray:
    return on_paper(ink, light() * lines()) + noise(0.02)


def deep(ink: np.ndarray) -> Image.Image:
    return Image.fromarray((on_paper(ink, 0.6, 0.25) * 65535).astype("uint16"))


KINDS: dict[str, Callable[[np.ndarray], Image.Image]] = {
    "dark on light": lambda digit: as_image(on_paper(strokes(digit))),
    "light on dark": lambda digit: as_image(1 - on_paper(strokes(digit))),
    "coloured": lambda digit: coloured(strokes(digit)),
    "on glass": lambda digit: on_glass(strokes(digit)),
    "small in a corner": lambda digit: as_image(on_paper(strokes(digit, 80, (20, 280)))),
    "fills the picture": lambda digit: as_image(on_paper(strokes(digit, 400, (0, 0)))),
    "faint pencil": lambda digit: as_image(on_paper(strokes(digit), 0.9, 0.7) + noise(0.02)),
    "grain of a camera": lambda digit: as_image(on_paper(strokes(digit), 0.7, 0.3) + noise(0.05)),
    "16 bits": lambda digit: deep(strokes(digit)),
    "uneven light": lambda digit: as_image(on_paper(strokes(digit), light()) + noise(0.02)),
    "shadow of a hand": lambda digit: as_image(on_paper(strokes(digit), shadow()) + noise(0.02)),
    "chalk, uneven light": lambda digit: as_image(chalk(strokes(digit))),
    "ruled paper": lambda digit: as_image(on_paper(strokes(digit), lines())),
    "squared paper": lambda digit: as_image(on_paper(strokes(digit), lines(squared=True))),
    "black lines": lambda digit: as_image(on_paper(strokes(digit), lines(dark=0.1))),
    "ruled and tilted": lambda digit: as_image(on_paper(strokes(digit), lines(tilt=0.02))),
    "ruled, uneven light": lambda digit: as_image(ruled_in_the_dark(strokes(digit))),
}


def sideways(picture: Image.Image, path: Path) -> None:
    """Save it as a camera does that was held sideways: turned, with a note on it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.convert("L").transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=90)


def trained() -> nn.MLP:
    (images, labels), _ = datasets.mnist()
    model = nn.MLP([784, 128, 10], "relu", init="he", seed=0)
    optimizer = nn.SGD(model.parameters(), 0.1)
    nn.fit(model, nn.as_features(images), labels, epochs=5, optimizer=optimizer)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights")
    parser.add_argument("--digits", type=int, default=50)
    parser.add_argument("--keep", help="a folder for the pictures, and for what is made of them")
    options = parser.parse_args()
    model = trained() if options.weights is None else nn.load_model(options.weights)
    _, (images, labels) = datasets.mnist()
    plain = nn.predict(model, nn.as_features(images)).argmax(axis=1)
    read = np.flatnonzero(plain == labels)[: options.digits]  # the network is not what is measured
    kinds = {**KINDS, "held sideways": KINDS["dark on light"]}
    with TemporaryDirectory() as folder:
        for kind, make in kinds.items():
            seen = []
            for number in read:
                path = Path(
                    options.keep or folder, f"{kind} {labels[number]}.png".replace(" ", "-")
                )
                if kind == "held sideways":
                    path = path.with_suffix(".jpg")
                    sideways(make(images[number]), path)
                else:
                    make(images[number]).save(path)
                seen.append(read_digit(path).ravel())
                if options.keep:
                    shown = (seen[-1].reshape(28, 28) * 255).astype("uint8")
                    Image.fromarray(shown).resize((280, 280)).save(path.with_suffix(".seen.png"))
            found = nn.predict(model, np.array(seen)).argmax(axis=1)
            right = int((found == labels[read]).sum())
            print(f"{kind:22} {right:3} of {len(read)}")


if __name__ == "__main__":
    main()
