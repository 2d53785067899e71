"""Learning-rate schedules: functions of the time in epochs that give a factor of the rate.

A schedule is any function from a number of epochs, 2.5 in the middle of the third, to a factor of
the optimizer's learning rate. Training asks it before every run of steps, a hundred times an
epoch or more; the rate is a leaf, so nothing is planned anew.

>>> rate = warm_up(cosine(epochs=10), epochs=2)
>>> [round(rate(epoch), 3) for epoch in (0.0, 1.0, 2.0, 7.0, 12.0)]
[0.0, 0.5, 1.0, 0.5, 0.0]
"""

from collections.abc import Callable
from math import cos, pi
from typing import TypeAlias

from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import positive_number

Schedule: TypeAlias = Callable[[float], float]


@checks_call
def constant(epoch: float) -> float:  # noqa: ARG001 - a schedule is a function of the epoch
    """1 at all times.

    >>> constant(3.5)
    1.0
    """
    return 1.0


@checks_call
def step(every: float, factor: float = 0.1) -> Schedule:
    """`factor` to the number of whole spans of `every` epochs that have passed.

    >>> [step(every=2, factor=0.5)(epoch) for epoch in (0.0, 1.9, 2.0, 4.0)]
    [1.0, 1.0, 0.5, 0.25]
    """
    span, base = positive_number("every", every), positive_number("factor", factor)
    return lambda epoch: float(base ** (epoch // span))


@checks_call
def exponential(factor: float) -> Schedule:
    """`factor` to the number of epochs, smoothly.

    >>> exponential(0.25)(0.5)
    0.5
    """
    base = positive_number("factor", factor)
    return lambda epoch: float(base**epoch)


@checks_call
def cosine(epochs: float, final: float = 0.0) -> Schedule:
    """From 1 down to `final` along half a cosine, and `final` after `epochs`.

    Loshchilov & Hutter, "SGDR", 2017, without restarts.

    >>> [round(cosine(epochs=4)(epoch), 3) for epoch in (0.0, 1.0, 2.0, 4.0, 5.0)]
    [1.0, 0.854, 0.5, 0.0, 0.0]
    """
    span = positive_number("epochs", epochs)
    return lambda epoch: final + (1 - final) * (1 + cos(pi * min(epoch / span, 1))) / 2


@checks_call
def warm_up(then: Schedule = constant, *, epochs: float = 1.0) -> Schedule:
    """From 0 to 1 in `epochs`, and afterwards another schedule, whose time starts there.

    >>> [warm_up(epochs=2)(epoch) for epoch in (0.0, 0.5, 2.0)]
    [0.0, 0.25, 1.0]
    """
    span = positive_number("epochs", epochs)
    return lambda epoch: epoch / span if epoch < span else then(epoch - span)
