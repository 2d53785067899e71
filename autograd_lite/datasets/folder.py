"""The four IDX files of a training and a test set: MNIST, Fashion-MNIST, KMNIST and their like."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_lite.datasets.idx import as_path, describe, read_source
from autograd_lite.errors import DatasetError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    import numpy as np
    from numpy.typing import NDArray

    Split: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
    Digits: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8]]

LISTED = 12  # the names of a folder that an error message has room for


def mnist() -> tuple[Digits, Digits]:
    """The MNIST digits of this package as `(images, labels), (test_images, test_labels)`.

    Images are uint8 (60000, 28, 28) and (10000, 28, 28), 0 is the background and 255 is ink;
    labels are uint8 (60000,) and (10000,), the digits 0 to 9. Every call reads them afresh.

    >>> (images, labels), (test_images, test_labels) = mnist()
    >>> images.shape, test_images.shape, labels[:5].tolist()
    ((60000, 28, 28), (10000, 28, 28), [5, 0, 4, 1, 9])

    Raises `DatasetError` if the installed files are damaged.
    """
    return load_source(files("autograd_lite.datasets").joinpath("mnist"))


def load_idx(folder: str | os.PathLike[str]) -> tuple[Split, Split]:
    """The four IDX files of a folder as `(images, labels), (test_images, test_labels)`.

    The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
    `t10k-labels-idx1-ubyte`, or these names with `.idx` for `-idx`; each plain or `.gz`, the plain
    one first. Images are (N, rows, columns), labels are integers (N,), in the dtypes of the files.

    >>> (images, labels), (test_images, test_labels) = load_idx("fashion")  # doctest: +SKIP
    >>> images.shape, labels.shape  # doctest: +SKIP
    ((60000, 28, 28), (60000,))

    Raises `DatasetError` for a folder or a file that is missing, for what `read_idx` refuses, and
    for files that do not belong together.
    """
    return load_source(as_path(folder))


def load_source(folder: Traversable) -> tuple[Split, Split]:
    """`load_idx` of a path or of a folder inside a package, zipped or not."""
    entries = _entries(folder)
    train_file, train = _load_split(folder, entries, "train")
    test_file, test = _load_split(folder, entries, "t10k")
    _check_same_kind(train_file, train[0], test_file, test[0])
    return train, test


def _entries(folder: Traversable) -> dict[str, Traversable]:
    """The files by name; a directory gets a slash, so that it is never taken for a file."""
    try:
        return {entry.name + "/" * entry.is_dir(): entry for entry in folder.iterdir()}
    except OSError as error:
        raise DatasetError(
            str(folder),
            expected="a readable folder of four IDX files",
            came=str(error.strerror or error),
            suggestion="check the path; read_idx reads a single file",
        ) from error


def _load_split(
    folder: Traversable, entries: dict[str, Traversable], prefix: str
) -> tuple[Traversable, Split]:
    images_file = _find(folder, entries, f"{prefix}-images-idx3-ubyte")
    labels_file = _find(folder, entries, f"{prefix}-labels-idx1-ubyte")
    images, labels = read_source(images_file), read_source(labels_file)
    _check_split((images_file, labels_file), images, labels)
    return images_file, (images, labels)


def _find(folder: Traversable, entries: dict[str, Traversable], name: str) -> Traversable:
    dotted = name.replace("-idx", ".idx")
    names = [name, dotted, f"{name}.gz", f"{dotted}.gz"]
    for candidate in names:
        if candidate in entries:
            return entries[candidate]
    raise DatasetError(
        str(folder),
        expected=f"a file named {' or '.join(names)}",
        came=f"a folder with {_listing(entries)}",
        suggestion="check the folder, or rename the file",
    )


def _listing(entries: dict[str, Traversable]) -> str:
    names = sorted(entries)
    rest = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    return ", ".join(names[:LISTED] + rest) or "nothing in it"


def _check_split(files: Sequence[Traversable], images: NDArray[Any], labels: NDArray[Any]) -> None:
    """Raise DatasetError unless these are images, and an integer label for each of them."""
    images_file, labels_file = files
    swapped = "check whether the file is mislabelled: images and labels may be swapped"
    came = describe(images.dtype, images.shape)
    expected = "images: three axes (count, rows, columns)"
    _refuse_unless(images.ndim == 3, images_file, expected, came, swapped)
    right, came = (
        labels.ndim == 1 and labels.dtype.kind in "iu",
        describe(labels.dtype, labels.shape),
    )
    _refuse_unless(right, labels_file, "labels: integers along one axis", came, swapped)
    right, came = len(images) == len(labels), f"{len(labels)} labels"
    expected = f"{len(images)} labels, one for each image of {images_file.name}"
    hint = "check that both files are of one set, train or test"
    _refuse_unless(right, labels_file, expected, came, hint)


def _check_same_kind(
    train_file: Traversable, train: NDArray[Any], test_file: Traversable, test: NDArray[Any]
) -> None:
    right = (train.dtype, train.shape[1:]) == (test.dtype, test.shape[1:])
    expected = f"images of {describe(train.dtype, train.shape[1:])}, as in {train_file.name}"
    came = f"images of {describe(test.dtype, test.shape[1:])}"
    _refuse_unless(right, test_file, expected, came, "check that both files are of one dataset")


def _refuse_unless(
    right: bool, file: Traversable, expected: str, came: str, suggestion: str
) -> None:
    if not right:
        raise DatasetError(str(file), expected=expected, came=came, suggestion=suggestion)
