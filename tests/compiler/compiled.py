"""What the tests of compiled programs share: executors, small networks, and what is the same."""

import warnings

import numpy as np

import autograd_lite as ag
from autograd_lite.compiler.executors.native.executor import NativeExecutor


def _executors():
    """The executors that run on this machine."""
    with ag.Graph() as graph:
        y = ag.parameter([1.0]) * 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = ag.compile(graph, y, executor="native").plan
    return ["numpy", "native"] if plan.executor.startswith(NativeExecutor.name) else ["numpy"]


EXECUTORS = _executors()


def interpreted(graph, outputs, feeds):
    """The values of the outputs, node by node."""
    graph.forward(**feeds)
    return [np.asarray(node.value) for node in outputs]


def assert_same(actual, expected, told=""):
    """The same shape and dtype, and the same entries up to some roundings."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, told
    assert actual.dtype == expected.dtype, told
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(actual, expected, told)
        return
    eps = np.finfo(expected.dtype).eps
    finite = expected[np.isfinite(expected)]
    size = np.max(np.abs(finite), initial=1.0)
    tolerance = {"rtol": 128 * eps, "atol": 128 * eps * size}
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(actual, expected, **tolerance, err_msg=told)


class Classifier:
    """A small network with its training step, recorded: 6 inputs, 5 hidden units, 3 classes."""

    def __init__(self, *, batch=None, dtype="float32", activation=ag.sigmoid, lr=0.5, momentum=0.0):
        random = np.random.default_rng(0)
        lead = () if batch is None else (batch,)
        with ag.Graph() as self.graph:
            x = ag.input(name="x", shape=(*lead, 6), dtype=dtype)
            y = ag.input(name="y", shape=lead, dtype="int64")
            shapes = {"W1": (6, 5), "b1": (5,), "W2": (5, 3), "b2": (3,)}
            self.weights = [
                ag.parameter(random.normal(size=shape).astype(dtype), name=name)
                for name, shape in shapes.items()
            ]
            W1, b1, W2, b2 = self.weights
            hidden = activation(ag.vdot(x, W1) + b1)
            p = ag.softmax(ag.vdot(hidden, W2) + b2).named("p")
            losses = ag.log(ag.aref(p, y)) * -1
            self.loss = (ag.mean(losses) if batch else losses).named("loss")
            self.accuracy = ag.accuracy(p, y).named("accuracy")
            self.grads = ag.gradients(self.loss, self.weights)
            self.velocities = [
                ag.Node(np.zeros(w.shape, dtype), requires_grad=False) for w in self.weights
            ]
            self.updates = {}
            for w, dw, v in zip(self.weights, self.grads, self.velocities, strict=True):
                step = momentum * v + dw if momentum else dw
                self.updates |= {w: w - lr * step} | ({v: step} if momentum else {})

    def compile(self, executor="numpy", outputs=None, **options):
        outputs = [self.loss, self.accuracy] if outputs is None else outputs
        return ag.compile(self.graph, outputs, self.updates, executor=executor, **options)

    def step(self, **feeds):
        """One step of the same network, interpreted: loss and accuracy before it."""
        self.graph.forward(**feeds)
        told = self.loss.value, self.accuracy.value
        for leaf, value in {leaf: node.value for leaf, node in self.updates.items()}.items():
            leaf.assign(value)
        return told


def samples(count, *, dtype="float32", seed=1):
    random = np.random.default_rng(seed)
    return random.normal(size=(count, 6)).astype(dtype), random.integers(0, 3, count)
