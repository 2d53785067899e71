"""Rows of the native executor and expansions: what moves, orders, walks and draws, on both ways."""

import native_plans
import numpy as np
import pytest
from native_plans import NumPyExecutor, assert_close, assert_twins, outputs_of

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.compiler.executors import blas
from autograd_lite.errors import AutogradError, ConfigError

quick_compiling = native_plans.quick_compiling

NAN, INF = np.nan, np.inf
X = np.array([[3, 1, NAN, 1], [0, -INF, 2, 2], [-1, 5, 5, INF]], "float32")


def matrices(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def definite(*stack, side=20):
    x = matrices(*stack, side, side)
    return x @ np.swapaxes(x, -1, -2) + side * np.eye(side)


FEEDS = {
    "spd": definite(2),
    "half": definite(side=5).astype("float32"),
    "spoilt": np.where(np.eye(3) > 0, [INF, 1.0, 1.0], 0.5),
    "tall": matrices(3, 24, 17),
    "wide": matrices(17, 24),
    "column": matrices(20),
    "columns": matrices(2, 20, 3),
    "x": X,
    "s": np.linspace(-3, 3, 24).reshape(2, 3, 4),
    "i": np.array([[5, 0, -7, 1], [2, 2, 9, 0], [0, 0, 0, 0]], "int32"),
    "b": X > 1,
    "places": np.array([[0, -1, 2], [1, 1, -2], [2, 0, 0]]),
    "labels": np.array([2, 0, 3], "uint8"),
    "seed": np.array(12345),
    "none": np.zeros((0, 3), "float32"),
}

ROWS = {
    "all, any": lambda v: [ag.all(v.x, axis=0), ag.any(v.i, axis=1, keepdims=True), ag.all(v.b),
                           ag.any(v.none), ag.count_nonzero(v.x, axis=1)],
    "argmax, argmin": lambda v: [f(z, axis=a, keepdims=k) for f in (ag.argmax, ag.argmin)
                                 for z, a, k in ((v.x, 0, False), (v.x, -1, True), (v.i, 1, False),
                                                 (v.b, 0, False), (v.s, None, True), (v.i, None, False))],
    "argsort": lambda v: [ag.argsort(z, axis=a, descending=d) for d in (False, True)
                          for z, a in ((v.x, 0), (v.x, 1), (v.i, -1), (v.s, 1))],
    "sorted, with gradient": lambda v: [ag.sort(v.s, axis=0), ag.gradients(ag.sum(ag.sort(v.s, axis=2)[..., 1] ** 2), v.s)],
    "searchsorted": lambda v: [ag.searchsorted(ag.constant(np.array([-2.0, 0.0, 0.0, 1.5])), v.s, side=side)
                               for side in ("left", "right")] + [ag.searchsorted(ag.constant([0, 2, 2, 5]), v.places)],
    "bits": lambda v: [v.i & 3, v.i | 8, v.i ^ v.i, ~v.i, v.i << 2, v.i >> 1, v.i << ag.constant(np.int32(40)),
                       v.i >> ag.constant(np.int32(40)), v.i << ag.constant(np.int32(-1)), v.labels << 1,
                       v.b & v.b, v.b | ~v.b, v.b ^ v.b],
    "triangles": lambda v: [f(z, k=k) for f in (ag.tril, ag.triu) for z in (v.x, v.s, v.b) for k in (-1, 0, 2)],
    "diagonals": lambda v: [f for k in (-1, 0, 2, 9) for f in (ag.linalg.diagonal(v.s, offset=k), ops.Diag(v.s[0], offset=k),
                            ag.gradients(ag.sum(ag.linalg.diagonal(v.s, offset=k) ** 2), v.s))],
    "pad": lambda v: [ag.pad(v.x, 1), ag.pad(v.i, ((0, 2), (1, 0)), constant_values=7.0), ag.pad(v.s, (2, 0)),
                      ag.pad(v.x[0, 0], 0), ag.gradients(ag.sum(ag.pad(v.s, 1) ** 2), v.s)],
    "mirrors": lambda v: [ag.pad(v.x, ((1, 2), (2, 1)), mode="reflect"), ag.gradients(ag.sum(ag.pad(v.s, 1, mode="edge") ** 2), v.s)],
    "roll": lambda v: [ag.roll(v.x, 1), ag.roll(v.x, -5, axis=1), ag.roll(v.s, (1, 2), axis=(0, 2)), ag.roll(v.none, 1, axis=0),
                       ag.roll(v.s, (1, 3), axis=-1), ag.gradients(ag.sum(ag.roll(v.s, 2, axis=1)[0] ** 2), v.s)],
    "tile, repeat": lambda v: [ag.tile(v.x, 2), ag.tile(v.x, (2, 1, 3)), ag.tile(v.s, (0, 1, 1)), ag.repeat(v.x, 3, axis=0),
                               ag.repeat(v.x, (1, 0, 2, 1), axis=1), ag.gradients(ag.sum(ag.repeat(v.s, 2, axis=-1) ** 2), v.s),
                               ag.gradients(ag.sum(ag.tile(v.s, (2, 1, 2)) ** 2), v.s)],
    "one-hot": lambda v: [ops.OneHot(v.labels, depth=4), ops.OneHot(v.labels, depth=5, dtype="int32"),
                          ops.OneHotLike(v.labels, v.x, axis=-1), ops.OneHotLike(v.labels, v.x.T, axis=0)],
    "along an axis": lambda v: [ag.take_along_axis(v.x, v.places, axis=1), ag.take_along_axis(v.s, v.places[None], axis=2),
                                ag.take_along_axis(v.s, ag.constant([[[1]], [[0]]]), axis=1),
                                ag.gradients(ag.sum(ag.take_along_axis(v.s, v.places[None, :, :1], axis=0 + 2) ** 2), v.s)],
    "rows of places": lambda v: [v.x[:, v.places[0]], v.s[:, :, v.places[1]], v.s[:, v.places], ag.embedding(v.x, v.places[2]),
                                 ag.gradients(ag.sum(v.s[:, v.places] ** 2), v.s), v.none[:, v.places]],
    "joined": lambda v: [ag.gradients(ag.sum(ag.concat([v.s, v.s * 2], axis=1)[:, 2:5] ** 2), v.s),
                         ag.gradients(ag.sum(ag.gradients(ag.sum(ag.concat([v.s, v.s**2], axis=1) ** 2), v.s) ** 2), v.s)],
    "products": lambda v: [ag.prod(v.x), ag.prod(v.x * 1e30), ag.prod(v.i, axis=0), ag.prod(v.s, axis=(0, 2), keepdims=True), ag.prod(v.b, axis=1),
                           ag.prod(v.none, axis=0), ag.gradients(ag.prod(v.s[0, 0]), v.s), ag.prod(v.s + 1, axis=-1) * 2],
    "cumulative": lambda v: [f(z, axis=a, **more) for f in (ops.CumulativeSum, ops.CumulativeProd) for z, a in ((v.x, 0), (v.x, 1), (v.i, 1), (v.b, 0), (v.none, 0))
                             for more in ({}, {"reverse": True}, {"include_initial": True}, {"include_initial": True, "reverse": True})],
    "gradients of cumulative": lambda v: [ag.gradients(ag.sum(f(v.s, axis=1) ** 2), v.s) for f in (ag.cumulative_sum, ag.cumulative_prod)],
    "dropout": lambda v: [ops.Dropout(v.s, v.seed, rate=0.4), ops.Dropout(v.x, v.seed, rate=0.0),
                          ag.gradients(ag.sum(ops.Dropout(v.s, v.seed, rate=0.5) ** 2), v.s)],
    "cross-entropy": lambda v: [ops.CrossEntropyWithLabels(v.x, v.labels), ops.CrossEntropyWithLabels(v.x.T, v.labels, axis=0),
                                ag.gradients(ag.mean(ag.cross_entropy_with_logits(v.s[1], v.labels)), v.s)],
    "cholesky": lambda v: [ag.linalg.cholesky(v.spd), ag.linalg.cholesky(v.half), ag.gradients(ag.sum(ag.linalg.cholesky(v.spd) ** 2), v.spd)],
    "solutions": lambda v: [ag.linalg.solve(v.spd, v.columns), ag.linalg.solve(v.spd, v.column), ag.linalg.inv(v.spd), ag.linalg.inv(v.half),
                            ag.linalg.solve(v.spd[0], v.columns), ag.gradients(ag.sum(ag.linalg.solve(v.spd, v.columns) ** 2), v.spd)],
    "triangular solutions": lambda v: [z for a in (ag.linalg.cholesky(v.spd), ag.linalg.cholesky(v.spd).mT) for z in (
                            ag.linalg.solve(a, v.columns), ag.linalg.solve(a, v.column), ag.linalg.solve(a[0], v.columns))]
                            + [ag.linalg.solve(f(ag.linalg.cholesky(v.spoilt)), b) for f in (ag.matrix_transpose, ag.positive)
                               for b in (v.spoilt, v.spoilt[0], ag.constant([1.0, 2.0, NAN]))],
    "determinants": lambda v: [ag.linalg.det(v.half), *ag.linalg.slogdet(v.spd), ag.linalg.det(-v.half), ag.linalg.slogdet(v.spd * 0.0).logabsdet,
                               ag.gradients(ag.sum(ag.linalg.det(v.half)), v.half), ag.gradients(ag.sum(ag.linalg.slogdet(v.spd).logabsdet), v.spd)],
    "decompositions": lambda v: [*ag.linalg.qr(v.tall), *ag.linalg.qr(v.wide), *ag.linalg.svd(v.tall, full_matrices=False), *ag.linalg.svd(v.wide, full_matrices=False),
                                 *ag.linalg.eigh(v.spd), ag.gradients(ag.sum(ag.linalg.eigh(v.half).eigenvalues ** 2), v.half),
                                 ag.gradients(ag.sum(ag.linalg.svd(v.wide, full_matrices=False).S ** 3), v.wide)],
    "by singular values": lambda v: [ag.linalg.pinv(v.tall), ag.linalg.pinv(v.wide, rtol=0.3), ag.linalg.matrix_rank(v.tall), ag.linalg.matrix_rank(v.spd, rtol=0.5),
                                     ag.linalg.pinv(v.i[:, :2], rtol=0.1), ag.linalg.matrix_rank(v.i)],
    "extremes of nothing": lambda v: [ag.max(v.none, axis=1), ag.min(v.none[:, :0, None] + v.none[:, None, :0], axis=()), v.none @ v.none.T],
}  # fmt: skip


class Inputs(dict):
    """The inputs of a graph by name, each made when it is asked for."""

    def __missing__(self, name):
        x = FEEDS[name]
        real = x.dtype.kind == "f"
        self[name] = ag.input(name=name, shape=x.shape, dtype=x.dtype, requires_grad=real)
        return self[name]

    __getattr__ = dict.__getitem__


def built_all():
    with ag.Graph() as graph:
        v = Inputs()
        outputs = [(name, node) for name, build in ROWS.items() for node in build(v)]
    return graph, outputs


@pytest.mark.parametrize("executor", [None, NumPyExecutor])
def test_rows_compute_what_the_graph_does(executor):
    graph, outputs = built_all()
    graph.forward(**FEEDS)
    more = {} if executor is None else {"executor": executor}
    nodes = [node for _, node in outputs]
    for (name, node), value in zip(outputs, outputs_of(nodes, FEEDS, **more), strict=True):
        units = 1024 if name == "decompositions" else 64  # of another LAPACK, perhaps
        assert_close(value, node.value, f"{name}: {node!r}", units)


def test_none_of_them_runs_through_numpy():
    graph, outputs = built_all()
    program = ag.compile(graph, [node for _, node in outputs], executor="native")
    assert not [line for line in program.plan.notes if line.startswith("Through NumPy")]


@pytest.mark.parametrize(
    ("build", "feeds"),
    [
        (lambda v: ag.take_along_axis(v.x[:, :3], v.places, axis=0), {"places": [[3, 0, 0]] * 3}),
        (lambda v: v.x[:, v.places[0]], {"places": [[-5, 0, 0]] * 3}),
        (lambda v: ag.embedding(v.x, v.places[0] - 1), {}),
        (lambda v: ag.cross_entropy_with_logits(v.x, v.labels), {"labels": [0, 4, 0]}),
        (lambda v: ag.cross_entropy_with_logits(v.x, v.places[0]), {}),
        (lambda v: ops.OneHot(v.labels, depth=3), {}),
        (lambda v: ops.Dropout(v.x, v.seed, rate=0.5), {"seed": -1}),
        (lambda v: ag.linalg.cholesky(v.half), {"half": -np.eye(5)}),
        (lambda v: ag.linalg.inv(v.half), {"half": np.ones((5, 5))}),
        (lambda v: ag.linalg.solve(v.half, v.half[0]), {"half": np.zeros((5, 5))}),
    ],
)
def test_what_is_outside_is_refused_as_by_the_graph(build, feeds):
    inputs = Inputs()
    with ag.Graph() as graph:
        out = build(inputs)
    program = ag.compile(graph, out, executor="native")
    used = {name: np.asarray({**FEEDS, **feeds}[name], FEEDS[name].dtype) for name in inputs}
    with pytest.raises(AutogradError) as expected:
        graph.forward(out, **used)
    with pytest.raises(type(expected.value)):
        program(**used)


def test_long_lists_are_sorted_and_searched():
    values = np.random.default_rng(0).integers(0, 300, 1000)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(1000,), dtype="int64")
        outputs = [
            ag.argsort(x),
            ag.argsort(x, descending=True),
            ag.searchsorted(ag.constant(np.sort(values)), x),
        ]
    assert_twins(graph, outputs, {"x": values})


def test_linear_algebra_needs_scipy(monkeypatch, tmp_path):
    with ag.Graph() as graph:
        out = ag.linalg.cholesky(ag.input(name="half", shape=(5, 5)))
    program = ag.compile(graph, out, executor="native")
    with pytest.raises(ConfigError, match="Cholesky"):  # an exported program has no LAPACK
        program.export_c(tmp_path)
    assert "potrf" in program.source
    monkeypatch.setattr(blas, "address", lambda _: 0)
    without = ag.compile(graph, out, executor="native")
    assert_close(without(half=FEEDS["half"]), program(half=FEEDS["half"]))
    assert "Through NumPy" in str(without.plan)
