"""Why a call had to be traced, in words."""

from collections.abc import Sequence

from autograd_lite.autodiff.stand_ins import Kind
from autograd_lite.compiler.jit.arguments import CallKey, describe
from autograd_lite.core.shapes import Spec


def reason(key: CallKey, known: Sequence[CallKey]) -> str:
    """What a call of this key has that those before had not, compared with the one most like it."""
    if not known:
        return "the first call"
    return min((_difference(key, other) for other in reversed(known)), key=lambda pair: pair[0])[1]


def _difference(key: CallKey, other: CallKey) -> tuple[int, str]:
    """How far two keys are from each other, and in what."""
    if key.form != other.form:
        return 99, "a new form of the arguments"
    if key.statics != other.statics:
        before, now = dict(other.statics), dict(key.statics)
        told = [f"{n}={x.told}" for n, x in now.items() if before.get(n) != x]
        return 1, f"a new static value: {', '.join(told) or 'one less'}"
    pairs = [(a, b) for a, b in zip(key.kinds, other.kinds, strict=True) if a != b]
    parts = [_parts(now, before) for now, before in pairs]
    told = [
        f"a new {' and '.join(names)}: {describe(now)} where it was {describe(before)}"
        for names, (now, before) in zip(parts, pairs, strict=True)
    ]
    return 1 + sum(map(len, parts)), ", ".join(told)


def _parts(now: Kind, before: Kind) -> list[str]:
    """In what two kinds of arguments differ."""
    if not isinstance(now, Spec) or not isinstance(before, Spec):
        return ["kind of argument"]
    return [part for part in ("shape", "dtype") if getattr(now, part) != getattr(before, part)]
