"""The memory that `checkpoint` saves: peak bytes of one forward and backward pass, as Markdown.

    python benchmarks/checkpoint_memory.py --layers 64 --batch 1024 --units 128

A chain of layers tanh(x · W) is run plainly, and with each √layers of them checkpointed together.
NumPy reports its arrays to tracemalloc, so the peak counts values and gradients, not the process.
"""

import argparse
import time
import tracemalloc
from math import isqrt

import numpy as np

import autograd_lite as ag


def network(weights, length, wrap):
    """The loss of a chain of layers, each `length` of them a function of its own."""

    def part(number):
        def run(x):
            for w in weights[number : number + length]:
                x = ag.tanh(x @ w)
            return x

        return wrap(run)

    def loss(x):
        for number in range(0, len(weights), length):
            x = part(number)(x)
        return (x * x).mean()

    return loss


def measure(loss, x, weights):
    """Peak bytes, seconds without tracing, and the gradients, to be compared."""
    start = time.perf_counter()
    loss(x).backward()
    seconds = time.perf_counter() - start
    for leaf in (x, *weights):
        leaf.grad = None
    tracemalloc.start()
    loss(x).backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, seconds, [leaf.grad for leaf in (x, *weights)]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=64)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--units", type=int, default=128)
    options = parser.parse_args(argv)
    random = np.random.default_rng(0)
    shape = (options.units, options.units)
    scale = options.units**-0.5
    weights = [ag.parameter(random.normal(0, scale, shape)) for _ in range(options.layers)]
    x = ag.Node(random.normal(size=(options.batch, options.units)))
    length = isqrt(options.layers)
    ways = {"plain": lambda f: f, f"checkpoint each {length} layers": ag.checkpoint}
    print("| layers, batch, units | way | peak MB | seconds |\n|---|---|---:|---:|")
    found = []
    for name, wrap in ways.items():
        peak, seconds, grads = measure(network(weights, length, wrap), x, weights)
        size = f"{options.layers}, {options.batch}, {options.units}"
        print(f"| {size} | {name} | {peak / 1e6:.1f} | {seconds:.3f} |")
        found.append(grads)
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


if __name__ == "__main__":
    main()
