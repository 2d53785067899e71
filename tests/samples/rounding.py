"""One row for each op of `ops/rounding.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, each_element, even, few, reals

SAMPLES = {
    "Ceil": each_element(np.ceil, ag.ceil, even, dtypes=NUMBERS),
    "Floor": each_element(np.floor, ag.floor, even, dtypes=NUMBERS),
    "FloorDivide": each_element(np.floor_divide, ag.floor_divide, reals, even),
    "NextAfter": each_element(np.nextafter, ag.nextafter, reals, few),
    "Round": each_element(np.round, ag.round, even, dtypes=NUMBERS),
    "Sign": each_element(np.sign, ag.sign, few, dtypes=NUMBERS),
    "Trunc": each_element(np.trunc, ag.trunc, even, dtypes=NUMBERS),
}
