"""`check_op`: all that is asked of an op, as one line of a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.core.op import NO_PARAMS, Op, Params
from autograd_lite.errors import AutogradError, ConfigError, OpCallError, current_place
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.ops.packed import packed
from autograd_lite.testing.properties import PROPERTIES, Case, Property
from autograd_lite.testing.report import CheckFailed

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NO_GRADIENT = "no gradient to check; shape, dtype and purity of forward are right"


@checks_call
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
    says how many examples are tried; the smallest failure is told.

    Nothing is returned where all is right, and a remark where there was less to check.

    >>> import autograd_lite as ag
    >>> check_op(ag.ops.Tanh)
    >>> check_op(ag.ops.Floor)
    'no gradient to check; shape, dtype and purity of forward are right'

    What needs a rule that is NotImplemented is left out; a rule of the op itself is remarked.

    Raises CheckFailed, which names the promise that is broken, the rule and its file and line.
    """
    __tracebackhide__ = True
    if not hasattr(op, "vjps"):
        raise OpCallError(
            "check_op",
            expected="the class of an op",
            came=repr(op),
            suggestion="give the class itself: check_op(MyOp)",
        )
    need_hypothesis()
    names = [name for name in op.input_names if getattr(op, f"vjp_{name}") is NotImplemented]
    try:
        failure = find_failure(op, params, elements, arrays, order)
    except AutogradError:
        raise
    except Exception as problem:  # noqa: BLE001 - forward may raise whatever it is given
        failure = _raised(op, problem, current_place())
    if failure is not None:
        raise failure
    if names:
        return f"not written yet, and not checked: vjp_{', vjp_'.join(names)}"
    return None if any(op.vjps) else NO_GRADIENT


def need_hypothesis() -> None:
    """Raise ConfigError where Hypothesis is not installed."""
    if find_spec("hypothesis") is None:
        raise ConfigError(
            "check_op",
            expected="Hypothesis, which draws the examples",
            came="no such library",
            suggestion='pip install "autograd-lite[testing]"',
        )


def find_failure(
    op: type[Op],
    params: Params | Sequence[Params],
    elements: SearchStrategy[float] | None,
    arrays: SearchStrategy[tuple[Any, ...]] | None,
    order: int,
) -> CheckFailed | None:
    """The smallest failure; of calls with elements if there is one, else of empty ones."""
    from hypothesis import Phase, given, settings  # noqa: PLC0415 - an optional library
    from hypothesis.errors import Flaky  # noqa: PLC0415

    from autograd_lite.testing import strategies  # noqa: PLC0415 - which needs it as well

    op = packed(op)  # type: ignore[arg-type]
    choices = [params] if isinstance(params, Mapping) else list(params)
    place = current_place()
    failed: list[Property] = []  # the first one to fail is the one that is shrunk

    def holds(case: Case) -> None:
        for check in failed or PROPERTIES:
            try:
                check_property(check, case, place)
            except CheckFailed:
                failed[:] = [check]
                raise

    silent = settings(
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[phase for phase in settings().phases if phase is not Phase.explain],
    )
    for empty in (False,) if arrays is not None else (False, True):
        fitting = [c for c in choices if arrays is not None or strategies.takes(op, c, empty=empty)]
        if empty and not fitting:
            return None
        options = {"elements": elements, "arrays": arrays, "order": order, "empty": empty}
        cases = strategies.cases_for(op, choices=fitting or choices, **options)  # type: ignore[arg-type]
        try:
            silent(given(cases)(holds))()
        except CheckFailed as problem:
            return _alone(problem)
        except Flaky as problem:
            return _moody(op, place, problem)
    return None


def _alone(problem: CheckFailed) -> CheckFailed:
    """The same failure without what Hypothesis notes on it, and without its traceback."""
    return CheckFailed(
        problem.subject,
        expected=problem.expected,
        came=problem.came,
        place=problem.place,
        suggestion=problem.suggestion,
    )


def _moody(op: type[Op], place: str, problem: Exception) -> CheckFailed:
    return CheckFailed(
        f"op {op.name}",
        expected="the same result for the same call each time",
        came=str(problem).partition("\n")[0],
        place=place,
        suggestion="keep rules free of random numbers and of memory; draw outside of them",
    )


def check_property(check: Property, case: Case, place: str) -> None:
    """CheckFailed if the property does not hold for the call, or something is raised."""
    try:
        with np.errstate(all="ignore"):
            broken = check(case)
    except Exception as problem:
        raise _raised(case.op, problem, place, f", for {case}") from problem
    if broken is not None:
        raise CheckFailed(
            f"op {case.op.name}",
            expected=broken.expected,
            came=f"{broken.came}, for {case}",
            place=rule_place(case.op, broken.rule) or place,
            suggestion=broken.suggestion,
        )


def _raised(op: type[Op], problem: Exception, place: str, case: str = "") -> CheckFailed:
    """The failure of what was running when something was raised: forward, or one of the rules."""
    rule, line = raising_rule(op, problem)
    return CheckFailed(
        f"op {op.name}",
        expected=f"{rule} to run",
        came=f"{rule} of {op.name} raised {told(problem)}{case}",
        place=line or place,
        suggestion="repair what raises; a rule gets xp, grad, out, the inputs and the parameters",
    )


def functions_of(op: type[Op]) -> dict[str, Any]:
    """The functions that a user wrote for an op, by their names."""
    op = getattr(op, "unpacked", op)
    rules = zip(op.input_names, op.vjps, strict=True)
    return {"forward": op.forward, **{f"vjp_{name}": rule for name, rule in rules if rule}}


def rule_place(op: type[Op], name: str) -> str:
    """Where a rule is defined, or nothing if that is not known; forward has no name here."""
    function = functions_of(op).get(f"vjp_{name}" if name else "forward")
    code = getattr(function, "__code__", None)
    return "" if code is None else f"{code.co_filename}:{code.co_firstlineno} in {code.co_name}"


def raising_rule(op: type[Op], problem: BaseException) -> tuple[str, str]:
    """The name of the function of an op that raised, and the line; forward if none is seen."""
    named = {getattr(f, "__code__", None): name for name, f in functions_of(op).items()}
    error: BaseException | None = problem
    while error is not None:
        for frame, line in reversed([*walk_tb(error.__traceback__)]):
            code = frame.f_code
            if code in named:
                return named[code], f"{code.co_filename}:{line} in {code.co_name}"
        error = error.__cause__
    return "forward", ""


def told(problem: Exception) -> str:
    """What was raised, in one line."""
    if isinstance(problem, AutogradError):
        return f"{problem.subject}: expected {problem.expected}, came {problem.came}"
    return f"{type(problem).__name__}: {problem}"
