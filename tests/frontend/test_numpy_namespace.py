"""NumPy's functions on nodes, and `autograd_lite.numpy` in the place of `numpy`."""

import operator
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_lite as ag
import autograd_lite.numpy as anp
from autograd_lite import errors
from autograd_lite.frontend.numpy_dispatch import OP_OF_UFUNC, counterpart
from autograd_lite.numpy.wrappers import wrapped_functions

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])
V = np.array([3.0, 1.0, 2.0])
S = np.array([[4.0, 1.0], [1.0, 3.0]])

OLDER = not hasattr(np, "__array_namespace_info__")  # NumPy 2.0

# In NumPy's manner, with NumPy's names: the same on an array as on a node.
CALLS = {
    "sum over an axis by position": lambda np, x: np.sum(x, 0),
    "mean": lambda np, x: np.mean(x, axis=(0, 1), keepdims=True),
    "amax": lambda np, x: np.amax(x, 1),
    "std with ddof": lambda np, x: np.std(x, axis=0, ddof=1),
    "sum with dtype": lambda np, x: np.sum(x, dtype=np.float32),
    "power": lambda np, x: np.power(x, 2.0),
    "absolute": lambda np, x: np.absolute(x),
    "arctan": lambda np, x: np.arctan(x),
    "arctan2 of arrays first": lambda np, x: np.arctan2(V, x),
    "clip by position": lambda np, x: np.clip(x, -1.0, 2.0),
    "clip by NumPy's names": lambda np, x: np.clip(x, a_min=None, a_max=2.0),
    "clip by the standard's names": lambda np, x: np.clip(x, min=0.0),
    "concatenate": lambda np, x: np.concatenate([x, X], 1),
    "concatenate, flat": lambda np, x: np.concatenate((x, V), axis=None),
    "stack": lambda np, x: np.stack([X, x], axis=-1),
    "vstack": lambda np, x: np.vstack([x, V]),
    "hstack of matrices": lambda np, x: np.hstack([x, X]),
    "hstack of vectors": lambda np, x: np.hstack([x[0], V, 1.0]),
    "atleast_2d of a scalar": lambda np, x: np.atleast_2d(x[0, 0]),
    "transpose": lambda np, x: np.transpose(x),
    "transpose with axes": lambda np, x: np.transpose(x, [1, 0]),
    "swapaxes": lambda np, x: np.swapaxes(x, 0, -1),
    "ravel": lambda np, x: np.ravel(x),
    "copy": lambda np, x: np.copy(x),
    "reshape to a number": lambda np, x: np.reshape(x, -1),
    "reshape with copy": lambda np, x: np.reshape(x, (3, 2), copy=True),
    "expand_dims by position": lambda np, x: np.expand_dims(x, 1),
    "squeeze all": lambda np, x: np.squeeze(x[:1, None]),
    "squeeze one": lambda np, x: np.squeeze(x[:1], 0),
    "broadcast_to": lambda np, x: np.broadcast_to(x, (2, 2, 3)),
    "roll": lambda np, x: np.roll(x, 1, 1),
    "tile": lambda np, x: np.tile(x, (2, 1)),
    "repeat": lambda np, x: np.repeat(x, 2, axis=0),
    "take, flat": lambda np, x: np.take(x, [0, -1]),
    "take along an axis": lambda np, x: np.take(x, [0, 2, 0], 1),
    "sort, flat": lambda np, x: np.sort(x, axis=None),
    "cumsum, flat": lambda np, x: np.cumsum(x),
    "cumprod": lambda np, x: np.cumprod(x, 1),
    "diff": lambda np, x: np.diff(x, 1, -1),
    "where": lambda np, x: np.where(X > 0, x, 0.0),
    "dot of matrices": lambda np, x: np.dot(x, X.T),
    "dot with a number": lambda np, x: np.dot(2.0, x),
    "dot with a stack": lambda np, x: np.dot(x, np.ones((2, 3, 2))),
    "inner": lambda np, x: np.inner(x, X),
    "inner with a number": lambda np, x: np.inner(x, 3.0),
    "vdot": lambda np, x: np.vdot(x, X),
    "outer": lambda np, x: np.outer(x, V),
    "tensordot by position": lambda np, x: np.tensordot(x, X, ((0, 1), (0, 1))),
    "vecdot": lambda np, x: np.vecdot(x, V, axis=-1),
    "add.reduce": lambda np, x: np.add.reduce(x),
    "maximum.reduce": lambda np, x: np.maximum.reduce(x, axis=1, keepdims=True),
    "divmod": lambda np, x: np.divmod(x, 2.0)[1],
    "split": lambda np, x: np.split(x, 3, 1)[1],
    "pad": lambda np, x: np.pad(x, 1, constant_values=2.0),
    "kron": lambda np, x: np.kron(x, V),
    "einsum": lambda np, x: np.einsum("ij,j->i", x, V),
    "diag of a matrix": lambda np, x: np.diag(x, 1),
    "diag of a vector": lambda np, x: np.diag(x[0], k=-1),
    "real": lambda np, x: np.real(x),
    "conjugate": lambda np, x: np.conjugate(x),
    "diagonal": lambda np, x: np.diagonal(x, 1),
    "trace": lambda np, x: np.trace(x),
    "astype": lambda np, x: np.astype(x, np.float32, copy=False, device="cpu"),
    "linalg.norm": lambda np, x: np.linalg.norm(x),
    "linalg.norm, 1": lambda np, x: np.linalg.norm(x, 1),
    "linalg.norm of a vector": lambda np, x: np.linalg.norm(x[0], 1),
    "linalg.norm along an axis": lambda np, x: np.linalg.norm(x, axis=1, keepdims=True),
    "linalg.norm over two axes": lambda np, x: np.linalg.norm(x, axis=(1, 0)),
    "linalg.inv": lambda np, x: np.linalg.inv(x[:, :2]),
    "linalg.solve": lambda np, x: np.linalg.solve(S, x),
}


@pytest.mark.parametrize("namespace", [np, anp], ids=["numpy", "autograd_lite.numpy"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_numpy_functions_append_on_nodes(namespace, call):
    if OLDER and call in (
        CALLS["clip by the standard's names"],
        CALLS["reshape with copy"],
        CALLS["astype"],
    ):
        pytest.skip("this NumPy has no such parameter")
    node = ag.Node(X)
    result = call(namespace, node)
    assert isinstance(result, ag.Node)
    assert result.requires_grad
    expected = call(np, X)
    np.testing.assert_allclose(result.value, expected, rtol=1e-6)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(call(anp, X), expected)


ABOUT = {
    "shape": lambda np, x: np.shape(x),
    "ndim": lambda np, x: np.ndim(x),
    "size": lambda np, x: np.size(x),
    "size along an axis": lambda np, x: np.size(x, 1),
    "result_type": lambda np, x: np.result_type(x, np.float32),
    "can_cast": lambda np, x: np.can_cast(x, np.float32),
    "zeros_like on a device": lambda np, x: np.zeros_like(x, device="cpu"),
    "zeros_like": lambda np, x: np.zeros_like(x),
    "ones_like": lambda np, x: np.ones_like(x, dtype=np.float32),
    "full_like": lambda np, x: np.full_like(x, 7),
    "imag": lambda np, x: np.imag(x),
    "where": lambda np, x: np.where(x > 0)[1],
    "argmax": lambda np, x: np.argmax(x, 1),
    "argsort, flat": lambda np, x: np.argsort(x, axis=None),
    "isnan": lambda np, x: np.isnan(x),
}


@pytest.mark.parametrize("call", ABOUT.values(), ids=ABOUT)
def test_what_needs_no_gradient_is_told(call):
    result = call(np, ag.Node(X))
    assert not getattr(result, "requires_grad", False)
    np.testing.assert_array_equal(getattr(result, "value", result), call(np, X))


def test_arrays_like_an_input_follow_its_size():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2,))
        y = (np.ones_like(x) + anp.zeros_like(x)).named("y")
    g.forward(x=np.zeros(5))
    assert y.value.tolist() == [1.0] * 5


def test_a_ufunc_finds_the_op_that_names_it():
    class CubeRoot(ag.Elementwise):
        """∛x."""

        ufunc = np.cbrt

        def forward(xp, x):
            return xp.cbrt(x)

        def vjp_x(xp, grad, out, x):
            return grad / (3 * out * out)

    try:
        root = np.cbrt(ag.Node(8.0))
        root.backward()
        assert root.value == 2.0
    finally:
        del ag.ops.OPS["CubeRoot"]


REFUSED = {
    "no rule": (np.i0, r"np\.i0: expected a function that has a derivative rule"),
    "no rule, in linalg": (np.linalg.eigvals, r"np\.linalg\.eigvals: expected a function that has"),
    "complex results": (anp.fft.rfft, r"np\.fft\.rfft: expected a function that has"),
    "ufunc without rule": (np.spacing, r"np\.spacing: expected a ufunc that has a derivative rule"),
    "another method": (lambda x: np.multiply.outer(x, x), "np.multiply: expected a plain call of the ufunc\n  came:  its method 'outer'"),
    "out of a ufunc": (lambda x: np.add(x, 1, out=np.zeros((2, 3))), "without `out`(.|\n)*x = x \\+ node"),
    "in place": (lambda x: operator.iadd(np.zeros((2, 3)), x), "np.add: expected a call without `out`"),
    "out": (lambda x: np.sum(x, out=np.zeros(())), "np.sum: expected a call without `out`"),
    "an option of NumPy alone": (lambda x: np.sum(x, where=X > 0), r"arguments as in sum\(x, /, axis=None, \*, dtype=None, keepdims=False\)\n  came:  sum.. got an unexpected keyword argument 'where'"),
    "a share above 1, of one element": (lambda x: np.quantile(x[:1], 1.5), "not between 0 and 1"),
    "one and a half digits": (lambda x: np.round(x, 1.5), "cannot be interpreted as an integer"),
    "an option of a ufunc": (lambda x: np.exp(x, where=X > 0), r"np\.exp: expected arguments as in exp\(x, /\)"),
    "one argument twice": (lambda x: np.std(x, ddof=1, correction=1), "np.std: (.|\n)*one argument under two names"),
    "a bare array": (np.asarray, "NumPy asking for a bare array, which would lose the gradient"),
    "random numbers": (lambda x: anp.random.default_rng(0).normal(x), "which would lose the gradient"),
    "an unknown version": (lambda x: x.__array_namespace__(api_version="1999.12"), r"2024\.12\n  came:  '1999\.12'"),
    "another device of a node": (lambda x: x.to_device("cuda"), "expected the device 'cpu'"),
    "a stream": (lambda x: x.to_device("cpu", stream=1), "stream 1"),
    "memory of what has a gradient": (np.from_dlpack, "expected a node without gradient"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_would_lose_the_gradient_is_refused(call, message):
    with pytest.raises(errors.GraphError, match=message):
        call(ag.Node(X))


def test_a_mistake_that_is_not_the_signature_is_told_as_well():
    with pytest.raises(
        errors.GraphError, match="np.sum: (.|\n)*data type 'no dtype' not understood"
    ):
        np.sum(ag.Node(X), dtype="no dtype")


# What a node is to other libraries


def test_a_node_names_its_namespace():
    node = ag.Node(X)
    assert node.__array_namespace__() is anp
    assert node.__array_namespace__(api_version="2022.12") is anp
    assert node.device == "cpu"
    assert node.to_device(node.device) is node


def test_the_memory_of_a_constant_is_handed_over():
    constant = ag.constant(X)
    assert constant.__dlpack_device__() == (1, 0)
    np.testing.assert_array_equal(np.from_dlpack(constant), X)


def test_a_node_of_one_entry_is_a_number():
    assert complex(ag.Node(2.0)) == 2 + 0j
    assert operator.index(ag.constant(3)) == 3
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        operator.index(ag.Node(3.0))


# In the place of numpy


def test_all_of_numpy_is_there():
    assert anp.float32 is np.float32
    assert anp.random is np.random
    assert OLDER or {"capabilities", "dtypes"} <= set(dir(anp.__array_namespace_info__()))
    assert anp.linalg.LinAlgError is np.linalg.LinAlgError
    assert anp.fft.fftfreq(4, d=0.5, dtype=np.float32).dtype == np.float32
    assert anp.fft.rfftfreq(4).tolist() == np.fft.rfftfreq(4).tolist()
    assert anp.fft.irfft(anp.fft.rfft([1.0, 2.0])).tolist() == [1.0, 2.0]
    assert anp.add.accumulate(np.arange(4)).tolist() == [0, 1, 3, 6]
    assert {"random", "sum", "linalg"} <= set(dir(anp))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = anp.no_such_name
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = anp.fft.no_such_name
    assert set(anp.__all__) <= set(dir(anp))


def test_plain_numbers_and_arrays_give_what_numpy_gives():
    assert type(anp.exp(1.0)) is np.float64
    assert type(anp.sum(np.float32([1, 2]))) is np.float32
    assert type(anp.asarray([1, 2])) is np.ndarray
    assert type(anp.array([1, 2], dtype=np.int8, ndmin=2)) is np.ndarray


def test_arrays_of_nodes_are_nodes():
    a, b = ag.Node(1.0), ag.Node(2.0)
    assert anp.asarray(a) is a
    made = anp.asarray([[a, 5.0], [b, a * b]])
    assert made.value.tolist() == [[1.0, 5.0], [2.0, 2.0]]
    assert anp.array((a, [1.0, 2.0][0]), dtype="float32").dtype == np.float32
    made[0, 0].backward()
    assert a.grad == 1.0


def test_sorting_downwards():
    row = np.array([2, 1, 2, 3])
    assert anp.sort(row, descending=True).tolist() == [3, 2, 2, 1]
    assert anp.argsort(row, descending=True).tolist() == [3, 0, 2, 1]
    assert anp.argsort(row[None], axis=None, descending=True).tolist() == [3, 0, 2, 1]
    assert anp.argsort(row, kind="heapsort").tolist() == np.argsort(row, kind="heapsort").tolist()
    assert anp.sort(row[None], axis=None, kind="stable", descending=True).tolist() == [3, 2, 2, 1]
    node = anp.sort(ag.Node(V), descending=True)
    assert node.value.tolist() == [3.0, 2.0, 1.0]


def test_full_of_a_node():
    full = anp.full((2, 3), ag.Node(2.0))
    assert full.value.tolist() == [[2.0] * 3] * 2
    assert anp.full(2, ag.Node(2.0), "float32").dtype == anp.full(2, 2, "float32").dtype
    assert ag.grad(lambda x: anp.sum(anp.full((2, 3), x, dtype="float64") ** 2))(3.0) == 36.0


def test_clip_keeps_the_dtype_within_a_kind():
    x = np.float32([1, 5])
    assert anp.clip(x, np.zeros(2), None).dtype == np.float32
    assert anp.clip(np.int8([1, 5]), 0.5, np.float64(2)).dtype == np.float64
    assert anp.clip([1, 5], 2, 3).tolist() == [2, 3]
    out = np.zeros(2)
    assert anp.clip(x, np.zeros(2), 2.0, out=out) is out


def test_diff_with_ends():
    assert anp.diff(V, prepend=None, append=np.array([0.0])).tolist() == [-2.0, 1.0, -2.0]
    for ends in ({"prepend": 1.0}, {"append": 0}, {"prepend": 1.0, "append": 0}):
        for axis in (0, 1):
            expected = np.diff(X, axis=axis, **ends)
            np.testing.assert_array_equal(anp.diff(ag.Node(X), axis=axis, **ends).value, expected)
    assert ag.grad(lambda first: ag.sum(anp.diff(V, prepend=first) * V))(0.0) == -3.0


def test_limits_of_dtypes():
    assert anp.finfo(np.float32).eps == np.finfo(np.float32).eps
    assert type(anp.finfo("float32").smallest_normal) is float
    assert anp.finfo(ag.Node(X)).bits == 64
    assert anp.iinfo(np.zeros(2, "int8")).max == 127


def test_what_an_older_numpy_lacks_is_the_librarys():
    chapter = {"(x, /)": "square no_such_function"}
    older = SimpleNamespace(__name__="numpy")
    functions = wrapped_functions(older, chapter)
    assert set(functions) == {"square"}
    assert functions["square"](np.array([3.0])).tolist() == [9.0]


def test_the_triangle_that_is_read_is_one_of_two():
    with pytest.raises(errors.AutogradError, match="UPLO='Q'"):
        np.linalg.eigvalsh(ag.Node(np.eye(2)), UPLO="Q")


@pytest.mark.parametrize("ufunc", OP_OF_UFUNC)
def test_the_short_way_of_a_ufunc_is_that_of_the_function(ufunc):
    function, x = counterpart("numpy", ufunc.__name__), ag.Node([[0.25, 0.5], [0.75, 0.5]])
    with np.errstate(all="ignore"):
        short, long = (call(*[x] * ufunc.nin) for call in (ufunc, function))
    assert (short.op, short.inputs, short.params) == (long.op, long.inputs, long.params)
