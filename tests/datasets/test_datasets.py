"""The IDX reader and the folders of four files: what they return and what they refuse."""

from __future__ import annotations

import contextlib
import doctest
import gzip
import hashlib
import importlib
import io
import os
import re
import struct
import tracemalloc
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite import datasets
from autograd_lite.datasets.folder import load_source
from autograd_lite.datasets.idx import DTYPES
from autograd_lite.errors import DatasetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = SHA256
CODES = {dtype.newbyteorder("="): code for code, dtype in DTYPES.items()}
BUNDLED = files("autograd_lite.datasets").joinpath("mnist")


def header(code: int, *shape: int) -> bytes:
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape)


def idx_bytes(array: NDArray[Any]) -> bytes:
    big_endian = array.astype(array.dtype.newbyteorder(">"))
    return header(CODES[array.dtype], *array.shape) + big_endian.tobytes()


def small_set() -> dict[str, NDArray[Any]]:
    """Four arrays that belong together, by canonical file name."""
    images = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3)
    labels = np.array([3, 1, 4, 1, 5], dtype=np.uint8)
    return dict(zip(SHA256, [images, labels, images[:2], labels[:2]], strict=True))


def write_set(folder: Path, arrays: dict[str, NDArray[Any]]) -> None:
    for name, array in arrays.items():
        folder.joinpath(name).write_bytes(idx_bytes(array))


def assert_loaded(loaded: Any, arrays: dict[str, NDArray[Any]]) -> None:
    (images, labels), (test_images, test_labels) = loaded
    for came, expected in zip(
        [images, labels, test_images, test_labels], arrays.values(), strict=True
    ):
        np.testing.assert_array_equal(came, expected, strict=True)


def refusal(error: DatasetError) -> tuple[str, str, str, str]:
    return error.subject, error.expected, error.came, error.suggestion


# --- the bundled MNIST


@pytest.fixture(scope="module")
def digits() -> Any:
    return datasets.mnist()


def test_mnist_shapes_and_dtypes(digits: Any) -> None:
    shapes = [[(array.shape, array.dtype.name) for array in split] for split in digits]
    assert shapes == [
        [((60000, 28, 28), "uint8"), ((60000,), "uint8")],
        [((10000, 28, 28), "uint8"), ((10000,), "uint8")],
    ]


def test_mnist_labels_are_the_ten_digits(digits: Any) -> None:
    for _, labels in digits:
        assert set(labels.tolist()) == set(range(10))


@pytest.mark.parametrize(("name", "sha256"), SHA256.items())
def test_bundled_bytes_are_the_canonical_ones(name: str, sha256: str) -> None:
    data = gzip.decompress(BUNDLED.joinpath(f"{name}.gz").read_bytes())
    assert hashlib.sha256(data).hexdigest() == sha256


def test_mnist_is_what_the_canonical_bytes_say(digits: Any) -> None:
    arrays = [array for split in digits for array in split]
    for array, sha256 in zip(arrays, SHA256.values(), strict=True):
        assert hashlib.sha256(idx_bytes(array)).hexdigest() == sha256


def test_the_licence_stands_beside_the_files() -> None:
    licence = BUNDLED.joinpath("LICENSE.md").read_text(encoding="utf-8")
    for fact in ["LeCun", "Cortes", "Burges", "CC BY-SA 3.0", *SHA256, *SHA256.values()]:
        assert fact in licence


@pytest.mark.parametrize("name", ["", ".idx", ".folder"])
def test_doctests(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"autograd_lite.datasets{name}")).failed == 0


def test_public_names() -> None:
    assert set(datasets.__all__) == {"mnist", "load_idx", "read_idx"}


# --- read_idx: what comes back


@given(
    array=st.sampled_from(sorted(CODES, key=CODES.__getitem__)).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0))
    ),
    compressed=st.booleans(),
)
@example(array=np.zeros((), np.int16), compressed=False)
@example(array=np.zeros((0, 3), np.float64), compressed=True)
@settings(deadline=None)
def test_round_trip(
    tmp_path_factory: pytest.TempPathFactory, array: NDArray[Any], compressed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip"
    data = idx_bytes(array)
    path.write_bytes(gzip.compress(data) if compressed else data)
    came = datasets.read_idx(path)
    np.testing.assert_array_equal(came, array, strict=True)
    assert came.dtype.isnative
    assert came.flags.owndata
    assert came.flags.writeable
    assert came.flags.c_contiguous


@pytest.mark.parametrize(
    ("code", "data", "value"),
    [
        (0x08, "ff", np.uint8(255)),
        (0x09, "ff", np.int8(-1)),
        (0x0B, "01 02", np.int16(258)),
        (0x0C, "ff ff ff fe", np.int32(-2)),
        (0x0D, "3f c0 00 00", np.float32(1.5)),
        (0x0E, "3f f8 00 00 00 00 00 00", np.float64(1.5)),
    ],
)
def test_type_codes_are_big_endian(
    tmp_path: Path, code: int, data: str, value: np.generic[Any]
) -> None:
    path = tmp_path / "one"
    path.write_bytes(header(code, 1) + bytes.fromhex(data))
    np.testing.assert_array_equal(datasets.read_idx(path), np.array([value]), strict=True)


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
@pytest.mark.parametrize("compressed", [False, True])
def test_compression_is_told_by_content_not_by_name(
    tmp_path: Path, name: str, compressed: bool
) -> None:
    data = idx_bytes(np.array([7], np.uint8))
    (tmp_path / name).write_bytes(gzip.compress(data) if compressed else data)
    assert datasets.read_idx(str(tmp_path / name)).tolist() == [7]


def test_a_gzip_file_of_several_members_is_one_file(tmp_path: Path) -> None:
    path, data = tmp_path / "members.gz", idx_bytes(np.arange(9, dtype=np.int32))
    path.write_bytes(gzip.compress(data[:17]) + gzip.compress(data[17:]))
    assert datasets.read_idx(path).tolist() == list(range(9))


def test_data_larger_than_a_chunk(tmp_path: Path) -> None:
    array = np.arange(700_000, dtype=np.int32).reshape(7, -1)
    (tmp_path / "large").write_bytes(idx_bytes(array))
    np.testing.assert_array_equal(datasets.read_idx(tmp_path / "large"), array, strict=True)


# --- read_idx: what is refused

LABELS = idx_bytes(np.array([1, 2, 3], np.uint8))
GZIPPED = gzip.compress(LABELS, mtime=0)
WRONG_CHECKSUM = GZIPPED[:-8] + bytes([GZIPPED[-8] ^ 1]) + GZIPPED[-7:]
WRONG_LENGTH = GZIPPED[:-1] + b"\1"
WRONG_BLOCK = GZIPPED[:10] + b"\xff" + GZIPPED[11:]
HUGE = 2**32 - 1

REFUSED = {
    "empty": (b"", "IDX header of 4 bytes", "an empty file", "cut short"),
    "empty gzip": (gzip.compress(b""), "IDX header of 4 bytes", "an empty file", "cut short"),
    "half a magic": (b"\0\0\x08", "IDX header of 4 bytes", "3 bytes", "cut short"),
    "wrong magic": (b"<html>", "begins with the bytes 00 00", "3c 68 74 6d", "a web page"),
    "gzip in gzip": (gzip.compress(GZIPPED), "begins with the bytes 00 00", "1f 8b", "editor"),
    "type code": (
        header(0x0A, 1) + b"\0",
        r"0x08 \(uint8\), 0x09 \(int8\), .* 0x0D \(float32\), 0x0E \(float64\)",
        "0x0A",
        "is an IDX file",
    ),
    "no extents": (b"\0\0\x08\3", "IDX header of 16 bytes", "4 bytes", "cut short"),
    "half an extent": (LABELS[:6], "IDX header of 8 bytes", "6 bytes", "cut short"),
    "truncated data": (LABELS[:-1], r"3 bytes of data for uint8\[3\]", "2 bytes", "again"),
    "no data": (header(0x0C, 2, 2), r"16 bytes of data for int32\[2, 2\]", "0 bytes", "agree"),
    "half a number": (header(0x0B, 1) + b"\1", r"2 bytes of data for int16\[1\]", "1 bytes", ""),
    "trailing": (LABELS + b"\0", "3 bytes of data for uint8", "trailing bytes", "do not agree"),
    "trailing in gzip": (gzip.compress(LABELS + b"\0"), "3 bytes of data", "trailing bytes", ""),
    "trailing scalar": (header(0x08) + b"\1\2", r"1 bytes of data for uint8\[\]", "trailing", ""),
    "gzip magic only": (GZIPPED[:2], "undamaged gzip", "ended before", "download the file again"),
    "gzip cut in data": (GZIPPED[:-9], "undamaged gzip", "ended before", "download"),
    "gzip cut in checksum": (GZIPPED[:-3], "undamaged gzip", "ended before", "download"),
    "gzip checksum": (WRONG_CHECKSUM, "undamaged gzip", "CRC check failed", "download"),
    "gzip length": (WRONG_LENGTH, "undamaged gzip", "Incorrect length", "download"),
    "gzip block": (WRONG_BLOCK, "undamaged gzip", "Error -3 while decompressing", "download"),
    "gzip trailing": (GZIPPED + b"junk", "undamaged gzip", "Not a gzipped file", "download"),
    "absurd extents": (
        header(0x0E, HUGE, HUGE, HUGE) + b"\0",
        rf"{8 * HUGE**3} bytes of data for float64\[{HUGE}, {HUGE}, {HUGE}\]",
        "1 bytes",
        "header and its data do not agree",
    ),
    "absurd rank": (
        header(0x08, *[HUGE] * 255),
        rf"\d+\.\.\.\d+ bytes of data for uint8\[{HUGE}(, {HUGE}){{5}}, \.\.\.\]",
        "0 bytes",
        "",
    ),
    "absurd extents of no elements": (
        header(0x08, 0, HUGE, HUGE, HUGE),
        "a shape that NumPy can hold",
        rf"uint8\[0, {HUGE}, {HUGE}, {HUGE}\]",
        "is an IDX file",
    ),
    "more axes than NumPy's": (
        header(0x08, *[1] * 65) + b"\0",
        "a shape that NumPy can hold",
        r"uint8\[1, 1, 1, 1, 1, 1, \.\.\.\]",
        "is an IDX file",
    ),
}


@pytest.mark.parametrize(("data", "expected", "came", "suggestion"), REFUSED.values(), ids=REFUSED)
def test_read_idx_refuses(
    tmp_path: Path, data: bytes, expected: str, came: str, suggestion: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    told = rf"(?s)^{re.escape(str(path))}: expected .*{expected}.*came:.*{came}.*try:.*{suggestion}"
    with pytest.raises(DatasetError, match=told) as caught:
        datasets.read_idx(path)
    assert caught.value.subject == str(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone: expected a readable IDX file\n.*No such file"):
        datasets.read_idx(tmp_path / "gone")


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"(?s)a readable IDX file.*load_idx reads a whole"):
        datasets.read_idx(tmp_path)


@pytest.mark.parametrize(
    ("error", "came"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (io.UnsupportedOperation("underlying stream is not seekable"), "is not seekable"),
    ],
)
def test_an_unreadable_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, error: OSError, came: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DatasetError, match=rf"secret: expected a readable IDX file\n.*{came}"):
        datasets.read_idx("secret")


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_an_absurd_header_allocates_nothing(tmp_path: Path, compress: Any) -> None:
    path = tmp_path / "absurd"
    path.write_bytes(compress(header(0x0E, HUGE, HUGE)))
    assert refused_at_peak(path) < 4 << 20


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(header(0x08, 1)) + gzip.compress(bytes(32 << 20)))
    assert refused_at_peak(path) < 4 << 20


def refused_at_peak(path: Path) -> int:
    """The most memory, in bytes, that was taken to refuse the file."""
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError):
            datasets.read_idx(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@given(
    data=st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda code, shape, rest: header(code, *shape) + rest,
            st.sampled_from(sorted(DTYPES)),
            st.lists(st.integers(0, HUGE) | st.integers(0, 2), max_size=66),
            st.binary(max_size=20),
        ),
        st.builds(
            lambda at, byte: GZIPPED[:at] + bytes([byte]) + GZIPPED[at + 1 :],
            st.integers(0, len(GZIPPED) - 1),
            st.integers(0, 255),
        ),
        st.builds(lambda end: GZIPPED[:end], st.integers(0, len(GZIPPED))),
    )
)
@settings(deadline=None)
def test_any_bytes_are_an_array_or_a_dataset_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz"
    path.write_bytes(data)
    with contextlib.suppress(DatasetError):
        assert datasets.read_idx(path).dtype in CODES


# --- load_idx: what comes back


@pytest.mark.parametrize("separator", ["-idx", ".idx"])
@pytest.mark.parametrize("compressed", [False, True])
def test_load_idx_takes_every_spelling(tmp_path: Path, separator: str, compressed: bool) -> None:
    arrays = small_set()
    for name, array in arrays.items():
        path = tmp_path / (name.replace("-idx", separator) + ".gz" * compressed)
        path.write_bytes(gzip.compress(idx_bytes(array)) if compressed else idx_bytes(array))
    assert_loaded(datasets.load_idx(str(tmp_path)), arrays)


def test_the_plain_file_comes_before_the_gzipped(tmp_path: Path) -> None:
    arrays = small_set()
    write_set(tmp_path, arrays)
    (tmp_path / f"{TRAIN_IMAGES}.gz").write_bytes(b"never read")
    assert_loaded(datasets.load_idx(tmp_path), arrays)


def test_a_directory_never_hides_a_file(tmp_path: Path) -> None:
    arrays = small_set()
    write_set(tmp_path, {name.replace("-idx", ".idx"): array for name, array in arrays.items()})
    (tmp_path / TRAIN_IMAGES).mkdir()
    assert_loaded(datasets.load_idx(tmp_path), arrays)


def test_other_dtypes_and_no_images_at_all(tmp_path: Path) -> None:
    arrays: dict[str, NDArray[Any]] = {
        TRAIN_IMAGES: np.ones((2, 3, 3), np.float32),
        TRAIN_LABELS: np.array([300, -1], np.int16),
        TEST_IMAGES: np.ones((0, 3, 3), np.float32),
        TEST_LABELS: np.array([], np.int32),
    }
    write_set(tmp_path, arrays)
    assert_loaded(datasets.load_idx(tmp_path), arrays)


def test_a_zipped_package_serves_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "wheel.zip", "w") as archive:
        for name, array in small_set().items():
            archive.writestr(f"mnist/{name}.gz", gzip.compress(idx_bytes(array)))
    with zipfile.ZipFile(tmp_path / "wheel.zip") as archive:
        assert_loaded(load_source(zipfile.Path(archive, "mnist/")), small_set())


# --- load_idx: what is refused


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"(?s)gone: expected a readable folder .*No such file.*check the path"
    ):
        datasets.load_idx(tmp_path / "gone")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(LABELS)
    with pytest.raises(DatasetError, match=r"(?s)a readable folder.*read_idx reads a single file"):
        datasets.load_idx(tmp_path / "file")


def test_an_unreadable_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DatasetError, match=r"a readable folder of four IDX files\n.*Permission"):
        datasets.load_idx(tmp_path)


@pytest.mark.parametrize("name", SHA256)
def test_each_missing_file_is_named(tmp_path: Path, name: str) -> None:
    arrays = small_set()
    del arrays[name]
    write_set(tmp_path, arrays)
    (tmp_path / f"{name}.gz").mkdir()  # a directory of that name does not count
    with pytest.raises(DatasetError) as caught:
        datasets.load_idx(tmp_path)
    dotted = name.replace("-idx", ".idx")
    assert refusal(caught.value) == (
        str(tmp_path),
        f"a file named {name} or {dotted} or {name}.gz or {dotted}.gz",
        f"a folder with {', '.join(sorted([*arrays, f'{name}.gz/']))}",
        "check the folder, or rename the file",
    )


@pytest.mark.parametrize(
    ("count", "listing"),
    [
        (0, "a folder with nothing in it$"),
        (12, r"a folder with 00, 01, .*, 11$"),
        (13, "a folder with 00, 01, .*, 11, 1 more$"),
    ],
)
def test_a_long_listing_is_cut(tmp_path: Path, count: int, listing: str) -> None:
    for number in range(count):
        (tmp_path / f"{number:02}").touch()
    with pytest.raises(DatasetError, match=rf"(?m){listing}"):
        datasets.load_idx(tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write_set(tmp_path, small_set())
    (tmp_path / TEST_LABELS).write_bytes(b"")
    with pytest.raises(DatasetError, match=f"{TEST_LABELS}: expected an IDX header"):
        datasets.load_idx(tmp_path)


def test_a_broken_link_is_named(tmp_path: Path) -> None:
    write_set(tmp_path, small_set())
    (tmp_path / TEST_LABELS).unlink()
    (tmp_path / TEST_LABELS).symlink_to(tmp_path / "gone")
    with pytest.raises(DatasetError, match=f"{TEST_LABELS}: expected a readable IDX file"):
        datasets.load_idx(tmp_path)


SWAPPED = "mislabelled: images and labels may be swapped"
UNFIT = {
    "labels as images": (
        TRAIN_IMAGES,
        np.zeros(5, np.uint8),
        TRAIN_IMAGES,
        (r"images: three axes \(count, rows, columns\)", r"uint8\[5\]", SWAPPED),
    ),
    "images as labels": (
        TEST_LABELS,
        np.zeros((2, 2, 3), np.uint8),
        TEST_LABELS,
        ("labels: integers along one axis", r"uint8\[2, 2, 3\]", SWAPPED),
    ),
    "float labels": (
        TRAIN_LABELS,
        np.zeros(5, np.float32),
        TRAIN_LABELS,
        ("labels: integers along one axis", r"float32\[5\]", SWAPPED),
    ),
    "too few labels": (
        TRAIN_LABELS,
        np.zeros(4, np.uint8),
        TRAIN_LABELS,
        (f"5 labels, one for each image of {TRAIN_IMAGES}", "4 labels", "of one set, train or"),
    ),
    "too few images": (
        TEST_IMAGES,
        np.zeros((1, 2, 3), np.uint8),
        TEST_LABELS,
        (f"1 labels, one for each image of {TEST_IMAGES}", "2 labels", "of one set, train or"),
    ),
    "another size": (
        TEST_IMAGES,
        np.zeros((2, 3, 2), np.uint8),
        TEST_IMAGES,
        (
            rf"images of uint8\[2, 3\], as in {TRAIN_IMAGES}",
            r"images of uint8\[3, 2\]",
            "one dataset",
        ),
    ),
    "another dtype": (
        TEST_IMAGES,
        np.zeros((2, 2, 3), np.float64),
        TEST_IMAGES,
        (
            rf"images of uint8\[2, 3\], as in {TRAIN_IMAGES}",
            r"images of float64\[2, 3\]",
            "one dataset",
        ),
    ),
}


@pytest.mark.parametrize(("changed", "array", "refused", "told"), UNFIT.values(), ids=UNFIT)
def test_load_idx_refuses(
    tmp_path: Path, changed: str, array: NDArray[Any], refused: str, told: tuple[str, str, str]
) -> None:
    write_set(tmp_path, small_set() | {changed: array})
    expected, came, suggestion = told
    message = f"expected {expected}\n.*came: *{came}\n(?s:.*)try: .*{suggestion}"
    with pytest.raises(DatasetError, match=message) as caught:
        datasets.load_idx(tmp_path)
    assert caught.value.subject == str(tmp_path / refused)


def test_the_error_says_where_the_caller_is(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"at: .*test_datasets\.py:\d+ in test_the_error_says"):
        datasets.load_idx(tmp_path)


# Paths, pipes and bombs


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (None, "path: expected the path of a file or folder\n  came:  expected str"),
        (5, "path: expected the path of a file or folder\n  came:  expected str"),
        ("a\0b", "path: expected the path of a file or folder\n  came:  text with a NUL"),
        ("\ud800", "path: expected the path of a file or folder\n  came:  'utf-8' codec"),
        ("a" * 300, r"expected a readable"),
    ],
)
@pytest.mark.parametrize("load", [datasets.load_idx, datasets.read_idx])
def test_paths_that_are_none(path, message, load):
    with pytest.raises(DatasetError, match=message):
        load(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="came:  a pipe"):
        datasets.read_idx(tmp_path / "pipe")


def test_a_small_file_does_not_become_a_large_one(tmp_path):
    header = bytes([0, 0, 8, 1]) + (200_000_000).to_bytes(4, "big")
    (tmp_path / "bomb").write_bytes(gzip.compress(header + bytes(1000)))
    with pytest.raises(DatasetError, match=r"expected at most 100,000,000 bytes in a gzip file"):
        datasets.read_idx(tmp_path / "bomb")
    (tmp_path / "plain").write_bytes(header + bytes(1000))
    with pytest.raises(DatasetError, match=r"expected 200000000 bytes of data .*\n  came:  1000"):
        datasets.read_idx(tmp_path / "plain")
