"""The NumPy executor: tiles, masks, labels, with SciPy and without; threads; and who runs what."""

import sys
import threading
from ctypes.util import find_library
from threading import Event

import numpy as np
import pytest
from compiled import Classifier, assert_same, interpreted, samples

import autograd_lite as ag
from autograd_lite.compiler.executors import blas, choice, cores, threads
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.numpy import products, team
from autograd_lite.compiler.executors.threads import one_thread, wants_one_thread
from autograd_lite.compiler.runtime.scanning import FIRST

AWKWARD = (np.nan, np.inf, -np.inf, -0.0)


def check(build, *arrays, executor="numpy", **shapes):
    """Compile what `build` makes of inputs of these shapes; the program, once it agrees."""
    with ag.Graph() as graph:
        inputs = [
            ag.input(name=f"x{i}", shape=x.shape, dtype=x.dtype, requires_grad=x.dtype.kind == "f")
            for i, x in enumerate(arrays)
        ]
        built = build(*inputs)
    outputs = built if isinstance(built, tuple) else (built,)
    feeds = {f"x{i}": x for i, x in enumerate(arrays)}
    program = ag.compile(graph, outputs, executor=executor)
    expected = interpreted(graph, outputs, feeds)
    for actual, wanted in zip(program(**feeds), expected, strict=True):
        assert_same(actual, wanted, program.source)
    return program


def numbers(*shape, dtype="float32", awkward=True):
    random = np.random.default_rng(len(shape))
    x = random.normal(size=shape).astype(dtype)
    if awkward:
        x.reshape(-1)[: len(AWKWARD)] = AWKWARD[: x.size]
    return x


def with_gradient(function):
    return lambda *inputs: (y := function(*inputs), *ag.gradients(ag.sum(y), list(inputs)))


# Tiles: loops over more than 16,384 entries, not a multiple of it

LONG = 40_000
TILED = {
    "flat": (lambda x: ag.exp(ag.tanh(x)) * 2.0, [(LONG,)]),
    "matrices, flat": (lambda x, y: ag.exp(x) * y, [(200, 300), (200, 300)]),
    "a sum": (lambda x: ag.sum(ag.tanh(x) * x), [(LONG,)]),
    "a sum with axes kept": (lambda x: ag.sum(ag.tanh(x), keepdims=True), [(200, 300)]),
    "sums of rows": (lambda x: ag.sum(ag.tanh(x) * x, axis=-1), [(200, 300)]),
    "sums of matrices": (lambda x: ag.sum(ag.tanh(x), axis=(1, 2)), [(70, 30, 20)]),
    "sums of deep rows": (lambda x: ag.sum(ag.tanh(x), axis=-1), [(70, 30, 20)]),
    "a row beside": (lambda x, y: ag.tanh(x + y), [(200, 300), (300,)]),
    "a column beside": (lambda x, y: ag.tanh(x + y), [(200, 300), (200, 1)]),
    "rows longer than a tile": (lambda x, y: ag.tanh(x + y), [(3, 17_000), (17_000,)]),
    "one row": (lambda x, y: ag.tanh(x + y), [(1, 20_000), (20_000,)]),
    "a number beside": (lambda x, y: ag.tanh(x + y), [(200, 300), ()]),
    "a number with axes beside": (lambda x, y: ag.tanh(x + y), [(200, 300), (1, 1)]),
    "where, a number with axes": (
        with_gradient(lambda x, y: ag.where(x > y, x * y, y)), [(LONG,), (1,)]
    ),
    "where, numbers with axes": (
        lambda x, y, z: ag.where(y > 0, ag.tanh(x), y + z), [(200, 300), (1, 1), (1, 1)]
    ),
    "a sum over a row beside": (lambda x, y: ag.sum(ag.tanh(x + y)), [(200, 300), (300,)]),
    "ReLU": (with_gradient(lambda x: ag.relu(x) * 3.0), [(LONG,)]),
    "where": (with_gradient(lambda x, y: ag.where(x > y, x * y, y)), [(LONG,), (LONG,)]),
    "where, rows": (
        with_gradient(lambda x, y: ag.where(x > y, x * y, y)), [(200, 300), (300,)]
    ),
    "where alone": (lambda x, y: ag.where(x > 0, x, y), [(LONG,), (LONG,)]),
    "guards": (with_gradient(lambda x: ag.relu(ag.sqrt(x)) * x), [(LONG,)]),
    "sigmoid": (with_gradient(lambda x: ag.sigmoid(x) * 3.0), [(LONG,)]),
    "a copy on the way": (lambda x: (t := ag.tanh(x), ag.exp(t), ag.sum(t)), [(LONG,)]),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", TILED)
def test_tiles(name, dtype):
    build, shapes = TILED[name]
    arrays = [numbers(*shape, dtype=dtype, awkward="sum" not in name) for shape in shapes]
    program = check(build, *arrays)
    assert "for k, i in enumerate(range(" in program.source


def test_an_update_in_tiles_is_done_in_place():
    given = numbers(LONG, awkward=False)
    with ag.Graph() as graph:
        w = ag.parameter(given)
        new = w - 0.5 * ag.tanh(w)
    program = ag.compile(graph, [], {w: new}, executor="numpy")
    program()
    np.testing.assert_allclose(w.value, given - 0.5 * np.tanh(given), rtol=1e-5, atol=1e-6)
    alone = ag.compile(
        graph, [], {w: w - 0.5 * ag.constant(np.ones(LONG, "float32"))}, executor="numpy"
    )
    before = w.value.copy()
    alone()
    np.testing.assert_allclose(w.value, before - 0.5, rtol=1e-5)


# Kernels

X = numbers(4, 3, dtype="float64")
LABELS = np.array([0, 2, 1, 2])
KERNELS = {
    "where of zero and zero": (lambda x: ag.where(x > 0, 0.0, ag.where(x < -1, x, 0.0)), [X]),
    "where of minus zero": (lambda x: ag.where(x > 0, x, -0.0), [X]),
    "where of integers": (lambda x, n: ag.where(n, x, n), [X, np.arange(12).reshape(4, 3) % 2]),
    "where of yes and no": (lambda x: ag.where(x > 0, x < 1, x > -1), [X]),
    "where of bytes": (lambda n: ag.where(n > 1, n, n), [np.arange(4, dtype="uint8")]),
    "guard of another dtype": (lambda x: ag.ops.Guard(x, x.astype("float32")), [X]),
    "guard of half numbers": (lambda x: ag.ops.Guard(x, x), [X.astype("float16")]),
    "labels of rows": (lambda x, y: (ag.aref(x, y), ag.accuracy(x, y)), [X, LABELS]),
    "labels that are shared": (
        lambda x, y: ag.aref(ag.stack([x, x]), y), [X, LABELS]
    ),
    "labels that are computed": (lambda x, y: ag.aref(x, y + 0), [X, LABELS]),
    "accuracy of labels computed": (lambda x, y: ag.accuracy(x, y + 0), [X, LABELS]),
    "one label": (lambda x, y: (ag.aref(x[1], y), ag.accuracy(x[1], y)), [X, np.array(2)]),
    "one label computed": (lambda x, y: ag.aref(x[1], y + 0), [X, np.array(1)]),
    "one label as a number": (lambda x, y: ag.aref(x[1], y) * y, [X, np.array(2)]),
    "a gradient to one label": (with_gradient(lambda x: ag.aref(x[0], ag.constant(1)) * 2.0), [X]),
    "gradient of a pick": (
        lambda x, y: ag.gradients(ag.sum(ag.aref(x, y) * ag.aref(x, y)), x), [X, LABELS]
    ),
    "gradient of one pick": (
        lambda x, y: ag.gradients(ag.aref(x, y) * ag.aref(x, y), x), [X[1], np.array(2)]
    ),
    "log softmax, weighted": (
        lambda x, y: ag.gradients(ag.sum(ag.log(ag.aref(ag.softmax(x), y)) * x[:, 0]), x),
        [numbers(4, 3, dtype="float64", awkward=False), LABELS],
    ),
    "log softmax of one, weighted": (
        lambda x, y: ag.gradients(ag.log(ag.aref(ag.softmax(x), y)) * x[0], x),
        [numbers(3, dtype="float64", awkward=False), np.array(2)],
    ),
    "log softmax of labels computed": (
        lambda x, y: ag.gradients(ag.sum(ag.log(ag.aref(ag.softmax(x), y + 0))), x),
        [numbers(4, 3, dtype="float64", awkward=False), LABELS],
    ),
    "log softmax, doubled": (
        lambda x, y: ag.gradients(ag.sum(ag.log(ag.aref(ag.softmax(x), y)) * -2.0), x),
        [numbers(4, 3, dtype="float64", awkward=False), LABELS],
    ),
    "softmax that is needed": (
        lambda x, y: (p := ag.softmax(x), ag.gradients(ag.log(ag.aref(p, y)), x)),
        [numbers(3, dtype="float64", awkward=False), np.array(2)],
    ),
    "products of three axes": (lambda x: ag.stack([x, x]) @ x.mT, [X]),
    "transposes": (lambda x: (x.T, x.mT, (x * 2.0).mT), [X]),
    "transposes of three axes": (lambda x: (ag.stack([x, x]).T, ag.stack([x, x]).mT), [X]),
    "subscripts": (lambda x: (x[1], x[1, 2], x[..., 1], (x * 2.0)[1, 2], x[[0, 2]]), [X]),
    "gradients of subscripts": (
        lambda x: ag.gradients(ag.sum(x[1:] * x[1:]) + ag.sum(x[[0, 0]] * 2.0), x), [X]
    ),
    "the largest of nothing": (lambda x: ag.max(x[:, :0], axis=0), [X]),
    "casts": (lambda x: (x.astype("float32"), x.astype("float32") + 1.0), [X]),
    "mixed dtypes": (lambda x, n: x * n, [X, np.arange(3)]),
    "rounding integers": (ag.round, [np.arange(3)]),
    "empty labels": (ag.accuracy, [X[:0], LABELS[:0]]),
}  # fmt: skip


@pytest.mark.parametrize("name", KERNELS)
def test_kernels(name):
    build, arrays = KERNELS[name]
    check(build, *arrays)


@pytest.mark.parametrize("shape", [(300, 4), (4, 300), (300, 300)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("scale", [0.5, 0.0, "a leaf"])
def test_products_into_parameters(shape, dtype, scale):
    x, y = numbers(shape[0], dtype=dtype, awkward=False), numbers(shape[1], dtype=dtype)
    with ag.Graph() as graph:
        a, b = (ag.input(name=name, shape=v.shape, dtype=dtype) for name, v in (("a", x), ("b", y)))
        w = ag.parameter(np.ones(shape, dtype))
        rate = ag.Node(np.array(0.5, dtype), requires_grad=False) if scale == "a leaf" else scale
        product = ag.expand_dims(a, axis=1) @ ag.expand_dims(b, axis=0)
        new = w - rate * product
        more = new.shape
    program = ag.compile(graph, [], {w: new}, executor="numpy")
    with np.errstate(all="ignore"):
        expected = np.ones(shape, dtype) - np.array(getattr(rate, "value", rate), dtype) * np.outer(
            x, y
        )
    program(a=x, b=y)
    assert_same(w.value, expected.astype(dtype), program.source)
    assert more == shape


@pytest.fixture
def no_scipy(monkeypatch):
    """A machine without SciPy."""
    monkeypatch.setitem(sys.modules, "scipy.linalg", None)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    blas.routines.cache_clear()
    blas.logistic.cache_clear()
    yield
    monkeypatch.undo()
    blas.routines.cache_clear()
    blas.logistic.cache_clear()


@pytest.mark.usefixtures("no_scipy")
@pytest.mark.parametrize("network", [{}, {"batch": 4}, {"batch": 4, "momentum": 0.5}])
def test_numpy_alone_does_the_same(network):
    mine, theirs = Classifier(**network), Classifier(**network)
    program = mine.compile()
    batch = network.get("batch")
    for _ in range(3):
        x, y = samples(batch or 1)
        feeds = {"x": x, "y": y} if batch else {"x": x[0], "y": y[0]}
        for a, b in zip(program(**feeds), theirs.step(**feeds), strict=True):
            assert_same(a, b, program.source)
    assert "gemm" not in program.source
    assert "expit" not in program.source
    for a, b in zip(mine.updates, theirs.updates, strict=True):
        assert_same(a.value, b.value)


@pytest.mark.usefixtures("no_scipy")
def test_numpy_alone_multiplies_transposes():
    x, y = numbers(3, 5, dtype="float64", awkward=False), numbers(6, 3, dtype="float64")
    with ag.Graph() as graph:
        a, b = (ag.input(name=n, shape=v.shape, dtype="float64") for n, v in (("a", x), ("b", y)))
        w = ag.parameter(np.ones((5, 6)))
        new = w - 0.5 * (a.mT @ b.mT)
    ag.compile(graph, [], {w: new}, executor="numpy")(a=x, b=y)
    assert_same(w.value, 1 - 0.5 * (x.T @ y.T))


def test_no_text_of_the_users_gets_into_the_code():
    with ag.Graph() as graph:
        x = ag.input(name="x'); raise SystemExit #", shape=(2,))
        y = (x * 2.0).named("y\n import os")
    program = ag.compile(graph, y, executor="numpy")
    assert "SystemExit" not in program.source
    assert "import" not in program.source
    assert program(**{x.name: [1.0, 2.0]}).tolist() == [2.0, 4.0]


# Threads


def big(batch, *, flip=False):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(batch, 300))
        w = ag.parameter(np.eye(300, dtype="float32") * 0.5, name="w")
        h = x @ w.mT if flip else x @ w
        loss = ag.mean(h * h)
        new = w - 0.1 * ag.gradients(loss, w)
    return graph, loss, w, new


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("scipy", [True, False])
def test_large_products_are_shared_and_stay_the_same(flip, scipy, monkeypatch):
    if not scipy:
        monkeypatch.setattr(products, "routines", lambda _: None)

    def with_cores(count):
        monkeypatch.setattr(cores.CORES, "free", lambda: count)
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))
        graph, loss, w, new = big(400, flip=flip)
        program = ag.compile(graph, loss, {w: new}, executor="numpy")
        x = numbers(400, 300, awkward=False)
        graph.forward(x=x)
        expected = new.value, loss.value
        result = program(x=x)
        assert_same(result, expected[1])
        assert_same(w.value, expected[0])
        assert program.source.count("share") == 2 - (not scipy)
        assert f"Threads: {count} of" in str(program.plan) or count == 1
        return result, w.value.copy()

    alone = with_cores(1)
    for count in (2, 3):
        assert all(np.array_equal(a, b) for a, b in zip(with_cores(count), alone, strict=True))


def test_pieces_of_products():
    assert team.ranges(100, team.LARGE - 1) == [(0, 100)]
    assert team.ranges(7, team.LARGE) == [(0, 7)]
    assert team.ranges(40, team.LARGE) == [(0, 20), (20, 40)]
    assert team.ranges(101, team.LARGE) == [(0, 25), (25, 50), (50, 75), (75, 101)]


def test_an_error_in_a_helping_thread_is_raised(monkeypatch):
    monkeypatch.setattr(cores.CORES, "free", lambda: 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    begun = threading.Barrier(2)

    def work(first, _last):
        begun.wait(10)
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError(first)

    with pytest.raises(MemoryError):
        team.Team().share(work, [(0, 1), (1, 2)])


def test_blas_takes_one_thread_where_products_are_not_tiny():
    for batch in (8, 400):
        graph, loss, w, new = big(batch)
        assert wants_one_thread(ag.compile(graph, loss, {w: new}, executor="numpy").plan)
    assert not wants_one_thread(Classifier().compile().plan)


class Library:
    """Stands for a BLAS that threadpoolctl has found."""

    user_api = "blas"

    def __init__(self, count):
        self.count, self.told = count, []

    def get_num_threads(self):
        return self.count

    def set_num_threads(self, count):
        self.count = count
        self.told.append(count)


def test_threads_are_set_once_and_restored(monkeypatch):
    two, one = Library(2), Library(1)
    monkeypatch.setattr(threads, "_libraries", lambda: [two, one])
    with one_thread():
        assert (two.count, one.count) == (1, 1)
    assert two.told == [1, 2]
    assert one.told == []


def test_libraries_are_found_with_and_without_threadpoolctl(monkeypatch):
    counts = []
    for module in ({}, {"threadpoolctl": None}):
        with monkeypatch.context() as patch:
            for name, value in module.items():
                patch.setitem(sys.modules, name, value)
            threads._libraries.cache_clear()
            counts.append(len(threads._libraries()))
            with one_thread():
                assert all(lib.get_num_threads() == 1 for lib in threads._libraries())
    assert not sys.platform.startswith("linux") or counts[1] >= 1
    threads._libraries.cache_clear()


def test_a_library_of_another_kind_is_no_blas():
    assert not threads.OpenBLAS(find_library("m")).is_known


def test_where_the_system_lists_no_libraries_none_are_found(monkeypatch, tmp_path):
    monkeypatch.setattr(threads, "LOADED", tmp_path / "maps")
    assert threads._loaded() == []
    (tmp_path / "libopenblas-not.so").write_bytes(b"")
    (tmp_path / "maps").write_text("0-1 r-xp 0 00:00 0 /nowhere/libopenblas.so\n1-2 r-xp\n")
    assert threads._loaded() == []


# Who runs it


class Native:
    """Stands for the native executor."""

    name = "native"

    def __init__(self, *, seconds=0.0, reason=None):
        self.seconds, self.reason, self.built = seconds, reason, 0
        self.begun, self.may_end, self.ended = Event(), Event(), Event()

    def can_fuse(self, node):
        return False

    def build_seconds(self, plan):
        return self.seconds

    def compile(self, plan):
        self.begun.set()
        assert self.may_end.wait(60)
        self.ended.set()
        if self.reason:
            raise ExecutorUnavailable(self.reason)

    def build(self, plan, options):
        self.built += 1
        if self.reason:
            raise ExecutorUnavailable(self.reason)
        return choice.NumPyExecutor().build(plan, options)


def program_with(monkeypatch, native, **options):
    monkeypatch.setattr(choice, "NativeExecutor", lambda: native)
    return Classifier().compile(**options)


def test_auto_takes_native_code_where_it_pays(monkeypatch):
    quick, slow = Native(), Native(seconds=1.0)
    assert program_with(monkeypatch, quick, executor="auto").plan.executor == "native"
    plan = program_with(monkeypatch, slow, executor="auto").plan
    assert plan.executor.startswith("numpy: native code pays from ")
    assert slow.built == 0
    plan = program_with(monkeypatch, slow, executor="auto", steps=10**7).plan
    assert plan.executor == "native"


def test_auto_changes_its_mind_after_many_steps(monkeypatch):
    program = program_with(monkeypatch, Native(seconds=5e-3), executor="auto")
    x, y = samples(600)
    program.scan({"x": x[:10], "y": y[:10]})
    assert program.plan.executor.startswith("numpy: ")
    program.scan({"x": x, "y": y})
    assert program.plan.executor == "native: NumPy took the first 10 steps"


A_WHILE = 5.0  # seconds of compiling, so that nobody waits


def passes_before_and_after(program, native):
    """The losses of a pass in which the compiler ends after a chunk, and of another pass."""
    x, y = samples(3 * FIRST)

    def progress(done, _):
        assert native.begun.wait(60)
        assert native.built == (done > FIRST and not native.reason)
        native.may_end.set()
        for thread in threading.enumerate():
            if isinstance(thread, choice.Compiling):
                thread.join()

    before, _ = program.scan({"x": x, "y": y}, progress=progress)
    return np.concatenate([before, program.scan({"x": x, "y": y})[0]])


@pytest.mark.parametrize("reason", [None, "it broke"])
def test_a_long_program_begins_with_numpy_and_changes_over_between_chunks(reason, monkeypatch):
    native = Native(seconds=A_WHILE, reason=reason)
    program = program_with(monkeypatch, native, executor="auto", steps=10**9)
    assert program.plan.executor == "numpy: until native code is compiled"
    losses = passes_before_and_after(program, native)
    told = f"native: NumPy took the first {FIRST:,} steps"
    assert program.plan.executor == (f"numpy: no native code: {reason}" if reason else told)
    assert native.built == (not reason)
    monkeypatch.undo()
    twin, (x, y) = Classifier().compile(executor="numpy"), samples(3 * FIRST)
    expected = [twin.scan({"x": x, "y": y})[0] for _ in range(2)]
    assert_same(losses, np.concatenate(expected))


def test_nobody_changes_over_where_results_are_to_be_reproducible(monkeypatch):
    native = Native(seconds=A_WHILE)
    program = program_with(monkeypatch, native, executor="auto", steps=10**9, reproducible=True)
    assert program.plan.executor == "native"
    assert not native.begun.is_set()


def test_where_no_thread_can_be_had_the_compiler_is_waited_for(monkeypatch):
    def start(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(choice.Compiling, "start", start)
    native = Native(seconds=A_WHILE)
    program = program_with(monkeypatch, native, executor="auto", steps=10**9)
    assert program.plan.executor == "native"


def test_without_a_compiler_numpy_runs_and_says_why(monkeypatch):
    program = program_with(monkeypatch, Native(reason="no cc"), executor="auto")
    assert program.plan.executor == "numpy: no native code: no cc"
    program = program_with(monkeypatch, Native(reason="no cc"), executor="native")
    with pytest.warns(RuntimeWarning, match="no native code: no cc; the NumPy executor runs"):
        assert program.plan.executor.startswith("numpy")


def scalar_network():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(), dtype="float64")
        w = ag.Node(0.5)
        y = ag.tanh(x * w) + 1.0
    return graph, x, w, y


@pytest.mark.parametrize("executor", ["auto", "numpy", "native"])
def test_single_numbers_are_played_from_a_tape(executor):
    graph, _, w, y = scalar_network()
    program = ag.compile(graph, y, {w: w * 0.5}, executor=executor)
    assert program(x=2.0) == np.tanh(1.0) + 1.0
    assert program.scan({"x": [2.0, 4.0]}).tolist() == [np.tanh(0.5) + 1, np.tanh(0.5) + 1]
    assert w.value == 0.0625
    assert "single numbers only" in program.plan.executor


def test_a_tape_that_nobody_can_play_is_planned_like_any_graph(monkeypatch):
    class Unable:
        native = False

        def build(self, request, options):
            raise ExecutorUnavailable("no")

    monkeypatch.setattr(choice, "TAPE_EXECUTORS", [Unable()])
    graph, _, _, y = scalar_network()
    program = ag.compile(graph, y, executor="numpy")
    assert program(x=2.0) == np.tanh(1.0) + 1.0
    assert program.plan.executor == "numpy: as asked"


def test_native_code_pays_the_sooner_the_more_numbers_loops_go_over(monkeypatch):
    monkeypatch.setattr(choice, "NativeExecutor", lambda: Native(seconds=1.0))

    def pays_from(rows):
        with ag.Graph() as graph:
            x = ag.input(name="x", shape=(rows, 100), dtype="float64")
            loss = ag.mean(ag.gelu(x))
        told = ag.compile(graph, [loss], steps=1).plan.executor
        return float(told.partition("pays from ")[2].split()[0].replace(",", ""))

    assert pays_from(1) > 10 * pays_from(1000)
