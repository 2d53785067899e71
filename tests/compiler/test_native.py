"""The native executor: every row of its tables computes what NumPy computes, awkward numbers too."""

import os
import re
import subprocess
import sys

import native_plans
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from native_plans import arrays, assert_close, assert_twins, built, compiled_with, outputs_of
from samples import OPS as ONE_OUTPUT
from samples import SAMPLES, Case

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.compiler.executors import blas
from autograd_lite.compiler.executors.native import products, stacks, toolchain
from autograd_lite.compiler.executors.native.c_types import literal
from autograd_lite.compiler.executors.native.expressions import BY_KIND
from autograd_lite.compiler.executors.native.runner import LabelOutside
from autograd_lite.compiler.lowered import Cofactors
from autograd_lite.errors import AutogradError, GradientError
from autograd_lite.ops import OPS

optimized = native_plans.optimized
quick_compiling = native_plans.quick_compiling


REAL = ["float32", "float64"]
AWKWARD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.3, -0.7, 2.5, -3.5, 88.8, -88.8, 710.0,
           -746.0, 1e-40, -1e-40, 1e-310, 1e30, -1e30, 1000.0, -1000.0]  # fmt: skip


def elementwise(dtype):
    """Every elementwise op of the library that has a row for the dtype, on inputs x and y."""
    found, rows = [], BY_KIND[np.dtype(dtype).kind]
    with ag.Graph() as graph:
        x, y = (ag.input(name=n, shape=(len(AWKWARD) ** 2,), dtype=dtype) for n in "xy")
        known = [op for op in OPS.values() if op.ufunc in rows and op.elementwise]
        ours = [op for op in known if op.__module__.startswith("autograd_lite.")]
        found += [op(*(x, y)[: len(op.input_names)]) for op in ours]
        if np.dtype(dtype).kind == "f":
            found += [ag.sigmoid(x), ag.relu(x), ops.Guard(x, y), ag.where(x > y, x, y)]
    return graph, found


@pytest.mark.parametrize("dtype", REAL)
def test_elementwise_ops_keep_nan_and_infinities(dtype, optimized):
    graph, outputs = elementwise(dtype)
    assert len(outputs) > 25
    x, y = (a.ravel() for a in np.meshgrid(AWKWARD, AWKWARD))
    with np.errstate(all="ignore"):
        assert_twins(graph, outputs, {"x": x.astype(dtype), "y": y.astype(dtype)})


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("name", ["exp", "log", "log1p", "tanh", "sigmoid"])
def test_own_functions_are_accurate(name, dtype, optimized):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, s, 4000) for s in (1e-3, 0.5, 2, 20, 90)]).astype(dtype)
    x = np.abs(x) if name == "log" else x[x > -1] if name == "log1p" else x
    with ag.Graph():
        node = ag.input(name="x", shape=x.shape, dtype=dtype)
        out = getattr(ag, name)(node)
    (actual,) = outputs_of([out], {"x": x})
    wide = x.astype(np.longdouble)
    with np.errstate(all="ignore"):
        exact = 1 / (1 + np.exp(-wide)) if name == "sigmoid" else getattr(np, name)(wide)
        near = exact.astype(dtype)
        ulps = np.abs((actual.astype(np.longdouble) - exact) / np.spacing(np.abs(near)))
    assert ulps[np.isfinite(near)].max() < 3


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64", "bool"])
def test_integers_and_yes_or_no(dtype):
    graph, outputs = elementwise(dtype)
    assert len(outputs) > 5
    limits = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    values = np.array([limits[0], limits[1], 0, 1, 1, 0] + [1] * 16, dtype)
    x, y = (a.ravel() for a in np.meshgrid(values, values))
    assert_twins(graph, outputs, {"x": x, "y": y})


def test_mixed_dtypes():
    with ag.Graph() as graph:
        a = ag.input(name="a", shape=(4,), dtype="int32")
        b = ag.input(name="b", shape=(3, 1), dtype="float32")
        c = ag.input(name="c", shape=(4,), dtype="bool")
        u = ag.input(name="u", shape=(4,), dtype="uint64")
        h = ag.input(name="h", shape=(4,), dtype="float16")
        outputs = [
            a + b, ag.where(c, a, b), ag.where(a, b, 2.0), a > b, ops.Cast(b, dtype="int64"),
            ops.Cast(a, dtype="bool"), ops.Cast(c, dtype="float32"), ag.equal(a, u), a + u, a / a,
            h * h, b**2, b**0, b**1, b**3, b**-1, ag.pow(b, a), ag.sum(c), ag.sum(a), ag.max(c),
            ag.logical_and(a, c),
        ]  # fmt: skip
    feeds = {
        "a": np.array([-3, 0, 1, 2], "int32"),
        "b": np.array([[1.5], [-2.0], [0.25]], "float32"),
        "c": np.array([True, False, True, False]),
        "u": np.array([0, 1, 2, 2**63], "uint64"),
        "h": np.array([1, 2, 3, 4], "float16"),
    }
    assert_twins(graph, outputs, feeds)


def test_literals():
    assert literal(float("nan"), np.dtype("float32")) == "NAN"
    assert literal(-np.inf, np.dtype("float64")) == "-INFINITY"
    assert literal(-0.0, np.dtype("float32")) == "-0.0f"
    assert literal(True, np.dtype("bool")) == "true"
    assert literal(-(2**63), np.dtype("int64")) == "(int64_t)INT64_MIN"
    assert literal(2**64 - 1, np.dtype("uint64")) == f"(uint64_t){2**64 - 1}u"


def every_op(data, dtype):
    """One graph of all ops on cases of their own, with their gradients."""
    outputs, feeds, known = [], {}, []
    with ag.Graph() as graph:
        for name, sample in SAMPLES.items():
            case = data.draw(sample.cases)
            values = [x.astype(dtype) if x.dtype.kind == "f" else x for x in case.inputs]
            case = Case(tuple(values), case.params)
            inputs = [
                ag.input(
                    name=f"{name}{i}",
                    shape=x.shape,
                    dtype=x.dtype,
                    requires_grad=x.dtype.kind == "f",
                )
                for i, x in enumerate(case.inputs)
            ]
            fed = {f"{name}{i}": x for i, x in enumerate(case.inputs)}
            feeds |= fed
            try:
                out = ONE_OUTPUT[name](*inputs, **case.params)
            except AutogradError:  # its shape cannot be told before there are values
                continue
            known.append(name)
            outputs.append(out)
            seed = ag.input(name=f"seed{name}", shape=out.shape, dtype=out.dtype)
            feeds[f"seed{name}"] = (
                np.linspace(-1, 2, max(out.size, 1))[: out.size]
                .reshape(out.shape)
                .astype(out.dtype)
            )
            for x in inputs:
                if out.requires_grad and x.requires_grad:
                    try:
                        outputs.append(ag.gradients(out, x, cotangent=seed))
                    except GradientError:
                        continue
    return graph, list(dict.fromkeys(outputs)), feeds


@settings(
    max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_every_op_and_its_gradient(data):
    graph, outputs, feeds = every_op(data, "float32")
    graph.forward(**feeds)
    expected = [node.value for node in outputs]
    program = ag.compile(graph, outputs, executor="native")
    used = {name: x for name, x in feeds.items() if name in program._request.inputs}
    for node, a, b in zip(outputs, program(**used), expected, strict=True):
        assert_close(np.asarray(a), b, node.label())


# Reductions, moves, picks and products

SHAPES = [
    (),
    (7,),
    (3, 4),
    (1, 5),
    (5, 1),
    (2, 3, 4),
    (2, 1, 3),
    (2, 2600),
    (2600,),
    (0, 3),
    (3, 0),
]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
def test_reductions_over_any_axes(dtype):
    rng = np.random.default_rng(1)
    feeds, outputs = {}, []
    with ag.Graph() as graph:
        for i, shape in enumerate(SHAPES):
            x = ag.input(name=f"x{i}", shape=shape, dtype=dtype)
            feeds[f"x{i}"] = (rng.integers(-20, 20, shape) / 4).astype(dtype)
            for axis in [
                None,
                (),
                *range(len(shape)),
                (0, -1) if len(shape) > 2 else (0,) * bool(shape),
            ]:
                outputs.append(ag.sum(x, axis=axis))
                outputs.append(ag.sum(x + x, axis=axis, keepdims=True))
                folded = np.ones(shape).sum(axis=axis)
                if dtype != "bool" and folded.all():
                    outputs += [ag.max(x, axis=axis), ag.min(x, axis=axis, keepdims=True)]
    assert_twins(graph, outputs, feeds)


def test_extremes_of_nan_and_infinities():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(5, 3))
        y = ag.input(name="y", shape=(2000,))
        outputs = [
            f(z, axis=a) for f in (ag.max, ag.min) for z, a in ((x, 0), (x, 1), (x, None), (y, 0))
        ]
    rows = [[1, np.nan, 2], [-np.inf] * 3, [np.inf, 0, -np.inf], [np.nan, 1, 2], [0, 1, np.nan]]
    long = np.full(2000, -np.inf)
    long[3] = np.nan
    assert_twins(graph, outputs, {"x": np.array(rows, "float32"), "y": long.astype("float32")})
    assert_twins(
        graph, outputs, {"x": np.array(rows, "float32")[1:3], "y": -np.abs(long).astype("float32")}
    )


def test_long_sums_lose_no_digits():
    with ag.Graph():
        x = ag.input(name="x", shape=(300_000,))
        total = ag.sum(x * 1.0)
    values = np.full(300_000, 0.1, "float32")
    (actual,) = outputs_of([total], {"x": values})
    assert abs(actual - values.astype("float64").sum()) < 1  # one by one it would be 100


def test_moves():
    rng = np.random.default_rng(2)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 3, 4))
        v = ag.input(name="v", shape=(4,))
        i = ag.input(name="i", shape=(3,), dtype="int64")
        j = ag.input(name="j", shape=(3,), dtype="uint8")
        outputs = [
            ops.PermuteDims(x, axes=(2, 0, 1)), ag.matrix_transpose(x), ops.BroadcastTo(v, shape=(3, 4)),
            x[0], x[-1, 2, 3], x[..., 1], x[:, ::-1, 1:3], x[None, 1, :, ::2], v[::-2], x[..., 0, 0],
            ag.stack([v, v * 2.0], axis=1), ag.concat([x, x[:, :1]], axis=1), ag.concat([v, v], axis=0),
            x[i], x[i, j], x[i, j[:1]], x[()], ops.BroadcastTo(ag.constant(np.float32(2)), shape=(3, 2)), ag.exp(ops.MatrixTranspose(x)) * 2.0, x[i, :, 1], x[i, 0],
        ]  # fmt: skip
        w = ag.parameter(rng.normal(size=(2, 3, 4)))
        u = w[i, j] * w[1, ::2, ::-1].sum() * w[0, 1, 2]
        outputs.append(ag.gradients(ag.sum(u * u), w))
    feeds = {
        "x": rng.normal(size=(2, 3, 4)).astype("float32"),
        "v": rng.normal(size=4).astype("float32"),
        "i": np.array([1, -2, 1]),
        "j": np.array([0, 2, 0], "uint8"),
    }
    assert_twins(graph, outputs, feeds)


def test_picks():
    rng = np.random.default_rng(3)
    with ag.Graph() as graph:
        p = ag.input(name="p", shape=(2, 3, 5), dtype="float64", requires_grad=True)
        q = ag.input(name="q", shape=(5,), dtype="float64", requires_grad=True)
        y = ag.input(name="y", shape=(3,), dtype="int32")
        one = ag.input(name="one", shape=(), dtype="uint8")
        outputs = [ag.aref(p, y), ag.aref(q, one), ag.accuracy(p[0], y), ag.accuracy(q, one)]
        for scores, label in ((p[1], y), (q, one)):
            loss = ag.sum(ag.log(ag.aref(ag.softmax(scores), label)) * 3.0)
            outputs += [loss, ag.gradients(loss, scores)]
        outputs.append(ag.gradients(ag.sum(ag.aref(p, y) * 2.0), p))
        outputs.append(ag.aref(q, ag.constant(np.int64(3))))
    scores = rng.normal(size=(2, 3, 5))
    scores[0, 0] = [1, 5, 5, np.nan, np.nan]
    scores[0, 1, 2:] = 9.0
    feeds = {
        "p": scores,
        "q": rng.normal(size=5),
        "y": np.array([3, 2, 4], "int32"),
        "one": np.uint8(1),
    }
    assert_twins(graph, outputs, feeds)


def test_labels_outside_end_the_step():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4, 3))
        y = ag.input(name="y", shape=(4,), dtype="int64")
        picked, indexed = ag.aref(x, y), x[y]
    feeds = {"x": np.ones((4, 3), "float32"), "y": np.array([0, 1, 2, 3])}
    runner, plan, _ = built([picked], {}, feeds)
    with pytest.raises(LabelOutside, match="%2: a label or an index is outside"):
        runner.run(arrays(plan, feeds))
    with pytest.raises(LabelOutside):
        runner.scan([x[None] for x in arrays(plan, feeds)], None, None, 0, 1)
    with pytest.raises(LabelOutside):
        outputs_of([indexed], {**feeds, "y": np.array([0, 1, 2, 4])})
    program = ag.compile(graph, [picked], executor="native")
    with pytest.raises(AutogradError, match="labels from 0 to 2"):
        program(**feeds)


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("with_blas", [True, False])
def test_products_by_blas(dtype, with_blas, monkeypatch):
    monkeypatch.setattr(products, "LARGE", 100)
    if not with_blas:
        monkeypatch.setattr(blas, "address", lambda _: 0)
    with compiled_with("-DBLAS_PAYS=0"):
        assert_products(dtype)


@pytest.mark.parametrize("dtype", REAL)
def test_products(dtype, optimized):
    assert_products(dtype)


@pytest.mark.parametrize("dtype", REAL)
def test_products_of_all_sizes(dtype, optimized):
    """Lengths around those of tiles, slivers and blocks, as they lie and transposed."""
    rng = np.random.default_rng(9)
    sizes = [(1, 2, 3), (12, 33, 17), (13, 16, 256), (31, 64, 257), (500, 40, 7), (25, 31, 600)]
    assert_all_ways(sizes, dtype, rng)


@pytest.mark.parametrize("dtype", REAL)
def test_products_of_packed_rows(dtype, optimized):
    with compiled_with("-DPAGE=64"):
        assert_all_ways([(29, 300, 261), (530, 131, 3)], dtype, np.random.default_rng(10))


def assert_all_ways(sizes, dtype, rng):
    """The products of each of the sizes, of matrices as they lie and transposed."""
    feeds, outputs = {}, []
    with ag.Graph() as graph:
        for i, (n, m, k) in enumerate(sizes):
            a, b, c, d = (
                ag.input(name=f"{name}{i}", shape=shape, dtype=dtype)
                for name, shape in zip("abcd", ((n, k), (k, m), (k, n), (m, k)), strict=True)
            )
            flip = ag.matrix_transpose
            outputs += [a @ b, flip(c) @ b, a @ flip(d), flip(c) @ flip(d)]
            feeds |= {x.name: rng.normal(size=x.shape).astype(dtype) for x in (a, b, c, d)}
    assert_twins(graph, outputs, feeds)


def test_steps_that_are_alike_are_one_function():
    """Steps of a loop, and places in an array; but not other dtypes, lengths, or numbers."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3, 9, 5), dtype="float32")
        w = ag.parameter(np.eye(5, dtype="float32") * 0.5)
        states = [x[:, 0]]
        for t in range(1, 9):
            states.append(ag.exp(ag.tanh(states[-1] @ w + x[:, t])))
        y = ag.astype(states[0], "float64")
        lone = [ag.exp(ag.tanh(y)), ag.exp(states[3][:2]), ag.sum(states[4] * 3.0, axis=0)]
        picked = [ag.aref(states[5], ag.constant([k, k, 0])) for k in range(3)]
        outputs = [states[-1], *lone, *picked]
    feeds = {"x": np.random.default_rng(3).normal(size=(3, 9, 5)).astype("float32")}
    assert_twins(graph, outputs, feeds)
    runner, _, _ = built(outputs, {}, feeds)
    names = re.findall(r"noinline\)\) void (shared_\d+)", runner.source)
    calls = [len(re.findall(rf"{name}\(p, ", runner.source)) for name in names]
    assert sorted(calls) == [7, 8]  # the loops, which read their places themselves, and products
    assert "int64_t start1" in runner.source


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("heads", [2, 9])  # few products, which are cut, and many
def test_stacks_in_any_order(dtype, heads, monkeypatch):
    """Attention, forward and backward: stacks are read and written where they lie."""
    monkeypatch.setattr(stacks, "WIDE", 8)
    monkeypatch.setattr(stacks, "TALL", 8)
    monkeypatch.setattr(products, "LARGE", 100)
    rng = np.random.default_rng(11)
    with ag.Graph() as graph:
        q, k, v = (
            ag.input(name=x, shape=(2, 21, heads, 3), dtype=dtype, requires_grad=True)
            for x in "qkv"
        )
        a, b, c = (ag.permute_dims(x, (0, 2, 1, 3)) for x in (q, k, v))
        mixed = ag.softmax(a @ b.mT) @ c
        repeated = ag.permute_dims(a, (1, 0, 2, 3)) @ ag.expand_dims(c[0, 0].mT, axis=(0, 1))
        vectors = a @ ag.constant(np.ones((1, heads, 3, 1), dtype))
        outputs = [ag.permute_dims(mixed, (0, 2, 1, 3)), repeated, vectors]
        outputs += ag.gradients(ag.sum(outputs[0] ** 2), [q, k, v])
    feeds = {x: rng.normal(size=(2, 21, heads, 3)).astype(dtype) for x in "qkv"}
    assert_twins(graph, outputs, feeds)


def assert_products(dtype):
    rng = np.random.default_rng(4)
    sizes = {"a": (5, 6), "b": (6, 5), "c": (9, 6), "d": (6, 9), "v": (6,), "s": (2, 1, 5, 6), "t": (3, 6, 4),
             "m": (200, 7), "n": (7, 300), "z": (0, 6), "w": (70, 300), "h": (70,), "k": (300,)}  # fmt: skip
    with ag.Graph() as graph:
        x = {name: ag.input(name=name, shape=shape, dtype=dtype) for name, shape in sizes.items()}
        flip = ag.matrix_transpose
        pairs = ["ab", "cd", "av", "vb", "vv", "st", "mn", "hw", "wk"]
        outputs = [x[a] @ x[b] for a, b in pairs]
        outputs += [
            flip(x["b"]) @ x["b"],
            x["a"] @ flip(x["c"]),
            flip(x["d"]) @ flip(x["a"]),
            x["z"] @ x["b"],
        ]
        outputs += [ag.matmul(x["v"][:, None], x["v"][None, :]), x["s"] @ x["v"], x["v"] @ x["t"]]
    feeds = {name: rng.normal(size=shape).astype(dtype) for name, shape in sizes.items()}
    assert_twins(graph, outputs, feeds)


@pytest.mark.parametrize("dtype", REAL)
def test_updates_in_place(dtype):
    rng = np.random.default_rng(5)
    start = [rng.normal(size=shape).astype(dtype) for shape in ((6, 5), (6, 5), (5,), ())]
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(6,), dtype=dtype)
        m = ag.input(name="m", shape=(4, 6), dtype=dtype)
        u, w, b, s = (ag.parameter(value) for value in start)
        loss = ag.sum(ag.tanh(x @ u + b) * s) + ag.mean((m @ w) ** 2)
        grads = ag.gradients(loss, [u, w, b, s])
        updates = {p: p - 0.1 * g for p, g in zip((u, w, b, s), grads, strict=True)}
        updates[s] = s + loss
        c = ag.parameter(start[0][:, 0])
        updates[c] = c - x * 0.1
    feeds = {"x": rng.normal(size=6).astype(dtype), "m": rng.normal(size=(4, 6)).astype(dtype)}
    graph.forward(**feeds)
    expected = [new.value for new in updates.values()]
    runner, plan, buffers = built([loss], updates, feeds)
    before = [p.value.copy() for p in updates]
    runner.run(arrays(plan, feeds))
    for leaf, old, new in zip(updates, before, expected, strict=True):
        assert_close(buffers.arrays[leaf], new)
        assert np.array_equal(leaf.value, old)  # the user's own values are not written to


def test_without_scipy_there_is_no_blas(monkeypatch):
    assert blas.address("gemm_double") > 0
    monkeypatch.setitem(sys.modules, "scipy.linalg", None)
    assert blas.address("gemm_double") == 0


def test_numpy_reads_leaves_in_another_shape_where_c_has_no_such_dtype():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4,), dtype="float16")
        w = ag.parameter(np.arange(4, dtype="float16"))
        outputs = [ag.sum(ag.reshape(leaf, (2, 2)), axis=0) for leaf in (x, w)]
    assert_twins(graph, outputs, {"x": np.ones(4, "float16")})


CLAMPED = {  # functions in which limits follow each other
    "gelu": ag.gelu,
    "erfc": ag.erfc,
    "clip": lambda x: ag.clip(ag.abs(ag.clip(x, -5.0, 5.0) * 0.5), 0.5, 4.0),
    "hardswish": lambda x: x * ag.clip(x + 3.0, 0.0, 6.0) / 6.0,
}


def test_loops_become_vector_instructions(tmp_path):
    """By GCC's own word, as no result would tell."""
    compiler = toolchain.find_compiler()
    if "__GNUC__" not in compiler.identity or "__clang__" in compiler.identity:
        pytest.skip("it is GCC that tells")
    if any(word.startswith("-fsanitize") for word in compiler.command):
        pytest.skip("loops whose accesses are checked stay as they are")
    with ag.Graph() as graph:
        inputs = [
            ag.input(name=name, shape=(1000 + n,), requires_grad=True)
            for n, name in enumerate(CLAMPED)
        ]
        outputs = [f(x) for f, x in zip(CLAMPED.values(), inputs, strict=True)]
        outputs += ag.gradients(sum(map(ag.sum, outputs)), inputs)
    source = ag.compile(graph, outputs, executor="native").source
    text = tmp_path / "program.c"
    text.write_text(source)
    flags = [flag.replace("-O0", "-O3") for flag in compiler.flags]
    told = ["-fopt-info-vec-optimized", "-c", "-o", os.devnull, str(text)]
    run = subprocess.run(
        [*compiler.command, *flags, *told], capture_output=True, text=True, check=True
    )
    told_of = [line for line in run.stderr.splitlines() if "loop vectorized" in line]
    vectors = {int(line.split(":")[1]) for line in told_of}  # its first line, or that of its body
    lines = enumerate(source.splitlines(), 1)
    loops = [n for n, line in lines if re.search(r"for \(int64_t i0 = 0; i0 < 100\d;", line)]
    assert len(loops) >= len(CLAMPED)
    assert [n for n in loops if vectors.isdisjoint((n, n + 1))] == []


@pytest.mark.parametrize("executor", ["numpy", "native"])
@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("n", [1, 2, 5, 9, 16, 17])
def test_matrices_with_few_rows(n, dtype, executor):
    """By code of our own up to 16 rows: nearly singular ones have cofactors, too."""
    rng = np.random.default_rng(n)
    start = rng.normal(size=(4, n, n)).astype(dtype)
    start[1, 0] = start[1, -1] * (2 if n > 1 else 1)
    right = rng.normal(size=(4, n, 11)).astype(dtype)
    with ag.Graph() as graph:
        x, b = ag.parameter(start), ag.parameter(right)
        safe = x + ag.constant(np.eye(n, dtype=dtype) * 9)
        sign, logarithm = ag.linalg.slogdet(safe)
        loss = ag.sum(ag.linalg.det(x)) + ag.sum(logarithm) + ag.sum(sign)
        loss = loss + ag.sum(ag.linalg.solve(safe, b) ** 2) + ag.sum(ag.linalg.inv(safe)[0])
        outputs = [loss, *ag.gradients(loss, [x, b])]
    found = ag.compile(graph, outputs, executor=executor)()
    for one, other in zip(found, outputs, strict=True):
        size = max(np.abs(other.value).max(), 1)
        np.testing.assert_allclose(one / size, other.value / size, atol=500 * np.finfo(dtype).eps)


def test_cofactors_of_singular_matrices_alone():
    singular = np.ones((2, 3, 3))
    assert np.allclose(Cofactors(singular), 0)
    nearly = np.array([[1.0, 2.0], [1.0, 2.0 + 1e-12]])
    assert np.allclose(Cofactors(nearly[None])[0], [[2.0, -1.0], [-2.0, 1.0]])


@pytest.mark.parametrize("dtype", [*REAL, "int8", "uint64", "bool"])
def test_long_rows_in_order(dtype):
    """Digit by digit: NaN last, zeros of both signs equal, and equal numbers as they came."""
    numbers = np.random.default_rng(0).normal(size=(2, 120, 3)) * 40
    if dtype in REAL:
        numbers[:, ::7], numbers[:, 1::5], numbers[:, 2::9] = np.nan, 0.0, -0.0
        numbers[:, 3::11], numbers[:, 4::13] = np.inf, -np.inf
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=numbers.shape, dtype=dtype)
        outputs = [ag.argsort(x, axis=1, descending=descending) for descending in (False, True)]
    feeds = {"x": np.abs(numbers).round().astype(dtype) if dtype == "uint64" else numbers}
    with np.errstate(invalid="ignore"):
        assert_twins(graph, outputs, {"x": feeds["x"].astype(dtype)})
