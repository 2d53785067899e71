"""Values that leave the graph: refused where a transform would lose their gradient unseen."""

import math
import operator

import numpy as np
import pytest

import autograd_lite as ag
import autograd_lite.numpy as anp
from autograd_lite.errors import GraphError


def put(x):
    z = np.zeros(2)
    z[0] = x
    return ag.sum(z * x)


LEAVING = {
    "math.exp": lambda x: math.exp(x) * x,
    "math.floor": lambda x: math.floor(x) * x,
    "float": lambda x: float(x) * x,
    "int": lambda x: int(x) * x,
    "complex": lambda x: complex(x).real * x,
    "item": lambda x: (x * 2.0).item() * x,
    "round": lambda x: round(float(x), 1) * x,
    "np.array": lambda x: np.array(x) * x,
    "np.float64": lambda x: np.float64(x) * x,
    "put into an array": put,
    "behind other nodes": lambda x: float(ag.exp(ag.sin(x) + 1.0)) * x,
    "in a nested transform": lambda x: ag.grad(lambda y: float(x) * y)(1.0) * x,
    "range": lambda x: sum(x * i for i in range(operator.index(x))),
}


@pytest.mark.parametrize("name", LEAVING)
@pytest.mark.parametrize("transform", [ag.grad, ag.value_and_grad, ag.jacobian, ag.hessian])
def test_a_tracked_value_may_not_leave(name, transform):
    with pytest.raises(ValueError, match="bare|array element") as caught:  # NumPy says "element"
        transform(LEAVING[name])(2.0)
    refusal = caught.value if isinstance(caught.value, GraphError) else caught.value.__cause__
    assert "bare" in refusal.came
    assert __file__ in refusal.place


STAYING = {
    "a branch": (lambda x: x * 2.0 if x > 0 else x, 2.0),
    "on purpose": (lambda x: x.value * x, 2.0),
    "a comparison": (lambda x: float(x > 1.0) * x, 1.0),
    "printing": (lambda x: x * len(f"{x:.2f}"), 4.0),
    "stopped": (lambda x: float(ag.stop_gradient(x)) * x, 2.0),
    "another node": (lambda x: float(ag.Node(3.0) * 2.0) * x, 6.0),
    "a gradient inside": (lambda x: ag.grad(lambda y: y * y)(3.0) * x, 6.0),
    "NumPy on nodes": (lambda x: anp.exp(x) * 0.0 + x, 1.0),
}


@pytest.mark.parametrize("name", STAYING)
def test_what_has_no_gradient_to_lose_may_leave(name):
    function, slope = STAYING[name]
    assert ag.grad(function)(2.0) == slope


def test_outside_of_transforms_an_eager_node_is_a_number():
    x = ag.Node(2.0)
    assert (float(x), int(x), x.item(), math.sqrt(x * 2.0)) == (2.0, 2, 2.0, 2.0)
    with pytest.raises(GraphError):
        ag.grad(float)(2.0)
    assert float(x) == 2.0  # also after a refusal
