"""Einsum as a series of simple steps: diagonals, sums, products of two, an order of axes."""

from collections import Counter
from itertools import combinations
from math import prod
from typing import Any, NamedTuple, overload

from autograd_lite import ops
from autograd_lite.core.shapes import spec_of
from autograd_lite.errors import OpCallError
from autograd_lite.functions.signatures import N
from autograd_lite.ops.shaping import of_lengths
from autograd_lite.ops.subscripts import Labels, parse_subscripts

__all__ = [
    "einsum",
]


class Term(NamedTuple):
    """An operand, or what some of them have become, and a letter for each of its axes."""

    value: Any
    labels: Labels


@overload
def einsum(subscripts: str, /, *operands: N) -> N: ...
@overload
def einsum(subscripts: str, /, *operands: Any) -> Any: ...
def einsum(subscripts: str, /, *operands: Any) -> Any:
    """Operands multiplied and summed as Einstein's convention says: "ij,jk->ik" is a product.

    Each axis has a letter; `...` stands for leading axes, which broadcast. A letter twice in one
    operand is its diagonal, a letter that the result lacks is summed over, and without "->" the
    result has the letters that come once, sorted. Several operands are multiplied two by two,
    those first that shrink most.

    >>> einsum("ij,jk->ik", [[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    >>> float(einsum("ii", [[1.0, 2.0], [3.0, 4.0]]))
    5.0

    Raises ShapeError for subscripts that do not fit the operands.
    """
    if not isinstance(subscripts, str):
        raise OpCallError(
            "einsum",
            expected="subscripts first, then the operands",
            came=repr(subscripts),
            suggestion='write einsum("ij,jk->ik", x, y), for example',
        )
    read = parse_subscripts(subscripts, tuple(spec_of(x).shape for x in operands))
    terms = [
        _without_single_axes(_diagonals(Term(x, text)), read.lengths)
        for x, text in zip(operands, read.operands, strict=True)
    ]
    terms = [
        _summed(term, read.result + _letters(terms[:i] + terms[i + 1 :]))
        for i, term in enumerate(terms)
    ]
    while len(terms) > 1:
        terms = _multiply_two(terms, read.result, read.lengths)
    return _ordered(terms[0], read.result)


def _letters(terms: list[Term]) -> Labels:
    return "".join(term.labels for term in terms)


def _diagonals(term: Term) -> Term:
    """The term with each letter once: two axes of one letter become their diagonal."""
    x, labels = term
    for letter, count in Counter(labels).items():
        for _ in range(count - 1):
            rest = [i for i, c in enumerate(labels) if c != letter]
            same = [i for i, c in enumerate(labels) if c == letter]
            last = (*same[2:], *rest, *same[:2])
            x = ops.Diagonal(ops.PermuteDims(of_lengths(x, *same), axes=last))
            labels = "".join(labels[i] for i in last[:-1])
    return Term(x, labels)


def _without_single_axes(term: Term, lengths: dict[str, int]) -> Term:
    """The term without axes of length 1 whose letter stands for more elsewhere."""
    x, labels = term
    shape = spec_of(x).shape
    single = [i for i, c in enumerate(labels) if shape[i] == 1 != lengths[c]]
    if not single:
        return term
    kept = "".join(c for i, c in enumerate(labels) if i not in single)
    return Term(ops.Squeeze(x, axis=tuple(single)), kept)


def _summed(term: Term, needed: Labels) -> Term:
    """The term summed over the letters that nobody needs."""
    axes = tuple(i for i, c in enumerate(term.labels) if c not in needed)
    if not axes:
        return term
    kept = "".join(c for c in term.labels if c in needed)
    return Term(ops.Sum(term.value, axis=axes), kept)


def _multiply_two(terms: list[Term], result: Labels, lengths: dict[str, int]) -> list[Term]:
    """The terms with two of them multiplied: those whose product is least beside themselves."""
    if len(terms) == 2:
        return [_product(terms[0], terms[1], result)]

    def growth(pair: tuple[int, int]) -> int:
        left, right, product = _pair_labels(terms, pair, result)
        size, x, y = (prod(lengths[c] for c in labels) for labels in (product, left, right))
        return size - x - y

    i, j = min(combinations(range(len(terms)), 2), key=growth)
    *_, product = _pair_labels(terms, (i, j), result)
    others = [term for n, term in enumerate(terms) if n not in (i, j)]
    return [*others, _product(terms[i], terms[j], product)]


def _pair_labels(
    terms: list[Term], pair: tuple[int, int], result: Labels
) -> tuple[Labels, Labels, Labels]:
    """The letters of two terms, and those of their product that are needed later."""
    needed = result + _letters([term for n, term in enumerate(terms) if n not in pair])
    left, right = (terms[i].labels for i in pair)
    return left, right, "".join(c for c in dict.fromkeys(left + right) if c in needed)


def _product(x: Term, y: Term, result: Labels) -> Term:
    return Term(ops.Einsum(x.value, y.value, subscripts=f"{x.labels},{y.labels}->{result}"), result)


def _ordered(term: Term, result: Labels) -> Any:
    """The term's value with its axes in the order of the result."""
    if term.labels == result:
        return term.value
    return ops.PermuteDims(term.value, axes=tuple(term.labels.index(c) for c in result))
