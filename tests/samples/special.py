"""One row for each op of `ops/special.py`."""

import math

import numpy as np

import autograd_lite as ag
from samples.common import entrywise, reals


def each_entry(function):
    return lambda x: np.vectorize(function, otypes=[x.dtype])(x)[()]


SAMPLES = {
    "Erf": entrywise(each_entry(math.erf), ag.erf, reals),
    "Erfc": entrywise(each_entry(math.erfc), ag.erfc, reals),
}
