"""One row for each op of `ops/selection.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, Case, as_float, each_element, even, flags, reals, row, shapes


def relu(x):
    return x * (x > 0)


def between(shape):
    """Multiples of 1/4, moved by 1/16 away from `odd` and `even`."""
    return even(shape).map(lambda x: as_float(x + 1 / 16))


SAMPLES = {
    "Abs": each_element(np.abs, ag.abs, reals, dtypes=NUMBERS),
    "Clip": each_element(np.clip, ag.clip, reals, even, between, dtypes=NUMBERS, margin=1 / 32),
    "CopySign": each_element(np.copysign, ag.copysign, reals, even),
    "Guard": each_element(
        lambda x, cotangent: np.broadcast_arrays(x, cotangent)[0], None, reals, reals
    ),
    "Maximum": each_element(np.maximum, ag.maximum, reals, even, dtypes=NUMBERS),
    "Minimum": each_element(np.minimum, ag.minimum, reals, even, dtypes=NUMBERS),
    "ReLU": each_element(relu, ag.relu, reals),
    "StopGradient": row(
        shapes().flatmap(reals).map(lambda x: Case((x,))),
        lambda x: x,
        ag.stop_gradient,
        dtypes=NUMBERS,
    ),
    "Where": each_element(np.where, ag.where, flags, reals, even, dtypes=NUMBERS),
}
