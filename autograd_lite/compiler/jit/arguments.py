"""What a call looks like: its arrays, and everything else that the record of a function is for.

Two calls of one key do the same with other numbers: their arguments have the same form, shapes,
dtypes and static values.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.autodiff.stand_ins import Kind, NodeKind
from autograd_lite.autodiff.trees import leaves_of, rebuild
from autograd_lite.core.shapes import PYTHON_NUMBERS, Spec, is_node
from autograd_lite.errors import ConfigError, DTypeError, OpCallError

KINDS = "biuf"  # of dtypes: booleans, integers, floats
INT64 = np.iinfo(np.int64)


class Static(NamedTuple):
    """A static value, as part of a key: 1, 1.0 and True are three."""

    kind: type
    value: Any
    told: str


@dataclass(frozen=True)
class CallKey:
    """What a record is for."""

    form: Any  # where in which containers there are leaves
    kinds: tuple[Kind, ...]  # of the leaves
    statics: tuple[tuple[str, Static], ...]


@dataclass(frozen=True)
class CallParts:
    """The arguments of one call, taken apart."""

    by_position: tuple[str, ...]  # how these arguments are called
    by_name: tuple[tuple[str, str], ...]  # keyword, and how the argument is called
    dynamic: dict[str, Any]  # those that are no static ones
    statics: tuple[tuple[str, Static], ...]
    leaves: tuple[Any, ...]  # arrays, numbers and nodes, in the order of `dynamic`

    @property
    def nodes(self) -> list[Any]:
        """The nodes among the arguments."""
        return [x for x in self.leaves if is_node(x)]

    def key(self) -> CallKey:
        """Hashable; equal for calls that do the same with other numbers."""
        kinds = tuple(map(_kind, self.leaves))
        return CallKey(_form(self.dynamic), kinds, self.statics)

    def paths(self) -> list[str]:
        """How each leaf is called, as the user would write it: `params['w'][0]`."""
        return [path for name, tree in self.dynamic.items() for path in _paths(name, tree)]

    def told(self) -> str:
        """The kinds of the arguments, in words."""
        named = zip(self.paths(), map(_kind, self.leaves), strict=True)
        kinds = [f"{name} {describe(kind)}" for name, kind in named]
        return ", ".join([*kinds, *(f"{name}={x.told}" for name, x in self.statics)]) or "nothing"

    def outlined(self, leaves: Iterable[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments by position and by name, with other leaves, static ones as `Static`."""
        every = {**rebuild(self.dynamic, leaves), **dict(self.statics)}
        positions = [every[name] for name in self.by_position]
        return positions, {keyword: every[name] for keyword, name in self.by_name}

    def kept(self) -> "CallParts":
        """The same call, whatever becomes of its arrays and containers."""
        leaves = tuple(x.copy() if isinstance(x, np.ndarray) else x for x in self.leaves)
        return replace(self, dynamic=rebuild(self.dynamic, leaves), leaves=leaves)

    def run(self, f: Callable[..., Any], leaves: Iterable[Any]) -> Any:
        """What the function gives with other leaves."""
        args, options = self.outlined(leaves)
        return f(*map(_given, args), **{name: _given(x) for name, x in options.items()})


def _given(x: Any) -> Any:
    return x.value if isinstance(x, Static) else x


class Arguments:
    """Takes calls of one function apart; knows which arguments are static."""

    def __init__(
        self, f: Callable[..., Any], numbers: int | Sequence[int], names: str | Sequence[str]
    ) -> None:
        self.name = getattr(f, "__name__", type(f).__name__)
        self.parameters = _parameters(f)
        self.by_position = tuple(
            p.name
            for p in self.parameters
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        )
        chosen = list(numbers) if isinstance(numbers, Iterable) else [numbers]
        named = [names] if isinstance(names, str) or not isinstance(names, Iterable) else [*names]
        self.static = set(self.names_of("static arguments", chosen, named))

    def names_of(self, role: str, numbers: Sequence[Any], names: Sequence[Any]) -> list[str]:
        """How arguments are called that a user gives by position and by name.

        Raises ConfigError for arguments that there are not.
        """
        self._refuse_unknown(role, numbers, names)
        return [*map(self._name, numbers), *names]

    def taken_apart(self, args: tuple[Any, ...], options: Mapping[str, Any]) -> CallParts:
        """A call; DTypeError for arguments that are neither arrays nor static."""
        names = tuple(self._name(i) for i in range(len(args)))
        # A function of (x, /, **options) may be given an x of either kind.
        keywords = tuple((x, f"**{x}" if x in names else x) for x in sorted(options))
        given = dict(zip(names, args, strict=True))
        given |= {name: options[keyword] for keyword, name in keywords}
        dynamic = {name: x for name, x in given.items() if name not in self.static}
        statics = [(name, self._held(name, given[name])) for name in given if name in self.static]
        leaves = tuple(leaves_of(dynamic))
        call = CallParts(names, keywords, dynamic, tuple(statics), leaves)
        for i, x in enumerate(leaves):
            if not _is_leaf(x):
                raise self._no_array(call.paths()[i], x)
        return call

    def _name(self, position: int) -> str:
        """How a positional argument is called."""
        names = self.by_position
        if -len(names) <= position < len(names):
            return names[position]
        rest = [p.name for p in self.parameters if p.kind is p.VAR_POSITIONAL]
        return f"{rest[0] if rest else 'argument'}[{position - len(names)}]"

    def _held(self, name: str, value: Any) -> Static:
        try:
            hash(value)
        except TypeError as problem:
            raise OpCallError(
                f"jit of {self.name}",
                expected=f"a static argument {name} that can be a key: a number, a text, a tuple",
                came=f"{type(value).__name__} ({problem})",
                suggestion="give a tuple in place of a list or an array, or make it no static one",
            ) from None
        return Static(type(value), value, f"{value!r}")

    def _no_array(self, name: str, value: Any) -> DTypeError:
        dtype, argument = getattr(value, "dtype", None), name.partition("[")[0]
        return DTypeError(
            f"jit of {self.name}",
            expected=f"{name} to be real numbers: an array, a number, or a container of them",
            came=type(value).__name__ + (f" of {dtype}" if dtype is not None else ""),
            suggestion=f"static_argnames={argument!r} for a setting, told apart by its value",
        )

    def _refuse_unknown(self, role: str, numbers: Sequence[Any], names: Sequence[Any]) -> None:
        kinds = {p.kind for p in self.parameters}
        known = [p.name for p in self.parameters]
        count = len(self.by_position)
        open_ended = inspect.Parameter.VAR_POSITIONAL in kinds
        wrong: list[Any] = [
            n
            for n in numbers
            if type(n) is not int or not (-count <= n < count or (open_ended and n >= 0))
        ]
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            wrong += [n for n in names if n not in known]
        if wrong:
            raise ConfigError(
                f"jit of {self.name}",
                expected=f"{role} among {', '.join(known) or 'none'}",
                came=", ".join(map(repr, wrong)),
                suggestion="count positions from 0, and check the spelling of names",
            )


def _parameters(f: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters; any, for a function that does not tell."""
    try:
        return list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
        return [inspect.Parameter(n, k) for n, k in zip(("args", "options"), kinds, strict=True)]


def _is_leaf(x: Any) -> bool:
    if type(x) in (np.ndarray, np.memmap) or isinstance(x, np.generic):
        return x.dtype.kind in KINDS
    if type(x) is int:
        return INT64.min <= x <= INT64.max
    return type(x) in PYTHON_NUMBERS or is_node(x)


def _kind(x: Any) -> Kind:
    if type(x) in PYTHON_NUMBERS:
        return type(x)
    if is_node(x):
        return NodeKind(x.spec, x.requires_grad, type(x._value) is float)
    return Spec(x.shape, x.dtype if x.dtype.isnative else x.dtype.newbyteorder("="))


def describe(kind: Kind) -> str:
    """A kind of argument in a word."""
    if isinstance(kind, NodeKind):
        return f"node {kind.spec}"
    return str(kind) if isinstance(kind, Spec) else kind.__name__


def _form(tree: Any) -> Any:
    """The containers of a tree, hashable."""
    if isinstance(tree, dict):
        return type(tree), *((key, _form(part)) for key, part in tree.items())
    if isinstance(tree, tuple | list):
        return type(tree), *map(_form, tree)
    return tree is None


def _paths(name: str, tree: Any) -> Iterator[str]:
    """The name of each leaf of a tree, without those that are None."""
    if isinstance(tree, dict | tuple | list):
        parts = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, part in parts:
            yield from _paths(f"{name}[{key!r}]", part)
    elif tree is not None:
        yield name
