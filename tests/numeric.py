"""Numeric derivatives that know their own error, and the checks of backward rules made of them."""

from itertools import pairwise

import numpy as np

import autograd_lite as ag

HALVINGS = 4
EPSILON = np.finfo(np.float64).eps


def derivative(f, step):
    """d/dt Σ f(t) at t = 0 and a bound of its error, for an array-valued f.

    Central differences at step, step/2, step/4, … are extrapolated to step 0 (Richardson), each
    column of the table cancelling one more even power of the step. The error is estimated by the
    change from one column to the next, and rounding by the size of the terms.
    """
    steps = step / 2.0 ** np.arange(HALVINGS + 1)
    pairs = [(f(h), f(-h)) for h in steps]
    column = [np.sum(right - left) / (2 * h) for (right, left), h in zip(pairs, steps, strict=True)]
    size = max(np.sum(np.abs(right)) for right, _ in pairs)
    best, error = column[-1], np.inf
    for power in range(1, HALVINGS + 1):
        finer = [b + (b - a) / (4**power - 1) for a, b in pairwise(column)]
        change = max(abs(finer[-1] - column[-1]), abs(finer[-1] - column[-2]))
        if change < error:
            best, error = finer[-1], change
        column = finer
    return best, 4 * error + 32 * EPSILON * (1 + size) / steps[-1]


def assert_slope(analytic, f, step, what):
    """Assert that `analytic` is the derivative of Σ f(t) at 0, as sharply as can be said."""
    numeric, tolerance = derivative(f, step)
    assert tolerance <= 1e-6 * (1 + abs(numeric)), f"{what}: too rough to judge, ±{tolerance:.1e}"
    assert abs(analytic - numeric) <= tolerance, (
        f"{what}: analytic {analytic:.12g}, numeric {numeric:.12g} ± {tolerance:.1e}"
    )


def spread(seed, *shapes):
    """Arrays without special values, of either sign, between 1/2 and 1 in size."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.5, 1, shape) * rng.choice((-1, 1), shape) for shape in shapes]


def leaves(inputs):
    """A differentiable node for each float array, a constant for the others."""
    return [ag.Node(x) if x.dtype.kind == "f" else ag.constant(x) for x in inputs]


def moves(op, inputs):
    """Which inputs have a gradient."""
    rules = op.rules_for(len(inputs))
    return [i for i, x in enumerate(inputs) if rules[i] is not None and x.dtype.kind == "f"]


def backward(op, inputs, params, cotangent):
    """The value, and the gradient of every input by `backward`; None where there is none."""
    nodes = leaves(inputs)
    out = op(*nodes, **params)
    out.backward(cotangent)
    return out.value, [x.grad for x in nodes]


def moved(inputs, directions, t):
    """The inputs, those with a direction moved by t along it."""
    return [x + t * directions[i] if i in directions else x for i, x in enumerate(inputs)]


def check_first_order(op, case, seed, step):
    """Compare the gradient of each input, along a direction, with the slope of the value."""
    inputs, params = case
    shape = np.shape(op(*inputs, **params))
    cotangent, *directions = spread(seed, shape, *(x.shape for x in inputs))
    _, grads = backward(op, inputs, params, cotangent)
    for i in moves(op, inputs):
        assert_slope(
            np.vdot(grads[i], directions[i]),
            lambda t, i=i: cotangent * op(*moved(inputs, {i: directions[i]}, t), **params),
            step,
            f"{op.name}, input {i}",
        )


def check_shared_node(op, case, seed, step):
    """Use one node for every input that has a gradient: what arrives from each must add up."""
    inputs, params = case
    shared = moves(op, inputs)
    x = inputs[shared[0]]

    def apply(x):
        return op(*(x if i in shared else y for i, y in enumerate(inputs)), **params)

    direction, cotangent = spread(seed, x.shape, np.shape(apply(x)))
    node = ag.Node(x)
    apply(node).backward(cotangent)
    analytic = np.vdot(node.grad, direction)
    assert_slope(analytic, lambda t: cotangent * apply(x + t * direction), step, op.name)


def check_second_order(op, case, seed, step):
    """Compare the gradient of a projected symbolic gradient with the slope of the numeric one.

    All inputs and the cotangent move at once, each along a direction of its own.
    """
    inputs, params = case
    wrt = moves(op, inputs)
    (*weights,) = spread(seed, *(x.shape for x in inputs))
    shape = np.shape(op(*inputs, **params))
    cotangent, turn, *directions = spread(seed + 1, shape, shape, *(x.shape for x in inputs))
    nodes, seed_node = leaves(inputs), ag.Node(cotangent)
    firsts = ag.gradients(op(*nodes, **params), [nodes[i] for i in wrt], cotangent=seed_node)
    total = sum(ag.sum(weights[i] * grad) for i, grad in zip(wrt, firsts, strict=True))
    total.backward()
    paths = [(nodes[i], directions[i]) for i in wrt] + [(seed_node, turn)]
    analytic = sum(np.vdot(x.grad, way) for x, way in paths if x.grad is not None)

    def projected(t):
        here = moved(inputs, {i: directions[i] for i in wrt}, t)
        _, grads = backward(op, here, params, cotangent + t * turn)
        return np.concatenate([np.ravel(weights[i] * grads[i]) for i in wrt])

    assert_slope(analytic, projected, step, f"{op.name}, second order")
