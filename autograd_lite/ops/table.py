"""What is known of every op, as text: the table `autograd-lite ops`, and one op's own entry."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from inspect import cleandoc
from itertools import compress
from typing import NamedTuple, Self

from autograd_lite.core.definition import describe_signature
from autograd_lite.core.op import OPS, Op
from autograd_lite.errors import ConfigError

WIDEST = 48  # characters of a column
MANY = "*"  # before the name of an input that stands for any number of arrays


class Entry(NamedTuple):
    """One line of the table."""

    op: str
    formula: str
    derivative: str
    differentiable_in: str
    kinks: str

    @classmethod
    def of(cls, op: type[Op]) -> Self:
        """What an op says of itself."""
        rules = [getattr(op, f"vjp_{name}") for name in op.input_names]
        written = [rule not in (None, NotImplemented) for rule in rules]
        reached = [*compress(input_names(op), written)]
        derivative = f"{op.derivative} ({op.surrogate})" if op.surrogate else op.derivative
        return cls(op.name, op.formula, derivative, ", ".join(reached) or "-", op.kinks)


def input_names(op: type[Op]) -> list[str]:
    """The names of an op's inputs, the last with a star if it stands for many."""
    *names, last = op.input_names or ("",)
    return [*names, MANY + last if op.variadic else last] if last else []


def table(ops: Iterable[type[Op]] | None = None) -> str:
    """All ops by name, or the given ones: formula, derivative, in what, and where that has kinks.

    >>> from autograd_lite import ops
    >>> print(table([ops.OneHot, ops.Softplus]))
    op        formula                     derivative  differentiable in  kinks
    OneHot    yᵢ = 1 if i = label else 0  none        -
    Softplus  ln(1 + eˣ)                  σ(x)        x
    """
    chosen = OPS.values() if ops is None else ops
    head = Entry(*(field.replace("_", " ") for field in Entry._fields))
    return aligned([head, *([*map(clipped, entry)] for entry in sorted(map(Entry.of, chosen)))])


def clipped(text: str) -> str:
    """A text short enough for a column; `describe` has the whole of it."""
    return text if len(text) <= WIDEST else text[: WIDEST - 1].rstrip() + "…"


def aligned(rows: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    """Rows of text in columns; with `numbers`, all columns but the first are set to the right.

    >>> print(aligned([("a", "b"), ("long", "c")]))
    a     b
    long  c
    >>> print(aligned([("", "here"), ("loss", "9.5")], numbers=True))
          here
    loss   9.5
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    just = [str.ljust, *[str.rjust if numbers else str.ljust] * (len(widths) - 1)]
    lines = ("  ".join(f(x, w) for f, x, w in zip(just, row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def describe(name: str) -> str:
    """One op: how it is called, its docstring, and its line of the table; `onehot` is OneHot.

    >>> print(describe("OneHot"))
    OneHot(index, *, depth, dtype='float64')
    <BLANKLINE>
    1 at the place of each label along a new last axis of length `depth`, 0 elsewhere.
    <BLANKLINE>
    formula:            yᵢ = 1 if i = label else 0
    derivative:         none
    differentiable in:  -

    Raises ConfigError for a name that no op has.
    """
    plain = {known.lower(): known for known in OPS}
    name = name if name in OPS else plain.get(name.lower().replace("_", ""), name)
    if name not in OPS:
        close = [plain[x] for x in get_close_matches(name.lower(), plain, n=1, cutoff=0.0)]
        raise ConfigError(
            "ops",
            expected=f"the name of one of {len(OPS)} operations",
            came=repr(name),
            suggestion=f"{close[0]}, for example; `autograd-lite ops` lists them all",
        )
    op = OPS[name]
    facts = zip(Entry._fields[1:], Entry.of(op)[1:], strict=True)
    lines = [(field.replace("_", " ") + ":", text) for field, text in facts if text]
    return f"{describe_signature(op)}\n\n{cleandoc(op.__doc__ or '')}\n\n{aligned(lines)}"
