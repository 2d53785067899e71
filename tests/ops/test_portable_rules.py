"""Rules speak the array API alone: every op's, forward and backward, under array-api-strict."""

import array_api_strict
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, settings
from samples import SAMPLES

from autograd_lite import ops

DTYPE = "the name of a dtype is NumPy's"
ADDS = "NumPy adds at places, the standard has no way to"
TIMES = "NumPy repeats"

NUMPY_ALONE = {
    "AddAlongAxis": ADDS,
    "ArgSort": "a stable sort in descending order is NumPy's, turned around",
    "Cast": DTYPE,
    "CountNonzero": "NumPy sums booleans",
    "CrossEntropyWithLogits": "which kind a dtype is of is NumPy's to say",
    "Diag": "NumPy writes a diagonal",
    "Diagonal": "NumPy writes a diagonal",
    "DiagonalLike": "NumPy writes a diagonal",
    "Dropout": "NumPy draws what is dropped",
    "Embedding": ADDS,
    "IndexAdd": ADDS,
    "MirrorPad": ADDS,
    "OneHot": DTYPE,
    "Pad": "the standard has no pad",
    "Repeat": TIMES,
    "SumMirrored": ADDS,
    "SumRepeats": TIMES,
    "SumTiles": TIMES,
    "TakeAlongAxis": ADDS,
    "Tile": "the standard repeats by tuples alone",
}

LOOK = settings(
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def is_strict(case):
    """Whether the standard takes it: one kind of numbers for bits, booleans for logic."""
    return len({x.dtype for x in case.inputs}) == 1


def some_case(op, sample):
    name = op.name
    if name.startswith("Logical"):
        return find(
            sample.cases,
            lambda case: is_strict(case) and case.inputs[0].dtype == bool,
            settings=LOOK,
        )
    if name.startswith("Bitwise"):
        return find(
            sample.cases,
            lambda case: is_strict(case) and case.inputs[0].dtype != bool,
            settings=LOOK,
        )
    return find(sample.cases, lambda case: all(x.size for x in case.inputs), settings=LOOK)


def run_rules(op, case):
    """All rules of the op in that namespace; they have to give arrays of it."""
    xp, params = array_api_strict, op.bind(case.inputs, case.params)
    inputs = [xp.asarray(x) for x in case.inputs]
    out = op.forward(xp, *inputs, **params)
    several = isinstance(out, tuple)
    grad = tuple(map(xp.ones_like, out)) if several else xp.ones_like(out)
    found = [*(out if several else [out])]
    rules = [rule for rule in op.rules_for(len(inputs)) if rule is not None]
    found += [rule(xp, grad, out, *inputs, **params) for rule in rules]
    return {type(x) for x in found if not isinstance(x, list)}


@pytest.mark.parametrize("name", SAMPLES)
def test_rules_run_under_the_standard(name):
    op = ops.OPS[name]
    case = some_case(op, SAMPLES[name])
    strict = type(array_api_strict.asarray(0.0))
    with np.errstate(all="ignore"):
        try:
            kinds = run_rules(op, case)
        except (TypeError, ValueError, IndexError, AttributeError, UserWarning):
            if name not in NUMPY_ALONE:
                raise
            return
    assert kinds == {strict} or name in NUMPY_ALONE
