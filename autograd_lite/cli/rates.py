"""Learning rate and gradients over a run, as options of `autograd-lite train` say."""

from argparse import Namespace
from collections.abc import Callable

from autograd_lite.cli.presets.preset import AddOption
from autograd_lite.errors import ConfigError
from autograd_lite.nn import schedules
from autograd_lite.nn.checks import non_negative_number, positive_number
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.schedules import Schedule

FORMS = "constant, cosine, step:EPOCHS:FACTOR, exponential:FACTOR"


def add_rate_options(add: AddOption) -> None:
    """How the learning rate changes, and how large gradients may be."""
    about = f"of the learning rate: {FORMS} (constant)"
    add("--schedule", default="constant", metavar="NAME", help=about)
    add("--warm-up", type=float, default=0, metavar="N", help="epochs of a growing rate (0)")
    add("--clip-norm", type=float, metavar="X", help="the largest norm of all gradients together")
    add("--clip-value", type=float, metavar="X", help="the largest value in a gradient")


def limit_gradients(optimizer: Optimizer, options: Namespace) -> None:
    """Let the optimizer limit gradients as the options say; ConfigError for what is no limit."""
    for name in ("clip_norm", "clip_value"):
        limit = getattr(options, name)
        if limit is not None:
            setattr(optimizer, name, positive_number(f"--{name.replace('_', '-')}", limit))


def make_schedule(options: Namespace) -> Schedule:
    """The schedule that the options name, for their number of epochs.

    >>> asked = Namespace(schedule="step:2:0.5", warm_up=1, epochs=5)
    >>> [make_schedule(asked)(epoch) for epoch in (0, 0.5, 1, 3, 5)]
    [0.0, 0.5, 1.0, 0.5, 0.25]

    Raises ConfigError for another name, and for numbers that make no sense.
    """
    warm_up = non_negative_number("--warm-up", options.warm_up)
    rest = max(options.epochs - warm_up, 1)
    kinds: dict[str, Callable[..., Schedule]] = {
        "constant": lambda: schedules.constant,
        "cosine": lambda epochs=rest: schedules.cosine(epochs),
        "step": schedules.step,
        "exponential": schedules.exponential,
    }
    name, *numbers = options.schedule.split(":")
    try:
        schedule = kinds[name](*map(float, numbers))
    except (KeyError, TypeError, ValueError) as problem:
        raise ConfigError(
            "--schedule",
            expected=f"one of {FORMS}",
            came=repr(options.schedule),
            suggestion="--schedule cosine, for example",
        ) from problem
    return schedules.warm_up(schedule, epochs=warm_up) if warm_up else schedule
