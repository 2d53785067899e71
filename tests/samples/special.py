"""One row for each op of `ops/special.py`."""

import math

import numpy as np

import autograd_lite as ag
from samples.common import each_element, reals


def each_entry(function):
    return lambda x: np.vectorize(function, otypes=[x.dtype])(x)[()]


SAMPLES = {
    "Erf": each_element(each_entry(math.erf), ag.erf, reals),
    "Erfc": each_element(each_entry(math.erfc), ag.erfc, reals),
}
