"""Why a call had to be traced, in words."""

from collections.abc import Sequence
from math import inf

from autograd_lite.autodiff.stand_ins import Kind
from autograd_lite.compiler.jit.arguments import CallKey, describe
from autograd_lite.core.shapes import Spec


def reason(key: CallKey, known: Sequence[CallKey]) -> str:
    """What a call of this key has that those before had not, compared with the one most like it."""
    if not known:
        return "the first call"
    return min((_difference(key, other) for other in reversed(known)), key=lambda pair: pair[0])[1]


def _difference(key: CallKey, other: CallKey) -> tuple[float, str]:
    """In how much two keys differ, and in what."""
    if key.form != other.form:
        return inf, "a new form of the arguments"
    now, before = dict(key.statics), dict(other.statics)
    changed = [name for name in {**before, **now} if now.get(name) != before.get(name)]
    values = [f"{name}={now[name].told}" if name in now else f"no {name}" for name in changed]
    pairs = [(a, b) for a, b in zip(key.kinds, other.kinds, strict=True) if a != b]
    parts = [_parts(a, b) for a, b in pairs]
    told = [f"a new static value: {', '.join(values)}"] * bool(values) + [
        f"a new {' and '.join(names)}: {describe(a)} where it was {describe(b)}"
        for names, (a, b) in zip(parts, pairs, strict=True)
    ]
    return len(values) + sum(map(len, parts)), ", ".join(told)


def _parts(now: Kind, before: Kind) -> list[str]:
    """In what two kinds of arguments differ."""
    if not isinstance(now, Spec) or not isinstance(before, Spec):
        return ["kind of argument"]
    return [part for part in ("shape", "dtype") if getattr(now, part) != getattr(before, part)]
