"""Compiled values are the interpreted ones: every dtype, awkward numbers, and arrays of odd shapes."""

import itertools

import numpy as np
import pytest
from compiled import EXECUTORS

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.core.definition import REQUIRED
from autograd_lite.ops import OPS

each_executor = pytest.mark.parametrize("executor", EXECUTORS)

REALS = ["float16", "float32", "float64", "longdouble"]
WHOLE = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
NUMBERS = [0.0, 1.0, 0.5, 1.5, 2.5, 3.0, 20.0, 30.0, 88.0, 100.0, 710.0, 746.0, 0.1, 1e-4]

# What executors may compute otherwise, with the reason.
SUBNORMAL = {
    "Sigmoid": "SciPy's expit is 0 where the result is subnormal",
    "SiLU": "made of it",
    "SigmoidSlope": "made of it",
}
NO_AXES = {"Pow": "NumPy takes √x for a single x to the power ½, also of -0 and -∞"}
NARROW = {
    "Softplus": "ln(1 + e⁻ˣ) is computed in the dtype that NumPy has for e⁻ˣ of whole numbers"
}


def awkward(dtype):
    """Numbers of a dtype at which something may be special."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True, True, False])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array(
            [0, 1, 2, 3, 5, 100, info.max, info.max - 1, info.min, info.min // 2], dtype
        )
    info = np.finfo(dtype)
    sizes = [*NUMBERS, info.tiny, info.smallest_subnormal, info.eps, info.max, np.sqrt(info.max), np.inf]  # fmt: skip
    return np.array([*sizes, *np.negative(sizes), np.nan], dtype)


def elementwise(arity):
    """The library's elementwise ops of so many inputs that need no parameter."""
    found = (op for op in OPS.values() if hasattr(ops, op.name) and op.elementwise)
    return [
        op for op in found if len(op.input_names) == arity and REQUIRED not in op.defaults.values()
    ]


def recorded(dtype, arity, shape):
    """A graph of all these ops; those that refuse the dtype are left out."""
    with ag.Graph() as graph:
        inputs = [ag.input(name=f"x{i}", shape=shape, dtype=dtype) for i in range(arity)]
        outputs = {}
        for op in elementwise(arity):
            if op is ops.Pow and np.dtype(dtype).kind in "iu":
                continue  # negative powers are refused
            try:
                outputs[op.name] = op(*inputs)
            except ag.AutogradError:
                continue
    return graph, outputs


def columns(dtype, arity):
    """Every number with every other, or where there are three, as they come."""
    values = awkward(dtype)
    if arity == 3:
        return {"x0": values, "x1": values[::-1].copy(), "x2": np.roll(values, 3)}
    rows = np.array(list(itertools.product(values, repeat=arity)), dtype)
    return {f"x{i}": np.ascontiguousarray(rows[:, i]) for i in range(arity)}


def interpreted_rows(graph, outputs, feeds):
    """The values of single numbers, fed one after another."""
    rows = []
    for row in zip(*feeds.values(), strict=True):
        graph.forward(**dict(zip(feeds, row, strict=True)))
        rows.append([np.asarray(y.value) for y in outputs.values()])
    return dict(zip(outputs, map(np.array, zip(*rows, strict=True)), strict=True))


def differences(name, found, expected):
    """Where two arrays differ by more than some roundings, or in the sign of a zero."""
    assert found.shape == expected.shape, name
    assert found.dtype.newbyteorder("=") == expected.dtype.newbyteorder("="), name
    if found.dtype.kind != "f":
        return found != expected
    info, wide = np.finfo(found.dtype), np.longdouble
    rtol = 1e-6 if name in NARROW and found.dtype == "float64" else 8 * info.eps
    atol = 1000 * info.tiny if name in SUBNORMAL else 4 * wide(info.smallest_subnormal)
    with np.errstate(all="ignore"):
        same = np.isclose(
            found.astype(wide), expected.astype(wide), rtol=rtol, atol=atol, equal_nan=True
        )
    signs = (np.signbit(found) == np.signbit(expected)) | np.isnan(expected)
    return ~(same & signs)


def assert_agree(found, expected, feeds=None):
    told = []
    for name, value in expected.items():
        wrong = np.argwhere(differences(name, np.asarray(found[name]), value)).tolist()
        told += [f"{name}{place}: {found[name][tuple(place)]!r} for {value[tuple(place)]!r}" for place in wrong[:2]]  # fmt: skip
    assert not told, (told, feeds)


@pytest.mark.no_cover
@pytest.mark.parametrize("dtype", [*REALS, *WHOLE, "bool", ">f4", ">i2"])
@each_executor
def test_elementwise_ops_of_awkward_numbers(dtype, executor):
    for arity in (1, 2, 3):
        feeds = columns(dtype, arity)
        graph, outputs = recorded(dtype, arity, feeds["x0"].shape)
        program = ag.compile(graph, outputs, executor=executor)
        graph.forward(**feeds)
        assert_agree(program(**feeds), {name: np.asarray(y.value) for name, y in outputs.items()})


@pytest.mark.filterwarnings("ignore:a step has .* through NumPy")
@pytest.mark.parametrize(
    "dtype",
    [
        *(pytest.param(real, marks=pytest.mark.no_cover) for real in REALS[:3]),
        "int8",
        "bool",
    ],
)
@each_executor
def test_elementwise_ops_of_single_numbers(dtype, executor):
    for arity in (1, 2, 3):
        feeds = columns(dtype, arity)
        graph, outputs = recorded(dtype, arity, ())
        outputs = {name: y for name, y in outputs.items() if name not in NO_AXES}
        program = ag.compile(graph, outputs, executor=executor)
        assert_agree(program.scan(feeds), interpreted_rows(graph, outputs, feeds))


# Arrays of odd shapes

FORMS = {
    "sum": ag.sum, "mean": ag.mean, "max": ag.max, "min": ag.min, "prod": ag.prod, "var": ag.var,
    "logsumexp": ag.logsumexp,
}  # fmt: skip
REDUCTIONS = {
    f"{name} {axis} {keepdims}": lambda x, f=f, axis=axis, keepdims=keepdims: f(
        x, axis=axis, keepdims=keepdims
    )
    for name, f in FORMS.items()
    for axis in (None, (), 0, -1, (0, -1))
    for keepdims in (False, True)
}
OTHERS = {
    "T": lambda x: x.T * 2,
    "transposed": ag.matrix_transpose,
    "reshape": lambda x: ag.reshape(x, (-1,)),
    "expand": lambda x: ag.expand_dims(x, axis=0) * 2,
    "squeeze": lambda x: ag.squeeze(x[None], axis=0) * 2,
    "stack": lambda x: ag.stack([x, x * 2]),
    "concat": lambda x: ag.concat([x, x], axis=0),
    "first": lambda x: x[0],
    "last": lambda x: x[..., -1],
    "backwards": lambda x: x[::-1],
    "none": lambda x: x[:0],
    "broadcast": lambda x: ag.broadcast_to(x, (2, *x.shape)),
    "softmax": lambda x: ag.softmax(x, axis=-1),
    "matmul": lambda x: x @ ag.matrix_transpose(x),
    "dot": lambda x: ag.vdot(x, x),
    "outer": lambda x: ag.expand_dims(x, axis=-1) * x,
    "cumulative": lambda x: ag.cumulative_sum(x, axis=0),
    "sorted": lambda x: ag.sort(x, axis=-1),
    "chosen": lambda x: ag.where(x > 0, x, 0),
    "itself": lambda x: x,
    "scaled": lambda x: x * np.ones((1,), x.dtype),
}
SHAPES = [(), (1,), (0,), (3,), (2, 0), (0, 2), (1, 1), (2, 3), (1, 3, 1), (2, 1, 3)]


ODD = [
    *itertools.product(["numpy"], ["float16", "longdouble", "int8", "bool", ">f8"], SHAPES),
    *itertools.product(["native"], ["float32"], SHAPES[::3]),
    *itertools.product(["native"], ["float16", "uint8", ">f8"], [(3,)]),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("executor", "dtype", "shape"), [x for x in ODD if x[0] in EXECUTORS])
def test_arrays_of_odd_shapes(executor, dtype, shape):
    real = np.dtype(dtype).kind == "f"
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=shape, dtype=dtype, requires_grad=real)
        outputs = {}
        for name, form in {**REDUCTIONS, **OTHERS}.items():
            try:
                outputs[name] = y = form(x)
                if real and name != "sorted":
                    outputs[f"slope of {name}"] = ag.gradients(ag.sum(y * y), x)
            except ag.AutogradError:
                continue
    values = np.arange(1, 1 + np.prod(shape, dtype=int)).reshape(shape) * 0.5 - 1
    feeds = {"x": values.astype(dtype)}
    graph.forward(**feeds)
    expected = {name: np.asarray(y.value) for name, y in outputs.items()}
    assert_agree(ag.compile(graph, outputs, executor=executor)(**feeds), expected)
