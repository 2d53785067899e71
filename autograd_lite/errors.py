"""The error family: what failed, what was expected, what came, where, and what to try.

Every error of the library has this one shape, so a reader learns to read it once:

    VDot: expected the last axis of x as long as the first axis of y
      came:  x float32[3], y float32[4, 2]
      at:    train.py:12 in build
      try:   transpose y, or check the sizes of the layers

Each class also derives from the built-in exception that Python users would catch.
"""

from __future__ import annotations

import copyreg
import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import CodeType, FrameType

JOINERS = "\u200d\ufe0f"  # glue inside of an emoji: invisible, but not to be torn out
LONGEST = 600  # characters of a part of a message
PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def printable(text: object) -> str:
    r"""The text in one line: control characters and lone surrogates as Python would escape them.

    >>> printable("two\nlines ∂")
    'two\\nlines ∂'
    """
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in str(text))


def clipped(text: str, length: int) -> str:
    """The text, or its beginning and end if it is longer.

    >>> clipped("0123456789", 6)
    '012 … 789'
    """
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} … {text[-half:]}"


class AutogradError(Exception):
    """A mistake in how the library was used, told in four parts.

    Without `place`, the error says where the user's code is at this moment.

    >>> error = AutogradError("Node 'a'", expected="a float", came="'two'", suggestion="write 2.0",
    ...                       place="train.py:1")
    >>> print(error)
    Node 'a': expected a float
      came:  'two'
      at:    train.py:1
      try:   write 2.0
    """

    def __init__(
        self, subject: str, *, expected: str, came: str, suggestion: str, place: str | None = None
    ) -> None:
        self.subject, self.expected, self.came = subject, expected, came
        self.suggestion, self.place = suggestion, place or current_place()
        super().__init__(subject, expected, came, suggestion)

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is copied, and sent from a process to another: part by part, its place too."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]

    def __str__(self) -> str:
        """Four lines, whatever a name, a path or a value has in it."""
        parts = (self.expected, self.came, self.place, self.suggestion)
        expected, came, place, suggestion = (clipped(printable(part), LONGEST) for part in parts)
        return (
            f"{clipped(printable(self.subject), LONGEST // 3)}: expected {expected}\n"
            f"  came:  {came}\n  at:    {place}\n  try:   {suggestion}"
        )


class ShapeError(AutogradError, ValueError):
    """Shapes that do not fit the operation."""


class DTypeError(AutogradError, TypeError):
    """A dtype the operation cannot take."""


class LabelError(AutogradError, IndexError):
    """A label or index outside the axis it picks from."""


class FeedError(AutogradError, ValueError):
    """A feed that is missing, unknown, or does not fit its input."""


class StaleError(AutogradError, RuntimeError):
    """A gradient was asked of values that have been replaced since they were computed."""


class GradientError(AutogradError, ValueError):
    """A gradient that is not defined or cannot reach where it was asked for."""


class UnwrittenRuleError(GradientError):
    """A derivative needs a rule that its op says is not written yet."""


class NonFiniteError(AutogradError, ArithmeticError):
    """A NaN or infinity where a finite value is needed."""


class SingularError(AutogradError, ValueError):
    """A matrix without the inverse or the decomposition that was asked of it."""


class GraphError(AutogradError, ValueError):
    """A graph, or a node of it, used in a way that its records do not allow."""


class OpDefinitionError(AutogradError, TypeError):
    """An Op class that breaks the contract, refused when it is defined."""


class OpCallError(AutogradError, TypeError):
    """An op or a function called with too many or too few inputs, or unknown parameters."""


class UnknownNameError(AutogradError, AttributeError):
    """An attribute that is not there; other libraries may have it."""


class WeightError(AutogradError, ValueError):
    """Weights that do not fit the layer they are meant for."""


class ConfigError(AutogradError, ValueError):
    """A setting of a model, an optimizer or a training run that makes no sense."""


class DatasetError(AutogradError, ValueError):
    """A data file that is missing, damaged, or not what its name says."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that looks most like this one, if any does.

    >>> nearest("sigmiod", ["sign", "sigmoid"])
    'sigmoid'
    """
    from difflib import get_close_matches  # noqa: PLC0415 - it is slow to import

    return next(iter(get_close_matches(name, list(names), 1, 0.7)), None)


def unknown_name(
    owner: str, name: str, names: Iterable[str], hints: Mapping[str, str]
) -> AttributeError:
    """The error for an attribute that is not there: a hint, or the nearest of the names."""
    if name.startswith("_"):  # Python and its tools ask for such names, and expect none
        return AttributeError(f"{owner} has no attribute {name!r}")
    public = [known for known in names if known[0] != "_"]
    close = nearest(name, public)
    found = hints.get(name) or (f"write {close}" if close else f"look at dir({owner})")
    return not_there(owner, name, found)


def not_there(owner: str, name: str, hint: str) -> UnknownNameError:
    """The error for an attribute that is not there, with what to write."""
    expected = f"a name that {owner} has"
    return UnknownNameError(f"{owner}.{name}", expected=expected, came=name, suggestion=hint)


def user_code() -> tuple[CodeType, int]:
    """The code object and instruction offset of the innermost frame outside this package."""
    frame = users_frame(sys._getframe(1))
    return frame.f_code, frame.f_lasti


def users_frame(frame: FrameType) -> FrameType:
    """The innermost frame outside this package, from the given one outwards."""
    while _tells_nothing(frame.f_code) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _tells_nothing(code: CodeType) -> bool:
    """Whether it is of this package, or the `__init__` that `dataclasses` has made."""
    return is_ours(code.co_filename) or (code.co_filename, code.co_name) == ("<string>", "__init__")


@lru_cache(maxsize=256)
def is_ours(filename: str) -> bool:
    """Whether a file is part of this package, so that its lines tell a user nothing."""
    return filename.startswith(PACKAGE)


def describe_place(code: CodeType, offset: int) -> str:
    """`file:line in function` of an instruction; resolved only when somebody asks.

    The cells of a notebook have file names of no meaning to anybody; they are called what they are.
    """
    line = next(
        (n for start, end, n in code.co_lines() if start <= offset < end), code.co_firstlineno
    )
    name = "" if code.co_name == "<module>" else f" in {code.co_name}"
    file = "notebook cell" if "ipykernel_" in code.co_filename else code.co_filename
    return f"{file}:{line}{name}"


def current_place() -> str:
    """Where the user's code is now."""
    return describe_place(*user_code())
