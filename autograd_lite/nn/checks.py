"""What users hand in or have installed, looked at before anything is done with it."""

import operator
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from inspect import signature
from math import inf, nan
from numbers import Real
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd_lite.core import shapes
from autograd_lite.errors import AutogradError, ConfigError, ShapeError, nearest

T = TypeVar("T")
Array: TypeAlias = NDArray[Any]
Seed: TypeAlias = int | np.random.Generator


def refuse_unless(
    right: bool,
    subject: str,
    value: object,
    expected: str,
    suggestion: str = "choose another one",
    *,
    error: type[AutogradError] = ConfigError,
) -> None:
    """Raise an error about a value, unless it is right; of an array, it tells dtype and shape."""
    if not right:
        came = describe(value) if isinstance(value, np.ndarray) else repr(value)
        raise error(subject, expected=expected, came=came, suggestion=suggestion)


def of_type(subject: str, value: T, kind: type, example: str) -> T:
    """The value, if it is an object of a class of `nn`; else a ConfigError gives an example."""
    expected = f"an object of nn.{kind.__name__}"
    refuse_unless(isinstance(value, kind), subject, value, expected, f"{example}, for example")
    return value


def function(subject: str, value: T, what: str, arguments: int = 1) -> T:
    """The value, if it can be called so; else a ConfigError says `what` it has to be made from."""
    takes: Any = value
    try:
        signature(value).bind(*range(arguments))  # type: ignore[arg-type]
    except TypeError as problem:
        takes = f"{value!r}: {problem}" if callable(value) else value
    except ValueError:
        pass  # what is written in C may have no signature
    right, hint = takes is value and callable(value), f"let it take {arguments}, by position"
    refuse_unless(right, subject, takes, f"a function {what}", hint)
    return value


def choice(
    subject: str, name: Any, table: Mapping[str, T], elsewhere: Mapping[str, str] | None = None
) -> T:
    """What has that name in a table, or a ConfigError that lists the names there are.

    `elsewhere` are names of other libraries, and the names here.
    """
    known = isinstance(name, str) and name in table
    is_text = isinstance(name, str)
    close = ((elsewhere or {}).get(name) or nearest(name.lower(), table)) if is_text else None
    hint = "choose one of these names" if close is None else f'write "{close}"'
    refuse_unless(known, subject, name, f"one of {', '.join(table)}", hint)
    return table[name]


def whole_number(subject: str, value: Any, *, least: int) -> int:
    """The value as an int, or a ConfigError if it is none or too small."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    expected = f"a whole number of at least {least}"
    refuse_unless(number >= least, subject, value, expected, f"choose {least} or more")
    return number


def positive_number(subject: str, value: Any) -> float:
    """The value as a float, or a ConfigError unless it is finite and above 0."""
    return _number(subject, value, "a finite number above 0", lambda x: 0 < x < inf)


def non_negative_number(subject: str, value: Any) -> float:
    """The value as a float, or a ConfigError unless it is finite and at least 0."""
    return _number(subject, value, "a finite number of at least 0", lambda x: 0 <= x < inf)


def fraction(subject: str, value: Any) -> float:
    """The value as a float, or a ConfigError unless it is at least 0 and below 1."""
    return _number(subject, value, "a number of at least 0 and below 1", lambda x: 0 <= x < 1)


def _number(subject: str, value: Any, expected: str, is_right: Callable[[float], bool]) -> float:
    try:
        number = float(value) if isinstance(value, Real) else nan
    except OverflowError:  # an int beyond all floats
        number = inf
    refuse_unless(is_right(number), subject, value, expected, "0.01, for example")
    return number


def generator(seed: Seed) -> np.random.Generator:
    """The source of random numbers that a seed stands for; a Generator stands for itself."""
    found: Any = None
    with suppress(TypeError, ValueError):
        found = np.random.default_rng(seed)
    expected = "a whole number of at least 0, or a numpy.random.Generator"
    refuse_unless(found is not None, "seed", seed, expected, "write seed=0")
    return found


def memory() -> int:
    """The bytes of memory that this process may have, as far as the system tells."""
    limits = [sys.maxsize]
    with suppress(AttributeError, ValueError, OSError, ImportError):  # Windows says neither
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        resource: Any = import_module("resource")
        limits.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    return min(limit for limit in limits if limit > 0)


def as_array(value: Any) -> Array:
    """The value as an array; rows of different lengths, which are none, as one object.

    DTypeError for a masked array.
    """
    try:
        return shapes.as_array(value, "data")
    except ShapeError:
        return np.asarray(None)


def describe(array: Any) -> str:
    """The dtype and shape of an array or node, in the words of all errors.

    >>> describe(np.zeros((2, 3), "float32"))
    'float32[2, 3]'
    """
    return f"{array.dtype}{list(array.shape)}"


def optional(name: str) -> Any:
    """The module of that name, imported now, or None where it is not installed.

    >>> optional("a_library_that_nobody_has") is None
    True
    """
    try:
        return import_module(name)
    except ImportError:
        return None


def needed(name: str, subject: str, expected: str, *, extra: str = "train") -> Any:
    """The module of that name; where it is not installed, a ConfigError says how to install it."""
    module = optional(name)
    if module is None:
        raise ConfigError(
            subject,
            expected=expected,
            came="no such library",
            suggestion=f'pip install "autograd-lite[{extra}]"',
        )
    return module
