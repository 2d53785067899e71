"""Settings of models and training runs, checked before anything is done with them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from math import inf, nan
from numbers import Real
from typing import Any, TypeAlias, TypeVar

import numpy as np

from autograd_lite.errors import ConfigError

T = TypeVar("T")
Seed: TypeAlias = int | np.random.Generator


def choice(subject: str, name: str, table: Mapping[str, T]) -> T:
    """The entry of that name, or a ConfigError that lists the names there are."""
    if name not in table:
        raise ConfigError(
            subject,
            expected=f"one of {', '.join(table)}",
            came=repr(name),
            suggestion="choose one of these names",
        )
    return table[name]


def whole_number(subject: str, value: Any, *, least: int) -> int:
    """The value as an int, or a ConfigError if it is none or too small."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ConfigError(
            subject,
            expected=f"a whole number of at least {least}",
            came=repr(value),
            suggestion=f"choose {least} or more",
        )
    return number


def positive_number(subject: str, value: Any) -> float:
    """The value as a float, or a ConfigError unless it is finite and above 0."""
    number = float(value) if isinstance(value, Real) else nan
    if not 0 < number < inf:
        raise ConfigError(
            subject,
            expected="a finite number above 0",
            came=repr(value),
            suggestion="0.01 is a usual start",
        )
    return number


def non_negative_number(subject: str, value: Any) -> float:
    """The value as a float, or a ConfigError unless it is finite and at least 0."""
    return _number_where(subject, value, "a finite number of at least 0", lambda x: 0 <= x < inf)


def fraction(subject: str, value: Any) -> float:
    """The value as a float, or a ConfigError unless it is at least 0 and below 1."""
    return _number_where(subject, value, "a number of at least 0 and below 1", lambda x: 0 <= x < 1)


def _number_where(
    subject: str, value: Any, expected: str, is_right: Callable[[float], bool]
) -> float:
    number = float(value) if isinstance(value, Real) else nan
    if not is_right(number):
        raise ConfigError(
            subject, expected=expected, came=repr(value), suggestion="choose another number"
        )
    return number


def generator(seed: Seed) -> np.random.Generator:
    """The source of random numbers that a seed stands for; a Generator stands for itself."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as problem:
        raise ConfigError(
            "seed",
            expected="a whole number of at least 0, or a numpy.random.Generator",
            came=f"{seed!r} ({problem})",
            suggestion="write seed=0",
        ) from problem
