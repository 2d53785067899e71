"""One row for each op of `ops/exponential.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import above_minus_one, entrywise, even, positive, reals


def sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2


SAMPLES = {
    "Exp": entrywise(np.exp, ag.exp, reals),
    "Expm1": entrywise(np.expm1, ag.expm1, reals),
    "Log": entrywise(np.log, ag.log, positive),
    "Log10": entrywise(np.log10, ag.log10, positive),
    "Log1p": entrywise(np.log1p, ag.log1p, above_minus_one),
    "Log2": entrywise(np.log2, ag.log2, positive),
    "LogAddExp": entrywise(np.logaddexp, ag.logaddexp, reals, even),
    "Sigmoid": entrywise(sigmoid, ag.sigmoid, reals),
}
