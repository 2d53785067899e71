"""One row for each op of `ops/elementwise.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, entrywise, even, positive, reals

SAMPLES = {
    "Add": entrywise(np.add, ag.add, reals, even, dtypes=NUMBERS),
    "Div": entrywise(np.divide, ag.divide, reals, even),
    "Hypot": entrywise(np.hypot, ag.hypot, reals, even),
    "Mul": entrywise(np.multiply, ag.multiply, reals, even, dtypes=NUMBERS),
    "Neg": entrywise(np.negative, ag.negative, reals, dtypes=NUMBERS),
    "Positive": entrywise(np.positive, ag.positive, reals, dtypes=NUMBERS),
    "Pow": entrywise(np.power, ag.pow, positive, even),
    "Reciprocal": entrywise(np.reciprocal, ag.reciprocal, reals),
    # Where x/y jumps, moving y counts up to 12 times as much as moving x.
    "Remainder": entrywise(np.remainder, ag.remainder, reals, even, margin=1 / 32),
    "Sqrt": entrywise(np.sqrt, ag.sqrt, positive),
    "Square": entrywise(np.square, ag.square, reals, dtypes=NUMBERS),
    "Sub": entrywise(np.subtract, ag.subtract, reals, even, dtypes=NUMBERS),
}
