"""One row for each op of `ops/elementwise.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, each_element, even, positive, reals

SAMPLES = {
    "Add": each_element(np.add, ag.add, reals, even, dtypes=NUMBERS),
    "Div": each_element(np.divide, ag.divide, reals, even),
    "Hypot": each_element(np.hypot, ag.hypot, reals, even),
    "HypotSlope": each_element(lambda x, y: x / np.hypot(x, y), None, reals, even),
    "Mul": each_element(np.multiply, ag.multiply, reals, even, dtypes=NUMBERS),
    "Neg": each_element(np.negative, ag.negative, reals, dtypes=NUMBERS),
    "Positive": each_element(np.positive, ag.positive, reals, dtypes=NUMBERS),
    "Pow": each_element(np.power, ag.pow, positive, even),
    "Reciprocal": each_element(np.reciprocal, ag.reciprocal, reals),
    # Where x/y jumps, moving y counts up to 12 times as much as moving x.
    "Remainder": each_element(np.remainder, ag.remainder, reals, even, margin=1 / 32),
    "Sqrt": each_element(np.sqrt, ag.sqrt, positive),
    "Square": each_element(np.square, ag.square, reals, dtypes=NUMBERS),
    "Sub": each_element(np.subtract, ag.subtract, reals, even, dtypes=NUMBERS),
}
