"""A step is taken whole or not at all, wherever in it a signal comes, whoever runs it."""

from __future__ import annotations

import gc
import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.compiler.runtime import signals
from autograd_lite.compiler.runtime.signals import Heard, Uninterrupted
from autograd_lite.core.context import NO_CONTEXT, context
from autograd_lite.errors import NonFiniteError
from autograd_lite.frontend.protocols import NOBODY, looks
from autograd_lite.nn.weights import assign

LONG = settings.default.max_examples > 100
EXECUTORS = ("numpy", "native")


class Came(BaseException):
    """What the handler of a user raises."""


def refuse(*_: Any) -> None:
    raise Came


class Sender:
    """Sends a signal at a moment of a run, of those at which Python runs the handlers of signals.

    These are where a function begins, where one in C returns, and where a loop begins again. Two
    are left out: the end of a `with` block, as what is raised when its `__exit__` begins leaves no
    way to end it, and generators, which a profiler sees begin when they are thrown away, too.
    """

    def __init__(self, moment: int, number: int) -> None:
        self.left, self.number = moment, number
        self.former = sys.gettrace(), sys.getprofile()
        self.places: dict[Any, int] = {}

    def look(self, frame: Any, event: str, _: Any) -> Any:
        code = frame.f_code
        is_other = code.co_name == "__exit__" or code.co_flags & inspect.CO_GENERATOR
        begins = event == "call" and not is_other
        if (begins or event == "c_return") and code.co_filename != __file__:
            self.count()
        return self.look

    def look_back(self, frame: Any, event: str, _: Any) -> Any:
        if event == "line" and frame.f_code.co_filename != __file__:
            before, self.places[frame] = self.places.get(frame, 0), frame.f_lasti
            if frame.f_lasti < before:
                self.count()
        return self.look_back

    def count(self) -> None:
        self.left -= 1
        if self.left == -1:
            signal.raise_signal(self.number)

    def begin(self) -> None:
        gc.disable()  # what callbacks of the collector raise is heard by nobody
        sys.settrace(self.look_back)
        sys.setprofile(self.look)

    def end(self) -> None:
        sys.setprofile(self.former[1])
        sys.settrace(self.former[0])
        gc.enable()


def interrupted_everywhere(
    prepare: Callable[[], Any], run: Callable[[Any], None], check: Callable[[Any], None],
    number: int = signal.SIGINT, stride: int = 1, *, begins: bool = True,
) -> int:  # fmt: skip
    """Run again and again, each time with a signal a moment later; how many were sent.

    Unless it begins at once, the moments are counted from when the subject lets its sender begin.
    """
    for sent in count():
        subject, sender, heard = prepare(), Sender(sent * stride, number), False
        subject.sender = sender
        with np.errstate():  # a block of NumPy that is interrupted as it begins stays open
            try:
                if begins:
                    sender.begin()
                run(subject)
            except (KeyboardInterrupt, Came):
                heard = True
            finally:
                sender.end()
        assert heard == (sender.left < 0)
        assert (context.get(), looks.get()) == (NO_CONTEXT, NOBODY)
        check(subject)
        if not heard:
            return sent
    raise AssertionError


def looked_at_everywhere(
    prepare: Callable[[], Any], run: Callable[[Any], None], check: Callable[[Any], None]
) -> int:
    """The same with a handler that looks at the subject itself, before it raises."""
    subject = None

    def prepared() -> Any:
        nonlocal subject
        subject = prepare()
        return subject

    def look(*_: Any) -> None:
        check(subject)
        raise Came

    former = signal.signal(signal.SIGALRM, look)
    try:
        return interrupted_everywhere(prepared, run, check, signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, former)


# Programs


class Counting:
    """A program of which each step adds 1 to a number, and as much as a step sees to an array."""

    def __init__(self, executor: str, *, single: bool = False, check_finite: bool = False) -> None:
        with ag.Graph() as graph:
            x = ag.input(name="x", shape=() if single else (4, 3), dtype="float64")
            self.w = ag.parameter(0.0 if single else np.zeros(3), name="w")
            self.c = ag.parameter(0.0, name="c")
            total = self.w + (x if single else ag.max(x, axis=0)) + 0.0 * ag.tanh(self.w)
            twice = (self.w + total).named("twice")
        self.program = ag.compile(
            graph, twice, {self.w: total, self.c: self.c + 1.0}, executor=executor, steps=10**6,
            check_finite=check_finite,
        )  # fmt: skip
        self.single = single
        self.begin()

    def begin(self) -> Counting:
        self.w.assign(0.0 if self.single else np.zeros(3))
        self.c.assign(0.0)
        return self

    def feeds(self, steps: float) -> Any:
        return np.ones(int(steps) if self.single else (int(4 * steps), 3))

    def call(self) -> None:
        self.program(x=1.0 if self.single else self.feeds(1))

    def scan(self) -> None:
        self.program.scan({"x": self.feeds(3)}, batch_size=1 if self.single else 4)

    def last_batch(self) -> None:
        self.program.scan({"x": self.feeds(1.5)}, batch_size=4)

    def check(self) -> None:
        """The leaves are those of one step, and the next one goes on from there."""
        for _ in range(2):
            steps = float(self.c.value)
            assert np.all(self.w.value == steps), (self.w.value, steps)
            self.call()
            assert float(self.c.value) == steps + 1


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("way", ["call", "scan", "last_batch"])
@pytest.mark.parametrize("options", [{}, {"check_finite": True}, {"single": True}], ids=str)
def test_a_step_of_a_program_is_taken_whole_or_not_at_all(executor, way, options):
    if way == "last_batch" and "single" in options:
        pytest.skip("single samples make no smaller batch")
    counting, run = Counting(executor, **options), getattr(Counting, way)
    counting.call()
    run(counting)  # which plans it
    sent = interrupted_everywhere(counting.begin, run, Counting.check)
    assert sent > 20


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGALRM"])
def test_whatever_the_handler_of_a_signal_raises(name):
    number = getattr(signal, name)
    counting = Counting("numpy")
    counting.call()
    former = signal.signal(number, refuse)
    try:
        interrupted_everywhere(counting.begin, Counting.call, Counting.check, number)
        assert signal.getsignal(number) is refuse
    finally:
        signal.signal(number, former)


def test_a_step_that_fails_is_not_taken_and_the_signal_is_heard():
    counting = Counting("numpy", check_finite=True)
    counting.call()

    def fail(counting: Counting) -> None:
        with suppress(NonFiniteError):
            counting.program(x=np.full((4, 3), np.nan))

    interrupted_everywhere(counting.begin, fail, Counting.check)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_signals_at_any_time(executor):
    """The same with a clock: of signals that a thread sends, none tears a step."""
    counting = Counting(executor)
    random = np.random.default_rng(0)
    for k in range(250 if LONG else 10):
        way = (counting.call, counting.scan, counting.last_batch)[k % 3]
        counting.begin()
        wait = float(random.random() * 0.004)
        timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
        gc.disable()  # what callbacks of the collector raise is heard by nobody
        try:
            with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes sometime
                timer.start()
                while True:
                    way()
        finally:
            gc.enable()
        timer.join()
        steps = float(counting.c.value)
        assert np.all(counting.w.value == steps)
        counting.call()
        assert float(counting.c.value) == steps + 1


# Training

IMAGES = np.random.default_rng(0).random((12, 4)).astype("float32")
LABELS = IMAGES[:, :2].argmax(axis=1)


def trainer(executor: str) -> nn.Trainer:
    model = nn.MLP([4, 3, 2], "tanh", seed=1)
    optimizer = nn.Adam(model.parameters(), 0.1)
    return nn.Trainer(
        model, optimizer, batch_size=4, epochs=2, shuffle=True, curve_points=1, executor=executor
    )


class Begin(nn.Callback):
    """The moments are counted from the first step on: planning takes many, and changes nothing."""

    def on_step(self, trainer: nn.Trainer) -> None:
        trainer.sender.begin()


SLOW = pytest.mark.skipif(not LONG, reason="plans anew for each signal; in the profile long")


@pytest.mark.parametrize(
    "executor", ["interpreted", *(pytest.param(name, marks=SLOW) for name in EXECUTORS)]
)
def test_training_that_was_interrupted_anywhere_goes_on_to_the_same_bits(executor):
    whole = trainer(executor)
    whole.fit(IMAGES, LABELS)

    def prepare() -> nn.Trainer:
        run = trainer(executor)
        run.callbacks = [Begin()]
        return run

    def fit(run: nn.Trainer) -> None:
        run.fit(IMAGES, LABELS)

    def check(run: nn.Trainer) -> None:
        run.callbacks = []
        fit(run)
        np.testing.assert_equal(run.model.get_weights(), whole.model.get_weights())
        losses = [[x.train_loss for x in each.history.epochs] for each in (run, whole)]
        assert losses[0] == losses[1]

    former = signal.signal(signal.SIGALRM, refuse)  # as of a user who limits the time
    try:
        stride = 199 if executor in EXECUTORS else 13 if LONG else 499
        sent = interrupted_everywhere(prepare, fit, check, signal.SIGALRM, stride, begins=False)
    finally:
        signal.signal(signal.SIGALRM, former)
    assert sent > 3


EVERYWHERE = [interrupted_everywhere, looked_at_everywhere]


@pytest.mark.parametrize("everywhere", EVERYWHERE)
@pytest.mark.parametrize("number", [1.0, 2.0])
def test_an_optimizer_changes_all_or_nothing(number, everywhere):
    def prepare() -> nn.Adam:
        a, b = ag.parameter(np.ones(2), name="a"), ag.parameter(number, name="b")
        (ag.sum(a) * b).backward()
        return nn.Adam([a, b], 0.5)

    def check(optimizer: nn.Adam) -> None:
        steps = float(optimizer.leaves["steps"].value)
        changed = [np.any(x.value != start) for x, start in zip(optimizer.parameters, (1.0, number), strict=True)]  # fmt: skip
        assert changed == [bool(steps)] * 2
        assert bool(optimizer.leaves["b.mean"].value) == bool(steps)

    assert everywhere(prepare, nn.Adam.step, check) > 50


@pytest.mark.parametrize("everywhere", EVERYWHERE)
def test_weights_are_given_all_or_none(everywhere):
    def prepare() -> nn.MLP:
        model = nn.MLP([2, 2, 2])
        for leaf in model.parameters():
            leaf.assign(np.zeros(leaf.shape))
        return model

    def check(model: nn.MLP) -> None:
        assert len({float(x) for leaf in model.parameters() for x in leaf.value.flat}) == 1

    def run(model: nn.MLP) -> None:
        leaves = dict(model.named_parameters())
        assign(leaves, {name: np.ones_like(x.value) for name, x in leaves.items()}, "ones")

    assert everywhere(prepare, run, check) > 50


# Blocks


def in_blocks() -> None:
    with ag.Graph(), ag.scope("part"), ag.no_grad():
        ag.Node(1.0).exp()


BLOCKS = {
    "blocks": in_blocks,
    "decorated": ag.no_grad()(in_blocks),
    "grad": lambda: ag.grad(lambda x: x * x)(3.0),
    "vmap": lambda: ag.vmap(lambda x: ag.sum(x * x))(np.ones((2, 3))),
    "checkpoint": lambda: ag.checkpoint(ag.exp)(ag.Node(1.0)).backward(),
    "jit": lambda: ag.jit(lambda x: x * 2.0, executor="numpy")(1.0),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_what_is_around_is_as_before_wherever_a_block_is_interrupted(name):
    BLOCKS[name]()
    stride = 1
    sent = interrupted_everywhere(
        SimpleNamespace, lambda _: BLOCKS[name](), lambda _: None, stride=stride
    )
    assert sent > 5


# Graphs


@pytest.mark.parametrize("accumulate", [False, True])
def test_a_graph_gets_all_new_numbers_or_none(accumulate):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        w = ag.parameter([1.0, 1.0], name="w")
        y = ag.sum(w * x * w * x)

    def prepare() -> Any:
        graph.forward(x=[1.0, 1.0])
        graph.backward(y)
        return SimpleNamespace()

    def run(_: Any) -> None:
        graph.forward(x=[2.0, 2.0])
        y.backward(accumulate=accumulate)

    def check(_: Any) -> None:
        values = [float(np.max(node.value)) for node in graph if node is not w]
        assert values in ([1.0, 1.0, 1.0, 1.0, 2.0], [2.0, 2.0, 2.0, 4.0, 8.0])
        grads = tuple(float(np.max(node.grad)) for node in (y, w))
        assert grads in {(1.0, 2.0), (1.0 + accumulate, 8.0 + 2.0 * accumulate)}

    assert interrupted_everywhere(prepare, run, check) > 30


# The two ways to hear signals


def test_all_that_came_inside_is_heard_at_the_end_even_if_one_raises():
    heard: list[int] = []
    formers = {
        signal.SIGINT: signal.signal(signal.SIGINT, refuse),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda number, _: heard.append(number)),
    }
    try:
        with pytest.raises(Came), Uninterrupted():  # noqa: PT012 - both are needed
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in formers.items():
            signal.signal(number, handler)
    assert heard == [signal.SIGTERM]


def test_a_signal_that_no_python_code_handles_is_left_alone():
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    with Uninterrupted():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("hear", [Uninterrupted, Heard])
def test_other_threads_are_left_alone(hear):
    seen: list[Any] = []

    def work() -> None:
        with hear() as noted:
            seen.extend([signal.getsignal(signal.SIGINT), noted])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler, []]


@pytest.mark.parametrize("moment", range(4))
def test_a_handler_that_raises_while_signals_change_hands_leaves_them_right(moment, monkeypatch):
    """As if the signal had come right after the handler of one of two was set, or given back."""
    change, left = signals.set_handler, [moment]

    def set_handler(number: int, handler: Any) -> None:
        change(number, handler)
        left[0] -= 1
        if left[0] == -1:
            raise Came

    formers = {number: signal.signal(number, refuse) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        monkeypatch.setattr(signals, "set_handler", set_handler)
        with pytest.raises(Came), Uninterrupted():
            pass
        assert [signal.getsignal(number) for number in formers] == [refuse, refuse]
    finally:
        for number, handler in formers.items():
            signal.signal(number, handler)
