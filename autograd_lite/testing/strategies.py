"""Hypothesis strategies for graphs, and for what ops take: to write property tests with.

from hypothesis import given
from autograd_lite.testing import check_gradients, strategies

@given(strategies.graphs())
def test_every_gradient_is_right(recipe):
    check_gradients(recipe.build()).raise_if_failed()
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.core.op import NO_PARAMS, Op, Params
from autograd_lite.core.shapes import Shape, Spec
from autograd_lite.errors import AutogradError, OpCallError
from autograd_lite.frontend.node import Node
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.properties import Case
from autograd_lite.testing.recipes import DEFAULT_OPS, MANY, NUMBERS, Recipe, compose
from autograd_lite.testing.recipes import SHAPES as LEAF_SHAPES
from autograd_lite.testing.rules import random_cotangent

SHAPES: tuple[Shape, ...] = (
    (), (1,), (2,), (3,), (2, 3), (3, 2), (2, 2), (1, 3), (2, 1), (2, 1, 3), (2, 3, 2),
    (0,), (0, 2),
)  # fmt: skip
RANGES = ((-12, 12), (1, 12), (-3, 3), (5, 12))  # in quarters: everywhere, above 0, near 0, above 1
KINDS = ("int64", "float64", "bool")  # what an input without a rule may be


@st.composite
def graphs(
    draw: st.DrawFn,
    *,
    ops: Sequence[str] = DEFAULT_OPS,
    steps: int = 8,
    zeros: float = 0.3,
    dtype: str = "float64",
) -> Recipe:
    """Random graphs as flat lists of (op, earlier values), at most that many steps long.

    About the share `zeros` (below 1) of the elements are exact zeros. `recipe.build()` appends
    the graph and returns its last node. A wrong tanh shrinks to `x0 = 0.0; x1 = Tanh(x0)`.

    >>> from hypothesis import find
    >>> find(graphs(), lambda recipe: any(step.op == "Tanh" for step in recipe.steps))
    x0 = 0.0; x1 = Tanh(x0)
    """
    leaves = draw(st.lists(_leaves(zeros=zeros, dtype=dtype), min_size=1, max_size=3))
    picks = st.integers(0, len(leaves) + steps - 1)
    call = st.tuples(st.sampled_from(ops), st.tuples(picks, picks), st.integers(0, MANY))
    recipe = compose(leaves, draw(st.lists(call, min_size=1, max_size=steps)))
    assume(recipe.steps)
    return recipe


@st.composite
def _leaves(draw: st.DrawFn, *, zeros: float, dtype: str) -> Array:
    shape = draw(st.sampled_from(LEAF_SHAPES))
    share = round(zeros * len(NUMBERS) / (1 - zeros))  # so many zeros among the numbers
    number = st.sampled_from((*(0.0,) * share, *NUMBERS))
    drawn = draw(st.lists(number, min_size=prod(shape), max_size=prod(shape)))
    return np.array(drawn, dtype).reshape(shape)


def shapes_for(op: type[Op], params: Params = NO_PARAMS) -> st.SearchStrategy[tuple[Shape, ...]]:
    """Shapes that the op takes, one for each input: broadcast, 0-d and empty ones among them.

    >>> import autograd_lite as ag
    >>> from hypothesis import find
    >>> find(shapes_for(ag.ops.MatMul), lambda shapes: len(shapes[0]) == 2)
    ((2, 3), (3,))
    """
    return _specs_for(op, params).map(lambda specs: tuple(spec.shape for spec in specs))


@st.composite
def arrays_for(
    draw: st.DrawFn,
    op: type[Op],
    *,
    params: Params = NO_PARAMS,
    elements: st.SearchStrategy[float] | None = None,
    dtype: str = "float64",
    empty: bool | None = None,
) -> tuple[Array, ...]:
    """Arrays that the op takes and gives finite values for, zeros and ties among them.

    With `empty`, some array has no elements; with False none of them, and with None it may be.

    Floats are multiples of 1/4, from the widest of a few ranges in which the op is finite; say
    `elements` for others. An input without a backward rule gets integers if it takes them, else
    floats or booleans; where no input has one, floats come first.

    >>> import autograd_lite as ag
    >>> from hypothesis import find
    >>> find(arrays_for(ag.ops.Log), lambda arrays: arrays[0].size == 2)
    (array([0.25, 0.25]),)
    """
    specs = draw(_specs_for(op, params, empty))
    if elements is None:
        elements = st.integers(*_range_of(op, specs, params)).map(lambda k: k / 4)
    arrays = tuple(_array(draw, spec, elements, dtype) for spec in specs)
    assume(_is_finite(op, arrays, params))
    return arrays


def cotangents_for(node: Node) -> st.SearchStrategy[Array]:
    """Gradients that may arrive at a node: arrays of its shape and dtype, of both signs.

    >>> from hypothesis import find
    >>> find(cotangents_for(Node(np.zeros(2))), lambda grad: grad[0] < 0)
    array([-0.25,  0.  ])
    """
    return hnp.arrays(np.int64, node.shape, elements=st.integers(-12, 12), fill=st.nothing()).map(
        lambda quarters: (np.asarray(quarters) / 4).astype(node.dtype).reshape(node.shape)
    )


@st.composite
def cases_for(
    draw: st.DrawFn,
    op: type[Op],
    *,
    choices: Sequence[Params] = (NO_PARAMS,),
    elements: st.SearchStrategy[float] | None = None,
    arrays: st.SearchStrategy[tuple[Array, ...]] | None = None,
    order: int = 2,
    empty: bool | None = None,
) -> Case:
    """Whole calls for `check_op`: arrays, parameters out of `choices`, and two cotangents.

    With `empty`, some input has no elements; with False none of them, and with None it may be.
    """
    params = draw(st.sampled_from(choices))
    if arrays is None:
        arrays = arrays_for(op, params=params, elements=elements, empty=empty)
    inputs = draw(arrays)
    bound = op.bind(inputs, params)
    seed = draw(st.integers(0, 3))
    with np.errstate(all="ignore"):
        shape = np.shape(op.compute(inputs, bound))
    random = np.random.default_rng(seed)
    u, v = (random_cotangent(random, shape) for _ in range(2))
    return Case(op, tuple(map(np.asarray, inputs)), bound, (u, v), order)


def takes(op: type[Op], params: Params, *, empty: bool) -> bool:
    """Whether the op takes empty arrays, or ones that are not."""
    return bool(_with(_accepted(op, tuple(params.items())), empty))  # type: ignore[arg-type]


def _with(specs: list[tuple[Spec, ...]], empty: bool | None) -> list[tuple[Spec, ...]]:
    if empty is None:
        return specs
    return [case for case in specs if any(0 in spec.shape for spec in case) == empty]


def _specs_for(
    op: type[Op], params: Params, empty: bool | None = None
) -> st.SearchStrategy[tuple[Spec, ...]]:
    accepted = _with(_accepted(op, tuple(params.items())), empty)  # type: ignore[arg-type]
    if not accepted:
        raise OpCallError(
            f"strategies for {op.name}",
            expected="some shapes from 0 to 3 axes that the op takes",
            came=f"none that it takes with {dict(params) or 'its default parameters'}",
            suggestion="give the parameters it needs, params={...}, or arrays of your own",
        )
    return st.sampled_from(accepted)


@lru_cache(maxsize=256)
def _accepted(op: type[Op], params: tuple[tuple[str, Any], ...]) -> list[tuple[Spec, ...]]:
    """The specs that the op infers an output for, simple ones first."""
    rules = op.rules_for(len(op.input_names))
    without = KINDS if any(rules) else sorted(KINDS, key="float64".__ne__)
    kinds = [("float64",) if rule is not None else without for rule in rules]
    for chosen in product(*kinds):
        options = [[Spec(shape, np.dtype(kind)) for shape in SHAPES] for kind in chosen]
        fitting = [specs for specs in product(*options) if _fits(op, specs, dict(params))]
        if fitting:
            return fitting
    return []


def _fits(op: type[Op], specs: tuple[Spec, ...], params: Params) -> bool:
    try:
        op.infer(specs, op.bind(specs, params))
    except AutogradError as problem:
        return "read-only" in str(problem)  # a rule that writes into its inputs is told of later
    return True


def _range_of(op: type[Op], specs: tuple[Spec, ...], params: Params) -> tuple[int, int]:
    """The widest range of quarters at whose ends, and at 0 if it is inside, the op is finite."""
    for low, high in RANGES:
        probes = [low / 4, high / 4, max(low, 0) / 4]
        samples = [[np.full(s.shape, p).astype(s.dtype) for s in specs] for p in probes]
        if all(_is_finite(op, arrays, params) for arrays in samples):
            return low, high
    return RANGES[0]


def _is_finite(op: type[Op], arrays: Sequence[Array], params: Params) -> bool:
    try:
        with np.errstate(all="ignore"):
            return bool(np.all(np.isfinite(op.compute(arrays, op.bind(arrays, params)))))
    except AutogradError:
        return False


def _array(draw: st.DrawFn, spec: Spec, floats: st.SearchStrategy[float], dtype: str) -> Array:
    elements: Mapping[str, st.SearchStrategy[Any]] = {
        "f": floats,
        "b": st.booleans(),
        "i": st.integers(0, 2),
    }
    count = prod(spec.shape)
    drawn = draw(st.lists(elements[spec.dtype.kind], min_size=count, max_size=count))
    kind = dtype if spec.dtype.kind == "f" else spec.dtype
    return np.array(drawn, kind).reshape(spec.shape)
