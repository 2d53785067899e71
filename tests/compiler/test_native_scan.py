"""Passes in C: the same as steps one by one; and what is left out, shared or handed to NumPy."""

from itertools import pairwise

import native_plans
import numpy as np
import pytest
from native_plans import arrays, assert_close, built, compiled_with, outputs_of

import autograd_lite as ag
from autograd_lite.compiler.executors import cores
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.native import executor, loops, memory, products, toolchain
from autograd_lite.compiler.executors.native.executor import NativeExecutor

optimized = native_plans.optimized
quick_compiling = native_plans.quick_compiling


ROWS, WIDTH, CLASSES = 40, 48, 3
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS, WIDTH)).astype("float32")
X[rng.random(X.shape) < 0.7] = 0
Y = rng.integers(0, CLASSES, ROWS)


DECAYS = {
    None: lambda w, g: w - 0.1 * g,
    "decays": lambda w, g: w - 0.1 * (g + 0.5 * w),
    "scaled": lambda w, g: w * 0.75 - 0.1 * g,
}


def network(batch=None, hidden=130, dtype="float32", scale=1.0, *, turned=False, decay=None):
    """A classifier of two layers with updates: outputs, updates and feeds of a step.

    Turned, its first matrix has a row for each hidden unit. Weights decay with the gradient, or
    scaled apart.
    """
    front = () if batch is None else (batch,)
    start = np.random.default_rng(1)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(*front, WIDTH), dtype=dtype)
        y = ag.input(name="y", shape=front, dtype="int64")
        values = (start.normal(size=(WIDTH, hidden)) * scale).astype(dtype)
        w = ag.parameter(values.T if turned else values)
        v = ag.parameter(start.normal(size=(hidden, CLASSES)).astype(dtype))
        scores = ag.tanh(x @ (w.mT if turned else w)) @ v
        losses = ag.log(ag.aref(ag.softmax(scores), y)) * -1
        loss = ag.mean(losses) if front else losses
        change = DECAYS[decay]
        updates = {p: change(p, g) for p, g in zip((w, v), ag.gradients(loss, [w, v]), strict=True)}
    rows = slice(0, batch) if front else 0
    return graph, [loss, scores], updates, {"x": X[rows].astype(dtype), "y": Y[rows]}


DENSE = rng.normal(size=X.shape).astype("float32")
MIXED = np.where(np.arange(ROWS)[:, None] % 3, DENSE, X)


def one_by_one(parts, batch, order, steps, x=X):
    """The outputs of `run` for each step, stacked, and the leaves at the end."""
    _, outputs, updates, feeds = parts
    runner, plan, buffers = built(outputs, updates, feeds)
    results = []
    for i in steps:
        rows = i if batch is None else slice(i * batch, (i + 1) * batch)
        rows = rows if order is None else order[rows]
        results.append(runner.run(arrays(plan, {"x": x[rows], "y": Y[rows]})))
    return [np.stack(column) for column in zip(*results, strict=True)], list(
        buffers.arrays.values()
    )


@pytest.mark.parametrize("batch", [None, 1, 4])
@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_pass_is_its_steps(batch, shuffled, dtype):
    parts = network(batch, dtype=dtype)
    order = np.random.default_rng(7).permutation(ROWS) if shuffled else None
    runner, plan, buffers = built(*parts[1:])
    data = [
        np.ascontiguousarray(a, x.dtype) for a, x in zip((X, Y), plan.inputs.values(), strict=True)
    ]
    actual = [runner.scan(data, order, batch, start, stop) for start, stop in ((0, 3), (3, 10))]
    expected, leaves = one_by_one(parts, batch, order, range(10))
    for (first, second), column in zip(zip(*actual, strict=True), expected, strict=True):
        assert_close(np.concatenate([first, second]), column)
    for a, b in zip(buffers.arrays.values(), leaves, strict=True):
        assert_close(a, b)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("values", [DENSE, MIXED], ids=["dense", "mixed"])
@pytest.mark.parametrize(("lead", "turned"), [(None, False), (None, True), (1, False)])
def test_updates_wait_for_the_next_product_where_few_entries_are_zero(
    lead, turned, values, shuffled
):
    parts = network(lead, turned=turned)
    order = np.random.default_rng(7).permutation(ROWS) if shuffled else None
    runner, _, buffers = built(*parts[1:])
    actual = [runner.scan([values, Y], order, lead, *part) for part in ((0, 4), (4, 5), (5, 12))]
    expected, leaves = one_by_one(parts, lead, order, range(12), values)
    for found, column in zip(zip(*actual, strict=True), expected, strict=True):
        assert_close(np.concatenate(found), column)
    for a, b in zip(buffers.arrays.values(), leaves, strict=True):
        assert_close(a, b)


@pytest.mark.parametrize("decay", ["decays", "scaled"])
@pytest.mark.parametrize("values", [DENSE, MIXED, X], ids=["dense", "mixed", "zeros"])
@pytest.mark.parametrize(("lead", "turned"), [(None, False), (None, True), (4, False)])
def test_updates_that_scale_the_matrix_wait_too(lead, turned, values, decay):
    parts = network(lead, turned=turned, decay=decay)
    runner, _, buffers = built(*parts[1:])
    actual = runner.scan([values, Y], None, lead, 0, 5)
    expected, leaves = one_by_one(parts, lead, None, range(5), values)
    for found, column in zip(actual, expected, strict=True):
        assert_close(found, column)
    for a, b in zip(buffers.arrays.values(), leaves, strict=True):
        assert_close(a, b)


def test_a_matrix_of_which_others_read_rows_is_not_turned():
    with ag.Graph():
        x = ag.input(name="x", shape=(WIDTH,))
        w = ag.parameter(np.ones((40, WIDTH), "float32") / 50)
        out = ag.sum(ag.tanh(w @ x))
        outputs = [out, ag.sum(w)]
        new = w - 0.1 * ag.gradients(out, w)
    assert "combine_columns_float(p->" not in built(outputs, {w: new}, {"x": X[0]})[0].source
    assert "combine_columns_float(p->" in built([out], {w: new}, {"x": X[0]})[0].source


@pytest.mark.parametrize("place", ["before", "behind", "none"])
def test_updates_do_not_wait_where_somebody_else_reads_the_matrix(place):
    """Before its product, or after its update; in between is no matter."""
    with ag.Graph():
        x = ag.input(name="x", shape=(WIDTH,))
        w = ag.parameter(np.ones((WIDTH, 40), "float32") / 50)
        first = ag.sum(w * w) if place == "before" else 1.0
        out = ag.sum(ag.tanh(x * first @ w))
        new = w - 0.1 * ag.gradients(out, w)
        outputs = {
            "before": [out, first], "behind": [out, ag.sum(new * new)], "none": [out, ag.sum(w)]
        }[place]  # fmt: skip
    runner, _, buffers = built(outputs, {w: new}, {"x": DENSE[0]})
    twin, _, twin_buffers = built(outputs, {w: new}, {"x": DENSE[0]})
    actual = runner.scan([DENSE], None, None, 0, 6)
    expected = [twin.run([row]) for row in DENSE[:6]]
    for a, b in zip(actual, zip(*expected, strict=True), strict=True):
        assert_close(a, np.stack(b))
    assert_close(buffers.arrays[w], twin_buffers.arrays[w])
    assert ("combine_float(p->nonzero" in runner.source) is (place == "none")


def test_two_passes_agree_exactly(optimized):
    def once():
        runner, _, buffers = built(*network()[1:])
        outputs = runner.scan([X, Y], None, None, 0, ROWS)
        return [*outputs, *buffers.arrays.values()]

    for a, b in zip(once(), once(), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
@pytest.mark.parametrize("where", ["weight", "input"])
@pytest.mark.parametrize("decay", DECAYS)
def test_rows_of_zeros_count_where_weights_are_not_finite(value, where, decay):
    data = X.copy()
    data[:, 5] = 0
    if where == "input":
        data[2, 6] = value
    parts = network(hidden=32, decay=decay)
    runner, _, buffers = built(*parts[1:])
    twin, _, twin_homes = built(*parts[1:])
    for found in (buffers, twin_homes):
        if where == "weight":
            next(iter(found.arrays.values()))[5, 3] = value
    actual = runner.scan([data, Y], None, None, 0, 6)
    expected = [twin.run([data[i], Y[i]]) for i in range(6)]
    for a, b in zip(actual, zip(*expected, strict=True), strict=True):
        assert_close(a, np.stack(b))
    for a, b in zip(buffers.arrays.values(), twin_homes.arrays.values(), strict=True):
        assert_close(a, b)
    assert "combine_float(p->nonzero" in runner.source


def test_long_loops_are_shared_and_stay_the_same(monkeypatch):
    monkeypatch.setattr(loops, "SHARED", 100)
    monkeypatch.setattr(loops, "LONG", 100)

    def with_threads(count):
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))
        with ag.Graph():
            x = ag.input(name="x", shape=(6000,), requires_grad=True)
            m = ag.input(name="m", shape=(100, 70))
            f = ag.sum(ag.tanh(x) * ag.sin(x))
            outputs = [f, ag.gradients(f, x), ag.max(ag.exp(m)), ag.sum(m * m, axis=1), m + 1.0]
        draw = np.random.default_rng(3)
        feeds = {
            "x": draw.normal(size=6000).astype("f"),
            "m": draw.normal(size=(100, 70)).astype("f"),
        }
        return outputs_of(outputs, feeds), [
            np.sum(np.tanh(feeds["x"]) * np.sin(feeds["x"])), (feeds["m"] ** 2).sum(1)
        ]  # fmt: skip

    alone, (total, rows) = with_threads(1)
    assert_close(alone[0], total)
    assert_close(alone[3], rows)
    for count in (2, 3, 1000):
        shared, _ = with_threads(count)
        assert all(np.array_equal(a, b) for a, b in zip(alone, shared, strict=True))


# Large products of batches

BATCH, STEPS = 70, 3
FEW = np.random.default_rng(5).normal(size=(BATCH * STEPS, WIDTH * 3)).astype("float32")
FEW[np.random.default_rng(6).random(FEW.shape) < 0.85] = 0
LABELS = np.random.default_rng(7).integers(0, CLASSES, BATCH * STEPS)


def batches(hidden=130, dtype="float32", scale=1.0, *, gated=False, decay=None, turned=False):
    """A classifier on batches, whose first product is with an input of many zeros.

    `gated`: and so is its second. `turned`: its matrix has a row for each hidden unit.
    """
    start = np.random.default_rng(1)
    width = FEW.shape[1]
    with ag.Graph():
        x = ag.input(name="x", shape=(BATCH, width), dtype=dtype)
        y = ag.input(name="y", shape=(BATCH,), dtype="int64")
        values = (start.normal(size=(width, hidden)) * scale).astype(dtype)
        w = ag.parameter(values.T if turned else values)
        v = ag.parameter(start.normal(size=(hidden, CLASSES)).astype(dtype))
        u = ag.parameter((start.normal(size=(width, hidden)) * scale).astype(dtype))
        units = (
            ag.relu(x @ w) * ag.sigmoid(x @ u) if gated else ag.relu(x @ (w.mT if turned else w))
        )
        loss = ag.mean(ag.log(ag.aref(ag.softmax(units @ v), y)) * -1)
        leaves = (w, v, u) if gated else (w, v)
        grads = ag.gradients(loss, leaves)
        updates = {p: DECAYS[decay](p, g) for p, g in zip(leaves, grads, strict=True)}
    feeds = {"x": FEW[:BATCH].astype(dtype), "y": LABELS[:BATCH]}
    return [loss], updates, feeds


@pytest.fixture
def all_are_large(monkeypatch):
    monkeypatch.setattr(products, "LARGE", 1000)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("share", [3, 10**6])  # of zeros: left out, or too few of them
def test_large_products_are_shared_and_stay_the_same(dtype, share, all_are_large, monkeypatch):
    def with_threads(count, long_alone):
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))
        flags = "-DPIECE=7", "-DPAGE=64", f"-DLONG_ALONE={long_alone}", f"-DFEW={share}"
        with compiled_with(*flags):
            runner, _, buffers = built(*batches(hidden=300, dtype=dtype))
        data = [FEW.astype(dtype), LABELS]
        passed = runner.scan(data, None, BATCH, 0, STEPS)
        return [*passed, *runner.run([x[:BATCH] for x in data]), *buffers.arrays.values()]

    alone = with_threads(1, 1000)
    for count, long_alone in ((2, 1000), (3, 10**9), (100, 1000)):
        shared = with_threads(count, long_alone)
        assert all(np.array_equal(a, b) for a, b in zip(alone, shared, strict=True))


def assert_a_pass_is_its_steps(data, parts, change=lambda arrays: None):
    """A pass, which leaves out zeros, and steps of a twin, which do not."""
    runner, _, buffers = built(*parts)
    twin, _, twin_homes = built(*parts)
    for found in (buffers, twin_homes):
        change(next(iter(found.arrays.values())))
    (actual,) = runner.scan([data, LABELS], None, BATCH, 0, STEPS)
    rows = [slice(i * BATCH, (i + 1) * BATCH) for i in range(STEPS)]
    expected = [twin.run([data[r], LABELS[r]])[0] for r in rows]
    assert "multiply_sparse_" in runner.source
    assert_close(actual, np.stack(expected))
    for a, b in zip(buffers.arrays.values(), twin_homes.arrays.values(), strict=True):
        assert_close(a, b)


@pytest.mark.parametrize(  # hidden units: less than a vector, one, and with a rest
    ("hidden", "turned", "dtype"),
    [
        (3, False, "float32"),
        (16, False, "float64"),
        (130, False, "float32"),
        (140, False, "float32"),
        (3, True, "float64"),
        (140, True, "float32"),
    ],
)
def test_zeros_of_batches_are_left_out(dtype, hidden, turned, all_are_large, optimized):
    assert_a_pass_is_its_steps(FEW.astype(dtype), batches(hidden, dtype, turned=turned))


@pytest.mark.parametrize("value", [1.0, np.inf])
@pytest.mark.parametrize(
    ("decay", "turned"), [("decays", False), ("scaled", False), ("decays", True)]
)
def test_zeros_of_batches_are_left_out_where_weights_are_scaled(
    decay, value, turned, all_are_large
):
    def change(w):
        w[5, 3] = value

    with np.errstate(all="ignore"):
        assert_a_pass_is_its_steps(FEW, batches(hidden=16, decay=decay, turned=turned), change)


def test_zeros_of_batches_are_left_out_of_several_products(all_are_large):
    assert_a_pass_is_its_steps(FEW, batches(gated=True))


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38, -0.0])
@pytest.mark.parametrize("where", ["weight", "input"])
def test_zeros_of_batches_count_where_weights_are_not_finite(value, where, all_are_large):
    data = FEW.copy()
    data[:, 5] = 0
    if where == "input":
        data[BATCH + 2, 6] = value

    def change(w):
        if where == "weight":
            w[5, 3] = value

    with np.errstate(all="ignore"):
        assert_a_pass_is_its_steps(data, batches(hidden=16), change)


def test_weights_of_batches_that_overflow_in_a_pass(all_are_large):
    assert_a_pass_is_its_steps(FEW * np.float32(1e20), batches(hidden=16, scale=1e17))


@pytest.mark.parametrize("turned", [False, True])
def test_batches_with_too_few_zeros(turned, all_are_large):
    data = FEW.copy()
    data[BATCH + 30 :] = 1.5
    assert_a_pass_is_its_steps(data, batches(turned=turned))


@pytest.mark.parametrize("turned", [False, True])
def test_where_a_pass_is_cut_decides_nothing(turned, all_are_large, optimized):
    data = FEW.copy()
    data[:BATCH] += 1.5  # full, and the next two are not
    results = []
    for cuts in ([0, STEPS], range(STEPS + 1), [0, 2, STEPS]):
        runner, _, buffers = built(*batches(turned=turned))
        passes = [runner.scan([data, LABELS], None, BATCH, a, b)[0] for a, b in pairwise(cuts)]
        results.append([np.concatenate(passes), *buffers.arrays.values()])
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_as_many_threads_as_there_are_free_cores(all_are_large, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    runner, _, _ = built(*batches())
    slot = runner._memory._threads_slot
    for free, threads in ((1, 1), (2, 2), (8, 3)):
        monkeypatch.setattr(cores.CORES, "free", lambda free=free: free)
        runner.scan([FEW, LABELS], None, BATCH, 0, 1)
        assert runner._memory._struct[slot] == threads
    assert runner.notes == ["Threads: 3 of 3, all that are allowed"]
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert built(*batches())[0].notes == []


def test_blas_is_told_where_it_is_used(monkeypatch):
    assert not built(*batches(hidden=5))[0].uses_blas
    monkeypatch.setattr(products, "LARGE", 1000)
    assert built(*batches())[0].uses_blas


def test_large_feeds_and_outputs_are_not_copied():
    size = memory.SMALL
    with ag.Graph():
        x = ag.input(name="x", shape=(size,))
        small = ag.input(name="small", shape=())
        outputs = [x * small, ag.sum(x)]
    feeds = {"x": np.arange(size, dtype="float32"), "small": np.float32(2)}
    runner, plan, _ = built(outputs, {}, feeds)
    first, total = runner.run(arrays(plan, feeds))
    second, _ = runner.run(arrays(plan, {**feeds, "small": np.float32(3)}))
    np.testing.assert_array_equal(first, feeds["x"] * 2)
    np.testing.assert_array_equal(second, feeds["x"] * 3)
    assert_close(total, feeds["x"].sum())


class Backwards(ag.Op):
    """An op of a user's, with a name and a rule that C knows nothing of."""

    def forward(xp, x):
        return np.array(x[::-1])

    def vjp_x(xp, grad, out, x):
        return Backwards(grad)


def test_numpy_between_native_regions():
    with ag.Graph():
        x = ag.input(name="x", shape=(5,), dtype="float64")
        w = ag.parameter(np.arange(5.0))
        turned = Backwards(ag.tanh(x) * w)
        outputs = [ag.sum(ag.exp(turned)), turned]
        updates = {w: w + turned}
    feeds = {"x": np.linspace(-1, 1, 5)}
    runner, _, buffers = built(outputs, updates, feeds)
    (note,) = runner.notes
    assert "Through NumPy: %" in note
    assert "= Backwards(" in note
    assert "Backwards" not in runner.source
    data = np.linspace(-2, 2, 30).reshape(6, 5)
    order = np.array([3, 1, 0, 2, 5, 4])
    weights = w.value.copy()
    expected = []
    for i in order[1:4]:
        result = (np.tanh(data[i]) * weights)[::-1]
        expected.append((np.exp(result).sum(), result))
        weights = weights + result
    actual = runner.scan([data], order, None, 1, 4)
    for a, b in zip(actual, zip(*expected, strict=True), strict=True):
        assert_close(a, np.stack(b))
    assert_close(buffers.arrays[w], weights)


def test_batches_with_numpy_between():
    with ag.Graph():
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        outputs = [Backwards(x + 1.0) * 2.0]
    data = np.arange(12.0).reshape(4, 3)
    runner, _, _ = built(outputs, {}, {"x": data[:2]})
    (stacked,) = runner.scan([data], None, 2, 0, 2)
    np.testing.assert_array_equal(stacked, [(data[:2][::-1] + 1) * 2, (data[2:][::-1] + 1) * 2])
    (stacked,) = runner.scan([data], np.array([3, 2, 1, 0]), 2, 1, 2)
    np.testing.assert_array_equal(stacked, [(data[:2] + 1) * 2])


def test_numpy_alone():
    with ag.Graph():
        x = ag.input(name="x", shape=(3,), dtype="float16")
        outputs = [ag.exp(x) + x, x[::-1]]
    feeds = {"x": np.array([0.5, 1, 2], "float16")}
    first, second = outputs_of(outputs, feeds)
    assert_close(first, np.exp(feeds["x"]) + feeds["x"])
    np.testing.assert_array_equal(second, feeds["x"][::-1])


def test_the_program_of_the_public_surface(optimized):
    graph, outputs, updates, _ = network(4)
    program = ag.compile(graph, outputs[:1], updates=updates, executor="native")
    (losses,) = program.scan({"x": X[:14], "y": Y[:14]}, batch_size=4, shuffle=3)
    assert losses.shape == (4,)
    assert "native" in program.plan.executor


def test_nothing_a_user_wrote_is_in_the_source():
    with ag.Graph():
        x = ag.input(name="secret_input", shape=(3,))
        w = ag.parameter([1.0, 2.0, 3.0], name="secret */ weight").named("secret")
        with ag.scope("secret_scope"):
            y = (x * w).named("secret_output")
    runner, _, _ = built([y], {}, {"secret_input": np.ones(3, "f")})
    assert "secret" not in runner.source
    assert "/* %2: float64[3] = Mul(%0, %1) */" in runner.source


def test_what_the_executor_says_of_itself(monkeypatch):
    native = NativeExecutor()
    x = ag.Node([1.0, 2.0])
    assert all(native.can_fuse(node) for node in (ag.exp(x), ag.sigmoid(x), x[0]))
    assert not any(native.can_fuse(node) for node in (x, ag.sum(x), x[np.array([0])]))
    _, plan, _ = built(*network()[1:])
    assert native.build_seconds(plan) < 0.1
    monkeypatch.setattr(toolchain, "is_compiled", lambda *_: False)
    assert native.build_seconds(plan) > 0.1
    monkeypatch.setattr(executor.sys, "maxsize", 2**31 - 1)
    with pytest.raises(ExecutorUnavailable, match="64-bit"):
        native.build(plan, None)


class Shifted(ag.Op):
    """A user's op of two inputs, one of them a constant that C reads, too."""

    def forward(xp, x, y):
        return np.roll(x, 1) + y

    def vjp_x(xp, grad, out, x, y):
        return grad

    vjp_y = None


def test_a_constant_that_both_read():
    with ag.Graph():
        x = ag.input(name="x", shape=(3,), dtype="float64")
        rows = ag.constant(np.float64(3.0))
        outputs = [Shifted(x, rows), ag.stack([rows, ag.sum(x)])]
    shifted, stacked = outputs_of(outputs, {"x": np.arange(3.0)})
    np.testing.assert_array_equal(shifted, [5.0, 3.0, 4.0])
    np.testing.assert_array_equal(stacked, [3.0, 3.0])
