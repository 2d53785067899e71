"""The JAX executor gives what the interpreter gives: every op, steps, passes over data, refusals."""

from pathlib import Path

import numpy as np
import pytest
from compiled import Classifier, assert_same, interpreted, samples
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPS, SAMPLES
from test_compile_equal import converted, recorded, sprinkled

import autograd_lite as ag
from autograd_lite.errors import AutogradError, ConfigError, LabelError, ShapeError

jax = pytest.importorskip("jax", reason="JAX is not installed")
ON_CPU = jax.default_backend() == "cpu"
few = settings(max_examples=max(1, settings.default.max_examples // 15), deadline=None)


def compiled(graph, outputs, updates=None, **options):
    return ag.compile(graph, outputs, updates, executor="jax", **options)


SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0)
WITHOUT_REFUSALS = {
    "Cholesky", "Cofactor", "Det", "EigH", "Inv", "MatrixRank", "PInv", "QR", "SlogDet", "Solve",
    "SVD",
}  # fmt: skip
"""Ops that NumPy refuses matrices to for which there is no result; XLA gives NaN or infinity."""

WITHOUT_FRAMES = {"Conv2d", "Conv2dAdjoint", "Conv2dKernel"}
"""Ops whose frame of zeros XLA leaves out, so that an infinite kernel meets none of them."""


@pytest.mark.parametrize("name", SAMPLES)
@few
@given(data=st.data())
def test_every_op(name, data):
    sample = SAMPLES[name]
    case = converted(data.draw(sample.cases), data.draw(st.sampled_from(sample.dtypes)))
    special = sprinkled(data, case, SPECIAL)
    try:
        graph, outputs = recorded(OPS[name], case)
        feeds = {f"x{i}": x for i, x in enumerate(case.inputs)}
        expected = interpreted(graph, outputs, feeds)
    except AutogradError:
        return
    program = compiled(graph, outputs)
    actual = program(**feeds)
    assert "Through NumPy" not in str(program.plan)
    rows = program.scan({key: np.stack([x, x]) for key, x in feeds.items()})
    for node, a, row, b in zip(outputs, actual, rows, expected, strict=True):
        told = f"{node.label()} of {name}{case.params} {case.inputs}\n{program.plan}"
        assert_same(a, b, told)
        assert_same(row, np.stack([b, b]), told)
    if name not in WITHOUT_REFUSALS | WITHOUT_FRAMES:
        with_special_values(program, graph, outputs, special.inputs)


def with_special_values(program, graph, outputs, inputs):
    """NaN, infinities and signed zeros: the same values, or a refusal of the same kind."""
    feeds = {f"x{i}": x for i, x in enumerate(inputs)}
    try:
        expected = interpreted(graph, outputs, feeds)
    except AutogradError as problem:
        with pytest.raises(type(problem)):
            program(**feeds)
        return
    for node, a, b in zip(outputs, program(**feeds), expected, strict=True):
        assert_same(a, b, f"{node.label()} {inputs}\n{program.plan}")


NO_RESULT = [[1.0, 2.0], [2.0, 4.0]], [[np.nan, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [0.0, -1.0]]


@pytest.mark.parametrize("function", [ag.linalg.inv, ag.linalg.cholesky, ag.linalg.det])
def test_a_matrix_without_a_result_gives_none_and_is_named_where_it_is_asked_for(function):
    with ag.Graph() as graph:
        y = function(ag.input(name="x", shape=(2, 2), dtype="float64"))
    plain, checked = (compiled(graph, y, check_finite=finite) for finite in (False, True))
    for x in NO_RESULT:
        try:
            (expected,) = interpreted(graph, [y], {"x": np.array(x)})
        except AutogradError:
            assert not np.isfinite(plain(x=x)).all()
            with pytest.raises(AutogradError, match=y.op.name):
                checked(x=x)
        else:
            found = plain(x=x)  # a GPU may have infinity where others have NaN
            assert_same(*((found, expected) if ON_CPU else map(np.isfinite, (found, expected))))


def test_an_infinite_kernel_does_not_meet_the_frame():
    with ag.Graph() as graph:
        x, w = (ag.input(name=name, shape=(1, 1, 2, 2), dtype="float64") for name in "xw")
        y = ag.conv2d(x, w, padding=1)
    feeds = {"x": np.ones((1, 1, 2, 2)), "w": np.array([[[[np.inf, 1.0], [1.0, 1.0]]]])}
    (expected,) = interpreted(graph, [y], feeds)
    found = compiled(graph, y)(**feeds)
    assert np.isnan(expected[0, 0, 0]).all()
    if ON_CPU:  # GPUs have the frame
        assert found[0, 0, 0].tolist() == [1, 2, 1]
    assert_same(found[..., 1:, 1:], expected[..., 1:, 1:])


def test_the_differences_are_in_the_documentation():
    text = (Path(ag.__file__).parents[1] / "docs" / "anywhere.md").read_text()
    for name in WITHOUT_REFUSALS | WITHOUT_FRAMES:
        assert f"`{name}`" in text


@pytest.mark.parametrize("rtol", [None, 1e-3, 1e-2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_singular_values_count_as_those_of_numpy(rtol, dtype):
    """The bound is relative, and NumPy's where none is given; JAX has others."""
    eps = np.finfo(dtype).eps
    x = np.diag([4.0, 2e-2, 3e-3, 30 * eps]).astype(dtype)
    with ag.Graph() as graph:
        node = ag.input(name="x", shape=(4, 4), dtype=dtype)
        outputs = [ag.linalg.matrix_rank(node, rtol=rtol), ag.linalg.pinv(node, rtol=rtol)]
    for a, b in zip(
        compiled(graph, outputs)(x=x), interpreted(graph, outputs, {"x": x}), strict=True
    ):
        assert_same(a, b)


# Networks


NETWORKS = {
    "one sample": {},
    "a batch": {"batch": 4},
    "momentum": {"batch": 4, "momentum": 0.9, "dtype": "float64"},
    "relu": {"activation": ag.relu},
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("shuffle", [False, 5])
def test_a_pass_is_that_of_numpy(name, shuffle):
    batch, dtype = NETWORKS[name].get("batch"), NETWORKS[name].get("dtype", "float32")
    twin, network = Classifier(**NETWORKS[name]), Classifier(**NETWORKS[name])
    x, y = samples(18, dtype=dtype)  # the last batch is smaller
    passes = [{"data": {"x": x, "y": y}, "batch_size": batch or 1, "shuffle": shuffle}] * 2
    expected = [twin.compile("numpy").scan(**options) for options in passes[:1]]
    found = [network.compile("jax").scan(**options) for options in passes[:1]]
    for a, b in zip(found, expected, strict=True):
        for row, other in zip(a, b, strict=True):
            assert_same(row, other)
    for w, other in zip(network.weights, twin.weights, strict=True):
        assert_same(w.value, other.value)


def test_values_assigned_between_steps_are_seen():
    network, (x, y) = Classifier(batch=4), samples(4)
    program = network.compile("jax", outputs=[network.loss])
    before = [w.value.copy() for w in network.weights]
    (first,) = program(x=x, y=y)
    for w, value in zip(network.weights, before, strict=True):
        w.assign(value)
    assert program(x=x, y=y) == (first,)


def test_a_long_pass_is_taken_in_several_loops(monkeypatch):
    monkeypatch.setattr("autograd_lite.compiler.executors.jax.loops.LONGEST", 5)
    network, twin, (x, y) = Classifier(), Classifier(), samples(24)
    found = network.compile("jax").scan({"x": x, "y": y})
    for a, b in zip(found, twin.compile("numpy").scan({"x": x, "y": y}), strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("batch", [None, 4])
@pytest.mark.parametrize("shuffle", [False, 3])
def test_large_data_are_handed_over_by_and_by(monkeypatch, batch, shuffle):
    """In windows of a few rows, which change neither what was fed nor any result."""
    twin, network, (x, y) = Classifier(batch=batch), Classifier(batch=batch), samples(50)
    monkeypatch.setattr("autograd_lite.compiler.executors.jax.feeding.WINDOW", 300)
    program, options = network.compile("jax"), {"batch_size": batch or 1, "shuffle": shuffle}
    for rows in (slice(50), slice(30), slice(10, 50)):
        data = {"x": x[rows].copy(), "y": y[rows]}
        found = program.scan(data, **options)
        assert_same(data["x"], x[rows])
        for a, b in zip(found, twin.compile("numpy").scan(data, **options), strict=True):
            assert_same(a, b)


def test_data_of_other_dtypes_are_converted_on_the_device():
    network, twin, (x, y) = Classifier(batch=3), Classifier(batch=3), samples(9)
    data = {"x": (x * 10).astype("int8"), "y": y.astype("uint8")}
    found = network.compile("jax").scan(data, batch_size=3)
    for a, b in zip(found, twin.compile("numpy").scan(data, batch_size=3), strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("shuffle", [False, 3])
def test_arrays_of_jax_stay_where_they_are(batch, shuffle):
    twin, (x, y) = Classifier(batch=batch), samples(9)
    there = {"x": jax.numpy.asarray(x), "y": jax.numpy.asarray(y)}
    options = {"batch_size": batch or 1, "shuffle": shuffle}
    expected = twin.compile("numpy").scan({"x": x, "y": y}, **options)
    for data in (there, there | {"y": y}):
        network = Classifier(batch=batch)
        found = network.compile("jax").scan(data, **options)
        for a, b in zip(found, expected, strict=True):
            assert_same(a, b)


def test_a_step_takes_arrays_of_jax():
    network, twin, (x, y) = Classifier(batch=3), Classifier(batch=3), samples(3)
    program, there = network.compile("jax"), jax.numpy.asarray(x)
    found = program(x=there, y=jax.numpy.asarray(y))
    for a, b in zip(found, twin.compile("numpy")(x=x, y=y), strict=True):
        assert_same(a, b)
    with pytest.raises(ShapeError, match="Input 'x'"):
        program(x=there[0], y=y)


@pytest.mark.parametrize("steps", ["a step", "a pass"])
def test_a_label_outside_is_told_and_changes_nothing(steps):
    network, (x, y) = Classifier(batch=4), samples(8)
    program, before = network.compile("jax"), [w.value.copy() for w in network.weights]
    wrong = np.append(y[:7], 9)
    with pytest.raises(LabelError, match="labels from 0 to 2"):
        (
            program(x=x[4:], y=wrong[4:])
            if steps == "a step"
            else program.scan({"x": x, "y": wrong}, batch_size=4)
        )
    for w, value in zip(network.weights, before, strict=True):
        assert_same(w.value, value)


@pytest.mark.parametrize("steps", ["a step", "a pass"])
def test_a_computed_label_outside_is_told(steps):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3,), dtype="float64")
        y = ag.input(name="y", shape=(), dtype="int64")
        w = ag.parameter(1.0, name="w")
        picked = ag.aref(x * w, y + 1)
    program = compiled(graph, picked, {w: w + 1.0})
    many = {"x": np.ones((3, 3)), "y": np.array([0, 2, 1])}
    with pytest.raises(LabelError, match="labels from 0 to 2"):
        program(x=np.ones(3), y=2) if steps == "a step" else program.scan(many)
    assert w.value == (1.0 if steps == "a step" else 2.0)


def test_a_nan_is_named_where_it_is_asked_for():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(), dtype="float64")
        w = ag.parameter(1.0, name="w")
        y = ag.log(x * w)
    program = compiled(graph, y, {w: w + 1.0}, check_finite=True)
    assert program(x=1.0) == 0
    with pytest.raises(ag.errors.NonFiniteError, match="Log"):
        program(x=-1.0)
    assert w.value == 2.0


# Ops, and what XLA cannot do


class Staircase(ag.Elementwise):
    """Floor by NumPy's own function, which is no rule in xp."""

    def forward(xp, x):
        return np.floor(x) + 0 * x

    vjp_x = None


class Cubed(ag.Elementwise):
    """x³, in xp alone."""

    def forward(xp, x):
        return x * xp.square(x)

    def vjp_x(xp, grad, out, x):
        return grad * 3 * xp.square(x)


def test_ops_of_users_run_on_the_device_or_are_called_back():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3,), dtype="float64", requires_grad=True)
        cubed = Cubed(x)
        outputs = [cubed, ag.gradients(cubed, x, cotangent=np.ones(3)), Staircase(x)]
    program, feeds = compiled(graph, outputs), {"x": np.array([1.5, -2.5, 3.0])}
    for a, b in zip(program(**feeds), interpreted(graph, outputs, feeds), strict=True):
        assert_same(a, b)
    assert "Through NumPy on the host: %" in str(program.plan)
    assert "Staircase" in str(program.plan)
    assert "Cubed" not in str(program.plan)
    assert "stablehlo" in program.source


def test_large_constants_are_handed_over():
    table = np.linspace(0, 1, 5000).reshape(50, 100)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(50,), dtype="float64")
        y = ag.matmul(x, ag.constant(table))
    feeds = {"x": np.arange(50.0)}
    assert_same(compiled(graph, y)(**feeds), interpreted(graph, [y], feeds)[0])


def test_thousands_of_single_numbers_are_for_native_code():
    with ag.Graph() as graph:
        y = x = ag.input(name="x", shape=(), dtype="float64")
        for _ in range(2001):
            y = y * x
    with pytest.raises(ConfigError, match=r'at most 2,000 [^~]*2,001 of them[^~]*"native"'):
        compiled(graph, y)(x=1.0)


def test_a_graph_without_inputs_and_leaves():
    with ag.Graph() as graph:
        y = ag.exp(ag.constant([0.0, 1.0]))
    program = compiled(graph, y)
    assert_same(program(), np.exp([0.0, 1.0]))
    assert_same(program.scan({}, steps=3), np.exp([[0.0, 1.0]] * 3))


REFUSED = {
    "precision": ({"precision": "low"}, "precision to be one of highest, fast"),
    "mesh": ({"mesh": "eight"}, "mesh to be a jax.sharding.Mesh"),
    "shard alone": ({"shard": {"w": ("model",)}}, "a mesh, over which shard cuts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_options_that_make_no_sense_are_refused(name):
    options, message = REFUSED[name]
    network = Classifier()
    with pytest.raises(ConfigError, match=message):
        network.compile("jax", **options)


def test_options_of_jax_belong_to_jax():
    with pytest.raises(ConfigError, match='mesh, shard and precision with executor="jax" alone'):
        Classifier().compile("numpy", precision="fast")


def test_precision_may_be_let_go():
    network, (x, y) = Classifier(batch=4), samples(4)
    program = network.compile("jax", outputs=[network.loss], precision="fast")
    assert np.isfinite(program(x=x, y=y)[0])
    assert "DEFAULT" in program.source or "precision" not in program.source


# Where data and leaves lie


def test_arrays_that_begin_anywhere_are_read_in_place():
    """Behind a cache line, in the middle of others, of small elements; else they are copied."""
    from autograd_lite.compiler.executors.jax.feeding import memory_of  # noqa: PLC0415

    memory = np.zeros(4096, np.uint8)
    first = -memory.ctypes.data % 64
    for offset in (0, 4, 16, 60, 64):
        x = memory[first + offset :][: 24 * 4].view("f").reshape(6, 4)
        flat, begin = memory_of(x)
        assert flat.ctypes.data % 64 == 0
        assert np.shares_memory(flat, x)
        assert flat.flags.writeable is False
        x[:] = np.arange(24).reshape(6, 4)
        assert flat[begin:].tolist() == list(range(24))
    shifted = memory[first + 2 :][:64].view("f")  # no whole element from the line on
    for x in (shifted, memory[::2], memory[:0], np.zeros(3, ">f4")):
        assert memory_of(x) is None


@pytest.mark.parametrize("make", [np.asfortranarray, np.ascontiguousarray])
def test_data_change_between_passes(make):
    """What is read in place, or was brought before, is what the arrays hold now."""
    network, twin, (x, y) = Classifier(batch=3), Classifier(batch=3), samples(9)
    x, program, other = make(x), network.compile("jax"), twin.compile("numpy")
    for _ in range(2):
        found = program.scan({"x": x, "y": y}, batch_size=3)
        for a, b in zip(found, other.scan({"x": x, "y": y}, batch_size=3), strict=True):
            assert_same(a, b)
        x[1:] *= -1
        y[:] = y[::-1].copy()


@pytest.mark.parametrize("count", [5, 12, 70, 141])
def test_steps_in_blocks_are_the_same_steps(monkeypatch, count):
    """As a GPU takes them: in blocks of fixed lengths, data brought while others are read."""
    monkeypatch.setattr("autograd_lite.compiler.executors.jax.devices.Devices.on_cpu", False)
    monkeypatch.setattr("autograd_lite.compiler.executors.jax.feeding.WINDOW_OF_A_GPU", 400)
    network, twin, (x, y) = Classifier(), Classifier(), samples(count)
    expected = twin.compile("numpy").scan({"x": x, "y": y})
    for data in ({"x": x, "y": y}, {"x": jax.numpy.asarray(x), "y": jax.numpy.asarray(y)}):
        for w, other in zip(network.weights, Classifier().weights, strict=True):
            w.assign(other.value)
        for a, b in zip(network.compile("jax").scan(data), expected, strict=True):
            assert_same(a, b)


def test_leaves_on_the_device_are_those_that_were_assigned_last():
    """Whoever assigns: the user, a step that fails, another plan of the program."""
    network, twin, (x, y) = Classifier(batch=4), Classifier(batch=4), samples(10)
    program, other = network.compile("jax", check_finite=True), twin.compile("numpy")

    def both(take):
        for a, b in zip(take(program), take(other), strict=True):
            assert_same(a, b)

    both(lambda p: p.scan({"x": x, "y": y}, batch_size=4))  # the last batch is another plan
    for w, v in zip(network.weights, twin.weights, strict=True):
        w.assign(w.value * 2)
        v.assign(v.value * 2)
    both(lambda p: p(x=x[:4], y=y[:4]))
    with pytest.raises(ag.errors.NonFiniteError):
        program(x=np.full((4, 6), np.inf, "f"), y=y[:4])
    both(lambda p: p.scan({"x": x[:8], "y": y[:8]}, batch_size=4))
    with pytest.raises(LabelError):
        program(x=jax.numpy.asarray(x[:4]), y=jax.numpy.asarray(y[:4] + 3))
    both(lambda p: p(x=x[:4], y=y[:4]))


def test_a_label_on_the_device_is_told_at_its_step():
    """And is looked for again in every pass until there is none."""
    network, (x, y) = Classifier(batch=4), samples(12)
    program, wrong = network.compile("jax"), np.append(y[:11], 9)
    for _ in range(2):
        with pytest.raises(LabelError, match="labels from 0 to 2"):
            program.scan({"x": x, "y": jax.numpy.asarray(wrong)}, batch_size=4)
    assert len(program.scan({"x": x, "y": jax.numpy.asarray(y)}, batch_size=4)[0]) == 3
