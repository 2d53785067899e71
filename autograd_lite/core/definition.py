"""Reading an op class when it is defined: its inputs, parameters and rules, or a refusal.

An op that is silent about an input, or misnames one, would give a wrong gradient much later and
far away; it is refused here, at the class statement.
"""

import inspect
from collections.abc import Callable, Iterable
from types import FunctionType, MappingProxyType
from typing import Any

from autograd_lite.errors import OpDefinitionError

REQUIRED = inspect.Parameter.empty  # stands for the default of a parameter that has none


def free_rules(cls: type[Any]) -> None:
    """Make the rules plain functions: they take `xp` first and no self."""
    for key, value in list(vars(cls).items()):
        if isinstance(value, FunctionType) and _is_rule(key):
            setattr(cls, key, staticmethod(value))


def read_definition(cls: type[Any]) -> None:
    """Fill in name, input_names, variadic, defaults and vjps from the rules of an op class."""
    if not hasattr(cls, "forward"):
        reject(cls, "a rule forward(xp, x, …)", "none", "define forward")
    parameters = inspect.signature(cls.forward).parameters.values()
    _refuse_unnamed(cls, parameters)
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    inputs = [p for p in parameters if p.kind is not p.KEYWORD_ONLY][1:]
    cls.name = cls.__name__
    cls.input_names = tuple(p.name for p in inputs)
    cls.variadic = bool(inputs) and inputs[-1].kind is inputs[-1].VAR_POSITIONAL
    cls.defaults = MappingProxyType({p.name: p.default for p in keywords})
    cls.vjps = tuple(_find_vjp(cls, name) for name in cls.input_names)
    cls.blocks_gradient = None in cls.vjps
    cls.joint = cls.variadic and _is_joint(cls.vjps[-1])
    _refuse_unclear_outputs(cls)
    plain = cls.elementwise and not (cls.variadic or cls.defaults or cls.blocks_gradient)
    cls.steep = not (cls.selects or cls.linear)
    cls.simple = plain and len(inputs) <= 2
    _refuse_strays(cls)


def describe_signature(cls: type[Any]) -> str:
    """How the op is called, for example `Sum(x, *, axis=None, keepdims=False)`."""
    inputs = [*cls.input_names]
    if cls.variadic:
        inputs[-1] = "*" + inputs[-1]
    star = ["*"] if cls.defaults and not cls.variadic else []
    params = [k if v is REQUIRED else f"{k}={v!r}" for k, v in cls.defaults.items()]
    return f"{cls.name}({', '.join(inputs + star + params)})"


def _refuse_unnamed(cls: type[Any], parameters: Iterable[inspect.Parameter]) -> None:
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            reject(
                cls,
                "a forward that names its parameters",
                _shown(parameter),
                "name each of them, with a default if it has one; rules may take them as **params",
            )


def _shown(parameter: inspect.Parameter) -> str:
    """Its name with its stars."""
    return str(parameter.replace(annotation=REQUIRED, default=REQUIRED))


def _is_rule(name: str) -> bool:
    return name in ("forward", "refuse") or name.startswith("vjp_")


def _find_vjp(cls: type[Any], name: str) -> Callable[..., Any] | None:
    rules = {key: getattr(cls, key) for key in dir(cls) if key.startswith("vjp_")}
    if f"vjp_{name}" not in rules:
        reject(
            cls,
            f"a rule for input '{name}'",
            f"only {', '.join(rules) or 'forward'}",
            f"define vjp_{name}(xp, grad, out, {', '.join(cls.input_names)}), "
            f"or write `vjp_{name} = None` if no gradient flows",
        )
    rule: Callable[..., Any] | None = rules[f"vjp_{name}"]
    if rule is not None:
        _check_rule_signature(cls, name, rule)
    return rule


def _check_rule_signature(cls: type[Any], name: str, rule: Callable[..., Any]) -> None:
    parameters = inspect.signature(rule).parameters
    rest = [_shown(p) for p in parameters.values() if p.kind is p.VAR_KEYWORD]
    *inputs, last = cls.input_names
    wanted = ["xp", "grad", "out", *inputs, "*" * cls.variadic + last]
    wanted += [key for key in cls.defaults if key in parameters or not rest]
    told = "positions" if "positions" in parameters else "position"
    wanted += [told] * (cls.variadic and name == last) + rest
    found = [_shown(p) for p in parameters.values()]
    found.sort(key=[told, *rest].__contains__)  # it may stand among the keywords
    if found != wanted:
        reject(
            cls,
            f"vjp_{name}({', '.join(wanted)})",
            f"vjp_{name}({', '.join(found)})",
            "give every rule the inputs and parameters of forward, in its order",
        )


def _is_joint(rule: Callable[..., Any] | None) -> bool:
    return rule is not None and "positions" in inspect.signature(rule).parameters


def _refuse_unclear_outputs(cls: type[Any]) -> None:
    names = cls.outputs
    is_clear = isinstance(names, tuple) and len({*map(str, names)}) == len(names)
    if not is_clear or not all(map(str.isidentifier, map(str, names))):
        reject(cls, "outputs as a tuple of names", repr(names), 'write outputs = ("q", "r")')
    if names and cls.elementwise:
        reject(cls, "one output of an elementwise op", repr(names), "derive from Op")


def _refuse_strays(cls: type[Any]) -> None:
    known = {f"vjp_{name}" for name in cls.input_names}
    for key in dir(cls):
        if key.startswith("vjp_") and key not in known:
            reject(
                cls,
                f"rules for the inputs {', '.join(cls.input_names)}",
                key,
                f"rename {key} after an input of forward",
            )


def reject(cls: type[Any], expected: str, came: str, suggestion: str) -> None:
    """Raise OpDefinitionError for what an op class states."""
    raise OpDefinitionError(
        f"op {cls.__name__}", expected=expected, came=came, suggestion=suggestion
    )
