"""What the constants of the gradient check cost and buy: false alarms, undecided, missed faults.

    python benchmarks/gradient_check_experiment.py                # 4,000 graphs, 300 faults
    python benchmarks/gradient_check_experiment.py --constants    # the same for other constants

Correct graphs are drawn at random, 30 % of the leaves' elements exact zeros, and as many whose
leaves are between a millionth and a million times as large; an alarm there is false, unless kinks
meet in a smooth whole: then what the rules give is another number than the slope, and said to be.
Faults are planted one at a time into graphs where they change a number; each has to be found with
the guilty node first and the right verdict: rule, engine, or whole for a function that leaves the
graph and for kinks that meet.

Recorded on 2 cores with NumPy 2.4, 55 s of processor time a line (found by name: 300 of 300):

    as it is             0 false alarms in 2,000 graphs, 0 undecided, kinks meet in 2
    leaves of all sizes  0 in 2,000, 0.8 % undecided, kinks meet in 6
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np

from autograd_lite import Node, constant, functions, ops
from autograd_lite.core import backward, sweep
from autograd_lite.core.node import Leaf
from autograd_lite.core.sweep import ancestors
from autograd_lite.testing import Verdict, check_gradients, judgement
from autograd_lite.testing.engine import engine_gradients
from autograd_lite.testing.recipes import DEFAULT_OPS, LARGEST, MANY, NUMBERS, SHAPES, compose
from autograd_lite.testing.replay import Call
from autograd_lite.testing.rules import edges_to_check, random_cotangent
from autograd_lite.testing.whole import MEETING

STEPS = 12


@dataclass
class Fault:
    """A way to go wrong: what to do to a graph, and who is to blame for it."""

    verdict: Verdict
    plant: object  # (nodes, random) → (context manager, guilty nodes), or None if it cannot be
    order: int = 1


# Random graphs


def random_recipe(random, *, ops=DEFAULT_OPS, steps=8, zeros=0.3, spread=0.0):
    """A random graph of one to three leaves and up to so many steps, the same for the same seed.

    With `spread`, leaves are larger or smaller by up to 10 to that power: 6 for a million.
    """
    leaves = [random_leaf(random, zeros, spread) for _ in range(random.integers(1, 4))]
    names = random.choice(ops, steps).tolist()
    picks, choices = random.integers(MANY, size=(steps, 2)), random.integers(MANY, size=steps)
    calls = zip(names, picks.tolist(), choices.tolist(), strict=True)
    return compose(leaves, calls, largest=LARGEST * 10.0 ** (2 * spread))


def random_leaf(random, zeros, spread):
    shape = SHAPES[random.integers(len(SHAPES))]
    elements = random.choice(NUMBERS, shape) * (random.random(shape) >= zeros)
    scale = 10.0 ** random.uniform(-spread, spread) if spread else 1.0
    return np.asarray(elements * scale, np.float64)


# Rules gone wrong: each is a function from a right rule to a wrong one


def scaled(factor):
    return lambda rule: lambda *a, **params: rule(*a, **params) * factor


def clipped(rule):
    return lambda xp, grad, *a, **params: rule(xp, np.clip(grad, -1.0, 1.0), *a, **params)


def along_another_axis(rule):
    def wrong(*a, axis, **params):
        return rule(*a, axis=-1 if axis == 0 else 0, **params)

    return wrong


def untransposed(rule):
    def wrong(xp, grad, out, x, y):
        return rule(xp, grad, out, np.swapaxes(x, -1, -2), np.swapaxes(y, -1, -2))

    return wrong


def detached(rule):
    """Right numbers, but as a graph it forgets what they depend on."""

    def still(x):
        return constant(x.value) if isinstance(x, Node) else x

    return lambda xp, grad, *a, **params: rule(xp, grad, *map(still, a), **params)


def in_a_rule(change, accepts=edges_to_check, *, seen=True):
    """Plant a wrong rule for the op of a random node, where its numbers are seen to change."""

    def plant(nodes, random):
        ready = [n for n in nodes if edges_to_check(n) and accepts(n)]
        if not ready:
            return None
        op = ready[int(random.integers(len(ready)))].op
        guilty = {n for n in nodes if n.op is op and edges_to_check(n)}
        context = patch.object(op, "vjps", tuple(rule and change(rule) for rule in op.vjps))
        is_fault = not seen or changes_numbers(context, guilty, random)
        return (context, guilty) if is_fault else None

    return plant


def changes_numbers(context, nodes, random):
    """Whether a wrong rule gives other numbers than the right one at one of the nodes at least."""
    for node in nodes:
        call = Call.of(node)
        cotangent = 8 * random_cotangent(random, node.shape)
        for position in edges_to_check(node):
            right = call.pull(position, cotangent)
            with context:
                try:
                    wrong = call.pull(position, cotangent)
                except Exception:  # noqa: BLE001 - a rule that raises is a fault as well
                    return True
            if np.any(np.abs(right - wrong) > 1e-6 * np.abs(right)):
                return True
    return False


CURVED = {"Tanh", "Exp", "Sigmoid", "Log", "Log1p", "Sqrt", "LogSumExp", "SoftMax"}


def curved(node):
    """Whether the rule's numbers depend on the op's own input."""
    if node.op.elementwise or node.op.name not in CURVED:
        return node.op.name in CURVED
    x, axis = node.inputs[0], node.params["axis"]
    return (x.size if axis is None else x.shape[axis]) > 1


# The engine gone wrong


def assigning(output, cotangent, *, keep):  # noqa: ARG001 - all are kept
    """A sweep that keeps the last contribution to a node in the place of their sum."""
    arrived, found = {output.serial: (output, cotangent)}, {}
    while arrived:
        node, found[node] = arrived.pop(max(arrived))
        if node.inputs:
            pulled = sweep.pull_numbers(node, found[node])
            arrived |= {x.serial: (x, part) for x, part in pulled}
    return found


def with_several_users(nodes):
    edges = [(node.inputs[i], node) for node in nodes for i in edges_to_check(node)]
    count = Counter(x for x, _ in edges)
    return {x for x, n in count.items() if n > 1}


def in_the_engine(module, name, replacement, suspects):
    """Plant another function in the sweep."""

    def plant(nodes, random):
        cotangent = random_cotangent(random, nodes[-1].shape)
        right = engine_gradients(nodes, nodes[-1], cotangent)
        context = patch.object(module, name, replacement)
        try:
            with context:
                wrong = engine_gradients(nodes, nodes[-1], cotangent)
        except Exception:  # noqa: BLE001 - it may crash as well
            return context, {*suspects(nodes), nodes[-1]}
        differ = [n for n in nodes if is_different(right[n], wrong[n])]
        return (context, suspects(nodes)) if differ else None

    return plant


def is_different(right, wrong):
    if right is None or wrong is None or np.shape(right) != np.shape(wrong):
        return right is not wrong
    return np.any(np.abs(right - wrong) > 1e-6 * np.abs(right))


def as_it_is(_xp, x, _shape):
    """Does nothing where it has to sum."""
    return x


def first_slice(_xp, x, shape):
    """Picks where it has to sum."""
    while x.ndim > len(shape):
        x = x[0]
    return x[tuple(slice(None, 1) if n == 1 else slice(None) for n in shape)]


def broadcast_inputs(nodes):
    """The nodes that get a gradient of another shape, to be summed."""
    return {node.inputs[i] for node in nodes for i in edges_to_check(node) if is_stretched(node, i)}


def is_stretched(node, position):
    call = Call.of(node)
    rule = call.op.rules_for(len(call.values))[position]
    part = rule(np, np.ones(node.shape), call.output(), *call.values, **call.params)
    return np.shape(part) != node.inputs[position].shape


def stale_value(nodes, random):
    """A leaf changed behind the engine's back."""
    leaves = [n for n in nodes if isinstance(n.op, Leaf) and n.requires_grad]
    leaf = leaves[int(random.integers(len(leaves)))]
    users = {n for n in nodes if leaf in set(n.inputs)}
    moved = leaf.value + 0.125
    for node in users:
        values = [moved if x is leaf else x.value for x in node.inputs]
        with np.errstate(all="ignore"):
            if not np.allclose(node.op.compute(values, node.params), node.value):
                return patch.object(leaf, "_value", moved), users
    return None


FAULTS = {
    "factor 1.001": Fault(Verdict.RULE, in_a_rule(scaled(1.001))),
    "sign": Fault(Verdict.RULE, in_a_rule(scaled(-1.0))),
    "transposed operand": Fault(
        Verdict.RULE,
        in_a_rule(
            untransposed,
            lambda n: n.op is ops.MatMul and n.inputs[1].ndim > 1 and n.inputs[0].ndim > 1,
        ),
    ),
    "wrong axis": Fault(
        Verdict.RULE,
        in_a_rule(
            along_another_axis,
            lambda n: (
                n.op.name in ("Sum", "Max", "SoftMax", "LogSumExp") and n.params["axis"] is not None
            ),
        ),
    ),
    "clipped gradient": Fault(Verdict.RULE, in_a_rule(clipped)),
    "second order": Fault(Verdict.RULE, in_a_rule(detached, curved, seen=False), order=2),
    "dropped accumulation": Fault(
        Verdict.ENGINE, in_the_engine(backward, "of_numbers", assigning, with_several_users)
    ),
    "no un-broadcast": Fault(
        Verdict.ENGINE, in_the_engine(sweep, "unbroadcast", as_it_is, broadcast_inputs)
    ),
    "un-broadcast by picking": Fault(
        Verdict.ENGINE, in_the_engine(sweep, "unbroadcast", first_slice, broadcast_inputs)
    ),
    "stale value": Fault(Verdict.ENGINE, stale_value),
}


# The experiment


def random_nodes(seed, spread=0.0):
    """A random graph as nodes in append order, its output last; None if it has no step."""
    recipe = random_recipe(np.random.default_rng(seed), steps=STEPS, spread=spread)
    return ancestors(recipe.build()) if recipe.steps else None


def correct_graphs(count, first=0, spread=0.0):
    """How many graphs pass, fail (falsely) and are undecided, out of so many correct ones."""
    outcomes, seed = Counter(), first
    while outcomes.total() < count:
        nodes, seed = random_nodes(seed, spread), seed + 1
        if nodes is not None:
            outcomes[judged(check_gradients(nodes[-1], progress=False))] += 1
    return outcomes


def judged(report):
    """What is said of a correct graph."""
    if report.guilty:
        return "kinks meet" if report.rows[0].note == MEETING else "false"
    return "undecided" if report.undecidable else "passed"


# Functions whose graph does not hold all that they do


def takes_out(x, z):
    """A value leaves the graph through NumPy."""
    return x * np.sin(np.asarray(x.value)) + z


def branches(x, z):
    """A number decides, and is computed with."""
    return x * float(np.sum(x.value)) + z


def draws(x, z):
    """Each call is another one."""
    return x * np.random.default_rng().random() + z


def meets(x, z):
    """Two kinks that meet in z itself."""
    return x + functions.relu(z) - functions.relu(-z)


HIDDEN = (takes_out, branches, draws, meets)


def hidden_faults(count, first=0):
    """How many functions out of so many are found to do what their graph does not hold."""
    outcomes, seed = Counter(found=0), first
    while outcomes.total() < count:
        random, seed = np.random.default_rng(seed), seed + 1
        recipe = random_recipe(random, steps=3, zeros=0.0, ops=SMOOTH)
        if not recipe.steps:
            continue
        shape = recipe.build().shape
        hide = HIDDEN[outcomes.total() % len(HIDDEN)]

        def function(*leaves, recipe=recipe, hide=hide):
            *given, z = leaves
            return hide(replayed(recipe, given), z)

        report = check_gradients(function, *recipe.leaves, np.zeros(shape), progress=False)
        is_found = not report.ok and report.rows[0].verdict is Verdict.WHOLE
        outcomes["found" if is_found else "missed" if report.ok else "misnamed"] += 1
    return outcomes


SMOOTH = ("Add", "Mul", "Neg", "Sum", "Mean", "MatMul")


def replayed(recipe, leaves):
    """The last value of a recipe on other leaves."""
    nodes = list(leaves)
    for step in recipe.steps:
        nodes.append(ops.OPS[step.op](*(nodes[i] for i in step.inputs), **step.params))
    return nodes[-1]


def planted_faults(each, first=0):
    """For each kind of fault, how many out of so many are found, misnamed and missed."""
    return {name: planted(fault, each, first) for name, fault in FAULTS.items()}


def planted(fault, count, first=0):
    """The outcomes of planting one kind of fault into so many random graphs."""
    outcomes, seed = Counter(found=0), first
    while outcomes.total() < count:
        nodes, random, seed = random_nodes(seed), np.random.default_rng(seed), seed + 1
        attempt = nodes and fault.plant(nodes, random)
        if attempt:
            outcomes[outcome(fault, nodes[-1], *attempt)] += 1
    return outcomes


def outcome(fault, output, context, guilty):
    with context:
        report = check_gradients(output, order=fault.order, progress=False)
    if report.ok:
        return "missed"
    first = report.rows[0]
    return "found" if first.node in guilty and first.verdict is fault.verdict else "misnamed"


def experiment(graphs, each):
    """One line of the table: what the present constants do."""
    start = time.perf_counter()
    correct, wide = correct_graphs(graphs), correct_graphs(graphs, spread=6.0)
    faults = planted_faults(each) | {"hidden": hidden_faults(each + each // 9)}
    seconds = time.perf_counter() - start
    total = sum(faults.values(), Counter())
    return correct, wide, faults, total, seconds


def show(title, correct, wide, total, seconds):
    for name, graphs in (("", correct), (", leaves of all sizes", wide)):
        share = 100 * graphs["undecided"] / graphs.total()
        print(
            f"{title + name:34} false alarms {graphs['false']:3} of {graphs.total()},"
            f" undecided {share:4.1f} %, kinks that meet {graphs['kinks meet']}"
        )
    print(
        f"{title:34} faults found {total['found']} of {total.total()},"
        f" misnamed {total['misnamed']}, missed {total['missed']}, {seconds:.0f} s",
        flush=True,
    )


CONSTANTS = [
    ("SAFETY", (1.0, 3.0, 10.0, 100.0)),
    ("ROUNDING", (0.0, 1.0, 16.0, 256.0)),
    ("RESOLUTION", (1e-6, 1e-4, 1e-2)),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=27, help="of each kind")
    parser.add_argument("--constants", action="store_true", help="vary each constant as well")
    options = parser.parse_args()
    correct, wide, faults, total, seconds = experiment(options.graphs, options.faults)
    for name, found in faults.items():
        print(f"{name:34} {dict(found)}")
    show("as it is", correct, wide, total, seconds)
    for name, values in CONSTANTS if options.constants else ():
        for value in values:
            with patch.object(judgement, name, value):
                correct, wide, _, total, seconds = experiment(options.graphs, options.faults)
            show(f"{name} = {value:g}", correct, wide, total, seconds)


if __name__ == "__main__":
    main()
