"""One row for each op of `ops/comparison.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, each_element, few


def comparison(reference, function):
    return each_element(reference, function, few, few, dtypes=NUMBERS)


SAMPLES = {
    "Equal": comparison(np.equal, ag.equal),
    "Greater": comparison(np.greater, ag.greater),
    "GreaterEqual": comparison(np.greater_equal, ag.greater_equal),
    "Less": comparison(np.less, ag.less),
    "LessEqual": comparison(np.less_equal, ag.less_equal),
    "NotEqual": comparison(np.not_equal, ag.not_equal),
}
