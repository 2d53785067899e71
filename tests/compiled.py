"""What the tests of compiled programs share."""

import numpy as np

EXECUTORS = ["numpy"]


def interpreted(graph, outputs, feeds):
    """The values of the outputs, node by node."""
    graph.forward(**feeds)
    return [np.asarray(node.value) for node in outputs]


def assert_same(actual, expected, told=""):
    """The same shape and dtype, and the same entries up to some roundings."""
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, told
    assert actual.dtype == expected.dtype, told
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(actual, expected, told)
        return
    eps = np.finfo(expected.dtype).eps
    finite = expected[np.isfinite(expected)]
    size = np.max(np.abs(finite), initial=1.0)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(actual, expected, rtol=128 * eps, atol=128 * eps * size, err_msg=told)
