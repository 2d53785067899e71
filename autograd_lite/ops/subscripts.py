"""The language of einsum: axes are called by letters, and a letter left out is summed over."""

from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.core.shapes import Shape, Spec, normalize_axes
from autograd_lite.errors import ShapeError

Labels = str  # one letter for each axis


class Subscripts(NamedTuple):
    """The letters of each operand's axes and of the result's, and the length of each letter."""

    operands: list[Labels]
    result: Labels
    lengths: dict[str, int]


@lru_cache(maxsize=256)
def parse_subscripts(subscripts: str, shapes: tuple[Shape, ...]) -> Subscripts:
    """What a text says about operands of these shapes; `...` is given letters, too.

    Without `->` the result has the letters that come once, in alphabetical order.

    >>> parse_subscripts("...ij,jk", ((5, 2, 3), (3, 4)))[:2]
    (['aij', 'jk'], 'aik')

    Raises ShapeError for what is not such a text, or does not fit the operands.
    """
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    texts = inputs.split(",")
    try:
        _refuse_stray_signs(texts, output)
        _refuse_count(texts, shapes)
        unused = [letter for letter in ascii_letters if letter not in subscripts]
        hidden = [_hidden_rank(text, len(shape)) for text, shape in zip(texts, shapes, strict=True)]
        dots = "".join(unused[: max(hidden)])
        labels = [_expanded(text, dots, n) for text, n in zip(texts, hidden, strict=True)]
        result = output.replace("...", dots) if arrow else dots + _letters_once(texts)
        _refuse_result(result, labels, dots)
        return Subscripts(labels, result, _broadcast_lengths(labels, shapes))
    except ValueError as problem:
        raise _unreadable(subscripts, shapes, problem) from problem


def _refuse_count(texts: list[str], shapes: Sequence[Shape]) -> None:
    if len(texts) != len(shapes):
        raise ValueError(f"{len(texts)} operands in it")


def _refuse_stray_signs(texts: list[str], output: str) -> None:
    for text in (*texts, output):
        letters = text.replace("...", "", 1)
        if not set(letters) <= set(ascii_letters):
            raise ValueError(f"{text!r} has other signs than letters and one '...'")


def _hidden_rank(text: str, rank: int) -> int:
    """How many axes the dots of an operand stand for."""
    hidden = rank - len(text.replace("...", ""))
    if hidden < 0 or (hidden and "..." not in text):
        raise ValueError(f"{text!r} for {rank} axes")
    return hidden


def _expanded(text: str, dots: str, count: int) -> Labels:
    return text.replace("...", dots[len(dots) - count :])


def _letters_once(texts: list[str]) -> Labels:
    every = "".join(texts).replace(".", "")
    return "".join(sorted(letter for letter in set(every) if every.count(letter) == 1))


def _refuse_result(result: str, labels: list[Labels], dots: str) -> None:
    if len(set(result)) < len(result):
        raise ValueError(f"a letter twice in the result {result!r}")
    if not set(result) <= set("".join(labels)):
        raise ValueError(f"a letter in the result {result!r} that no operand has")
    if not set(dots) <= set(result):
        raise ValueError("'...' in an operand but not in the result")


def _broadcast_lengths(labels: list[Labels], shapes: Sequence[Shape]) -> dict[str, int]:
    """The length of each letter, where an axis of length 1 goes with any other operand's."""
    lengths: dict[str, int] = {}
    for text, shape in zip(labels, shapes, strict=True):
        for letter, length in equal_lengths([text], [shape]).items():
            known = lengths.get(letter, 1)
            if 1 != known != length != 1:
                raise ValueError(f"{letter!r} is {known} and {length}")
            lengths[letter] = length if known == 1 else known
    return lengths


def _unreadable(subscripts: str, shapes: Sequence[Shape], problem: ValueError) -> ShapeError:
    return ShapeError(
        "einsum",
        expected="subscripts like 'ij,jk->ik', with a letter for each axis of each operand",
        came=f"{subscripts!r} for {', '.join(str(list(x)) for x in shapes)} ({problem})",
        suggestion="write '...' for leading axes, and every letter of the result in an operand",
    )


def refuse_other_length(subject: str, x: Spec, y: Spec) -> None:
    """ShapeError unless both have a last axis, of one length."""
    if x.shape[-1:] != y.shape[-1:]:
        raise ShapeError(
            subject,
            expected="vectors of one length",
            came=f"x {x}, y {y}",
            suggestion="name the axis of the vectors, axis=…; only the other axes broadcast",
        )


def pair_axes(shapes: Sequence[Shape], axes: Any) -> str:
    """The subscripts of tensordot: so many last axes with first ones, or those named in pairs.

    >>> pair_axes([(2, 3), (3, 4)], 1)
    'ab,bd->ad'

    Raises ShapeError for axes that are not there, or not in pairs.
    """
    x, y = map(len, shapes)
    left, right = list(ascii_letters[:x]), list(ascii_letters[x : x + y])
    try:
        first, second = (range(x - axes, x), range(axes)) if np.ndim(axes) == 0 else axes
        pairs = zip(_listed(first, x), _listed(second, y), strict=True)
        for a, b in pairs:
            right[b] = left[a]
    except (ValueError, TypeError) as problem:
        raise ShapeError(
            "tensordot",
            expected="how many axes to sum over, or as many axes of x as of y",
            came=f"axes={axes} for {', '.join(str(list(shape)) for shape in shapes)} ({problem})",
            suggestion="write axes=((0, 1), (1, 0)) to sum over x's 0 with y's 1, and 1 with 0",
        ) from problem
    free = [c for c in left + right if (c in left) != (c in right)]
    return f"{''.join(left)},{''.join(right)}->{''.join(free)}"


def _listed(axes: Any, rank: int) -> Shape:
    """One axis or several as several, counted from 0. Raises ValueError for one named twice."""
    found = normalize_axes((axes,) if np.ndim(axes) == 0 else tuple(map(int, axes)), rank)
    if len(set(found)) < len(found):
        raise ValueError("an axis named twice")
    return found


class Contraction(NamedTuple):
    """A contraction of two operands as one product of stacks of matrices.

    The axes fall into four groups: kept in both (a stack), in the left one alone (its rows), in
    both and summed over, and in the right one alone (its columns).
    """

    left: Labels
    right: Labels
    stack: Labels
    rows: Labels
    inner: Labels
    columns: Labels
    left_order: Shape
    right_order: Shape
    result_order: Shape


@lru_cache(maxsize=256)
def plan_product(subscripts: str) -> Contraction:
    """How two operands are multiplied.

    >>> plan_product("ij,jk->ik")[2:6]
    ('', 'i', 'j', 'k')

    Raises ValueError for a letter that comes twice in one place, or in one place only.
    """
    left, right, result = where = places(subscripts)
    if any(len(set(text)) < len(text) for text in where):
        raise ValueError("a letter comes twice in one place")
    if any(sum(letter in text for text in where) == 1 for letter in "".join(where)):
        raise ValueError("a letter comes in one place only")
    stack = "".join(c for c in result if c in left and c in right)
    rows = "".join(c for c in result if c not in right)
    inner = "".join(c for c in left if c not in result)
    columns = "".join(c for c in result if c not in left)
    return Contraction(
        left,
        right,
        stack,
        rows,
        inner,
        columns,
        _order(left, stack + rows + inner),
        _order(right, stack + inner + columns),
        _order(stack + rows + columns, result),
    )


def places(subscripts: str) -> tuple[Labels, Labels, Labels]:
    """The letters of two operands and of the result.

    >>> places("ij,jk->ik")
    ('ij', 'jk', 'ik')
    """
    inputs, _, result = subscripts.partition("->")
    left, _, right = inputs.partition(",")
    return left, right, result


@lru_cache(maxsize=256)
def adjoints(subscripts: str) -> tuple[str, str]:
    """The contractions that give the gradients: of the result and y for x, of x and it for y.

    >>> adjoints("ij,jk->ik")
    ('ik,jk->ij', 'ij,ik->jk')
    """
    left, right, result = places(subscripts)
    return f"{result},{right}->{left}", f"{left},{result}->{right}"


def _order(labels: Labels, wanted: Labels) -> Shape:
    return tuple(labels.index(letter) for letter in wanted)


def equal_lengths(labels: Sequence[Labels], shapes: Sequence[Shape]) -> dict[str, int]:
    """The length that each letter stands for.

    Raises ValueError if a letter stands for two lengths, or an operand has another rank.
    """
    lengths: dict[str, int] = {}
    for text, shape in zip(labels, shapes, strict=True):
        if len(text) != len(shape):
            raise ValueError(f"{text!r} for {len(shape)} axes")
        for letter, length in zip(text, shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                raise ValueError(f"{letter!r} is {lengths[letter]} and {length}")
    return lengths
