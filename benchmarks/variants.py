"""One job, many spellings: 784-128-10 trained by plain SGD, float32: samples a second.

    python benchmarks/variants.py [--jobs zeros,dense,"batches of zeros","dense batches"] [--quick]

Whatever a user writes for the same mathematics should run as fast. Each job is timed in every
spelling of the loss, the activation, the learning rate and the layers; the last line of a table
says how much slower the slowest is than the fastest.
"""

from __future__ import annotations

import numpy as np
from digits import Job, passes, weights
from harness import agree, interleave, markdown_table, options, set_threads

import autograd_lite as ag

JOBS = {
    "zeros": {"batch_size": 1, "dense": False},
    "dense": {"batch_size": 1, "dense": True},
    "batches of zeros": {"batch_size": 128, "dense": False},
    "dense batches": {"batch_size": 128, "dense": True},
}
CLASSES = np.arange(10)


def one_hot(y):
    return ag.one_hot(y, 10, dtype="float32")


def softmax_by_hand(z):
    weight = ag.exp(z - ag.max(z, axis=-1, keepdims=True))
    return weight / ag.sum(weight, axis=-1, keepdims=True)


def picked(z, y):
    return ag.take_along_axis(z, ag.expand_dims(y, axis=-1), axis=-1)


# From scores z and labels y: the loss of each sample
LOSSES = {
    "textbook": lambda z, y: ag.log(ag.aref(ag.softmax(z), y)) * -1,
    "from logits": ag.cross_entropy_with_logits,
    "from logits, to one-hot": lambda z, y: ag.cross_entropy_with_logits(z, one_hot(y)),
    "log_softmax, aref": lambda z, y: -ag.aref(ag.log_softmax(z), y),
    "log_softmax, take_along_axis": lambda z, y: -picked(ag.log_softmax(z), y)[..., 0],
    "log_softmax · one-hot": lambda z, y: -ag.sum(one_hot(y) * ag.log_softmax(z), axis=-1),
    "log of softmax · one-hot": lambda z, y: -ag.log(ag.sum(one_hot(y) * ag.softmax(z), axis=-1)),
    "where": lambda z, y: (
        -ag.sum(ag.where(ag.expand_dims(y, axis=-1) == CLASSES, ag.log_softmax(z), 0.0), axis=-1)
    ),
    "logsumexp": lambda z, y: ag.logsumexp(z, axis=-1) - ag.aref(z, y),
    "softmax by hand": lambda z, y: -ag.log(ag.aref(softmax_by_hand(z), y)),
    "exp over its sum": lambda z, y: (
        -ag.log(ag.aref(ag.exp(z) / ag.sum(ag.exp(z), axis=-1, keepdims=True), y))
    ),
}
ACTIVATIONS = {
    "1 / (1 + exp(-a))": lambda a: 1 / (1 + ag.exp(-a)),
    "(1 + tanh(a / 2)) / 2": lambda a: (1 + ag.tanh(a / 2)) / 2,
}
STEPS = {
    "rate as np.float32": lambda w, g, rate: w - np.float32(rate) * g,
    "rate as np.float64": lambda w, g, rate: w - np.float64(rate) * g,
    "rate as an array": lambda w, g, rate: w - np.array(rate, "float32") * g,
    "rate from the right": lambda w, g, rate: w - g * rate,
    "rate added": lambda w, g, rate: w + -rate * g,
    "rate as a divisor": lambda w, g, rate: w - g / (1 / rate),
}
LAYERS = {  # the weights, and the scores of a layer from its inputs
    "matmul": (lambda w, b: [w, b], lambda x, w, b: x @ w + b),
    "einsum": (lambda w, b: [w, b], lambda x, w, b: ag.einsum("...i,ij->...j", x, w) + b),
    "a row for each unit": (lambda w, b: [w.T, b], lambda x, w, b: x @ w.mT + b),
    "rows of one": (lambda w, b: [w, b], lambda x, w, b: (x[..., None, :] @ w)[..., 0, :] + b),
    "biases in the matrix": (
        lambda w, b: [np.concatenate([w, b[None]])],
        lambda x, w: ag.concat([x, np.ones((*x.shape[:-1], 1), "float32")], axis=-1) @ w,
    ),
}


def spelled(
    job,
    loss_of=LOSSES["from logits"],
    activation=ag.sigmoid,
    step=lambda w, g, rate: w - rate * g,
    layer=(lambda w, b: [w, b], lambda x, w, b: ag.vdot(x, w) + b),
):
    """The network in one spelling, compiled."""
    rows = () if job.batch_size == 1 else (job.batch_size,)
    kept, scores = layer
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(*rows, 784))
        y = ag.input(name="y", shape=rows, dtype="int64")
        w1, b1, w2, b2 = weights()
        first, second = ([ag.parameter(v) for v in kept(*pair)] for pair in ((w1, b1), (w2, b2)))
        z = scores(activation(scores(x, *first)), *second)
        loss = ag.mean(loss_of(z, y))
        leaves = [*first, *second]
        grads = ag.gradients(loss, leaves)
        updates = {w: step(w, g, job.rate) for w, g in zip(leaves, grads, strict=True)}
    return passes(job, ag.compile(graph, [loss], updates, executor="native"))


def spellings():
    """Every spelling by name: one part of the network written in another way."""
    parts = {"loss_of": LOSSES, "activation": ACTIVATIONS, "step": STEPS, "layer": LAYERS}
    return {name: {part: way} for part, ways in parts.items() for name, way in ways.items()}


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--jobs", default=",".join(JOBS), help="which, a,b")
    chosen = parser.parse_args()
    ways = {n: way for n, way in spellings().items() if any(p in n for p in chosen.only.split("|"))}
    if chosen.quick:
        ways = {name: ways[name] for name in list(ways)[::6]}
    set_threads(1)
    for name in chosen.jobs.split(","):
        size = JOBS[name]["batch_size"]
        job = Job.of(40 * size if chosen.quick else 6_400, size, 0.01, dense=JOBS[name]["dense"])
        runs = {way: spelled(job, **ways[way]) for way in ways}
        losses = agree(runs, 40)
        target = 0.02 if chosen.quick else 0.1
        times = interleave(runs, size, chosen.rounds, target)
        extra = {way: {"loss, 40 steps": f"{loss:.6f}"} for way, loss in losses.items()}
        print(markdown_table(times, "samples/s", ["textbook"], extra, f"{len(ways)} of: {name}"))
        best = [min(seconds) for seconds in times.values()]  # neighbours disturb these the least
        print(f"slowest : fastest = 1 : {max(best) / min(best):.2f}, by the best of all turns\n")


if __name__ == "__main__":
    main()
