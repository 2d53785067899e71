"""One row for each op of `ops/elementwise.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, above_minus_one, entrywise, even, few, flags, positive, reals


def sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2


def relu(x):
    return x * (x > 0)


def comparison(reference):
    return entrywise(reference, None, few, few, dtypes=NUMBERS)


SAMPLES = {
    "Abs": entrywise(np.abs, ag.abs, reals, dtypes=NUMBERS),
    "Add": entrywise(np.add, ag.add, reals, even, dtypes=NUMBERS),
    "Div": entrywise(np.divide, ag.divide, reals, even),
    "Equal": comparison(np.equal),
    "Exp": entrywise(np.exp, ag.exp, reals),
    "Greater": comparison(np.greater),
    "GreaterEqual": comparison(np.greater_equal),
    "Guard": entrywise(
        lambda x, cotangent: np.broadcast_arrays(x, cotangent)[0], None, reals, reals
    ),
    "Less": comparison(np.less),
    "LessEqual": comparison(np.less_equal),
    "Log": entrywise(np.log, ag.log, positive),
    "Log1p": entrywise(np.log1p, ag.log1p, above_minus_one),
    "Maximum": entrywise(np.maximum, ag.maximum, reals, even, dtypes=NUMBERS),
    "Minimum": entrywise(np.minimum, ag.minimum, reals, even, dtypes=NUMBERS),
    "Mul": entrywise(np.multiply, ag.multiply, reals, even, dtypes=NUMBERS),
    "Neg": entrywise(np.negative, ag.negative, reals, dtypes=NUMBERS),
    "NotEqual": comparison(np.not_equal),
    "Pow": entrywise(np.power, ag.pow, positive, even),
    "ReLU": entrywise(relu, ag.relu, reals),
    "Sigmoid": entrywise(sigmoid, ag.sigmoid, reals),
    "Sqrt": entrywise(np.sqrt, ag.sqrt, positive),
    "Sub": entrywise(np.subtract, ag.subtract, reals, even, dtypes=NUMBERS),
    "Tanh": entrywise(np.tanh, ag.tanh, reals),
    "Where": entrywise(np.where, ag.where, flags, reals, even, dtypes=NUMBERS),
}
