"""`autograd_lite.numpy` beside array-api-strict: signature, dtype and value of every function.

What may differ is listed, with the reason, in array_api_exceptions.toml, and does differ.
"""

import inspect
import tomllib
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

import array_api_strict as strict
import numpy as np
import pytest
from array_api_calls import NAMES, DType, calls, leaves
from hypothesis import Phase, find, given, settings

import autograd_lite as ag
import autograd_lite.numpy as anp

TABLE = Path(__file__).parent / "array_api_exceptions.toml"
NUMPY = tuple(map(int, np.__version__.split(".")[:2]))
EXCEPTIONS = [
    entry
    for entry in tomllib.loads(TABLE.read_text(encoding="utf-8"))["exception"]
    if tuple(map(int, entry.get("numpy_before", "99.0").split("."))) > NUMPY
]
EXAMPLES = max(6, settings().max_examples // 5)  # of some 180 functions, in three ways each

pytestmark = pytest.mark.skipif(
    getattr(np, "__array_api_version__", "") < "2024.12", reason="NumPy is of an older standard"
)


def function_of(namespace, name):
    for part in name.split("."):
        namespace = getattr(namespace, part)
    return namespace


# One call in three ways: array-api-strict, arrays, nodes


def called(namespace, call, as_array):
    def converted(x):
        if isinstance(x, DType):
            return getattr(namespace, x)
        if isinstance(x, np.ndarray):
            return as_array(x)
        return type(x)(map(converted, x)) if type(x) in (list, tuple) else x

    options = {key: converted(x) for key, x in call.options.items()}
    with np.errstate(all="ignore"):
        return function_of(namespace, call.name)(*map(converted, call.args), **options)


expected = partial(called, strict, as_array=strict.asarray)


def with_nodes(call, first_only):
    """The call with nodes in the place of arrays."""
    rest = [ag.constant] if not first_only else [ag.constant, *[np.copy] * 9]
    turns = cycle(rest)
    return called(anp, call, as_array=lambda array: next(turns)(array))  # noqa: PLW0108 - one turn each


WAYS = {
    "arrays": partial(called, anp, as_array=np.copy),
    "nodes": partial(with_nodes, first_only=False),
    "mixed": partial(with_nodes, first_only=True),
}


def as_parts(result):
    """The arrays and other values that a result consists of."""
    parts = leaves([list(result) if isinstance(result, tuple) else result])
    return [part.value if isinstance(part, ag.Node) else part for part in parts]


def difference(name, result, answer):
    """What is wrong with a result, or None."""
    parts, answers = as_parts(result), as_parts(answer)
    if len(parts) != len(answers):
        return f"{len(parts)} results for {len(answers)}"
    return next(filter(None, map(partial(one_difference, name), parts, answers)), None)


def one_difference(name, part, answer):
    if isinstance(answer, strict._array_object.Array):
        answer, part = np.asarray(answer._array), np.asarray(part)
        if name == "unique_values":  # the standard leaves their order open
            answer, part = np.sort(answer), np.sort(part)
        if name in ("linalg.eigh", "linalg.svd"):  # and the sign of a vector that spans a line
            answer, part = np.abs(answer), np.abs(part)
        if (part.dtype, part.shape) != (answer.dtype, answer.shape):
            return f"{part.dtype}{part.shape} for {answer.dtype}{answer.shape}"
        same = name.startswith("empty") or np.allclose(
            part, answer, *tolerance(answer), equal_nan=True
        )
        return None if same else f"{part!r} for {answer!r}"
    if name in ("finfo", "iinfo"):
        values = {key: getattr(part, key) for key in vars(answer) if not key.startswith("_")}
        part, answer = values, {key: getattr(answer, key) for key in values}
        part["dtype"], answer["dtype"] = str(part["dtype"]), answer["dtype"]._np_dtype.name
    if isinstance(answer, strict._dtypes.DType):
        part, answer = np.dtype(part), answer._np_dtype
    return None if part == answer else f"{part!r} for {answer!r}"


def tolerance(answer):
    exact = answer.dtype.kind in "biu"
    return (
        (0, 0)
        if exact
        else (1e-4, 1e-5)
        if answer.dtype.name in ("float32", "complex64")
        else (1e-9, 1e-12)
    )


def is_legal(call):
    try:
        expected(call)
    except Exception:  # noqa: BLE001 - whatever array-api-strict has against it
        return False
    return True


def differs(way, call):
    """How one way of the call differs from array-api-strict; None where that refuses the call."""
    if not is_legal(call):
        return None
    try:
        return difference(call.name, WAYS[way](call), expected(call))
    except Exception as problem:  # noqa: BLE001 - a refusal is a difference
        return f"{type(problem).__name__}: {problem}"


# The exceptions

CONDITIONS = {
    "complex": lambda call: bool(call.dtypes() & {"complex64", "complex128"}),
    "full matrices": lambda call: call.options.get("full_matrices", True),
    "inverted": lambda call: call.options.get("invert", False),
    "complete": lambda call: call.options.get("mode") == "complete",
    "empty": lambda call: any(a.size == 0 for a in call.arrays()),
    "extreme": lambda call: any(is_extreme(a) for a in call.arrays()),
    "two arrays": lambda call: len(call.arrays()) == 2,
}


def is_extreme(array):
    """Whether an entry is infinite, or so small that its digits are few."""
    size = np.abs(array)
    return bool((np.isinf(size) | (size > 0) & (size < 1e-30)).any())


def applies(entry, way, call):
    return (
        {"*", call.name} & set(entry["functions"])
        and way in entry["ways"]
        and all(CONDITIONS[condition](call) for condition in entry.get("when", []))
    )


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_dtypes_and_values_are_those_of_array_api_strict(name):
    legal = []

    def check(call):
        legal.append(is_legal(call))
        for way in WAYS:
            if not any(applies(entry, way, call) for entry in EXCEPTIONS):
                problem = differs(way, call)
                assert problem is None, f"{way}: {problem}"

    settings(max_examples=EXAMPLES)(given(call=calls(name))(check))()
    if not any(legal):  # by chance; raises if array-api-strict refuses whatever is drawn
        check(find(calls(name), is_legal))


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("entry", "name", "way"),
    [(e, n, w) for e in EXCEPTIONS for n in e["functions"] for w in e["ways"] if w in WAYS],
)
def test_every_exception_is_needed(entry, name, way):
    def is_needed(call):
        return applies(entry, way, call) and differs(way, call) is not None

    quick = settings(max_examples=500, database=None, phases=[Phase.generate])
    find(calls("abs" if name == "*" else name), is_needed, settings=quick, random=Random(0))  # noqa: S311


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_those_of_array_api_strict(name):
    excepted = any(name in e["functions"] and "signature" in e["ways"] for e in EXCEPTIONS)
    mine, theirs = (signature(function_of(namespace, name)) for namespace in (anp, strict))
    assert (mine != theirs) == excepted, f"{mine}\n{theirs}"


def signature(function):
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, p.default) for p in parameters]


def test_every_exception_has_a_reason_and_a_known_condition():
    for entry in EXCEPTIONS:
        assert len(entry["reason"]) > 10
        assert set(entry["functions"]) <= {"*", *NAMES}
        assert set(entry["ways"]) <= {"signature", *WAYS}
        assert set(entry.get("when", [])) <= set(CONDITIONS)


def test_all_functions_of_array_api_strict_are_here():
    public = [name for name in dir(strict) if callable(getattr(strict, name)) and name[0].islower()]
    flags = [name for name in public if name.endswith("_flags")]
    others = {
        "bool",
        *flags,
        *(n for n in public if isinstance(getattr(strict, n), strict._dtypes.DType)),
    }
    assert set(public) - others <= set(NAMES)
    for chapter in ("linalg", "fft"):
        assert {f"{chapter}.{n}" for n in getattr(strict, chapter).__all__} <= set(NAMES)
