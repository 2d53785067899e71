"""One row for each op of `ops/activation.py`."""

from math import erf

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import broadcast_rows, each_element, elementwise, reals, row


def with_params(**choices):
    """Cases of one array, with each parameter out of a few."""
    params = st.fixed_dictionaries({key: st.sampled_from(v) for key, v in choices.items()})
    return st.builds(lambda case, drawn: case._replace(params=drawn), elementwise(reals), params)


def leaky_relu(x, slope=0.01):
    return np.maximum(x, 0) + x.dtype.type(slope) * np.minimum(x, 0)


def elu(x, alpha=1.0):
    return np.maximum(x, 0) + x.dtype.type(alpha) * (np.exp(np.minimum(x, 0)) - 1)


def gelu(x, approximate="none"):
    if approximate == "none":
        share = (1 + np.vectorize(erf, otypes=[x.dtype])(x / np.sqrt(x.dtype.type(2)))) / 2
    else:
        share = (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2
    return (x * share).astype(x.dtype)


def softplus(x):
    return np.log(1 + np.exp(x))


def silu(x):
    return x / (1 + np.exp(-x))


SAMPLES = {
    "ELU": row(with_params(alpha=(1.0, 0.5)), elu, ag.elu, batch=broadcast_rows),
    "GELU": row(with_params(approximate=("none", "tanh")), gelu, ag.gelu, batch=broadcast_rows),
    "LeakyReLU": row(
        with_params(slope=(0.01, 0.25)), leaky_relu, ag.leaky_relu, batch=broadcast_rows
    ),
    "SiLU": each_element(silu, ag.silu, reals),
    "Softplus": each_element(softplus, ag.softplus, reals),
}
