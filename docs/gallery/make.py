"""Draws the gallery: `python docs/gallery/make.py [FOLDER]` writes the pictures and gallery.md.

Each function is a picture, its name the name of the file, its docstring the caption.
"""

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

import autograd_lite as ag
from autograd_lite import draw, nn
from autograd_lite.draw.memory import memory_svg
from autograd_lite.draw.passes import stages_of
from autograd_lite.draw.picture import picture_of
from autograd_lite.draw.svg import svg_text
from autograd_lite.testing import check_gradients

PICTURES: dict[str, list[Callable[[], str]]] = {}


def picture(section: str):
    """Register a function as a picture of a section."""

    def register(function):
        PICTURES.setdefault(section, []).append(function)
        return function

    return register


def svg(thing, *examples, **options) -> str:
    """The picture by the own writer, so that it is the same on every machine."""
    return svg_text(picture_of(draw.graph_of(thing, *examples), **options))


def normal(*shape: int, scale: float = 1.0, seed: int = 0):
    """Numbers that are the same in each run."""
    return np.random.default_rng(seed).standard_normal(shape) * scale


def neuron_node():
    x1, x2 = ag.Node(2.0, name="x1"), ag.Node(0.0, name="x2")
    w1, w2 = ag.Node(-3.0, name="w1"), ag.Node(1.0, name="w2")
    n = (x1 * w1 + x2 * w2 + ag.Node(6.8813735870195432, name="b")).named("n")
    e = ag.exp(2.0 * n)
    o = ((e - 1.0) / (e + 1.0)).named("o")
    o.backward()
    return o


def block(h, width: int, seed: int):
    """A transformer block: attention and a small network, each added to what came in."""
    keys = iter(range(seed, seed + 6))

    def weight(name, *shape):
        return ag.parameter(normal(*shape, scale=0.4, seed=next(keys)), name=name)

    with ag.scope("attention"):
        q, k, v = (ag.matmul(h, weight(name, width, width)) for name in "qkv")
        scores = ag.softmax(ag.matmul(q, ag.matrix_transpose(k)) / np.sqrt(width))
        h = h + ag.matmul(ag.matmul(scores, v), weight("o", width, width))
    with ag.scope("mlp"):
        up = ag.relu(ag.matmul(h, weight("up", width, 2 * width)))
        return h + ag.matmul(up, weight("down", 2 * width, width))


def transformer(layers: int):
    with ag.Graph() as graph:
        h = ag.input(name="x", shape=(5, 4), dtype="float64")
        for i in range(layers):
            with ag.scope(f"layers.{i}"):
                h = block(h, 4, 10 * i)
        ag.mean(h**2).named("loss")
    graph.forward(x=normal(5, 4))
    graph.backward(graph["loss"])
    return graph


def classifier(*sizes: int):
    with ag.Graph() as graph:
        h = ag.input(name="x", shape=(sizes[0],), dtype="float64")
        y = ag.input(name="y", shape=(), dtype="int64")
        for i, (n, m) in enumerate(pairwise(sizes)):
            with ag.scope(f"layer{i}"):
                w = ag.parameter(normal(n, m, seed=i), name="W")
                h = ag.vdot(h, w) + ag.parameter(np.zeros(m), name="b")
                h = ag.sigmoid(h) if i < len(sizes) - 2 else h
        loss = (ag.log(ag.aref(ag.softmax(h), y)) * -1.0).named("loss")
    graph.forward(x=normal(sizes[0], seed=9), y=1)
    graph.backward(loss)
    return graph


def training_step():
    graph = classifier(16, 8, 3)
    with graph:
        weights = graph.parameters
        slopes = ag.gradients(graph["loss"], weights)
        updates = {w: w - 0.1 * slope for w, slope in zip(weights, slopes, strict=True)}
    return ag.compile(graph, graph["loss"], updates=updates, executor="numpy")


# Numbers


@picture("Numbers")
def neuron():
    """A neuron: values, gradients, and what flows back on each edge, with its sign."""
    return svg(neuron_node(), edges="both")


@picture("Numbers")
def neuron_down():
    """The same from top to bottom: `direction="down"`."""
    return svg(neuron_node(), direction="down")


@picture("Numbers")
def first_expression():
    """A first expression, outside of any graph: `c = a * b + a.exp()`, then `c.render("c.svg")`."""
    a, b = ag.Node(2.0, name="a"), ag.Node(-3.0, name="b")
    c = (a * b + a.exp()).named("c")
    c.backward()
    return svg(c)


@picture("Numbers")
def polynomial():
    """Constants stand in the box of the op that reads them."""
    return svg(lambda x: 2.0 * x**3.0 - 4.0 * x + 1.0, 1.5)


@picture("Numbers")
def used_twice():
    """A node that is read twice by one op, and by two."""
    x = ag.Node(3.0, name="x")
    y = (x * x + ag.sin(x)).named("y")
    y.backward()
    return svg(y, edges="both")


@picture("Numbers")
def rosenbrock():
    """A plain function with example arguments: `draw.render(f, "f.svg", -1.0, 2.0)`."""
    return svg(lambda x, y: (1.0 - x) ** 2.0 + 100.0 * (y - x * x) ** 2.0, -1.0, 2.0)


@picture("Numbers")
def first_derivative():
    """The derivative of x · sin x, which is graph as well."""
    x = ag.Node(1.0, name="x")
    return svg(ag.gradients(x * ag.sin(x), x).named("dy/dx"))


@picture("Numbers")
def second_derivative():
    """And the second derivative of sin x²."""
    x = ag.Node(1.0, name="x")
    first = ag.gradients(ag.sin(x * x), x)
    return svg(ag.gradients(first, x).named("d²y/dx²"))


@picture("Numbers")
def chain_of_a_thousand():
    """A thousand steps without scopes: the two ends, and a box for what lies between."""
    x = ag.Node(0.9, name="x")
    for _ in range(1_000):
        x = ag.sin(x) * 1.01
    return svg(x)


# Arrays


@picture("Arrays")
def small_arrays():
    """Arrays of up to six numbers are shown in full."""
    m = ag.Node([[1.0, -2.0, 0.5], [0.25, 4.0, 3.0]], name="M")
    y = ag.matmul(m, ag.Node([1.0, 0.5, -1.0], name="v")).sum().named("y")
    y.backward()
    return svg(y)


@picture("Arrays")
def linear_regression():
    """Least squares: large arrays show their least number, mean and largest."""
    x, y = ag.constant(normal(50, 3), name="X"), ag.constant(normal(50, seed=1), name="y")
    w = ag.parameter(np.zeros(3), name="w")
    loss = ag.mean((ag.matmul(x, w) - y) ** 2.0).named("loss")
    loss.backward()
    return svg(loss, edges="both")


@picture("Arrays")
def logistic_regression():
    """Logistic regression with a penalty on the weights."""
    x = ag.constant(normal(50, 4), name="X")
    y = ag.constant((normal(50, seed=1) > 0).astype(float), name="y")
    w = ag.parameter(normal(4, seed=2), name="w")
    p = ag.sigmoid(ag.matmul(x, w)).named("p")
    loss = ag.mean(-(y * ag.log(p) + (1.0 - y) * ag.log(1.0 - p))) + 0.1 * ag.sum(w * w)
    loss.backward()
    return svg(loss.named("loss"))


@picture("Arrays")
def network():
    """A network of two layers, each a scope with a frame around it."""
    return svg(classifier(16, 8, 3))


@picture("Arrays")
def network_backward():
    """The way back: on each edge the norm of the gradient that flows there."""
    return svg(classifier(16, 8, 3), edges="backward")


@picture("Arrays")
def network_folded():
    """The same with each scope as one box: `collapse=True`."""
    return svg(classifier(16, 8, 3), collapse=True)


@picture("Arrays")
def network_highlighted():
    """Nodes of one's choice in a colour: `highlight={loss: "amber", …}`."""
    graph = classifier(4, 3, 2)
    marks = dict.fromkeys(graph.parameters, "green") | {graph["loss"]: "amber"}
    return svg(graph, highlight=marks, values=False, grads=False)


@picture("Arrays")
def convolution():
    """A convolution, a bend and a mean over each plane."""
    x = ag.constant(normal(2, 1, 8, 8), name="images")
    w = ag.parameter(normal(3, 1, 3, 3, seed=1), name="kernels")
    y = ag.mean(ag.relu(ag.conv2d(x, w)), axis=(2, 3)).sum().named("y")
    y.backward()
    return svg(y)


@picture("Arrays")
def layer_normalisation():
    """Layer normalisation, written out."""
    x = ag.Node(normal(4, 6), name="x")
    centred = x - ag.mean(x, axis=-1, keepdims=True)
    y = centred / ag.sqrt(ag.mean(centred**2.0, axis=-1, keepdims=True) + 1e-5)
    return svg(y.named("y"))


@picture("Arrays")
def gated_cell():
    """A gated recurrent cell: one step."""
    x, h = ag.Node(normal(3), name="x"), ag.Node(normal(4, seed=1), name="h")

    def gate(name, bend, state):
        with ag.scope(name):
            w = ag.parameter(normal(3, 4, seed=len(name)), name="W")
            u = ag.parameter(normal(4, 4, seed=len(name) + 1), name="U")
            return bend(ag.vdot(x, w) + ag.vdot(state, u))

    with ag.Graph() as graph:
        z, r = gate("update", ag.sigmoid, h), gate("reset", ag.sigmoid, h)
        ((1.0 - z) * h + z * gate("candidate", ag.tanh, r * h)).named("next h")
    return svg(graph)


@picture("Arrays")
def gaussian_process():
    """The likelihood of a Gaussian process: Cholesky's factor and a solution."""
    points = np.linspace(0.0, 1.0, 5)
    length = ag.Node(0.5, name="length")
    kernel = ag.exp(-((points[:, None] - points) ** 2) / length**2.0) + 0.1 * np.eye(5)
    y = np.sin(6.0 * points)
    loss = (y * ag.linalg.solve(kernel, y)).sum() + ag.linalg.slogdet(kernel)[1]
    loss.backward()
    return svg(loss.named("loss"))


# Models


@picture("Models")
def transformer_block():
    """A transformer block: attention and a network, each in its scope."""
    return svg(transformer(1))


@picture("Models")
def transformer_of_24_layers():
    """Twenty-four of them are one box, ×24, if they are alike."""
    return svg(transformer(24), depth=1)


@picture("Models")
def deep_network():
    """A model of `nn`, recorded; its equal layers are one box."""
    return svg(nn.record(nn.MLP([8] * 12, "relu"), (8,)).graph, depth=1)


# Trust


@picture("Trust")
def guilty_rule():
    """A derivative that is wrong by one part in a thousand: `check_gradients(…).render(…)`."""

    class Bent(ag.Elementwise):
        """Tanh with a wrong derivative."""

        def forward(xp, x):
            return xp.tanh(x)

        def vjp_x(xp, grad, out, x):
            return grad * (1.001 - out * out)

    x = ag.Node([0.5, -1.0], name="x")
    report = check_gradients((Bent(ag.sin(x)) * x).sum(), progress=False)
    return svg(report._graph(), highlight=report.colours())


@picture("Trust")
def kink():
    """At a kink slopes differ from both sides: blue, not wrong."""
    x = ag.Node([0.0, 1.0], name="x")
    report = check_gradients((ag.relu(x) * 3.0).sum(), progress=False)
    return svg(report._graph(), highlight=report.colours())


@picture("Trust")
def origin_of_nan():
    """The node in which a NaN begins, apart from all those that it has reached."""
    x = ag.Node([1.0, -2.0, 3.0], name="x")
    with np.errstate(all="ignore"):
        y = (ag.exp(ag.log(x) * 2.0) + 1.0).sum().named("y")
    return svg(y)


@picture("Trust")
def origin_of_infinite_gradient():
    """Values are finite, and a gradient is not: the square root at 0."""
    x = ag.Node(0.0, name="x")
    y = (ag.sqrt(x * 2.0) + 1.0).named("y")
    y.backward()
    return svg(y, edges="both")


@picture("Trust")
def nan_in_a_folded_scope():
    """A folded scope tells of the NaN that begins inside."""
    with ag.Graph() as graph, np.errstate(all="ignore"):
        h = ag.Node([1.0, -1.0], name="x")
        for name in ("first", "second"):
            with ag.scope(name):
                h = ag.log(h * 1.5) + 0.5
    return svg(graph, collapse=True)


# Rewriting


def stage(name: str) -> str:
    found = next(x for x in stages_of(training_step().drafts) if x.name == name)
    return svg(found.draft.graph, highlight=found.colours())


@picture("Rewriting")
def before_the_passes():
    """The training step as it was asked for; red is what the first pass takes away."""
    return stage("specialise")


@picture("Rewriting")
def safe_forms():
    """After it, the logarithm of the softmax cannot overflow; green is what was put in."""
    return stage("safe_forms")


@picture("Rewriting")
def after_the_passes():
    """The training step after all passes, updates as one operation each."""
    return stage("results")


@picture("Rewriting")
def memory_of_a_training_step():
    """Who lies where in the work space, from the step that writes it to its last use."""
    return memory_svg(training_step().plan)


def main(folder: Path) -> None:
    """Write all pictures, and the page that shows them."""
    lines = [
        "# Gallery",
        "",
        "Made by `python docs/gallery/make.py`.",
        "",
    ]
    pictures = folder / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    for section, functions in PICTURES.items():
        lines += [f"## {section}", ""]
        for function in functions:
            name, caption = function.__name__, " ".join(function.__doc__.split())
            (pictures / f"{name}.svg").write_text(function(), encoding="utf-8")
            lines += [caption, "", f"![{name.replace('_', ' ')}](gallery/{name}.svg)", ""]
    (folder / "gallery.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{sum(map(len, PICTURES.values()))} pictures in {pictures}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent))
