"""A folder of four small IDX files, for tests of commands: 2 × 3 pixels, 3 classes."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np


def write_digits(folder: Path, training: int = 20, test: int = 10) -> str:
    """Write `training` and `test` random images, each with one bright pixel at its label's place."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for name, count in (("train", training), ("t10k", test)):
        labels = np.arange(count, dtype="uint8") % 3
        images = random.integers(0, 100, (count, 2, 3), "uint8")
        images[np.arange(count), 0, labels] = 255
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / f"{name}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return str(folder)
