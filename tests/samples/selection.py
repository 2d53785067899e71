"""One row for each op of `ops/selection.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, as_float, entrywise, even, flags, reals


def relu(x):
    return x * (x > 0)


def between(shape):
    """Multiples of 1/4, moved by 1/16 away from `odd` and `even`."""
    return even(shape).map(lambda x: as_float(x + 1 / 16))


SAMPLES = {
    "Abs": entrywise(np.abs, ag.abs, reals, dtypes=NUMBERS),
    "Clip": entrywise(np.clip, ag.clip, reals, even, between, dtypes=NUMBERS, margin=1 / 32),
    "CopySign": entrywise(np.copysign, ag.copysign, reals, even),
    "Guard": entrywise(
        lambda x, cotangent: np.broadcast_arrays(x, cotangent)[0], None, reals, reals
    ),
    "Maximum": entrywise(np.maximum, ag.maximum, reals, even, dtypes=NUMBERS),
    "Minimum": entrywise(np.minimum, ag.minimum, reals, even, dtypes=NUMBERS),
    "ReLU": entrywise(relu, ag.relu, reals),
    "Where": entrywise(np.where, ag.where, flags, reals, even, dtypes=NUMBERS),
}
