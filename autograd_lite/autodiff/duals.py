"""Values with tangents: how what a rule computes changes along directions.

A rule of an elementwise op is made of elementwise ops. The derivative of such an op is one slope
for each element, so its backward rule, given a tangent in the place of the cotangent, says what
becomes of the tangent. So a rule can be run on values with tangents, and no op has to state how
it is differentiated forwards.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.core import arrays
from autograd_lite.core.op import NO_PARAMS, OPS, Op, Params

ELEMENTWISE = {op.name.lower(): op for op in OPS.values() if op.elementwise}


def applied(op: type[Op], inputs: Sequence[Any], params: Params = NO_PARAMS) -> Any:
    """An elementwise op on values, of which some have tangents; without one if all slopes are 0."""
    values = [x.value if type(x) is Dual else x for x in inputs]
    out = op.forward(arrays, *values, **params)
    tangent = None
    for x, rule in zip(inputs, op.vjps, strict=True):
        if type(x) is Dual and rule is not None:
            part = rule(arrays, x.tangent, out, *values, **params)
            tangent = part if tangent is None else tangent + part
    return out if tangent is None else Dual(out, tangent)


def _operator(name: str) -> Callable[..., Any]:
    op = ELEMENTWISE[name]
    return lambda *inputs: applied(op, inputs)


def _reflected(name: str) -> Callable[..., Any]:
    op = ELEMENTWISE[name]
    return lambda x, y: applied(op, (y, x))


class Dual:
    """A value, and a stack of tangents: several for each value, along axis 0.

    All tangents that meet have as many axes, so those of a value with fewer have some of length 1.
    """

    __slots__ = ("tangent", "value")
    __array_ufunc__ = None  # NumPy leaves arithmetic with arrays to these operators
    __hash__ = None  # type: ignore[assignment] # equal elements are no equal values

    def __init__(self, value: Any, tangent: Any) -> None:
        self.value, self.tangent = value, tangent

    __neg__ = _operator("neg")
    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("sub"), _reflected("sub")
    __mul__, __rmul__ = _operator("mul"), _reflected("mul")
    __truediv__, __rtruediv__ = _operator("div"), _reflected("div")
    __floordiv__, __rfloordiv__ = _operator("floordivide"), _reflected("floordivide")
    __eq__, __ne__ = _operator("equal"), _operator("notequal")
    __lt__, __le__ = _operator("less"), _operator("lessequal")
    __gt__, __ge__ = _operator("greater"), _operator("greaterequal")


class DirectNamespace:
    """NumPy, and ops without the checks that a call by a user gets: for rules that cannot fail."""

    def call_op(self, op: type[Op], *inputs: Any, **params: Any) -> Any:
        """An op that is a part of a rule."""
        return op.forward(self, *inputs, **{**op.defaults, **params})

    def __getattr__(self, name: str) -> Any:
        """NumPy's function, which is asked for once."""
        found = getattr(arrays, name)
        setattr(self, name, found)
        return found


class DualNamespace:
    """The vocabulary of elementwise rules, for values with tangents."""

    def call_op(self, op: type[Op], *inputs: Any, **params: Any) -> Any:
        """An op that is a part of a rule."""
        return applied(op, inputs, {**op.defaults, **params})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The op of that name: `xp.log1p` is Log1p."""
        key = name.replace("_", "")
        if key not in ELEMENTWISE:
            raise AttributeError(name)
        found = _operator(key)
        setattr(self, name, found)
        return found


DIRECT, DUALS = DirectNamespace(), DualNamespace()
