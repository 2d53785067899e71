"""New arrays and dtypes, in plain calls and within rules, where `xp` makes nodes of them."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.testing import check_op

LIKE = {
    "zeros_like": ag.zeros_like,
    "ones_like": ag.ones_like,
    "empty_like": lambda x: ag.empty_like(x) * 0.0,
    "full_like": lambda x: ag.full_like(x, 5.0),
}


@pytest.mark.parametrize("make", LIKE.values(), ids=LIKE)
def test_what_is_like_a_node_follows_its_size(make):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float32")
        y = make(x)
    graph.forward(x=np.ones(3))
    assert (y.shape, str(y.dtype)) == ((3,), "float32")
    assert np.unique(y.value).tolist() == np.unique(make(np.ones(3))).tolist()


@pytest.mark.parametrize("shape", [3, (3,), (2, 3)])
def test_full_and_linspace_lead_back_to_the_nodes_they_are_made_of(shape):
    end = ag.Node(2.0)
    ag.sum(ag.full(shape, end) + ag.linspace(0.0, end, 3)).backward()
    assert end.grad == np.prod(shape) * 1.5
    assert str(ag.full(shape, end, dtype="float32").dtype) == "float32"


def test_a_rule_may_ask_for_all_of_the_array_api():
    class Tent(ag.Elementwise):
        """max(1 - |x|, 0)."""

        def forward(xp, x):
            assert xp.isdtype(xp.result_type(x), "real floating")
            return xp.maximum(xp.ones_like(x) - xp.abs(x), xp.zeros_like(x))

        def vjp_x(xp, grad, out, x):
            dtype = xp.result_type(x)
            slope = xp.where(out > xp.finfo(dtype).tiny, -xp.sign(x), xp.asarray(0.0, dtype=dtype))
            return grad * slope * xp.full_like(x, 1.0)

    check_op(Tent)
    assert ag.grad(Tent)(0.5) == -1.0


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (ag.arange(4), np.arange(4)),
        (ag.arange(1, 4), np.arange(1, 4)),
        (ag.arange(0, 1, 0.25, dtype=ag.float32), np.arange(0, 1, 0.25, "float32")),
        (ag.eye(2, 3, k=1), np.eye(2, 3, 1)),
        (ag.eye(2, dtype=ag.int8), np.eye(2, dtype="int8")),
        (ag.zeros((2, 0)), np.zeros((2, 0))),
        (ag.ones(2, dtype=ag.bool), np.ones(2, "bool")),
        (ag.linspace(0, 1, 4, endpoint=False), np.linspace(0, 1, 4, endpoint=False)),
        (ag.iinfo(ag.asarray([1], dtype=ag.uint8)).max, np.asarray(255)),
        (ag.result_type(ag.Node(np.ones(1, "float32")), ag.float64) == "float64", np.asarray(True)),
    ],
)
def test_arrays_are_as_numpy_makes_them(ours, numpys):
    assert np.asarray(ours).tolist() == numpys.tolist()
    assert np.asarray(ours).dtype == numpys.dtype or numpys.ndim == 0
