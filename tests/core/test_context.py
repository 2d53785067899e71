"""What is around an operation: graphs, scopes and modes, in threads, tasks and in any order."""

import asyncio
import sys
import threading
from contextlib import ExitStack
from contextvars import copy_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.core.context import NO_CONTEXT, context
from autograd_lite.core.graph import BaseGraph
from autograd_lite.core.values import to_its_end
from autograd_lite.errors import GraphError
from autograd_lite.frontend.blocks import Within


def names(graph):
    return [node.name for node in graph]


def test_nothing_is_around_again_when_all_is_left():
    graph = ag.Graph()
    graph.__enter__()
    with ag.scope("part"):
        assert context.get() == (graph, None, "part", (graph,))
        assert ag.Node(1.0).exp().scope == "part"
    graph.__exit__()
    assert context.get() is NO_CONTEXT


@given(order=st.lists(st.integers(0, 2), max_size=6), data=st.data())
def test_graphs_may_be_left_in_any_order(order, data):
    leaving = data.draw(st.permutations(range(len(order))))
    copy_context().run(enter_and_leave, order, leaving)


def enter_and_leave(order, leaving):
    """Enter graphs in an order, and leave them in another; leaves go to the last one left in."""
    graphs, entered = [ag.Graph() for _ in range(3)], list(order)
    for number in order:
        graphs[number].__enter__()
    for number in [order[i] for i in leaving]:
        leaf = ag.parameter(1.0)
        assert [leaf in graph for graph in graphs] == [i == entered[-1] for i in range(3)]
        graphs[number].__exit__()
        del entered[len(entered) - 1 - entered[::-1].index(number)]
    assert context.get() is NO_CONTEXT


def test_a_graph_in_two_tasks():
    async def task(shared, own, delay):
        with own:
            with shared:
                await asyncio.sleep(delay)
                ag.parameter(1.0, name="shared")
                await asyncio.sleep(delay)
            ag.parameter(1.0, name="own")

    async def both():
        shared, *owns = (ag.Graph() for _ in range(3))
        await asyncio.gather(*(task(shared, own, 0) for own in owns))
        return [*map(names, (shared, *owns))]

    assert asyncio.run(both()) == [["shared", "shared"], ["own"], ["own"]]


def test_a_graph_in_two_threads():
    shared, owns, barrier = ag.Graph(), [ag.Graph(), ag.Graph()], threading.Barrier(2)

    def work(own):
        with own:
            with shared:
                barrier.wait(5)
                ag.parameter(1.0, name="shared")
                barrier.wait(5)
            ag.parameter(1.0, name="own")

    threads = [threading.Thread(target=work, args=(own,)) for own in owns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [*map(names, (shared, *owns))] == [["shared", "shared"], ["own"], ["own"]]


def test_a_block_that_ends_in_another_thread_is_refused():
    graph, refused = ag.Graph(), []
    with ExitStack() as stack:
        stack.enter_context(graph)

        def leave():
            with pytest.raises(GraphError, match="with graph: expected the block to end in the"):
                graph.__exit__()
            refused.append(True)

        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
        assert refused
        assert ag.parameter(1.0) in graph


def test_an_input_is_listed_as_fast_in_a_large_graph():
    """The names of inputs are looked up, not searched for."""
    with ag.Graph() as graph:
        for number in range(20_000):
            ag.input(name=f"x{number}", shape=())
        with pytest.raises(GraphError, match="Input 'x7': expected a name that no other input"):
            ag.input(name="x7", shape=())
    assert len(graph) == 20_000


@pytest.mark.parametrize("name", [5, b"x", ("x",), 1.0])
def test_a_name_is_a_text(name):
    for make in (lambda: ag.Node(1.0, name=name), lambda: ag.Node(1.0).named(name)):
        with pytest.raises(GraphError, match="a name: expected a text"):
            make()
    with pytest.raises(GraphError, match="a name: expected a text"), ag.scope(name):
        pass


class Interrupted:
    """A variable as a signal finds it that comes right after it was set for the first time."""

    def __init__(self, value):
        self.value, self.count = value, 0

    def get(self):
        return self.value

    def set(self, value):
        self.value, self.count = value, self.count + 1
        if self.count == 1:
            raise KeyboardInterrupt


def test_a_block_that_is_interrupted_as_it_begins_has_not_begun():
    variable = Interrupted("before")
    with pytest.raises(KeyboardInterrupt), Within(variable, lambda _: "inside"):
        pass
    assert (variable.value, variable.count) == ("before", 2)


def test_a_graph_that_is_left_as_a_signal_comes_is_left(monkeypatch):
    graph = ag.Graph()
    variable = Interrupted(NO_CONTEXT.entering(graph))
    monkeypatch.setattr(sys.modules[BaseGraph.__module__], "context", variable)
    with pytest.raises(KeyboardInterrupt):
        graph.__exit__()
    assert variable.get() is NO_CONTEXT
    assert variable.count == 2


def test_a_change_in_whose_middle_a_signal_comes_is_made_to_its_end():
    made = []

    def change():
        made.append("begun")
        if len(made) == 1:
            raise KeyboardInterrupt
        made.append("done")

    with pytest.raises(KeyboardInterrupt):
        to_its_end(change)
    assert made == ["begun", "begun", "done"]
