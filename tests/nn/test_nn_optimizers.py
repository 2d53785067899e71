"""Optimizers: each rule by hand, on arrays and on nodes; clipping, decay, accumulation, schedules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import ConfigError, GraphError, NonFiniteError, ShapeError
from autograd_lite.nn import schedules

START = np.array([[1.0, -2.0], [0.5, 3.0]])
SCALE = np.array([[1.0, 10.0], [0.1, 2.0]])
LR = 0.05


def gradient(w: Any) -> Any:
    return SCALE * w + np.sin(w)


def loss_of(w: ag.Node) -> ag.Node:
    return ag.sum(w * w * (SCALE / 2)) - ag.sum(ag.cos(w))


# Each rule as its paper writes it, in plain loops over steps.


def sgd(w, steps, decay=0.0, l2=0.0):
    for _ in range(steps):
        w = w - LR * (gradient(w) + l2 * w) - LR * decay * w
    return w


def momentum(w, steps):
    velocity = 0 * w
    for _ in range(steps):
        velocity = 0.8 * velocity + gradient(w)
        w = w - LR * velocity
    return w


def nesterov(w, steps):
    velocity = 0 * w
    for _ in range(steps):
        velocity = 0.8 * velocity + gradient(w)
        w = w - LR * (gradient(w) + 0.8 * velocity)
    return w


def adam(w, steps, decay=0.0):
    mean, square = 0 * w, 0 * w
    for t in range(1, steps + 1):
        g = gradient(w)
        mean, square = 0.9 * mean + 0.1 * g, 0.99 * square + 0.01 * g**2
        move = (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.99**t)) + 1e-8)
        w = w - LR * move - LR * decay * w
    return w


BETAS = {"betas": (0.9, 0.99)}
RULES = [
    (nn.SGD, {}, sgd),
    (nn.SGD, {"weight_decay": 0.3}, lambda w, n: sgd(w, n, decay=0.3)),
    (nn.SGD, {"l2": 0.3}, lambda w, n: sgd(w, n, l2=0.3)),
    (nn.Momentum, {"momentum": 0.8}, momentum),
    (nn.Nesterov, {"momentum": 0.8}, nesterov),
    (nn.Adam, BETAS, adam),
    (nn.AdamW, {**BETAS, "weight_decay": 0.2}, lambda w, n: adam(w, n, decay=0.2)),
]
IDS = [f"{rule.__name__}{index}" for index, (rule, _, _) in enumerate(RULES)]


def stepped(rule: Any, options: dict[str, Any], steps: int, value: Any = START) -> ag.Node:
    w = ag.parameter(value, name="w")
    optimizer = rule([w], LR, **options)
    for _ in range(steps):
        loss_of(w).backward()
        optimizer.step()
    return w


@pytest.mark.parametrize(("rule", "options", "reference"), RULES, ids=IDS)
def test_a_rule_is_that_of_its_paper(rule, options, reference):
    np.testing.assert_allclose(stepped(rule, options, 4).value, reference(START, 4), rtol=1e-12)


@pytest.mark.parametrize(("rule", "options", "reference"), RULES, ids=IDS)
def test_a_rule_keeps_float32_and_python_floats(rule, options, reference):
    w = stepped(rule, options, 3, START.astype("float32"))
    assert w.dtype == "float32"
    np.testing.assert_allclose(w.value, reference(START, 3), rtol=2e-5, atol=1e-6)
    number = ag.parameter(2.0)
    optimizer = rule([ag.parameter(START.astype("float32")), number], LR, **options)
    for node in optimizer.parameters:
        ag.sum(node * node).backward()
    optimizer.step()
    assert type(number.value) is float
    assert number.value < 2


@pytest.mark.parametrize(("rule", "options", "reference"), RULES, ids=IDS)
def test_a_step_leaves_what_was_taken_from_it_alone(rule, options, reference):
    large = np.random.default_rng(0).normal(size=(300, 300))  # NumPy reuses memory only of such
    w = ag.parameter(large)
    optimizer = rule([w], LR, **options)
    ag.sum(w * w).backward()
    optimizer.step()
    kept = {leaf: leaf.value for leaf in (w, *optimizer.leaves.values())}
    before = {leaf: np.array(value) for leaf, value in kept.items()}
    ag.sum(w * w).backward()
    optimizer.step()
    for leaf, value in kept.items():
        np.testing.assert_array_equal(value, before[leaf])
    np.testing.assert_array_equal(w.grad, 2 * kept[w])


class Flat(nn.SGD):
    """A rule with a mistake."""

    def update(self, xp, w, dw, /, *velocity, lr):
        return (w.ravel() - lr * dw.ravel(),)


def test_a_step_that_is_refused_changes_nothing():
    a, b = ag.parameter(np.ones(2)), ag.parameter(START)
    ag.sum(a * b).backward()
    with pytest.raises(ShapeError, match=r"expected float64\[2, 2\](.|\n)*came:  float64\[4\]"):
        Flat([a, b]).step()
    assert a.value.tolist() == [1.0, 1.0]


def test_a_gradient_that_is_not_finite_is_not_gathered():
    w = ag.parameter(np.ones(2))
    optimizer = nn.SGD([w], lr=0.5, accumulate=2)
    w.grad = np.array([1.0, np.nan])
    with pytest.raises(NonFiniteError, match="gradients nan to nan"):
        optimizer.step()
    for _ in range(2):
        w.grad = np.ones(2)
        optimizer.step()
    assert w.value.tolist() == [0.5, 0.5]


def test_a_gradient_that_was_put_there_may_be_broadcast():
    w = ag.parameter(np.ones(3))
    w.grad = np.full(1, 2.0)
    nn.SGD([w], lr=0.5).step()
    assert w.value.tolist() == [0.0, 0.0, 0.0]


def test_a_step_inside_of_a_transform():
    w = ag.parameter([1.0])
    optimizer = nn.SGD([w], lr=0.5)
    ag.sum(w).backward()
    assert ag.grad(lambda x: (optimizer.step(), x * x)[1])(2.0) == 4.0
    assert w.value.tolist() == [0.5]
    with pytest.raises(GraphError, match="the value of Parameter taken out"):
        ag.jit(lambda x: (optimizer.step(), x * x)[1])(2.0)
    assert w.value.tolist() == [0.5]


def test_large_numbers_are_finite():
    w = ag.parameter(np.full(2, 3e38, "float32"))
    w.grad = np.zeros(2, "float32")
    nn.SGD([w], lr=0.5).step()
    w.grad = np.full(2, -3e38, "float32")
    with pytest.raises(NonFiniteError, match="values 3e"):
        nn.SGD([w], lr=0.5).step()


ALL_OPTIONS = {"clip_value": 4.0, "clip_norm": 5.0, "l2": 0.1, "weight_decay": 0.1}


@pytest.mark.parametrize("extra", [{}, ALL_OPTIONS, {"accumulate": 3, **ALL_OPTIONS}], ids=str)
@pytest.mark.parametrize(("rule", "options", "reference"), RULES, ids=IDS)
def test_updates_are_the_step_written_down(rule, options, reference, extra):
    options = {**options, **extra}
    eager = ag.parameter(START, name="w"), ag.parameter(0.5, name="b")
    symbolic = ag.parameter(START, name="w"), ag.parameter(np.asarray(0.5), name="b")
    stepper, writer = rule(eager, LR, **options), rule(symbolic, LR, **options)
    with ag.Graph() as graph:
        w, b = symbolic
        loss = loss_of(w) * ag.exp(b)
        updates = writer.updates(ag.gradients(loss, [w, b]))
    assert set(updates) == {w, b, *writer.leaves.values()} - {writer.leaves["lr"]}
    for _ in range(5):
        (loss_of(eager[0]) * ag.exp(eager[1])).backward()
        stepper.step()
        graph.forward()
        for leaf, value in [(leaf, new.value) for leaf, new in updates.items()]:
            leaf.assign(value)
    for one, other in zip(eager, symbolic, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
    for name, leaf in stepper.leaves.items():
        np.testing.assert_allclose(leaf.value, writer.leaves[name].value, rtol=1e-12, err_msg=name)


def test_state_has_names_to_find_it_by():
    model = nn.MLP([2, 2])
    assert list(nn.Adam(model.parameters()).leaves) == [
        "lr", "steps", "layers.0.W.mean", "layers.0.W.square", "layers.0.b.mean", "layers.0.b.square",
    ]  # fmt: skip
    leaves = nn.Momentum([ag.parameter(1.0), ag.parameter(2.0)], 0.1, accumulate=2).leaves
    assert list(leaves) == [
        "lr", "gathered", "0.parameter.velocity", "0.parameter.gradient",
        "1.parameter.velocity", "1.parameter.gradient",
    ]  # fmt: skip
    assert not any(leaf.requires_grad for leaf in leaves.values())


def test_accumulated_steps_are_one_step_along_the_mean():
    w, twin = ag.parameter(START), ag.parameter(START)
    optimizer, plain = nn.Adam([w], LR, accumulate=2), nn.Adam([twin], LR)
    for factor in (0.5, 1.5):
        assert w.value.tolist() == START.tolist()
        (loss_of(w) * factor).backward()
        optimizer.step()
    loss_of(twin).backward()
    plain.step()
    np.testing.assert_allclose(w.value, twin.value, rtol=1e-12)
    assert optimizer.leaves["gathered"].value == 0
    assert not optimizer.leaves["parameter.gradient"].value.any()
    assert optimizer.leaves["steps"].value == 1


def moved_by(w: ag.Node, gradient: Any, **options: Any) -> list[float]:
    before = np.array(w.value)
    ag.sum(w * np.asarray(gradient, w.dtype)).backward()
    nn.SGD([w], 1.0, **options).step()
    return (before - w.value).astype("float64").round(6).tolist()


def test_gradients_are_clipped():
    assert moved_by(ag.parameter([0.0, 0.0]), [3.0, -4.0], clip_value=3.5) == [3.0, -3.5]
    assert moved_by(ag.parameter([0.0, 0.0]), [3.0, -4.0], clip_norm=1.0) == [0.6, -0.8]
    assert moved_by(ag.parameter([0.0, 0.0]), [3.0, -4.0], clip_norm=6.0) == [3.0, -4.0]
    assert moved_by(ag.parameter([0.0, 0.0]), [0.0, 0.0], clip_norm=1.0) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("float16", 100), ("float16", 16_000), ("float32", 1e25), ("float64", 1e200)],
    ids=str,
)
def test_the_norm_of_large_gradients_does_not_overflow(dtype, size):
    steps = moved_by(ag.parameter(np.zeros(2, dtype)), [3 * size, 4 * size], clip_norm=1.0)
    np.testing.assert_allclose(steps, [0.6, 0.8], rtol=1e-2)


def test_the_norm_is_that_of_all_gradients_together():
    a, b = ag.parameter(np.zeros(1, "float32")), ag.parameter(0.0)
    (ag.sum(a * 3.0) + b * 4.0).backward()
    nn.SGD([a, b], 1.0, clip_norm=1.0).step()
    assert a.dtype == "float32"
    np.testing.assert_allclose([a.value[0], b.value], [-0.6, -0.8], rtol=1e-6)


def test_decay_concerns_those_it_is_meant_for():
    w, b = ag.parameter([2.0], name="w"), ag.parameter([2.0], name="b")
    for option in ("l2", "weight_decay"):
        (ag.sum(w) * 0.0 + ag.sum(b) * 0.0).backward()
        nn.SGD([w, b], 0.5, decayed=[w], **{option: 1.0}).step()
    assert (w.value.tolist(), b.value.tolist()) == ([0.5], [2.0])


def test_the_rate_can_be_changed_at_any_time():
    w = ag.parameter([1.0])
    optimizer = nn.SGD([w], 0.5)
    optimizer.lr = 0.25
    ag.sum(w).backward()
    optimizer.step()
    assert (w.value.tolist(), optimizer.lr, optimizer.initial_lr) == ([0.75], 0.25, 0.5)
    optimizer.leaves["lr"].assign(0.5)
    optimizer.step()
    assert w.value.tolist() == [0.25]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda w: nn.SGD(w, -1.0), "lr: expected a finite number above 0\n  came:  -1.0"),
        (
            lambda w: nn.SGD(w, 1.0, l2=-1),
            "l2: expected a finite number of at least 0\n  came:  -1",
        ),
        (
            lambda w: nn.SGD(w, 1.0, weight_decay="a"),
            "weight_decay: expected a finite number of at",
        ),
        (lambda w: nn.SGD(w, 1.0, clip_norm=0), "clip_norm: expected a finite number above 0"),
        (lambda w: nn.SGD(w, 1.0, clip_value=np.nan), "clip_value: expected a finite number above"),
        (
            lambda w: nn.SGD(w, 1.0, accumulate=0),
            "accumulate: expected a whole number of at least 1",
        ),
        (
            lambda w: nn.Momentum(w, 1.0, 1.0),
            "momentum: expected a number of at least 0 and below 1",
        ),
        (
            lambda w: nn.Adam(w, betas=(0.9, -1)),
            "betas: expected a number of at least 0 and below 1",
        ),
        (lambda w: nn.Adam(w, epsilon=0), "epsilon: expected a finite number above 0"),
        (lambda w: nn.AdamW([]), "AdamW: expected at least one parameter"),
        (
            lambda w: nn.AdamW([1.0]),
            r"(?s)expected parameters of a.*came:  1.0.*model.parameters\(\)",
        ),
        (lambda w: nn.SGD(w * 2, 1.0), "SGD: expected at least one parameter, and none twice"),
        (lambda w: nn.SGD([w[0] * 2.0], 1.0), "SGD: expected parameters of a floating-point dtype"),
        (
            lambda w: nn.SGD([ag.Node([1, 2], requires_grad=False)], 1.0),
            "SGD: expected parameters of a floating-point",
        ),
        (lambda w: nn.SGD(w, 1.0, decayed=5), "decayed: expected parameters of a floating"),
        (
            lambda w: nn.SGD(w, 1.0, decayed=[ag.parameter(1.0)]),
            "decayed: expected parameters of this",
        ),
        (lambda w: nn.Adam(w, betas=5), "betas: expected two numbers"),
        (lambda w: nn.Adam(w, betas=(0.9,)), "betas: expected two numbers"),
        (lambda w: nn.SGD(w, 10**400), "lr: expected a finite number above 0"),
        (
            lambda w: nn.SGD([ag.parameter(np.float32(1))], 1e300),
            "initial_lr: expected at most 3.4e.38",
        ),
        (
            lambda w: nn.SGD([ag.parameter(np.float32(1))], 1.0, l2=1e300),
            "l2: expected at most 3.4e.38",
        ),
        (
            lambda w: setattr(nn.SGD([ag.parameter(np.float32(1))], 1.0), "lr", 1e39),
            "lr: expected at most",
        ),
        (lambda w: nn.Adam(nn.MLP([2, 1]).parameters), "Adam: expected parameters of a floating"),
        (lambda w: setattr(nn.SGD(w, 1.0), "lr", -1), "lr: expected a finite number of at least 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make([ag.parameter(1.0)])


# Schedules


def test_schedules_reach_the_steps():
    seen = []

    class Watch(nn.Callback):
        def on_step(self, trainer):
            seen.append(trainer.optimizer.lr)

    model = nn.MLP([1, 2])
    schedule = schedules.warm_up(schedules.step(every=1, factor=0.5), epochs=1)
    trainer = nn.Trainer(
        model, nn.SGD(model.parameters(), 0.5), batch_size=2, epochs=3, schedule=schedule, callbacks=[Watch()]
    )  # fmt: skip
    trainer.fit(np.zeros((8, 1)), [0] * 8)
    assert seen == [0, 0.125, 0.25, 0.375, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]


@pytest.mark.parametrize("make", [schedules.step, schedules.exponential, schedules.cosine])
def test_schedules_refuse_what_makes_no_sense(make):
    with pytest.raises(ConfigError, match="expected a finite number above 0"):
        make(0)
