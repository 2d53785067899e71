"""Reading an op class when it is defined: its inputs, parameters and rules, or a refusal.

An op that is silent about an input, or misnames one, would give a wrong gradient much later and
far away; it is refused here, at the class statement.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import partial
from types import FunctionType, MappingProxyType
from typing import Any

from autograd_lite.errors import OpDefinitionError, UnwrittenRuleError

HANDS_ON, TIMES_X, TIMES_Y = "grad", "grad * x", "grad * y"  # rules of sums and products
SHORT = {
    (lambda xp, grad: grad).__code__.co_code: HANDS_ON,  # noqa: ARG005
    (lambda xp, grad, out, x, y: grad * x).__code__.co_code: TIMES_X,  # noqa: ARG005
    (lambda xp, grad, out, x, y: grad * y).__code__.co_code: TIMES_Y,  # noqa: ARG005
}
REQUIRED = inspect.Parameter.empty  # stands for the default of a parameter that has none


def free_rules(cls: type[Any]) -> None:
    """Make the rules plain functions: they take `xp` first and no self."""
    for key, value in list(vars(cls).items()):
        is_rule = key in ("forward", "refuse") or key.startswith("vjp_")
        if is_rule and isinstance(value, FunctionType):
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
    many = cls.vjps[-1] if cls.variadic else None
    cls.joint = many is not None and "positions" in inspect.signature(many).parameters
    _refuse_unclear_outputs(cls)
    plain = cls.elementwise and not (cls.variadic or cls.defaults or cls.blocks_gradient)
    cls.arity = len(inputs) - cls.variadic  # without the last one, which stands for any number
    cls.simple = plain and len(inputs) <= 2
    codes = [getattr(rule, "__code__", None) for rule in cls.vjps]
    cls.short = tuple([code and SHORT.get(code.co_code) for code in codes])
    is_linear = cls.linear or cls.is_product or all(short == HANDS_ON for short in cls.short)
    cls.steep = not (cls.selects or is_linear)
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
    rule: Any = rules[f"vjp_{name}"]
    if rule is NotImplemented:
        return partial(_refuse_unwritten, f"vjp_{name} of {cls.__name__}")
    if callable(rule) and not isinstance(rule, type):
        _check_rule_signature(cls, name, rule)
    elif rule is not None:
        told = "write None if no gradient flows, NotImplemented if the rule is not written yet"
        reject(cls, f"vjp_{name} as a method, None or NotImplemented", repr(rule), told)
    return rule


def _refuse_unwritten(subject: str, *_: Any, **__: Any) -> None:
    """Stands for a rule that is not written yet: a gradient without it would be wrong, or 0."""
    told = {"expected": "a rule", "came": "NotImplemented", "suggestion": "write it"}
    raise UnwrittenRuleError(subject, **told)


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
            expected = f"rules for the inputs {', '.join(cls.input_names)}"
            reject(cls, expected, key, f"rename {key} after an input of forward")


def reject(cls: type[Any], expected: str, came: str, suggestion: str) -> None:
    """Raise OpDefinitionError for what an op class states."""
    raise OpDefinitionError(
        f"op {cls.__name__}", expected=expected, came=came, suggestion=suggestion
    )
