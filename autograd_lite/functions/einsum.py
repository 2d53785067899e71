"""Einsum as a series of simple steps: diagonals, sums, products of two, an order of axes."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from math import prod
from typing import Any, NamedTuple, overload

from autograd_lite import ops
from autograd_lite.core.shapes import Shape, spec_of
from autograd_lite.errors import OpCallError
from autograd_lite.functions.signatures import N
from autograd_lite.ops.shaping import of_lengths
from autograd_lite.ops.subscripts import Labels, parse_subscripts

__all__ = [
    "einsum",
]


class EinsumStep(NamedTuple):
    """A function of operands, or of what earlier steps gave: these are numbered on."""

    function: Callable[..., Any]
    places: tuple[int, ...]
    args: tuple[Any, ...]
    params: dict[str, Any]


class Term(NamedTuple):
    """The number of an operand, or of what some have become, and a letter for each of its axes."""

    place: int
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
    values = [*operands]
    shapes = tuple([x.shape if hasattr(x, "shape") else spec_of(x).shape for x in operands])
    for function, places, args, params in _steps(subscripts, shapes):
        values.append(function(*[values[i] for i in places], *args, **params))
    return values[-1]


@lru_cache(maxsize=256)
def _steps(subscripts: str, shapes: tuple[Shape, ...]) -> list[EinsumStep]:
    """What is to be done with operands of these shapes."""
    read = parse_subscripts(subscripts, shapes)
    plan = _Plan(len(shapes))
    terms = [plan.diagonals(Term(i, text)) for i, text in enumerate(read.operands)]
    for i, shape in enumerate(shapes):
        own = dict(zip(read.operands[i], shape, strict=True))
        single = [c for c in terms[i].labels if own[c] == 1 != read.lengths[c]]
        terms[i] = plan.without(terms[i], single)
    for i, term in enumerate(terms):
        needed = read.result + _letters(terms[:i] + terms[i + 1 :])
        terms[i] = plan.summed(term, needed)
    while len(terms) > 1:
        terms = _multiply_two(plan, terms, read.result, read.lengths)
    plan.order(terms[0], read.result)
    return plan.steps


class _Plan:
    """The steps so far."""

    def __init__(self, count: int) -> None:
        self.count, self.steps = count, list[EinsumStep]()

    def add(self, function: Callable[..., Any], *places: int, args: Any = (), **params: Any) -> int:
        """The number of what a function gives."""
        self.steps.append(EinsumStep(function, places, args, params))
        return self.count + len(self.steps) - 1

    def diagonals(self, term: Term) -> Term:
        """The term with each letter once: two axes of one letter become their diagonal."""
        x, labels = term
        for letter, count in Counter(labels).items():
            for _ in range(count - 1):
                rest = [i for i, c in enumerate(labels) if c != letter]
                same = [i for i, c in enumerate(labels) if c == letter]
                last = (*same[2:], *rest, *same[:2])
                x = self.add(of_lengths, x, args=tuple(same))
                x = self.add(ops.Diagonal, self.add(ops.PermuteDims, x, axes=last))
                labels = "".join(labels[i] for i in last[:-1])
        return Term(x, labels)

    def without(self, term: Term, single: list[str]) -> Term:
        """The term without axes of length 1 whose letter stands for more elsewhere."""
        if not single:
            return term
        axes = tuple(i for i, c in enumerate(term.labels) if c in single)
        kept = "".join(c for c in term.labels if c not in single)
        return Term(self.add(ops.Squeeze, term.place, axis=axes), kept)

    def summed(self, term: Term, needed: Labels) -> Term:
        """The term summed over the letters that nobody needs."""
        axes = tuple(i for i, c in enumerate(term.labels) if c not in needed)
        if not axes:
            return term
        kept = "".join(c for c in term.labels if c in needed)
        return Term(self.add(ops.Sum, term.place, axis=axes), kept)

    def product(self, x: Term, y: Term, result: Labels) -> Term:
        """The product of two, summed over the letters that the result lacks."""
        subscripts = f"{x.labels},{y.labels}->{result}"
        return Term(self.add(ops.Einsum, x.place, y.place, subscripts=subscripts), result)

    def order(self, term: Term, result: Labels) -> None:
        """The term with its axes in the order of the result."""
        if term.labels != result:
            axes = tuple(term.labels.index(c) for c in result)
            self.add(ops.PermuteDims, term.place, axes=axes)


def _letters(terms: list[Term]) -> Labels:
    return "".join(term.labels for term in terms)


def _multiply_two(
    plan: _Plan, terms: list[Term], result: Labels, lengths: dict[str, int]
) -> list[Term]:
    """The terms with two of them multiplied: those whose product is least beside themselves."""
    if len(terms) == 2:
        return [plan.product(terms[0], terms[1], result)]

    def growth(pair: tuple[int, int]) -> int:
        left, right, product = _pair_labels(terms, pair, result)
        size, x, y = (prod(lengths[c] for c in labels) for labels in (product, left, right))
        return size - x - y

    i, j = min(combinations(range(len(terms)), 2), key=growth)
    *_, product = _pair_labels(terms, (i, j), result)
    others = [term for n, term in enumerate(terms) if n not in (i, j)]
    return [*others, plan.product(terms[i], terms[j], product)]


def _pair_labels(
    terms: list[Term], pair: tuple[int, int], result: Labels
) -> tuple[Labels, Labels, Labels]:
    """The letters of two terms, and those of their product that are needed later."""
    needed = result + _letters([term for n, term in enumerate(terms) if n not in pair])
    left, right = (terms[i].labels for i in pair)
    return left, right, "".join(c for c in dict.fromkeys(left + right) if c in needed)
