"""Two opinions on a gradient that need no step size: for noisy functions, and for large ones.

The remainder |f(x + hd) - f(x) - h·⟨g, d⟩| shrinks with h² where g is the gradient, and with h
where it is not (the Taylor test of dolfin-adjoint). And ⟨Jv, w⟩ = ⟨v, Jᵀw⟩, for any v and w.
"""

from collections.abc import Sequence

import numpy as np

from autograd_lite import functions as namespace
from autograd_lite.autodiff.gradients import gradients
from autograd_lite.core.sweep import ancestors
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.finite_difference import NOISE, OUTSIDE, Array, Path
from autograd_lite.testing.rows import Row, Verdict
from autograd_lite.testing.rules import random_cotangent
from autograd_lite.testing.whole import Point, Rerun, Source, along_all, random_directions, stepped

DIRECTIONS = 2
STEPS = (2.0**-6, 2.0**-9, 2.0**-12)
RIGHT, WRONG = 1.8, 1.2  # rates at which a remainder shrinks; 2 and 1, were it not for rounding
ALIKE = 1e-8  # the two sides of the identity, beside their parts


def opinions(source: Source, random: np.random.Generator) -> list[Row]:
    """Both opinions, as far as they can be had."""
    return [taylor_opinion(source, random), adjoint_opinion(source, random)]


def taylor_opinion(source: Source, random: np.random.Generator) -> Row:
    """The verdict by the rate at which the remainder shrinks along a few random directions."""
    point, output = source.point, source.output
    run = source.run(point)
    cotangent = random_cotangent(random, output.shape)
    found = run.gradients(cotangent)
    arrived = {x: found.get(leaf) for x, leaf in run.leaves.items()}
    rates = []
    for _ in range(DIRECTIONS):
        directions = random_directions(random, point)

        def along(step: float, directions: Point = directions) -> Array:
            return np.asarray(np.sum(cotangent * source.value(stepped(point, directions, step))))

        slope = along_all(arrived, directions)
        rate = shrinking_rate(along, slope)
        rates.append(np.nan if rate <= WRONG and bends(along, slope) else rate)
    shown = ", ".join(map(_shown, rates))
    note = f"it shrinks with the step to the power of {shown}; 2 where the gradient is right"
    return Row(output, f"Taylor remainder of {output.label()}", _verdict(rates), note=note)


def bends(function: Path, slope: float) -> bool:
    """Whether the remainder is that of a kink, which the second difference shows as well."""
    step, start = STEPS[-1], function(0.0)
    ahead, behind = function(step) - start, function(-step) - start
    return not abs(ahead + behind) < abs(ahead - step * slope) / 10


def shrinking_rate(function: Path, slope: float) -> float:
    """The exponent with which |f(h) - f(0) - h·slope| goes to 0; infinite if that is rounding.

    >>> round(shrinking_rate(lambda h: np.exp(np.asarray(h)), 1.0), 2)
    2.0
    >>> round(shrinking_rate(lambda h: np.exp(np.asarray(h)), 1.03), 1)
    1.0
    """
    start = function(0.0)
    try:
        with np.errstate(all="ignore"):
            found = [(h, float(function(h))) for h in STEPS]
    except OUTSIDE:
        return np.nan
    floor = NOISE * float(np.finfo(np.float64).eps) * max(abs(float(start)), abs(found[0][1]))
    remainders = [(h, abs(value - float(start) - h * slope)) for h, value in found]
    above = [(h, remainder) for h, remainder in remainders if not remainder <= 4 * floor]
    if len(above) < 2:
        return np.inf if not above else RIGHT + 0.2
    (long, large), (short, small) = above[-2:]
    return float(np.log(large / small) / np.log(long / short))


def _shown(rate: float) -> str:
    if np.isfinite(rate):
        return f"{rate:.2f}"
    return "any (exact)" if rate > 0 else "none (a kink, or no values)"


def _verdict(rates: Sequence[float]) -> Verdict:
    if all(rate >= RIGHT for rate in rates):
        return Verdict.PASSED
    return Verdict.ENGINE if all(rate <= WRONG for rate in rates) else Verdict.UNDECIDABLE


def adjoint_opinion(source: Source, random: np.random.Generator) -> Row:
    """The verdict by the identity of the products with the Jacobian and with its transpose."""
    output, point = source.output, source.point
    report = f"adjoint identity of {output.label()}"
    weights = random_cotangent(random, output.shape)
    directions = random_directions(random, point)
    try:
        run = source.run(point)
        pushed = push_forward(run, directions)
    except Exception as problem:  # noqa: BLE001 - a rule may have no derivative of its own
        told = str(problem).partition("\n")[0]
        return Row(output, report, Verdict.UNDECIDABLE, note=f"not to be had: {told}")
    found = run.gradients(weights)
    arrived = {x: found.get(leaf) for x, leaf in run.leaves.items()}
    left, right = float(np.sum(pushed * weights)), along_all(arrived, directions)
    size = float(np.sum(np.abs(pushed * weights)))
    note = f"⟨Jv, w⟩ = {left:.9g} and ⟨v, Jᵀw⟩ = {right:.9g}"
    is_same = abs(left - right) <= ALIKE * size or not np.isfinite(size)
    return Row(output, report, Verdict.PASSED if is_same else Verdict.ENGINE, note=note)


def push_forward(run: Rerun, directions: Point) -> Array:
    """The change of an output along directions of the leaves: Jv, by reverse mode twice."""
    with NodeGraph():
        probe = Node(np.zeros(run.output.shape, run.output.dtype))
        reached = set(ancestors(run.output))
        leaves = [leaf for leaf in run.leaves.values() if leaf in reached]
        slopes = gradients(run.output, leaves, cotangent=probe)
        named = {leaf: x for x, leaf in run.leaves.items()}
        products = [
            namespace.sum(slope * directions[named[leaf]])
            for leaf, slope in zip(leaves, slopes, strict=True)
        ]
        total: Node = sum(products[1:], start=products[0])
        return np.asarray(gradients(total, probe)._value)
