"""What to write instead of a name, or a parameter, that is not there."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from types import FunctionType
from typing import Any, NoReturn, TypeVar, cast

from autograd_lite.errors import OpCallError, nearest, not_there
from autograd_lite.frontend.other_libraries import PARAMETERS, SPECIAL_PARAMETERS

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


# Attributes


class Elsewhere:
    """An attribute that other libraries have: reading or writing it says what to write here."""

    def __init__(self, owner: str, name: str, hint: str) -> None:
        self.owner, self.name, self.hint = owner, name, hint

    def __get__(self, thing: Any, kind: Any = None) -> NoReturn:
        raise not_there(self.owner, self.name, self.hint)

    def __set__(self, thing: Any, value: Any) -> NoReturn:
        raise not_there(self.owner, self.name, self.hint)


def lacking(hints: Mapping[str, str]) -> Callable[[C], C]:
    """Make a class say what to write instead of attributes that it does not have.

    They stand in the class one by one: a `__getattr__` would make every attribute of every node
    slower, and take 40 % more time for a small graph. `dir` does not list them.
    """

    def extended(kind: C) -> C:
        missing = {name: hint for name, hint in hints.items() if name not in dir(kind)}
        for name, hint in missing.items():
            setattr(kind, name, Elsewhere(kind.__name__, name, hint))

        def listed(thing: object) -> list[str]:
            return [name for name in object.__dir__(thing) if name not in missing]

        setattr(kind, "__dir__", listed)  # noqa: B010 - mypy takes it for a method of one kind
        return kind

    return extended


# Parameters


def checks_call(function: F) -> F:
    """The function; a call that does not fit its parameters is refused in the library's words.

    >>> @checks_call
    ... def double(x, /, *, keepdims=False):
    ...     return 2 * x
    >>> double(3.0)
    6.0
    >>> try:
    ...     double(3.0, keepdim=True)
    ... except OpCallError as error:
    ...     print(error.suggestion)
    write keepdims=…
    """

    @wraps(function)
    def call(*args: Any, **params: Any) -> Any:
        try:
            return function(*args, **params)
        except TypeError as problem:
            trace = problem.__traceback__
            if trace is None or trace.tb_next is not None:  # it comes from inside of the function
                raise
            raise _misfit(function, args, params, problem) from None

    return cast("F", call)


def checks_init(kind: C) -> C:
    """The class, with `checks_call` on its `__init__`."""
    kind.__init__ = checks_call(kind.__init__)  # type: ignore[misc]
    return kind


class ChecksInit:
    """A base whose derived classes have `checks_call` on each `__init__`."""

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            checks_init(cls)


def with_call_checks(things: Mapping[str, Any], package: str) -> dict[str, Any]:
    """The functions of a package that have parameters to be named, each with `checks_call`.

    Functions of single elements, such as exp, are left as they are: they take less time than what
    stands around them.
    """
    found = {
        name: checks_call(thing)
        for name, thing in things.items()
        if name[0] != "_" and isinstance(thing, FunctionType) and _has_options(thing)
    }
    for function in found.values():
        function.__module__ = package  # where pickle looks for it
    return found


def _has_options(function: FunctionType) -> bool:
    code = function.__code__
    return code.co_argcount > code.co_posonlyargcount or code.co_kwonlyargcount > 0


def described(function: Callable[..., Any]) -> str:
    """The name and the parameters of a function, without their types.

    >>> described(checks_call)
    'checks_call(function)'
    """
    return _shown(function.__name__, signature(function).parameters)


def _shown(name: str, parameters: Mapping[str, Parameter]) -> str:
    bare = [p.replace(annotation=p.empty) for p in parameters.values() if p.name != "self"]
    shown = re.sub(r"<function (\w+) at 0x\w+>", r"\1", str(Signature(bare)))
    return f"{name}{shown}"


def _of_class(kind: type) -> Mapping[str, Parameter]:
    """What a class takes: where `__init__` hands its options on, also what those above it take."""
    found: dict[str, Parameter] = {}
    for init in (vars(each).get("__init__") for each in kind.__mro__):
        taken = signature(init).parameters if init is not None else {}
        found |= {name: x for name, x in taken.items() if name not in found}
        if taken and not [name for name, x in taken.items() if x.kind is x.VAR_KEYWORD]:
            break
    named = {name: x for name, x in found.items() if x.kind < x.VAR_KEYWORD}
    return dict(sorted(named.items(), key=lambda item: item[1].kind))


def _misfit(
    function: Callable[..., Any], args: tuple[Any, ...], params: Mapping[str, Any], why: TypeError
) -> OpCallError:
    parameters: Mapping[str, Parameter] = signature(function).parameters
    name = function.__name__
    if "self" in parameters and args:
        owner = type(args[0]).__name__
        if name == "__init__":
            parameters = _of_class(type(args[0]))
        name = owner if name == "__init__" else f"{owner}.{name}"
    came = str(why).partition("() ")[2].removeprefix("got ")
    strange = next((key for key in params if key not in parameters), None)
    if strange is None:
        hint = _for_places(name, came, parameters)
    else:
        hint = _for_parameter(name, strange, parameters)
    expected = f"a call like {_shown(name, parameters)}"
    return OpCallError(name, expected=expected, came=came, suggestion=hint)


def _for_parameter(function: str, key: str, parameters: Mapping[str, Parameter]) -> str:
    """What to write for a parameter that the function does not have."""
    special = SPECIAL_PARAMETERS.get(f"{function.rpartition('.')[2]}.{key}")
    usual = PARAMETERS.get(key)
    near = usual if usual in parameters else nearest(key, parameters)
    return special or (f"write {near}=…" if near else f"leave {key} out")


def _for_places(name: str, came: str, parameters: Mapping[str, Parameter]) -> str:
    """What to write where there are too many or too few arguments."""
    if not parameters:
        return f"write {name}(), with nothing in it: `with …():` for a block, `@…()` for a function"
    if came.startswith("missing"):
        return f"give {came.partition(': ')[2]}"
    if "shape" in parameters:
        return "give the shape as one tuple, such as (3, 2)"
    return "give what stands before a star by position, and what follows it by its name"
