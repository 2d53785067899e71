"""Numerically safe forms: the graph stays as the textbook draws it, the arithmetic never overflows.

Each rule says which nodes it looks for, in the words of the textbook, and what it puts there.
"""

from collections.abc import Callable

from autograd_lite import functions as xp
from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import PickGradient
from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.frontend.node import Node

Rule = Callable[[Rebuild, Node], "Node | None"]


def safe_forms(draft: Draft) -> Draft:
    """Logarithms and gradients that would overflow or cancel become forms that do not.

    ln softmax(z)[y], ln(1 + x), ln Σ eˣ, ln σ(x), and the gradients of the first and the last.
    """
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    for rule in _RULES.get(node.op, ()):
        found: Node | None = rule(build, node)
        if found is not None:
            return found
    return None


def log_of_softmax_pick(build: Rebuild, node: Node) -> Node | None:
    """Ln softmax(z)[y] = (z - max z)[y] - ln Σ exp(z - max z)."""
    (pick,) = node.inputs
    if pick.op is not ops.Aref or not _is_softmax_of_rows(pick.inputs[0]):
        return None
    scores, index = build.new[pick.inputs[0].inputs[0]], build.new[pick.inputs[1]]

    def rule() -> Node:
        shifted, log_total = _shifted(scores)
        return ops.Aref(shifted, index) - xp.reshape(log_total, node.shape)

    return build.expression(rule, build.old.origin[node])


def log_of_softmax_subscript(build: Rebuild, node: Node) -> Node | None:
    """Ln softmax(z)[key] = (z - max z - ln Σ exp(z - max z))[key]."""
    (part,) = node.inputs
    if part.op is not ops.GetItem or not _is_softmax_of_rows(part.inputs[0]):
        return None
    scores = build.new[part.inputs[0].inputs[0]]
    indices = [build.new[x] for x in part.inputs[1:]]

    def rule() -> Node:
        shifted, log_total = _shifted(scores)
        return ops.GetItem(shifted - log_total, *indices, **part.params)

    return build.expression(rule, build.old.origin[node])


def gradient_of_softmax_pick(build: Rebuild, node: Node) -> Node | None:
    """p ⊙ (s - Σ s ⊙ p) with s = c / p[y] at y, else 0, is c ⊙ (onehot(y) - p)."""
    found = _softmax_gradient(node, ops.ScatterAdd)
    if found is None:
        return None
    p, scattered, grad = found
    if not _is_pick(_divisor(scattered), _softmax(p), scattered.inputs[1]):
        return None
    new = [build.new[x] for x in (grad, p, scattered.inputs[1])]
    return build.append(PickGradient, new, {}, build.old.origin[node])


def gradient_of_softmax_subscript(build: Rebuild, node: Node) -> Node | None:
    """p ⊙ (s - Σ s ⊙ p) with s = c / p[key] at the key, else 0, is e - p Σ e with e = c there."""
    found = _softmax_gradient(node, ops.IndexAdd)
    if found is None:
        return None
    p, scattered, grad = found
    if not _is_subscript(_divisor(scattered), _softmax(p), scattered):
        return None
    c, new_p, *places = (build.new[x] for x in (grad, p, *scattered.inputs[1:]))

    def rule() -> Node:
        e = ops.IndexAdd(c, *places, **scattered.params)
        return e - new_p * xp.sum(e, axis=-1, keepdims=True)

    return build.expression(rule, build.old.origin[node])


def log1p_of_sum(build: Rebuild, node: Node) -> Node | None:
    """Ln(1 + x) is log1p(x)."""
    (total,) = node.inputs
    if total.op is ops.Add:
        for one, x in (total.inputs, total.inputs[::-1]):
            if _is_constant(one, 1.0) and x.spec == node.spec:
                return build.make(ops.Log1p, build.new[x], at=node)
    return None


def log_of_sum_of_exp(build: Rebuild, node: Node) -> Node | None:
    """Ln Σ eˣ is LogSumExp(x), which subtracts the largest x first."""
    (total,) = node.inputs
    if total.op is not ops.Sum or total.inputs[0].op is not ops.Exp:
        return None
    (x,) = total.inputs[0].inputs
    if 0 in x.shape or (total.params["axis"] == ()):
        return None
    return build.append(ops.LogSumExp, (build.new[x],), total.params, build.old.origin[node])


def log_of_sigmoid(build: Rebuild, node: Node) -> Node | None:
    """Ln σ(x) = min(x, 0) - log1p(exp(-|x|))."""
    (sigmoid,) = node.inputs
    if sigmoid.op is not ops.Sigmoid:
        return None
    x = build.new[sigmoid.inputs[0]]

    def rule() -> Node:
        return xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x)))

    return build.expression(rule, build.old.origin[node])


def gradient_of_log_of_sigmoid(build: Rebuild, node: Node) -> Node | None:
    """(c / σ(x)) · σ'(x) is c · σ(-x)."""
    for quotient, slope in (node.inputs, node.inputs[::-1]):
        if quotient.op is ops.Div and slope.op is ops.SigmoidSlope:
            grad, sigmoid = quotient.inputs
            if sigmoid.op is ops.Sigmoid and sigmoid.inputs[0] is slope.inputs[0]:
                away = build.make(ops.Neg, build.new[slope.inputs[0]], at=node)
                rest = build.make(ops.Sigmoid, away, at=node)
                return build.make(ops.Mul, build.new[grad], rest, at=node)
    return None


def _shifted(scores: Node) -> tuple[Node, Node]:
    """Scores z less the largest of their row, and ln Σ exp of that."""
    shifted = scores - xp.max(scores, axis=-1, keepdims=True)
    return shifted, xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def _is_softmax_of_rows(node: Node) -> bool:
    return node.op is ops.SoftMax and node.params["axis"] in (-1, node.ndim - 1)


def _softmax_gradient(node: Node, scatter: object) -> tuple[Node, Node, Node] | None:
    """Of p ⊙ (s centred twice), where s is scattered from c over something: p, s and c."""
    for p, difference in (node.inputs, node.inputs[::-1]):
        if _is_softmax_of_rows(_softmax(p)):
            scattered = _uncentred(_uncentred(difference, p), p)
            if scattered.op is scatter:
                division = _unguarded(scattered.inputs[0])
                if division.op is not ops.Div:
                    return None
                guarded = division is not scattered.inputs[0]  # so a row of NaN may not count
                return p if guarded else _softmax(p), scattered, division.inputs[0]
    return None


def _softmax(p: Node) -> Node:
    """The softmax behind where(x == -∞, 0, softmax(x)), in which no row is NaN."""
    if p.op is ops.Where and p.inputs[0].op is ops.Equal:
        softmax = p.inputs[2]
        if softmax.op is ops.SoftMax and softmax.inputs[0] is p.inputs[0].inputs[0]:
            return softmax
    return p


def _uncentred(node: Node, p: Node) -> Node:
    """s, if the node is s - Σ s ⊙ p."""
    if node.op is ops.Sub and _is_sum_of_product(node.inputs[1], node.inputs[0], p):
        return node.inputs[0]
    return node


def _divisor(scattered: Node) -> Node:
    """What the scattered values were divided by, behind a guard."""
    return _unguarded(scattered.inputs[0]).inputs[1]


def _is_sum_of_product(total: Node, x: Node, y: Node) -> bool:
    """Whether it is Σ x · y over the last axis, which is kept."""
    if total.op is not ops.Sum or not total.params["keepdims"]:
        return False
    (product,) = total.inputs
    axes = normalize_axes(total.params["axis"], product.ndim)
    return axes == (product.ndim - 1,) and product.op is ops.Mul and set(product.inputs) == {x, y}


def _unguarded(node: Node) -> Node:
    return node.inputs[0] if node.op is ops.Guard else node


def _is_pick(node: Node, rows: Node, index: Node) -> bool:
    return node.op is ops.Aref and node.inputs[0] is rows and node.inputs[1] is index


def _is_subscript(node: Node, rows: Node, scattered: Node) -> bool:
    """Whether it is what was scattered again by the same key."""
    if node.op is not ops.GetItem or node.inputs[0] is not rows or node.params != scattered.params:
        return False
    return list(map(id, node.inputs[1:])) == list(map(id, scattered.inputs[2:]))


def _is_constant(node: Node, number: float) -> bool:
    return node.op is Leaf.Constant and node.size == 1 and node._value.item() == number


_RULES: dict[object, tuple[Rule, ...]] = {
    ops.Log: (
        log_of_softmax_pick,
        log_of_softmax_subscript,
        log1p_of_sum,
        log_of_sum_of_exp,
        log_of_sigmoid,
    ),
    ops.Mul: (
        gradient_of_softmax_pick,
        gradient_of_softmax_subscript,
        gradient_of_log_of_sigmoid,
    ),
}
