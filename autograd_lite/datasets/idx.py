"""The IDX file format: two zero bytes, a type code, the rank, the extents, then the data.

Every number is big-endian; the extents are unsigned 32-bit integers:

    00 00 | 08 | 03 | 00 00 ea 60 | 00 00 00 1c | 00 00 00 1c | pixels ...
            uint8, 3 axes:  60000,          28,           28

A damaged file is refused, never half-read, and its header is never trusted with memory: what is
allocated is bounded by the bytes that are really there.
"""

from __future__ import annotations

import gzip
import math
import os
import reprlib
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import DatasetError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from typing import IO

    from _typeshed import SupportsRead
    from numpy.typing import NDArray

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20
TIMES, LEAST = 100, 100_000_000  # so many times its size a gzip file may become, or so many bytes
DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """The array in one IDX file, plain or gzip-compressed (told by its content, not its name).

    The dtype is the file's, in native byte order: uint8, int8, int16, int32, float32 or float64;
    the shape is the header's, of any rank. The array is C-contiguous, writable and owns its memory.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels")
    ...     _ = path.write_bytes(bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 5, 0, 4]))
    ...     read_idx(path)
    array([5, 0, 4], dtype=uint8)

    Raises `DatasetError` for a file that is missing, unreadable, empty, truncated, too long,
    damaged, or not IDX.
    """
    return read_source(as_path(path))


def as_path(path: str | os.PathLike[str]) -> Path:
    """The path as a Path; DatasetError for what no system can have for one."""
    try:
        if b"\0" not in os.fsencode(path):
            return Path(os.fsdecode(path))
        came = "text with a NUL in it"
    except (TypeError, UnicodeEncodeError) as problem:
        came = str(problem)
    raise DatasetError(
        "path",
        expected="the path of a file or folder",
        came=came,
        suggestion="give it as text, or as an object of pathlib",
    )


def read_source(source: Traversable) -> NDArray[Any]:
    """`read_idx` of a path or of a resource inside a package."""
    try:
        with _opened(source) as file:
            return _parse(str(source), *_decompressed(file))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DatasetError(
            str(source),
            expected="an undamaged gzip file",
            came=str(error),
            suggestion="download the file again",
        ) from error
    except OSError as error:
        raise DatasetError(
            str(source),
            expected="a readable IDX file",
            came=str(error.strerror or error),
            suggestion="check the path and its permissions; load_idx reads a whole folder",
        ) from error


def _opened(source: Traversable) -> IO[bytes]:
    if isinstance(source, Path) and source.exists() and not (source.is_file() or source.is_dir()):
        raise OSError("a pipe or a device, which would be waited for")
    return source.open("rb")


def describe(dtype: np.dtype[Any], shape: tuple[int, ...]) -> str:
    """A dtype and a shape in a few words, however absurd the shape: `uint8[60000, 28, 28]`."""
    return f"{dtype.name}{reprlib.repr(list(shape))}"


def _decompressed(file: IO[bytes]) -> tuple[SupportsRead[bytes], float]:
    """The stream of data, and how many bytes of memory may be spent on it."""
    compressed = file.read(2) == GZIP_MAGIC
    budget = max(TIMES * file.seek(0, os.SEEK_END), LEAST) if compressed else math.inf
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if compressed else file, budget


def _parse(name: str, stream: SupportsRead[bytes], budget: float) -> NDArray[Any]:
    dtype, rank = _read_magic(name, stream)
    shape = _read_extents(name, stream, rank)
    size = dtype.itemsize * math.prod(shape)
    if size > budget:
        raise DatasetError(
            name,
            expected=f"at most {budget:,} bytes in a gzip file of this size",
            came=f"{describe(dtype, shape)}, {reprlib.repr(size)} bytes",
            suggestion="unpack it with gunzip first, if you trust it",
        )
    data = _read_data(name, stream, dtype, shape)
    return _as_array(name, data, dtype, shape)


def _read_magic(name: str, stream: SupportsRead[bytes]) -> tuple[np.dtype[Any], int]:
    magic = _read_up_to(stream, 4)
    if len(magic) < 4:
        raise _truncated_header(name, 4, len(magic))
    if magic[:2] != b"\0\0":
        raise DatasetError(
            name,
            expected="an IDX file, which begins with the bytes 00 00",
            came=f"a file that begins with {magic.hex(' ')}",
            suggestion="open it in an editor: a failed download is often a web page",
        )
    return _dtype_of(name, magic[2]), magic[3]


def _dtype_of(name: str, code: int) -> np.dtype[Any]:
    if code not in DTYPES:
        raise DatasetError(
            name,
            expected="a type code among "
            + ", ".join(f"0x{known:02X} ({dtype.name})" for known, dtype in DTYPES.items()),
            came=f"0x{code:02X}",
            suggestion="check that this is an IDX file",
        )
    return DTYPES[code]


def _read_extents(name: str, stream: SupportsRead[bytes], rank: int) -> tuple[int, ...]:
    extents = _read_up_to(stream, 4 * rank)
    if len(extents) < 4 * rank:
        raise _truncated_header(name, 4 + 4 * rank, 4 + len(extents))
    # Python's integers, unlike NumPy's, cannot overflow when they are multiplied.
    return struct.unpack(f">{rank}I", extents)


def _truncated_header(name: str, expected: int, came: int) -> DatasetError:
    return DatasetError(
        name,
        expected=f"an IDX header of {expected} bytes",
        came=f"{came} bytes" if came else "an empty file",
        suggestion="download the file again; this one was cut short",
    )


def _read_data(
    name: str, stream: SupportsRead[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]
) -> bytearray:
    size = dtype.itemsize * math.prod(shape)
    # One byte more: it shows what trails, and at the end of a gzip file the checksum is verified.
    data = _read_up_to(stream, size + 1)
    if len(data) != size:
        raise DatasetError(
            name,
            expected=f"{reprlib.repr(size)} bytes of data for {describe(dtype, shape)}",
            came=f"{len(data)} bytes" if len(data) < size else "trailing bytes after them",
            suggestion="download the file again; its header and its data do not agree",
        )
    return data


def _read_up_to(stream: SupportsRead[bytes], size: int) -> bytearray:
    # In chunks, because read(size) allocates `size` bytes before it knows whether they exist.
    data = bytearray()
    while len(data) < size and (chunk := stream.read(min(size - len(data), CHUNK))):
        data += chunk
    return data


def _as_array(
    name: str, data: bytearray, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    try:
        array = np.ndarray(shape, dtype, buffer=data)
    except ValueError as error:  # more than 64 axes, or no elements times an absurd extent
        raise DatasetError(
            name,
            expected="a shape that NumPy can hold",
            came=describe(dtype, shape),
            suggestion="check that this is an IDX file",
        ) from error
    return array.astype(dtype.newbyteorder("="))  # a copy, so that it owns its memory
