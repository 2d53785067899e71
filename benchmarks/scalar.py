"""micrograd's demo, a 2-16-16-1 ReLU network of scalar nodes on two moons, full batch.

python benchmarks/scalar.py [--rounds 7] [--points 1] [--only "native|micrograd"] [--quick]

Max-margin loss and weight decay, plain SGD. The loss is written once, against +, * and relu, so
every engine builds the same graph. Its nodes are the weights and the operations of the loss:
gradient and update are in the time, and not in the count.
"""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass

import numpy as np
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

LAYERS = (2, 16), (16, 16), (16, 1)
DECAY, RATE = 1e-4, 0.05
field = Field()


@dataclass(frozen=True)
class Job:
    """Some points of the moons, each with its label of -1 or 1, and the first weights."""

    points: list[tuple[float, float, float]]
    weights: list[float]

    @classmethod
    def of(cls, count: int) -> Job:
        """So many points, half of them of either moon."""
        random = np.random.default_rng(1)
        angle = random.uniform(0, np.pi, count)
        upper = random.permutation(np.arange(count) % 2 == 0)
        x = np.where(upper, np.cos(angle), 1 - np.cos(angle)) + random.normal(0, 0.1, count)
        y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) + random.normal(0, 0.1, count)
        labels = np.where(upper, -1.0, 1.0)
        size = sum((inputs + 1) * outputs for inputs, outputs in LAYERS)
        points = list(zip(x.tolist(), y.tolist(), labels.tolist(), strict=True))
        return cls(points, random.uniform(-1, 1, size).tolist())

    @property
    def nodes(self) -> int:
        """How many weights there are, and operations in the loss."""
        counter = Counter()
        self.loss([counter] * len(self.weights), counter.counted)
        return len(self.weights) + counter.count

    def loss(self, weights, relu):
        """The loss, of whatever numbers the weights are."""
        total = None
        for x, y, label in self.points:
            margin = relu(output_of(weights, x, y, relu) * -label + 1.0)
            total = margin if total is None else total + margin
        decay = weights[0] * weights[0]
        for w in weights[1:]:
            decay = decay + w * w
        return total * (1.0 / len(self.points)) + decay * DECAY


def output_of(weights, x, y, relu):
    """The network's output for one point; each unit has its weights and then its bias."""
    active, used = [x, y], 0
    for inputs, outputs in LAYERS:
        following = []
        for _ in range(outputs):
            total = weights[used + inputs]
            for i in range(inputs):
                total = total + weights[used + i] * active[i]
            used += inputs + 1
            following.append(relu(total) if outputs > 1 else total)
        active = following
    return active[0]


class Counter:
    """A number that counts what is done with it and its like."""

    def __init__(self):
        self.count = 0

    def counted(self, _):
        """Itself, one operation later."""
        self.count += 1
        return self

    __add__ = __mul__ = counted


@field.contender("micrograd", needs=["micrograd"])
def micrograd(job):
    from micrograd.engine import Value

    weights = [Value(w) for w in job.weights]

    def run(count):
        for _ in range(count):
            loss = job.loss(weights, Value.relu)
            for w in weights:
                w.grad = 0
            loss.backward()
            for w in weights:
                w.data -= RATE * w.grad
        value = loss.data
        del loss
        gc.collect()  # its circles of closures, which others should not pay for
        return value

    return run


class Plain:
    """A number on a list of its own: plain Python at its shortest, as a control."""

    __slots__ = ("first", "first_slope", "grad", "second", "second_slope", "value")
    tape: list[Plain] = []  # noqa: RUF012 - that it is shared is the point

    def __init__(self, value, first=None, first_slope=0.0, second=None, second_slope=0.0):
        self.value, self.grad = value, 0.0
        self.first, self.first_slope = first, first_slope
        self.second, self.second_slope = second, second_slope
        Plain.tape.append(self)

    def __add__(self, other):
        if isinstance(other, Plain):
            return Plain(self.value + other.value, self, 1.0, other, 1.0)
        return Plain(self.value + other, self, 1.0)

    def __mul__(self, other):
        if isinstance(other, Plain):
            return Plain(self.value * other.value, self, other.value, other, self.value)
        return Plain(self.value * other, self, other)

    def relu(self):
        """max(x, 0)."""
        return Plain(max(self.value, 0.0), self, float(self.value > 0))

    def backward(self):
        """Fill all gradients, newest first."""
        self.grad = 1.0
        for node in reversed(Plain.tape):
            if node.grad and node.first is not None:
                node.first.grad += node.grad * node.first_slope
                if node.second is not None:
                    node.second.grad += node.grad * node.second_slope


@field.contender("plain Python, a list and slots")
def plain_python(job):
    weights = [Plain(w) for w in job.weights]

    def run(count):
        for _ in range(count):
            Plain.tape.clear()
            for w in weights:
                w.grad = 0.0
            loss = job.loss(weights, Plain.relu)
            loss.backward()
            for w in weights:
                w.value -= RATE * w.grad
        return loss.value

    return run


@field.contender("autograd_lite, eager")
def eager(job):
    weights = [ag.Node(w) for w in job.weights]

    def run(count):
        for _ in range(count):
            loss = job.loss(weights, ag.relu)
            loss.backward()
            for w in weights:
                w.value -= RATE * w.grad
        return loss.value

    return run


def recorded(job, executor):
    """The graph of loss, gradient and update, played from tape; the rate is fed to each step."""
    with ag.Graph() as graph:
        rate = ag.input(name="rate", shape=(), dtype="float64")
        weights = [ag.parameter(w) for w in job.weights]
        loss = job.loss(weights, ag.relu)
        gradients = ag.gradients(loss, weights)
        updates = {w: w - rate * dw for w, dw in zip(weights, gradients, strict=True)}
    program = ag.compile(graph, loss, updates, executor=executor)

    def run(count):
        return program.scan({"rate": np.full(count, RATE)})[-1]

    return run


@field.contender("autograd_lite, generated Python")
def generated_python(job):
    return recorded(job, "numpy")


@field.contender("autograd_lite, native tape", needs=["$cc"])
def native_tape(job):
    return recorded(job, "native")


@field.contender("PyTorch, 0-d tensors", needs=["torch"])
def torch_scalars(job):
    import torch

    weights = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in job.weights]

    def run(count):
        for _ in range(count):
            loss = job.loss(weights, torch.relu)
            for w in weights:
                w.grad = None
            loss.backward()
            with torch.no_grad():
                for w in weights:
                    w.sub_(RATE * w.grad)
        return loss.item()

    return run


@field.contender("HIPS autograd, floats", needs=["autograd"])
def hips_autograd(job):
    import autograd.numpy as anp
    from autograd import value_and_grad

    of = value_and_grad(lambda weights: job.loss(weights, lambda x: anp.maximum(x, 0.0)))
    weights = list(job.weights)

    def run(count):
        nonlocal weights
        for _ in range(count):
            loss, gradients = of(weights)
            weights = [w - RATE * float(dw) for w, dw in zip(weights, gradients, strict=True)]
        return float(loss)

    return run


@field.contender("NumPy by hand, whole arrays")
def numpy_by_hand(job):
    """Not scalar at all: what the same numbers cost who thinks in arrays."""
    points = np.array(job.points)
    inputs, labels = points[:, :2], points[:, 2]
    flat = np.array(job.weights)

    def split(values):
        layers, used = [], 0
        for wide, high in LAYERS:
            block = values[used : used + high * (wide + 1)].reshape(high, wide + 1)
            layers.append((block[:, :-1], block[:, -1]))
            used += block.size
        return layers

    def run(count):
        for _ in range(count):
            loss, gradient = loss_and_gradient(split, inputs, labels, flat)
            flat[...] -= RATE * gradient
        return loss

    return run


def loss_and_gradient(split, inputs, labels, flat):
    """The same loss and its gradient, layer by layer."""
    gradient = 2 * DECAY * flat
    active = [inputs]
    for number, (w, b) in enumerate(split(flat), 1):
        z = active[-1] @ w.T + b
        active.append(z if number == len(LAYERS) else np.maximum(z, 0))
    margins = 1 - labels * active[-1][:, 0]
    loss = np.maximum(margins, 0).mean() + DECAY * (flat @ flat)
    delta = (-labels * (margins > 0) / len(labels))[:, None]
    for x, (w, _), (dw, db) in zip(
        active[-2::-1], split(flat)[::-1], split(gradient)[::-1], strict=True
    ):
        np.add(dw, delta.T @ x, dw)
        np.add(db, delta.sum(0), db)
        delta = (delta @ w) * (x > 0)
    return loss, gradient


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, action="append", help="1, 10 and 100 by default")
    chosen = parser.parse_args()
    for points in [1] if chosen.quick else chosen.points or [1, 10, 100]:
        job = Job.of(points)
        began = time.perf_counter()
        runs = field.start(job, chosen.only)
        print(f"{len(runs)} contenders are ready after {time.perf_counter() - began:.1f} s")
        losses = agree(runs, 3, tolerance=1e-9)
        target = 0.01 if chosen.quick else 1.0  # a few hundred steps, as in a training run
        times = interleave(runs, job.nodes, rounds=chosen.rounds, target=target)
        extra = {
            name: {
                "ns a node": f"{statistics.median(times[name]) * 1e9:,.1f}",
                "best": f"{min(times[name]) * 1e9:,.1f}",
                "loss, step 3": f"{loss:.9f}",
            }
            for name, loss in losses.items()
        }
        title = f"{points} point{'s' * (points > 1)}, {job.nodes:,} nodes"
        print(markdown_table(times, "nodes/s", ["micrograd", "PyTorch, 0-d tensors"], extra, title))


if __name__ == "__main__":
    main()
