"""One row for each op of `ops/exponential.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import above_minus_one, each_element, even, positive, reals


def sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2


SAMPLES = {
    "Exp": each_element(np.exp, ag.exp, reals),
    "Expm1": each_element(np.expm1, ag.expm1, reals),
    "Log": each_element(np.log, ag.log, positive),
    "Log10": each_element(np.log10, ag.log10, positive),
    "Log1p": each_element(np.log1p, ag.log1p, above_minus_one),
    "Log2": each_element(np.log2, ag.log2, positive),
    "LogAddExp": each_element(np.logaddexp, ag.logaddexp, reals, even),
    "Sigmoid": each_element(sigmoid, ag.sigmoid, reals),
    "SigmoidSlope": each_element(lambda x: sigmoid(x) * sigmoid(-x), None, reals),
}
