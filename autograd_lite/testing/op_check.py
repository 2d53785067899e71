"""`check_op`: all that is asked of an op, as one line of a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.core.op import NO_PARAMS, Op, Params
from autograd_lite.errors import AutogradError, current_place
from autograd_lite.ops.packed import packed
from autograd_lite.testing.properties import PROPERTIES, Broken, Case, Property
from autograd_lite.testing.report import CheckFailed

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NO_GRADIENT = "no gradient to check; shape, dtype and purity of forward are right"


def check_op(
    op: type[Op],
    *,
    params: Params | Sequence[Params] = NO_PARAMS,
    elements: SearchStrategy[float] | None = None,
    arrays: SearchStrategy[tuple[Any, ...]] | None = None,
    order: int = 2,
) -> str | None:
    """Test an op on arrays of all kinds; the whole of a test is `check_op(MyOp)`.

    Derivatives to second order, purity, linearity, dtypes, layouts, broadcasting, 0-d and empty
    arrays, one node as several inputs, and that numbers and graph agree. `params` are the
    parameters to use, or several sets to choose from; `elements` draws the floats where the op's
    domain is not found by itself, `arrays` all inputs together. Needs Hypothesis, whose profile
    says how many examples are tried and which reports the smallest failure.

    Nothing is returned where all is right, and a remark where there was less to check.

    >>> import autograd_lite as ag
    >>> check_op(ag.ops.Tanh)
    >>> check_op(ag.ops.Floor)
    'no gradient to check; shape, dtype and purity of forward are right'

    Raises CheckFailed.
    """
    from hypothesis import given, settings  # noqa: PLC0415 - an optional library

    from autograd_lite.testing import strategies  # noqa: PLC0415 - which needs it as well

    op = packed(op)  # type: ignore[arg-type]
    choices = [params] if isinstance(params, Mapping) else list(params)
    drawn = strategies.cases_for(op, choices=choices, elements=elements, arrays=arrays, order=order)

    place = current_place()

    failed: list[Property] = []  # the first one to fail is the one that is shrunk

    @settings(deadline=None, database=None, report_multiple_bugs=False)
    @given(drawn)
    def holds(case: Case) -> None:
        for check in failed or PROPERTIES:
            try:
                check_property(check, case, place)
            except CheckFailed:
                failed[:] = [check]
                raise

    holds()
    return None if any(op.vjps) else NO_GRADIENT


def check_property(check: Property, case: Case, place: str) -> None:
    """CheckFailed if the property does not hold for the call, or something is raised."""
    try:
        with np.errstate(all="ignore"):
            broken = check(case)
    except Exception as problem:  # noqa: BLE001 - it is a user's op: anything may be raised
        broken = Broken((check.__doc__ or "").rstrip("."), told(problem), "repair what raises")
    if broken is not None:
        raise CheckFailed(
            f"op {case.op.name}",
            expected=broken.expected,
            came=f"{broken.came}, for {case}",
            place=place,
            suggestion=broken.suggestion,
        )


def told(problem: Exception) -> str:
    """What was raised, in one line."""
    if isinstance(problem, AutogradError):
        return f"{problem.subject}: expected {problem.expected}, came {problem.came}"
    return f"{type(problem).__name__}: {problem}"
