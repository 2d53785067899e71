"""Every layer: by hand, differentiated, recorded, compiled, copied, in training and in use."""

from __future__ import annotations

import copy
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.native import toolchain
from autograd_lite.errors import AutogradError, DTypeError, GraphError, ShapeError
from autograd_lite.testing import check_gradients

NEEDS_JAX = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(5, 4))
IMAGES = RANDOM.normal(size=(3, 2, 6, 5))
TEXT = RANDOM.normal(size=(2, 3, 8))
WORDS = np.array([[1, 2, 0], [6, 6, 3]])
SCALE = np.array([0.5, 2.0, 1.0, -1.0])
F64 = {"dtype": "float64"}


def standardized(x, axes, eps=1e-5):
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt(x.var(axis=axes, keepdims=True) + eps)


def convolved(layer, x):
    """Each kernel with each window, one by one."""
    w, found = layer.W.value, np.empty((3, 4, 3, 4))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    for i, j in np.ndindex(3, 4):
        window = padded[:, :, 2 * i : 2 * i + 3, j : j + 4]
        for o in range(4):
            found[:, o, i, j] = (window[:, o // 2][:, None] * w[o]).sum(axis=(1, 2, 3))
    return found + layer.b.value[:, None, None]


def attended(layer, x, seen=None, *, causal=False):
    """One head after another, one place after another."""
    q, k, v = (
        (y @ part.W.value + part.b.value).reshape(*y.shape[:2], 2, 4)
        for part, y in zip(
            (layer.query, layer.key, layer.value),
            (x, *[x if seen is None else seen] * 2),
            strict=True,
        )
    )
    found = np.zeros(q.shape)
    for n, t, h in np.ndindex(*q.shape[:3]):
        there = slice(t + 1) if causal else slice(None)
        weight = np.exp(k[n, there, h] @ q[n, t, h] / 2)
        found[n, t, h] = weight @ v[n, there, h] / weight.sum()
    return found.reshape(x.shape) @ layer.mix.W.value + layer.mix.b.value


def pooled(x, reduce):
    return reduce(x[:, :, :, :4].reshape(3, 2, 3, 2, 2, 2), axis=(3, 5))


CASES = {
    "Linear": (lambda: nn.Linear(4, 3, **F64), ROWS, lambda m, x: x @ m.W.value + m.b.value),
    "Sequential": (
        lambda: nn.Sequential(nn.Linear(4, 3, **F64), ag.tanh, nn.Sequential(nn.Linear(3, 2, **F64))),
        ROWS,
        lambda m, x: np.tanh(x @ m[0].W.value + m[0].b.value) @ m[2][0].W.value + m[2][0].b.value,
    ),
    "Flatten": (nn.Flatten, IMAGES, lambda m, x: x.reshape(3, 60)),
    "Conv2d": (
        lambda: nn.Conv2d(2, 4, (3, 4), stride=(2, 1), padding=1, groups=2, **F64), IMAGES, convolved,
    ),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), IMAGES, lambda m, x: pooled(x, np.max)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), IMAGES, lambda m, x: pooled(x, np.mean)),
    "BatchNorm of rows": (lambda: nn.BatchNorm(4, **F64), ROWS, lambda m, x: standardized(x, 0)),
    "BatchNorm": (lambda: nn.BatchNorm(2, **F64), IMAGES, lambda m, x: standardized(x, (0, 2, 3))),
    "LayerNorm": (lambda: nn.LayerNorm(4, **F64), ROWS, lambda m, x: standardized(x, 1)),
    "LayerNorm of images": (
        lambda: nn.LayerNorm((6, 5), **F64), IMAGES, lambda m, x: standardized(x, (2, 3)),
    ),
    "Dropout": (
        lambda: nn.Dropout(0.25, seed=1), ROWS,
        lambda m, x: ag.dropout(x, 0.25, np.random.default_rng(1).integers(2**62)),
    ),
    "Embedding": (lambda: nn.Embedding(7, 3, std=0.5, **F64), WORDS, lambda m, x: m.table.value[x]),
    "MultiHeadAttention": (lambda: nn.MultiHeadAttention(8, 2, **F64), TEXT, attended),
    "causal attention": (
        lambda: nn.MultiHeadAttention(8, 2, causal=True, **F64), TEXT,
        lambda m, x: attended(m, x, causal=True),
    ),
    "ReLU": (nn.ReLU, ROWS, lambda m, x: np.maximum(x, 0)),
    "LeakyReLU": (lambda: nn.LeakyReLU(slope=0.5), ROWS, lambda m, x: np.where(x > 0, x, x / 2)),
    "ELU": (nn.ELU, ROWS, lambda m, x: np.where(x > 0, x, np.expm1(x))),
    "Sigmoid": (nn.Sigmoid, ROWS, lambda m, x: 1 / (1 + np.exp(-x))),
    "Tanh": (nn.Tanh, ROWS, lambda m, x: np.tanh(x)),
    "Softplus": (nn.Softplus, ROWS, lambda m, x: np.log1p(np.exp(x))),
    "SiLU": (nn.SiLU, ROWS, lambda m, x: x / (1 + np.exp(-x))),
    "GELU": (lambda: nn.GELU(approximate="tanh"), ROWS, lambda m, x: ag.gelu(x, approximate="tanh")),
    "Softmax": (nn.Softmax, ROWS, lambda m, x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request):
    make, x, by_hand = CASES[request.param]
    model = make()
    for number, node in enumerate(model.parameters()):  # biases, gains and shifts are not 0 or 1
        node.assign(node.value + np.random.default_rng(number).normal(0, 0.1, node.shape))
    if "Norm" in request.param:
        by_hand = scaled(by_hand)
    return model, x, by_hand


def scaled(by_hand):
    def of(model, x):
        rank = 1 if isinstance(model, nn.LayerNorm) else x.ndim - 1
        gain, shift = (
            node.value.reshape(*node.shape, *(1,) * (rank - 1)) for node in model.parameters()
        )
        return by_hand(model, x) * gain + shift

    return of


def leaf(x):
    return ag.constant(x) if x.dtype.kind == "i" else ag.Node(x, name="x")


def recorded(model, x):
    """The graph of a layer with the gradients of a loss, and what moves its buffers."""
    with ag.Graph() as graph, nn.buffer_updates() as updates:
        fed = ag.input(name="x", shape=x.shape, dtype=x.dtype, requires_grad=x.dtype.kind == "f")
        y = model(fed)
        loss = ag.sum(y * ag.cos(y))
        wanted = model.parameters() + ([fed] if fed.requires_grad else [])
        return graph, [y, *ag.gradients(loss, wanted)], updates


def test_a_layer_computes_what_it_says(case):
    model, x, by_hand = case
    expected = by_hand(model, x)
    y = model(leaf(x))
    assert isinstance(y, ag.Node)
    np.testing.assert_allclose(y.value, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_its_gradients_are_right(case, training):
    model, x, _ = case
    y = model.train(training)(leaf(x))
    report = check_gradients(ag.sum(y * ag.cos(y)))
    assert report.ok, report


@pytest.mark.parametrize("training", [True, False])
def test_it_is_the_same_recorded_and_compiled(case, training):
    model, x, _ = case
    model.train(training)
    twin = copy.deepcopy(model)
    graph, outputs, updates = recorded(model, x)
    program = ag.compile(graph, outputs, updates, executor="numpy")
    for count in (len(x), 2):  # another batch goes through the same graph
        graph.forward(x=x[:count])
        expected = [node.value for node in outputs]
        fresh = {leaf: node.value for leaf, node in updates.items()}
        found = program(x=x[:count])
        np.testing.assert_allclose(found[0], twin(leaf(x[:count])).value, rtol=1e-9, atol=1e-12)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        for buffer, value in fresh.items():
            np.testing.assert_allclose(buffer.value, value)
        for one, other in zip(model.state().values(), twin.state().values(), strict=True):
            np.testing.assert_allclose(one.value, other.value)


def test_it_can_be_jitted_in_use(case):
    model, x, _ = case
    model.eval()
    found = ag.jit(lambda x: ag.stop_gradient(model(x)), executor="numpy")(x)
    np.testing.assert_allclose(
        getattr(found, "value", found), model(leaf(x)).value, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("kind", ["Dropout", "BatchNorm"])
def test_in_training_a_function_says_what_moves(kind):
    make, x, _ = CASES[kind]
    layer = make()
    with pytest.raises(GraphError, match="expected somebody who changes it in each run"):
        ag.jit(lambda x: layer(x).sum(), executor="numpy")(x)

    def step(x):
        with nn.buffer_updates() as updates:
            return layer(x).sum(), list(updates.values())

    twin = copy.deepcopy(layer)
    value, moved = ag.jit(step, executor="numpy")(x)
    np.testing.assert_allclose(getattr(value, "value", value), twin(leaf(x)).value.sum())
    for new, (_, buffer) in zip(moved, twin.named_buffers(), strict=True):
        np.testing.assert_allclose(getattr(new, "value", new), buffer.value)


SHOWN = [
    "Linear(4, 3)", "Conv2d(2, 4, 3)", "Conv2d(2, 4, (3, 1), stride=2, padding=(0, 1), groups=2)",
    "MaxPool2d(2)", "AvgPool2d((1, 2), stride=1, padding=(0, 1))", "BatchNorm(4)", "LayerNorm(4)",
    "LayerNorm((2, 3))", "Dropout(0.25)", "Embedding(7, 3)", "MultiHeadAttention(8, heads=2)",
    "MultiHeadAttention(8, heads=2, causal=True)", "ReLU()", "LeakyReLU(slope=0.5)", "Flatten()",
    "Sequential(Flatten(), Linear(4, 3))",
]  # fmt: skip


@pytest.mark.parametrize("text", SHOWN)
def test_it_shows_what_it_was_made_of(text):
    assert repr(eval(text, vars(nn))) == text  # noqa: S307 - our own texts


def test_a_sequence_is_a_list_of_layers():
    model = nn.Sequential(nn.Linear(2, 2), ag.relu)
    assert len(model) == 2
    assert list(model) == [model[0], ag.relu]
    assert repr(model) == "Sequential(Linear(2, 2), relu)"
    assert [node.name for node in model.parameters()] == ["0.W", "0.b"]


def test_running_statistics_come_near_to_those_of_the_data():
    layer, x = nn.BatchNorm(2, momentum=0.5), IMAGES * 3 + 1
    for _ in range(30):
        layer(x.astype("float32"))
    np.testing.assert_allclose(layer.mean.value, x.mean(axis=(0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(layer.variance.value, x.var(axis=(0, 2, 3)), rtol=1e-5)
    y = layer.eval()(x.astype("float32")).value
    np.testing.assert_allclose(y, standardized(x, (0, 2, 3)), atol=1e-4)


def test_dropout_drops_others_each_time_and_the_same_in_a_second_run():
    x = np.ones(1000)
    first, second = nn.Dropout(0.5), nn.Dropout(0.5)
    runs = [[layer(x).tolist() for _ in range(3)] for layer in (first, second)]
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1] != runs[0][2]
    assert nn.Dropout(0.5, seed=1)(x).tolist() != runs[0][0]
    assert abs(np.mean(runs) - 1) < 0.05


def test_attention_looks_at_another_sequence():
    layer, seen = nn.MultiHeadAttention(8, 2, dtype="float64"), RANDOM.normal(size=(2, 5, 8))
    np.testing.assert_allclose(layer(ag.Node(TEXT), seen).value, attended(layer, TEXT, seen))
    np.testing.assert_allclose(layer(ag.Node(TEXT[0])).value, attended(layer, TEXT)[0])


# Whole networks


def image_network(seed=0):
    random = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, seed=random), nn.BatchNorm(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25, seed=random), nn.Flatten(), nn.Linear(24, 3, seed=random),
    )  # fmt: skip


class Block(nn.Module):
    """A transformer block for sequences of vectors, and a score for each class at the end."""

    def __init__(self, seed=0):
        random = np.random.default_rng(seed)
        self.attention = nn.MultiHeadAttention(8, 2, causal=True, seed=random)
        self.norm = nn.LayerNorm(8)
        self.body = nn.Sequential(
            nn.Linear(8, 16, seed=random), nn.GELU(), nn.Linear(16, 3, seed=random)
        )

    def __call__(self, x, /):
        return ag.mean(self.body(self.norm(x + self.attention(x))), axis=1)


class Reader(nn.Module):
    """A score for each word at each place of a sequence."""

    def __init__(self):
        seed = np.random.default_rng(0)
        self.words = nn.Embedding(5, 8, seed=seed)
        self.attention = nn.MultiHeadAttention(8, 2, causal=True, seed=seed)
        self.scores = nn.Linear(8, 5, seed=seed)

    def __call__(self, x, /):
        x = self.words(x)
        return self.scores(x + self.attention(x))


def test_sequences_of_words_are_learned_through_fit():
    """Each place is to say the word before it: attention has to look there."""
    text = np.random.default_rng(1).integers(0, 5, (64, 7)).astype("uint8")
    text[:, 1::2] = (text[:, :-1:2] + 1) % 5
    model, x, y = Reader(), text[:, :-1], text[:, 1:]
    history = nn.fit(
        model, x, y, optimizer="adam", lr=0.02, epochs=15, batch_size=16, executor="numpy"
    )
    assert history.epochs[-1].train_accuracy > 0.55  # every other word follows from the last
    assert nn.evaluate(model, x, y)[0] == history.epochs[-1].train_accuracy
    assert nn.predict(model, x[:3]).shape == (3, 6, 5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.MLP([6, 2]),
        lambda: nn.MLP([5, 2]),
        lambda: nn.Sequential(ag.sqrt, nn.Linear(6, 2)),
        image_network,
    ],
)
def test_pixels_are_not_looked_up(make):
    pixels = np.ones((4, 2, 6, 5) if make is image_network else (4, 6), "uint8")
    model = make()
    for call in (lambda: nn.fit(model, pixels, [0, 1, 0, 1]), lambda: nn.predict(model, pixels)):
        with pytest.raises(
            DTypeError, match=r"Input 'x': expected floating-point features(.|\n)*as_features"
        ):
            call()


def test_another_mistake_with_words_is_told_as_it_is():
    model = nn.Sequential(nn.Embedding(5, 8), nn.Linear(7, 2))
    with pytest.raises(ShapeError, match=r"Linear\(7, 2\): expected 7 features"):
        nn.fit(model, np.ones((4, 6), int), np.ones((4, 6), int))


def test_words_stay_words_and_features_features():
    words, features = np.ones((4, 6), int), np.ones((4, 6))
    with pytest.raises(
        AutogradError, match=r"validation images: expected samples as those before, int64\[6\]"
    ):
        nn.fit(Reader(), words, words, validation=(features, words))
    with pytest.raises(
        AutogradError, match=r"validation images: expected samples as those before, float32\[6\]"
    ):
        nn.fit(nn.MLP([6, 2]), features, [0, 1, 0, 1], validation=(words, [0, 1, 0, 1]))


def compile_quickly(tmp_path, monkeypatch):
    """With a compiler that does not try hard, and a cache of the test's own."""
    try:
        toolchain.find_compiler()
    except ExecutorUnavailable as reason:
        pytest.skip(str(reason))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    flags = [flag.replace("-O3", "-O0") for flag in toolchain.find_compiler().flags]
    compiler = replace(toolchain.find_compiler(), flags=tuple(flags))
    monkeypatch.setattr(toolchain, "find_compiler", lambda: compiler)


@pytest.mark.parametrize("executor", ["numpy", "native", pytest.param("jax", marks=NEEDS_JAX)])
@pytest.mark.parametrize("make", [image_network, Block])
def test_a_network_trains_alike_on_every_executor(make, executor, tmp_path, monkeypatch):
    if executor == "native":
        compile_quickly(tmp_path, monkeypatch)
    x = IMAGES if make is image_network else TEXT
    x = np.concatenate([x] * 4).astype("float32")
    y = np.arange(len(x)) % 3
    model, twin = make(), make()
    options = {"batch_size": 4, "epochs": 2, "optimizer": "momentum", "lr": 0.05}
    first = nn.fit(twin, x, y, executor="interpreted", **options)
    second = nn.fit(model, x, y, executor=executor, **options)
    assert first.epochs[-1].train_loss == pytest.approx(second.epochs[-1].train_loss, rel=1e-3)
    for (name, one), other in zip(model.state().items(), twin.state().values(), strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-3, atol=1e-4, err_msg=name)


def test_a_run_with_dropout_goes_on_to_the_same_bits(tmp_path):
    def trainer(epochs, **options):
        seed = np.random.default_rng(0)
        model = nn.Sequential(
            nn.Linear(4, 8, seed=seed), nn.BatchNorm(8), nn.Dropout(0.5), nn.Linear(8, 2, seed=seed)
        )
        return nn.Trainer(
            model, "momentum", epochs=epochs, batch_size=4, executor="numpy", **options
        )

    x, y = np.concatenate([ROWS] * 4), np.arange(20) % 2
    checkpoint = {"checkpoint": tmp_path / "run.safetensors"}
    whole, begun, resumed = trainer(4), trainer(2, **checkpoint), trainer(4, **checkpoint)
    whole.fit(x, y)
    begun.fit(x, y)
    resumed.fit(x, y, resume=True)
    for one, other in zip(
        whole.model.state().values(), resumed.model.state().values(), strict=True
    ):
        np.testing.assert_array_equal(one.value, other.value)


WRONG = {
    "another number of channels": (lambda: nn.Conv2d(3, 4, 3)(IMAGES), r"Conv2d\(3, 4, 3\): expected 3 channels along axis 1\n  came:  float64\[3, 2, 6, 5\]"),
    "no images": (lambda: nn.Conv2d(3, 4, 3)(1.0), "expected 3 channels along axis 1"),
    "another number of features": (lambda: nn.LayerNorm(3)(ROWS), r"LayerNorm\(3\): expected 3 features along the last axis"),
    "another width": (lambda: nn.MultiHeadAttention(4, 2)(TEXT), "expected 4 features along the last axis"),
    "another width to see": (lambda: nn.MultiHeadAttention(8, 2)(TEXT, ROWS), "expected 8 features along the last axis"),
    "batch of one": (lambda: nn.BatchNorm(4)(ROWS[:1]), "expected several numbers of each channel"),
    "a row for a batch": (lambda: nn.BatchNorm(4)(ROWS[0]), "expected 4 channels along axis 1"),
    "heads": (lambda: nn.MultiHeadAttention(8, 3), "heads: expected a number that divides the width 8"),
    "groups": (lambda: nn.Conv2d(3, 4, 3, groups=2), "groups: expected a number that divides n_in and n_out"),
    "size": (lambda: nn.Conv2d(3, 4, (1, 2, 3)), "size: expected one number, or two: for rows and for columns"),
    "a kernel of nothing": (lambda: nn.Conv2d(3, 4, 0), "size: expected a whole number of at least 1"),
    "a window of nothing": (lambda: nn.MaxPool2d(0), "size: expected a whole number of at least 1"),
    "stride": (lambda: nn.AvgPool2d(2, stride=0), "stride: expected a whole number of at least 1"),
    "rate": (lambda: nn.Dropout(1.0), "rate: expected a number of at least 0 and below 1"),
    "momentum": (lambda: nn.BatchNorm(3, momentum=1), "momentum: expected a number of at least 0 and below 1"),
    "eps": (lambda: nn.LayerNorm(3, eps=0), "eps: expected a finite number above 0"),
    "a table beyond memory": (lambda: nn.Embedding(10**9, 10**9), "sizes: expected sizes whose weights fit"),
    "a word beyond the table": (lambda: nn.Embedding(2, 3)([5]), "Embedding: expected "),
    "words that are none": (lambda: nn.Embedding(2, 3)([0.5]), "Embedding: expected "),
    "dtype": (lambda: nn.BatchNorm(3, dtype=int), "dtype: expected a floating-point dtype"),
    "no layers": (nn.Sequential, "Sequential: expected at least one layer"),
    "a class for a layer": (lambda: nn.Sequential(nn.ReLU), "Sequential: expected a module or a function for each layer"),
    "a list for layers": (lambda: nn.Sequential([nn.ReLU()]), r"Sequential: expected a module or a function for each layer(.|\n)*\(\*layers\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_call_is_refused_in_one_shape(name):
    call, message = WRONG[name]
    with pytest.raises(AutogradError, match=message) as told:
        call()
    lines = str(told.value).splitlines()
    assert [line[:7] for line in lines[1:]] == ["  came:", "  at:  ", "  try: "]


def test_other_images_are_not_flattened_into_the_same_rows():
    with ag.Graph() as graph:
        nn.Flatten()(ag.input(name="x", shape=(2, 1, 4, 4)))
    graph.forward(x=np.ones((5, 1, 4, 4), "float32"))
    with pytest.raises(
        ShapeError, match="expected the lengths of axes that the graph was recorded"
    ):
        graph.forward(x=np.ones((8, 1, 2, 2), "float32"))
