"""Programs on scalars as people write them to learn, each with a class `Value` of its own.

The class is handed in, so the same program runs on the plain one below, on the library's nodes,
and on others with `+`, `*`, `**`, `exp`, `log` and `relu`.
"""

from __future__ import annotations

import gc
import math
import random
from itertools import pairwise

import numpy as np


class Value:
    """A number that knows how it was made, in the forty lines that such programs bring along."""

    __slots__ = ("_children", "_slopes", "data", "grad")

    def __init__(self, data, children=(), slopes=()):
        self.data, self.grad = data, 0
        self._children, self._slopes = children, slopes

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, other):
        return Value(self.data**other, (self,), (other * self.data ** (other - 1),))

    def exp(self):
        """eˣ."""
        result = math.exp(self.data)
        return Value(result, (self,), (result,))

    def log(self):
        """The natural logarithm."""
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self):
        """max(x, 0)."""
        return Value(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return other + -self

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Fill all gradients, which have to be 0 before."""
        order, visited = [], set()

        def visit(value):
            if value not in visited:
                visited.add(value)
                for child in value._children:
                    visit(child)
                order.append(value)

        visit(self)
        self.grad = 1
        for value in reversed(order):
            for child, slope in zip(value._children, value._slopes, strict=True):
                child.grad += slope * value.grad


class Moons:
    """micrograd's demo: a 2-16-16-1 ReLU network on two moons, whose rows are NumPy's."""

    name = "moons, NumPy rows"

    def __init__(self, count: int = 20) -> None:
        noise = np.random.default_rng(1)
        angle, upper = noise.uniform(0, np.pi, count), np.arange(count) % 2 == 0
        x = np.where(upper, np.cos(angle), 1 - np.cos(angle))
        y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
        self.rows = np.stack([x, y], axis=1) + noise.normal(0, 0.1, (count, 2))
        self.labels = np.where(upper, 1, -1)

    def layer(self, kind, inputs, outputs):
        """The units of a layer: the weights and the bias of each."""
        draw = self.random.uniform
        return [([kind(draw(-1, 1)) for _ in range(inputs)], kind(0.0)) for _ in range(outputs)]

    def training(self, kind):
        """`run(count)`, which takes so many steps with this class of values."""
        self.random = random.Random(0)
        layers = [self.layer(kind, *size) for size in ((2, 16), (16, 16), (16, 1))]
        parameters = [p for layer in layers for w, b in layer for p in [*w, b]]
        return descent(parameters, lambda _: self.loss(layers), 0.1)

    def loss(self, layers):
        """The max-margin loss with weight decay."""
        scores = [self.score(layers, row) for row in self.rows]
        losses = [(1 + -y * score).relu() for y, score in zip(self.labels, scores, strict=True)]
        decay = 1e-4 * sum(p * p for layer in layers for w, b in layer for p in [*w, b])
        return sum(losses) * (1.0 / len(losses)) + decay

    def score(self, layers, x):
        """The network's output for one row."""
        for layer in layers:
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = x if layer is layers[-1] else [unit.relu() for unit in x]
        return x[0]


class LanguageModel:
    """A transformer of one layer on the letters of names, in lists of scalars."""

    name = "language model on scalars"
    names = ("emma", "olivia", "ava")
    width, heads, hidden, longest, vocabulary = 16, 4, 64, 8, 27

    def matrix(self, kind, rows, columns):
        """Rows of small random values."""
        draw = self.random.gauss
        return [[kind(draw(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    def training(self, kind):
        """`run(count)`, which takes so many steps with this class of values, a name each."""
        self.random, n = random.Random(0), self.width
        sizes = {"token": (self.vocabulary, n), "place": (self.longest, n)}
        sizes |= dict.fromkeys(("query", "key", "value", "out"), (n, n))
        sizes |= {"up": (self.hidden, n), "down": (n, self.hidden), "head": (self.vocabulary, n)}
        w = {name: self.matrix(kind, *size) for name, size in sizes.items()}
        parameters = [p for matrix in w.values() for row in matrix for p in row]
        return descent(parameters, lambda step: self.loss(w, self.names[step % 3]), 0.01)

    def loss(self, w, name):
        """The mean surprise at each letter of a name and at its end."""
        letters = [0, *(ord(c) - ord("a") + 1 for c in name), 0]
        keys, values, losses = [], [], []
        for place, (letter, following) in enumerate(pairwise(letters)):
            scores = self.scores(w, letter, place, keys, values)
            losses.append(-softmax(scores)[following].log())
        return (1 / len(losses)) * sum(losses)

    def scores(self, w, letter, place, keys, values):
        """What may follow a letter, after those whose keys and values are there."""
        x = [a + b for a, b in zip(w["token"][letter], w["place"][place], strict=True)]
        x = normal(x)
        query = linear(normal(x), w["query"])
        keys.append(linear(normal(x), w["key"]))
        values.append(linear(normal(x), w["value"]))
        attended = [y for head in range(self.heads) for y in self.attend(head, query, keys, values)]
        x = [a + b for a, b in zip(linear(attended, w["out"]), x, strict=True)]
        active = [unit.relu() for unit in linear(normal(x), w["up"])]
        x = [a + b for a, b in zip(linear(active, w["down"]), x, strict=True)]
        return linear(x, w["head"])

    def attend(self, head, query, keys, values):
        """The mean of the values, weighted by how well their keys fit."""
        size = self.width // self.heads
        part = range(head * size, (head + 1) * size)
        fits = [sum(query[j] * key[j] for j in part) / size**0.5 for key in keys]
        weights = softmax(fits)
        return [sum(a * v[j] for a, v in zip(weights, values, strict=True)) for j in part]


def linear(x, w):
    """A matrix times a vector, in lists."""
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def softmax(scores):
    """Probabilities from scores."""
    largest = max(number(score) for score in scores)
    powers = [(score - largest).exp() for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def normal(x):
    """A vector divided by its root mean square."""
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def number(value):
    """What is in a value: `data` in most classes, `value` in the library's nodes."""
    return value.data if hasattr(value, "data") else value.value


def descent(parameters, loss_of, rate):
    """`run(count)`, which takes so many steps down the slope of `loss_of(step)`."""
    attribute = "data" if hasattr(parameters[0], "data") else "value"
    taken = 0

    def run(count):
        nonlocal taken
        for _ in range(count):
            loss = loss_of(taken)
            for p in parameters:
                p.grad = 0.0
            loss.backward()
            for p in parameters:
                setattr(p, attribute, getattr(p, attribute) - rate * p.grad)
            taken += 1
        value = float(number(loss))
        del loss
        gc.collect()  # a class with circles should not leave them to others
        return value

    return run
