"""One row for each op of `ops/rounding.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, entrywise, even, few, reals

SAMPLES = {
    "Ceil": entrywise(np.ceil, ag.ceil, even, dtypes=NUMBERS),
    "Floor": entrywise(np.floor, ag.floor, even, dtypes=NUMBERS),
    "FloorDivide": entrywise(np.floor_divide, ag.floor_divide, reals, even),
    "NextAfter": entrywise(np.nextafter, ag.nextafter, reals, few),
    "Round": entrywise(np.round, ag.round, even, dtypes=NUMBERS),
    "Sign": entrywise(np.sign, ag.sign, few, dtypes=NUMBERS),
    "Trunc": entrywise(np.trunc, ag.trunc, even, dtypes=NUMBERS),
}
