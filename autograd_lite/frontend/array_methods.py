"""Methods that a node has beside those it writes down: each calls the function of its name."""

from collections.abc import Callable, Iterator
from itertools import repeat as endless
from types import ModuleType
from typing import Any, NoReturn, Protocol, Self, cast

import numpy as np

from autograd_lite import functions
from autograd_lite.errors import GraphError
from autograd_lite.frontend.numpy_dispatch import OP_OF_UFUNC
from autograd_lite.frontend.operators import method_of
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.functions.signatures import N


class Method(Protocol):
    """What a function in a class is for type checkers: called with anything, it gives a node."""

    def __get__(self, node: N, owner: Any = None, /) -> Callable[..., N]: ...


def method(name: str, home: ModuleType = np) -> Method:
    """The method that hands the node on to NumPy's function or the library's, which appends."""
    function = checks_call(getattr(home, name))

    def call(self: Any, *args: Any, **params: Any) -> Any:
        return function(self, *args, **params)

    owner = "np" if home is np else "ag"
    call.__name__, call.__doc__ = name, f"`{owner}.{name}` of this node."
    return cast(Method, call)


def methods(names: str) -> Iterator[Method]:
    """The methods that hand the node on to the library's functions of these names."""
    return map(method, names.split(), endless(functions))


def operations(names: str) -> Iterator[Method]:
    """The methods that append an op of NumPy's functions of these names, with no call between."""
    for name in names.split():
        yield cast(Method, method_of(OP_OF_UFUNC[getattr(np, name)]))


class ArrayMethods:
    """What a node has of an array's methods, and functions of single elements as methods."""

    __slots__ = ()

    acos, acosh, asin, asinh, atan, atanh = operations("acos acosh asin asinh atan atanh")
    abs, cos, cosh, expm1, log2, log10 = operations("abs cos cosh expm1 log2 log10")
    sin, sinh, square, tan = operations("sin sinh square tan")
    ceil, erf, floor, gelu, maximum, minimum = methods("ceil erf floor gelu maximum minimum")
    log_softmax, logsumexp, softmax = methods("log_softmax logsumexp softmax")
    pow, sign, silu, softplus = methods("pow sign silu softplus")

    all, any, argmax, argmin = map(method, ("all", "any", "argmax", "argmin"))
    argsort, clip, conj, copy = map(method, ("argsort", "clip", "conj", "copy"))
    cumprod, cumsum, diagonal, dot = map(method, ("cumprod", "cumsum", "diagonal", "dot"))
    flatten, ravel, repeat, round = map(method, ("ravel", "ravel", "repeat", "round"))
    nonzero: Any = method("nonzero")  # a tuple, an array for each axis
    searchsorted, squeeze = map(method, ("searchsorted", "squeeze"))
    std, swapaxes, take, trace, var = map(method, ("std", "swapaxes", "take", "trace", "var"))

    real = property(cast(Callable[[Self], Self], method("real")))
    imag = property(cast(Callable[[Self], Self], method("imag")))

    def transpose(self, *axes: Any) -> Self:
        """The axes in another order, given one by one or as a tuple; reversed by default."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return np.transpose(self, order)  # type: ignore[call-overload]

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: an array would be sorted in its place."""
        raise GraphError(
            "node.sort",
            expected="an expression",
            came="a call that would change the node itself",
            suggestion="write np.sort(node), which gives another one",
        )
