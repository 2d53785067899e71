"""The op contract: what an op class states, and what follows from that for arrays and specs.

An op is one class. It states a forward rule and, for every input, one backward rule: `op.Op`
shows one. Rules are plain mathematics in the array-API vocabulary of `xp`, which has three
meanings: NumPy (arrays become arrays), `scalars` (Python floats become Python floats), and the
library's own namespace (nodes append nodes, so a gradient is graph again). Rules never write into
what they are given and never branch on values; shortcuts for ordinary arrays stand beside them
(`ops.shortcuts`). Sizes of an input travel as that input itself (`BroadcastLike`), not as
numbers, so a recorded gradient stays right when the batch size changes.

Positional parameters after `xp` are the inputs, keyword-only parameters are static and hashable;
a backward rule that only hands them on may take them all as `**params`.
An op with several outputs names them, `outputs = ("q", "r")`. Its forward rule returns a tuple, a
call gives a tuple of nodes, and rules are handed `grad` and `out` as tuples.
The rule for any number of arrays is told in `position` which of them is meant. If it asks for
`positions` instead, it is called once and returns the gradients of all these: so a thousand arrays
cost a thousand steps, not a million.
No rule: `vjp_x = None` if no gradient flows to x, NotImplemented if its rule is not written yet.
Pruning, summing a broadcast gradient, accumulation and dtype belong to the sweep, not to a rule.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, ClassVar

import numpy as np

from autograd_lite.core import arrays, scalars
from autograd_lite.core.definition import REQUIRED, describe_signature, reject
from autograd_lite.core.outputs import OutputTuple
from autograd_lite.core.shapes import FLOWS, PYTHON_NUMBERS, Spec, example, is_node, spec_of
from autograd_lite.errors import AutogradError, LabelError, OpCallError, ShapeError

Array = Any  # what a rule computes with: an array, a Python float or a Node
Xp = Any  # the namespace a rule speaks
Rule = Callable[..., Array]
Params = Mapping[str, Any]

NO_PARAMS: Params = {}
PLAIN = frozenset({bool, int, float, str, type(None)})  # parameters that are taken as they are


class BaseOp:
    """What one operation states of itself; `core.op.Op` is this, and can be called."""

    name: ClassVar[str]
    input_names: ClassVar[tuple[str, ...]]
    variadic: ClassVar[bool]  # the last input stands for any number of arrays
    outputs: ClassVar[tuple[str, ...]] = ()  # their names, where there are several
    defaults: ClassVar[Params]  # parameter → default; REQUIRED where there is none
    forward: ClassVar[Rule]
    vjps: ClassVar[tuple[Rule | None, ...]]  # one for each input name
    joint: ClassVar[bool]  # one call of the variadic rule gives the gradients of many inputs
    blocks_gradient: ClassVar[bool]  # whether an input has no rule
    arity: ClassVar[int]  # how many inputs it has, without those of any number
    short: ClassVar[tuple[str | None, ...]]  # what each rule says, if it is one of the shortest
    simple: ClassVar[bool]  # elementwise on one or two inputs, a rule for each, no parameters
    direct: ClassVar[dict[type, Xp]] = {}  # by the type of all operands, if they are one or two: xp
    eager: ClassVar[Callable[..., Any]]  # appends it to nodes, without parameters

    elementwise: ClassVar[bool] = False  # one output element for each of the broadcast inputs
    analytic: ClassVar[bool] = False  # the forward rule is right for complex numbers, too
    selects: ClassVar[bool] = False  # a gradient is exactly 0 where an input had no say
    steep: ClassVar[bool]  # none of these: its slope may be infinite
    linear: ClassVar[bool] = False  # linear in x, with coefficients that are finite and at least 0
    is_product: ClassVar[bool] = False  # linear in each operand, as a product of matrices is
    aliases: ClassVar[bool] = False  # the output is the input's elements in order: a view will do
    ufunc: ClassVar[np.ufunc | None] = None  # NumPy's own name for the forward rule
    expects: ClassVar[str] = "inputs that fit together"
    hint: ClassVar[str] = "compare the shapes that came with the operation's documentation"
    refuse: ClassVar[Callable[..., None] | None] = None  # raises on values NumPy would let pass

    # What the table of operations prints; "x: …; y: …" where the inputs differ.
    formula: ClassVar[str] = ""  # for example "√x"
    derivative: ClassVar[str] = ""  # for example "1 / (2√x)"; "none" where no gradient flows
    surrogate: ClassVar[str] = ""  # why the rules are not the derivative, if that is on purpose
    kinks: ClassVar[str] = ""  # where the derivative is a convention, for example "x = 0"

    @classmethod
    def bind(cls, inputs: Sequence[Any], params: Params) -> Params:
        """The parameters with their defaults filled in and their values hashable."""
        missing = len(cls.input_names) - len(inputs)
        if missing and not (cls.variadic and missing <= 1):
            raise cls.miscall(f"{len(inputs)} inputs")
        if not (params or cls.defaults):
            return NO_PARAMS
        full = cls.defaults | params  # type: ignore[operator]
        if len(full) == len(cls.defaults) and PLAIN.issuperset(map(type, full.values())):
            return full
        full = {key: hashable(value, cls) for key, value in full.items()}
        if len(full) > len(cls.defaults) or REQUIRED in full.values():
            raise cls.miscall(f"parameters {sorted(params)}")
        try:
            hash(tuple(full.values()))
        except TypeError as problem:
            raise cls.miscall(f"a parameter that cannot be compared ({problem})") from problem
        return full

    @classmethod
    def compute(cls, values: Sequence[Array], params: Params) -> Array:
        """The forward rule on numbers: Python floats stay Python floats, the rest is NumPy."""
        try:
            if not PYTHON_NUMBERS.isdisjoint(map(type, values)):
                if cls.elementwise and are_python_floats(values):
                    result = scalar_call(cls.forward, values, params)
                    return result if type(result) is float else cls.checked(result)
                values = strong(values)
            if cls.refuse is not None:
                cls.refuse(*values, **params)
            result = cls.forward(arrays, *values, **params)
            is_real = hasattr(result, "dtype") and result.dtype.kind in FLOWS
            return result if is_real and not cls.outputs else cls.checked(result)
        except AutogradError:
            raise
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as problem:
            raise cls.misfit(map(spec_of, values), params, problem) from problem

    @classmethod
    def checked(cls, result: Any) -> Any:
        """What forward returned, if it is as many arrays as are declared: one, or `outputs`."""
        count = len(result) if isinstance(result, tuple | list) else 0
        if count != len(cls.outputs) or (not count and np.asarray(result).dtype.kind not in FLOWS):
            names = ", ".join(cls.outputs)
            expected = f"a tuple of {names}" if cls.outputs else "one array of real numbers"
            came = f"a {type(result).__name__}" + f" of {count}" * bool(count)
            hint = 'declare what a tuple holds, as in outputs = ("q", "r")'
            reject(cls, f"{expected} from forward", came, hint)
        return OutputTuple(strong(result)) if count else result

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """The output's shape and dtype before there are values: those of an example, if need be."""
        with np.errstate(all="ignore"):
            return spec_of(cls.compute([example(spec) for spec in specs], params))

    @classmethod
    def rules_for(cls, count: int) -> Sequence[Rule | None]:
        """The backward rule of each of `count` inputs; a variadic rule is told its position."""
        if not cls.variadic:
            return cls.vjps
        *fixed, rule = cls.vjps
        many = range(count - len(fixed))
        if cls.joint:
            return [*fixed, *(partial(one_of, rule, i) for i in many)]
        return [*fixed, *(rule and partial(rule, position=i) for i in many)]

    @classmethod
    def edges(cls, inputs: Sequence[Any]) -> list[tuple[Any, Rule]]:
        """The inputs that a gradient can flow to, each with its backward rule."""
        rules = zip(inputs, cls.rules_for(len(inputs)), strict=True)
        return [(x, rule) for x, rule in rules if rule is not None]

    @classmethod
    def hands_on(cls, inputs: Sequence[Any]) -> bool:
        """Whether a gradient flows to one of the inputs, some of which require it."""
        rules = cls.vjps + cls.vjps[-1:] * (len(inputs) - len(cls.vjps))
        return any([rule is not None and x.requires_grad for x, rule in zip(inputs, rules)])  # noqa: B905, C419

    @classmethod
    def misfit(cls, specs: Iterable[Spec], params: Params, problem: Exception) -> AutogradError:
        """The error for inputs that the forward rule could not take."""
        names = chain(cls.input_names, repeat(cls.input_names[-1]))
        came = [f"{name} {spec}" for name, spec in zip(names, specs, strict=False)]
        came += [f"{key}={value}" for key, value in params.items()]
        outside = isinstance(problem, IndexError) and not isinstance(problem, ValueError)
        error, told = LabelError if outside else ShapeError, f"{', '.join(came)} ({problem})"
        return error(cls.name, expected=cls.expects, came=told, suggestion=cls.hint)

    @classmethod
    def miscall(cls, came: str) -> OpCallError:
        """The error for a call that does not match the signature."""
        expected = f"a call like {describe_signature(cls)}"
        hint = "give arrays by position and parameters by keyword"
        return OpCallError(cls.name, expected=expected, came=came, suggestion=hint)


def one_of(rule: Rule | None, position: int, *args: Any, **params: Any) -> Array:
    """The gradient of one array by a rule for many."""
    assert rule is not None  # noqa: S101 - for the type checker: it is joint
    (part,) = rule(*args, positions=(position,), **params)
    return part


def scalar_call(rule: Rule, values: Sequence[float], params: Params) -> float:
    """A rule on Python floats; where `math` would raise, NumPy gives the IEEE infinity or NaN."""
    try:
        result = rule(scalars, *values, **params) if params else rule(scalars, *values)
    except (ArithmeticError, ValueError):
        with np.errstate(all="ignore"):
            result = rule(arrays, *map(np.float64, values), **params)
    if type(result) is float or type(result) is bool:
        return result
    if isinstance(result, tuple | list):  # to be refused by who asked for it
        return result  # type: ignore[return-value]
    return result.item() if isinstance(result, np.generic | np.ndarray) else float(result)


def are_python_floats(values: Sequence[Array]) -> bool:
    """Whether all values are Python floats; the first may be a boolean beside them."""
    *_, last = values
    others = values[1:] if type(values[0]) is bool else values
    return type(last) is float and all(type(value) is float for value in others)


def strong(values: Sequence[Array]) -> list[Array]:
    """The values as NumPy's, with a shape and a dtype of their own: float becomes np.float64."""
    return [np.asarray(v)[()] if type(v) in PYTHON_NUMBERS else v for v in values]


def hashable(value: Any, op: type[BaseOp]) -> Any:
    """Lists and arrays become tuples, so that parameters can be compared, printed and cached.

    Raises OpCallError for a node, which is no parameter: its value may change.
    """
    if type(value) in PLAIN or (type(value) is tuple and PLAIN.issuperset(map(type, value))):
        return value
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if type(value) in (list, tuple):
        return tuple(hashable(part, op) for part in value)
    if is_node(value):
        raise OpCallError(
            op.name,
            expected="parameters that are fixed at the call: numbers, texts, or tuples of them",
            came=f"the node {value.label()}",
            suggestion="give node.value, its value now; under jit, name it in static_argnames",
        )
    return value
