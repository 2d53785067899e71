"""Every function of NumPy that a node can reach, called in every form: NumPy's value, or a refusal.

A line of numpy_calls.txt has calls of one kind; a word in braces stands for all of `WORDS`, and x
and y for all of `ARRAYS`. Each call runs on arrays and on nodes.
"""

import itertools
import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.errors import AutogradError

LINES = (Path(__file__).parent / "numpy_calls.txt").read_text("utf-8").splitlines()
UFUNCS = {
    n: [k for k, u in vars(np).items() if isinstance(u, np.ufunc) and u.nin == n] for n in (1, 2)
}
WORDS = {
    "sum": ["sum", "prod", "nansum"],
    "extreme": ["max", "min", "amax", "amin", "ptp", "any", "all", "argmax", "argmin", "count_nonzero", "nanmax", "nanmin", "mean", "nanmean"],
    "spread": ["std", "var"],
    "ord": ["None", "1", "2", "3", "0", "np.inf", "-np.inf", "-1", "-2", "'fro'", "'nuc'", ".5"],
    "scan": ["cumsum", "cumprod", "cumulative_sum", "cumulative_prod"],
    "order": ["sort", "argsort"],
    "mode": ["edge", "reflect", "symmetric", "wrap", "mean", "maximum", "minimum", "linear_ramp", "median"],
    "ufunc": [name for name in UFUNCS[1] if name not in ("conj", "conjugate", "isnat")],
    "ufunc2": UFUNCS[2],
    "reducing": ["add", "multiply", "maximum", "minimum", "logical_and", "logical_or", "subtract"],
    "axis": ["None", "0", "-1", "1", "2", "(0,)", "(0,1)", "(-1,-2)", "()", "(0,0)", "[0]", "np.int64(1)", "(0,2)"],
    "flag": ["True", "False"],
}  # fmt: skip


def made(seed, shape):
    rng = np.random.default_rng(seed)
    return np.array((rng.permutation(int(np.prod(shape))) / 8 + 0.3).reshape(shape))


SHAPES = [(), (3,), (2, 3), (3, 3), (2, 3, 4), (0, 3), (1, 3, 1)]
ARRAYS = [*(made(i, shape) for i, shape in enumerate(SHAPES)), np.arange(6).reshape(2, 3)]
ARRAYS += [np.float32(ARRAYS[2]), np.where(ARRAYS[2] > 0.9, np.nan, ARRAYS[2])]
ARRAYS += [ARRAYS[3] @ ARRAYS[3].T + np.diag([1.0, 2.0, 3.0]) + np.triu(ARRAYS[3], 1)]
OTHERS = [ARRAYS[i] for i in (0, 1, 2, 3)]


def calls(line):
    """The calls that a line stands for, as Python code."""
    for template in line.split(" | "):
        words = list(dict.fromkeys(re.findall(r"\{(\w+)\}", template)))
        for chosen in itertools.product(*(WORDS[word] for word in words)):
            yield template.format(**dict(zip(words, chosen, strict=True)))


def result(code, x, y):
    with np.errstate(all="ignore"):
        return eval(code, {"np": np, "x": x, "y": y})  # noqa: S307 - the calls are in our own file


def on_nodes(code, *arrays):
    nodes = (ag.Node(a) if a.dtype.kind == "f" else ag.constant(a) for a in arrays)
    try:
        return result(code, *nodes)
    except AutogradError:
        return None


def plain(value):
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return np.asarray(value.value if isinstance(value, ag.Node) else value)


def same(got, expected):
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return False
    return np.allclose(got, expected, *((1e-5, 1e-7) if got.dtype == np.float32 else (2e-7, 1e-12)), equal_nan=True)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("line", LINES, ids=[line[:40] for line in LINES])
def test_a_call_has_numpys_value_or_is_refused(line):
    answered = refused = 0
    for code in dict.fromkeys(calls(line)):
        pairs = itertools.product(ARRAYS, OTHERS if re.search(r"\by\b", code) else OTHERS[:1])
        for x, y in pairs:
            try:
                expected = result(code, x, y)
            except Exception:  # noqa: BLE001 - whatever NumPy has against it
                with suppress(TypeError, ValueError):  # NumPy itself may refuse it before we do
                    on_nodes(code, x, y)
                continue
            if any(part.dtype.kind not in "biuf" for part in leaves(plain(expected))):
                continue
            got = on_nodes(code, x, y)
            refused += got is None
            answered += got is not None
            told = f"{code} for x {x.dtype}{x.shape}, y {y.shape}"
            assert got is None or same(plain(got), plain(expected)), told
            assert got is None or type(got) is not list or isinstance(expected, list), told
    assert answered > refused / 3


def leaves(value):
    return [y for x in value for y in leaves(x)] if isinstance(value, list) else [value]


# Recorded for one size, fed with others

SIZES = {
    (3,): [(3,), (1,), (0,), (6,)],
    (1,): [(1,), (3,)],
    (2, 3): [(3, 2), (1, 3), (4, 6), (0, 3)],
    (3, 3): [(2, 2), (3, 2)],
    (2, 3, 4): [(1, 3, 4), (4, 3, 2)],
}


def recorded(code, shape):
    """The graph of a call, its parts, and the gradient of their sum; None where it is refused."""
    with ag.Graph() as graph, np.errstate(all="ignore"):
        x = ag.input(name="x", shape=shape, dtype="float64", requires_grad=True)
        try:
            value = eval(code, {"np": np, "x": x, "y": np.arange(1.0, 4.0)})  # noqa: S307
        except AutogradError:
            return None
        parts = [p for p in leaves(listed(value)) if isinstance(p, ag.Node) and p.requires_grad]
        if not parts:
            return None
        return graph, parts, ag.gradients(total(parts), x)


def is_legal(code, x):
    try:
        result(code, x, np.arange(1.0, 4.0))
    except Exception:  # noqa: BLE001 - whatever NumPy has against it
        return False
    return True


def listed(value):
    return [listed(part) for part in value] if isinstance(value, tuple | list) else value


def total(parts):
    return sum(ag.sum(ag.square(part) * part) for part in parts)


@pytest.mark.no_cover
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("line", LINES, ids=[line[:40] for line in LINES])
def test_a_recorded_call_is_right_for_other_sizes_or_refused(line):
    codes = list(dict.fromkeys(calls(line)))
    for code, shape in itertools.product(codes[:: len(codes) // 12 + 1], SIZES):
        found = recorded(code, shape) if is_legal(code, made(0, shape)) else None
        for size in SIZES[shape] if found else ():
            graph, parts, slope = found
            array = made(1, size)
            try:
                with np.errstate(all="ignore"):
                    graph.forward(x=array)
            except AutogradError:
                assert size != shape or on_nodes(code, array, np.arange(1.0, 4.0)) is None, code
                continue
            told = f"{code}, recorded for {shape}, fed with {size}"
            x = ag.Node(array)
            expected = on_nodes(code, x.value, np.arange(1.0, 4.0))
            assert expected is not None, told
            check_parts(told, code, x, parts, slope)


def check_parts(told, code, x, parts, slope):
    with np.errstate(all="ignore"):
        value = eval(code, {"np": np, "x": x, "y": np.arange(1.0, 4.0)})  # noqa: S307
    eager = [p for p in leaves(listed(value)) if isinstance(p, ag.Node) and p.requires_grad]
    assert len(eager) == len(parts), told
    assert all(same(plain(a), plain(b)) for a, b in zip(parts, eager, strict=True)), told
    try:
        with np.errstate(all="ignore"):
            expected = ag.gradients(total(eager), x).value
    except AutogradError:
        return
    assert np.allclose(slope.value, expected, rtol=1e-6, atol=1e-9, equal_nan=True), told
