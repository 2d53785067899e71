"""Which function of the library a call of a NumPy function on nodes becomes.

Most of NumPy's functions and the standard's differ in names of arguments alone. Such a call is read
by NumPy's signature, what was left at its default is dropped, and the rest is handed to the
library's function; what that one does not take is refused. Functions that differ by more are in
`numpy_functions`.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from operator import is_
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd_lite import functions as namespace
from autograd_lite import ops
from autograd_lite.core.shapes import spec_of
from autograd_lite.errors import AutogradError, GraphError
from autograd_lite.frontend.array_api_signatures import FUNCTIONS, LINALG, signatures
from autograd_lite.frontend.numpy_functions import NUMPY_FUNCTIONS
from autograd_lite.frontend.suggestions import described

Function = Callable[..., Any]

STANDARD_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "around": "round",
    "conjugate": "conj",
    "cumprod": "cumulative_prod",
    "cumsum": "cumulative_sum",
    "fix": "trunc",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "power": "pow",
    "right_shift": "bitwise_right_shift",
}
"""The standard's name for each of NumPy's older ones."""

PARAMETERS = {
    "a_min": "min",
    "a_max": "max",
    "ddof": "correction",
    "newshape": "shape",
    "rcond": "rtol",
}
"""The standard's name for NumPy's parameters that have another."""

REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
"""What `reduce` of a ufunc is called as a function."""

FLAT_WITHOUT_AXIS = {"argsort", "cumprod", "cumsum", "sort", "take"}
"""NumPy's functions that put all elements in one row where the axis is None."""

CHAPTERS = {"numpy": signatures(FUNCTIONS), "numpy.linalg": signatures(LINALG)}

OP_OF_UFUNC = {op.ufunc: op for op in ops.OPS.values() if op.ufunc and op.simple}
OP_OF_UFUNC[np.matmul] = ops.MatMul
del OP_OF_UFUNC[np.reciprocal]  # that of integers is refused
"""Ufuncs that are an op and nothing else."""


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """Append what a ufunc does, if it has a derivative rule."""
    op = OP_OF_UFUNC.get(ufunc)
    if op is not None and method == "__call__" and not params:
        return op.eager(*inputs)
    name = ufunc.__name__
    target = _target("numpy", name) or _op_of(ufunc)
    if method == "reduce" and name in REDUCTIONS:
        target = counterpart("numpy", REDUCTIONS[name])
        params = {"axis": 0, **params}  # unlike np.sum, np.add.reduce reduces the first axis only
    elif method != "__call__":
        _refuse(f"np.{name}", "a plain call of the ufunc", f"its method {method!r}")
    if target is None:
        _refuse(f"np.{name}", "a ufunc that has a derivative rule", "a node among its arguments")
    return _checked_call(f"np.{name}", target, inputs, params)


def call_function(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Append what one of NumPy's functions does, if the library has it."""
    route = _route(function, len(args), tuple(kwargs))
    if route is not None:
        given = (*args, *kwargs.values())
        if not any(map(is_, given, route.defaults)):
            found = {key: given[place] for key, place in route.named}
            return _told_call(route.label, route.target, given[: route.first], found)
    module, name = function.__module__, function.__name__
    label = _label(function)
    target = NUMPY_FUNCTIONS.get((module, name))
    if target is not None:
        return _checked_call(label, target, args, kwargs)
    target = counterpart(module, name)
    if target is None:
        _refuse(label, "a function that has a derivative rule", "a node among its arguments")
    try:
        args, kwargs = translated(function, target, args, kwargs)
    except TypeError as problem:
        _refuse(label, f"arguments as in {described(target)}", str(problem), cause=problem)
    return _checked_call(label, target, args, kwargs)


class Route(NamedTuple):
    """Where a call goes, found once for all calls with as many arguments and of these names."""

    label: str
    target: Function
    first: int  # how many of the arguments are given by position
    named: list[tuple[str, int]]  # the names of the others, and which of the arguments they are
    defaults: list[Any]  # of the arguments: a call that gives one says nothing by it


@lru_cache(maxsize=512)
def _route(function: Function, count: int, keys: tuple[str, ...]) -> Route | None:
    """How the usual call goes; None for one that has to be looked at each time."""
    module, name = function.__module__, function.__name__
    target = counterpart(module, name)
    is_own = (module, name) in NUMPY_FUNCTIONS or name in FLAT_WITHOUT_AXIS
    if target is None or is_own or not {"copy", "device", "out"}.isdisjoint(keys):
        return None
    try:
        names = _names(function, count, keys)
        if names is None:
            return None
        first, named, _ = _arrangement(function, target, names)
    except TypeError:
        return None
    if (*first,) != names[: len(first)]:
        return None
    places = [(key, names.index(own)) for own, key in named.items()]
    parameters = _signature(function).parameters
    defaults = [parameters[x].default for x in names]
    return Route(_label(function), target, len(first), places, defaults)


def _label(function: Function) -> str:
    return f"{function.__module__.replace('numpy', 'np', 1)}.{function.__name__}"


@lru_cache(maxsize=512)
def _target(module: str, name: str) -> Function | None:
    return NUMPY_FUNCTIONS.get((module, name)) or counterpart(module, name)


def counterpart(module: str, name: str) -> Function | None:
    """The library's function for one of NumPy's, if the standard and the library have it."""
    name = STANDARD_NAMES.get(name, name)
    if name not in CHAPTERS.get(module, ()):
        return None
    linalg = namespace.linalg if module == "numpy.linalg" else None
    return getattr(linalg, name, None) or getattr(namespace, name, None)


def _op_of(ufunc: Any) -> Function | None:
    """The op, perhaps a user's, that says it is this ufunc."""
    return next((op for op in ops.OPS.values() if op.ufunc is ufunc), None)


def translated(
    function: Function, target: Function, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call of NumPy's function, as the library's function takes them."""
    given = _given(function, args, kwargs)
    first, named, is_several = _arrangement(function, target, tuple(given))
    positional = [given[name] for name in first]
    found = {key: given[name] for name, key in named.items()}
    return list(chain.from_iterable(positional)) if is_several else positional, found


@lru_cache(maxsize=512)
def _arrangement(
    function: Function, target: Function, names: tuple[str, ...]
) -> tuple[list[str], dict[str, str], bool]:
    """The arguments to give by position, those by name with that, and whether one is several."""
    parameters = _signature(function).parameters
    first = [name for name in islice(parameters, _positional(target)) if name in names]
    is_several = any(parameters[name].kind is inspect.Parameter.VAR_POSITIONAL for name in first)
    named = {name: PARAMETERS.get(name, name) for name in names if name not in first}
    if len({*named.values()}) < len(named):
        raise TypeError(f"one argument under two names: {', '.join(named)}")
    return first, named, is_several


def _given(function: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call that say anything, by the names that NumPy has for them."""
    parameters = _signature(function).parameters
    bound = _bound(function, args, kwargs)
    given = {k: v for k, v in bound.items() if v is not parameters[k].default}
    given.pop("copy", None)  # nobody can write into a node's value
    if given.get("device") == "cpu":  # there is no other
        del given["device"]
    is_flat = function.__name__ in FLAT_WITHOUT_AXIS
    if is_flat and given.get("axis", parameters["axis"].default) is None:
        whole = next(iter(parameters))
        is_row = len(spec_of(given[whole]).shape) == 1
        given |= {whole: given[whole] if is_row else np.ravel(given[whole]), "axis": 0}
    return given


def _bound(function: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by name; TypeError if they do not fit."""
    names = _names(function, len(args), tuple(kwargs))
    if names is None:
        return _signature(function).bind(*args, **kwargs).arguments
    return dict(zip(names, (*args, *kwargs.values()), strict=True))


@lru_cache(maxsize=512)
def _names(function: Function, count: int, keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """The names of so many arguments by position and of these; None if some are gathered in one.

    It is found once, as it takes longer than what most functions do.
    """
    parameters = _signature(function).parameters
    bound = _signature(function).bind(*range(count), **dict.fromkeys(keys))
    gathering = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if any(parameters[name].kind in gathering for name in bound.arguments):
        return None
    return (*islice(parameters, count), *keys)


def _positional(target: Function) -> int:
    """How many arguments a function takes by position alone; those that it gathers are one."""
    kinds = [p.kind for p in _signature(target).parameters.values()]
    return max(kinds.count(inspect.Parameter.POSITIONAL_ONLY), 1)


@lru_cache(maxsize=512)
def _signature(function: Function) -> inspect.Signature:
    return inspect.signature(function)


def _checked_call(
    label: str, target: Function, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """Call it without `out`, which would be written into."""
    if kwargs and kwargs.get("out") is not None:
        _refuse(
            label,
            "a call without `out`",
            "`out`, an array that the value would be written into, without its gradient",
            "use what the function returns; for x += node write x = x + node",
        )
    return _told_call(label, target, args, {k: v for k, v in kwargs.items() if k != "out"})


def _told_call(label: str, target: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call it; whatever it has against these arguments is told in the library's words."""
    try:
        return target(*args, **kwargs)
    except AutogradError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as problem:
        _refuse(label, f"arguments as in {described(target)}", str(problem), cause=problem)


def _refuse(
    label: str,
    expected: str,
    came: str,
    suggestion: str = "use the functions of autograd_lite, or node.value on purpose",
    cause: Exception | None = None,
) -> NoReturn:
    raise GraphError(label, expected=expected, came=came, suggestion=suggestion) from cause
