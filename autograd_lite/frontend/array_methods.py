"""Methods of NumPy's arrays that a node has, too: each calls NumPy's function of its name."""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from autograd_lite.errors import GraphError


def method(name: str) -> Callable[..., Any]:
    """The method that hands the node on to NumPy's function, which appends."""
    function = getattr(np, name)

    def call(self: Any, *args: Any, **params: Any) -> Any:
        return function(self, *args, **params)

    call.__name__, call.__doc__ = name, f"`np.{name}` of this node."
    return call


class ArrayMethods:
    """What a node has of an array's methods, beside those that it writes down itself."""

    __slots__ = ()

    all, any, argmax, argmin = map(method, ("all", "any", "argmax", "argmin"))
    argsort, clip, conj, copy = map(method, ("argsort", "clip", "conj", "copy"))
    cumprod, cumsum, diagonal, dot = map(method, ("cumprod", "cumsum", "diagonal", "dot"))
    flatten, ravel, repeat, round = map(method, ("ravel", "ravel", "repeat", "round"))
    nonzero, searchsorted, squeeze = map(method, ("nonzero", "searchsorted", "squeeze"))
    std, swapaxes, take, trace, var = map(method, ("std", "swapaxes", "take", "trace", "var"))

    real = property(method("real"))
    imag = property(method("imag"))

    def transpose(self, *axes: Any) -> Any:
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
