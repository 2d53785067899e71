"""A failure as a program: the guilty node alone, or the whole graph, as code to paste and run."""

import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograd_lite import ops
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Op
from autograd_lite.core.sweep import ancestors
from autograd_lite.frontend.node import Node
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.rows import Row, Verdict

FEW = 200  # elements that are written out; more are drawn at random from the same range


def reproducer(output: Node, row: Row) -> str:
    """The program: of one call if a rule is guilty, of the whole graph if the engine is.

    >>> import autograd_lite as ag
    >>> y = ag.tanh(ag.Node(0.5))
    >>> print(reproducer(y, Row(y, "vjp_x of Tanh", Verdict.RULE)))
    import numpy as np
    import autograd_lite as ag
    from autograd_lite.testing import check_gradients
    <BLANKLINE>
    n0 = ag.Node(0.5)
    n1 = ag.ops.Tanh(n0)
    print(check_gradients(n1))
    """
    if row.verdict is Verdict.RULE:
        leaves = list(dict.fromkeys(row.witness.inputs))
        return program([*leaves, row.witness], leaves, order=row.order)
    nodes = ancestors(output)
    return program(nodes, [x for x in nodes if isinstance(x.op, Leaf)], order=row.order)


def program(nodes: Sequence[Node], leaves: Collection[Node], *, order: int) -> str:
    """Code that makes the nodes, the last one of them to be checked."""
    names = {node: f"n{k}" for k, node in enumerate(nodes)}
    written_out = {id(node) for node in leaves}
    lines = [
        f"{names[node]} = {leaf_code(node) if id(node) in written_out else call_code(node, names)}"
        for node in nodes
    ]
    wanted = ", order=2" if order == 2 else ""
    last = f"print(check_gradients({names[nodes[-1]]}{wanted}))"
    return "\n".join([*_imports(nodes, "".join(lines)), "", *lines, last])


def leaf_code(node: Node) -> str:
    """A leaf with the value of a node."""
    kind = "Node" if node.requires_grad else "constant"
    value = node._value
    return f"ag.{kind}({value!r})" if type(value) is float else f"ag.{kind}({array_code(value)})"


def array_code(value: Array) -> str:
    """An array as code: its elements, or random ones of the same range if there are many.

    >>> import numpy as np
    >>> array_code(np.arange(3.0))
    "np.array([0.0, 1.0, 2.0], 'float64')"
    >>> array_code(np.zeros((500, 2), "float32"))
    "np.random.default_rng(0).uniform(0.0, 0.0, (500, 2)).astype('float32')"
    """
    if value.size > FEW:
        low, high = float(value.min()), float(value.max())
        random = f"np.random.default_rng(0).uniform({low}, {high}, {value.shape})"
        return f"{random}.astype('{value.dtype}')"
    shape = "" if value.size else f".reshape({value.shape})"
    return f"np.array({value.tolist()}, '{value.dtype}'){shape}"


def call_code(node: Node, names: Mapping[Node, str]) -> str:
    """The call that appends a node."""
    op: type[Op] = node.op  # type: ignore[assignment]
    params = [
        f"{key}={literal(value)}"
        for key, value in node.params.items()
        if key not in op.defaults or value != op.defaults[key]
    ]
    call = f"{op_code(op)}({', '.join([*(names[x] for x in node.inputs), *params])})"
    return f"sum(map(ag.sum, {call}))" if op.outputs else call


def op_code(op: type[Op]) -> str:
    """How the program calls an op: by its name where that can be imported, else as registered."""
    if getattr(ops, op.name, None) is op:
        return f"ag.ops.{op.name}"
    return op.name if _is_importable(op) else f"ag.ops.OPS[{op.name!r}]"


def literal(value: Any) -> str:
    """A parameter as code; a named tuple by its class.

    >>> from autograd_lite.ops.indexing import Slice
    >>> literal((Slice(0, 2, None), -1))
    '(autograd_lite.ops.indexing.Slice(0, 2, None), -1)'
    """
    if not isinstance(value, tuple):
        return repr(value)
    parts = ", ".join(map(literal, value))
    kind = type(value)
    if kind is tuple:
        return f"({parts},)" if len(value) == 1 else f"({parts})"
    return f"{kind.__module__}.{kind.__qualname__}({parts})"


def _imports(nodes: Sequence[Node], code: str) -> list[str]:
    used = {node.op for node in nodes if not isinstance(node.op, Leaf)}
    own = sorted((op for op in used if getattr(ops, op.name, None) is not op), key=str)
    lost = [op.name for op in own if not _is_importable(op)]
    replaced = ["# arrays of many elements are replaced by random ones"]
    return [
        "import numpy as np",
        *(["from numpy import inf, nan"] if "inf" in code or "nan" in code else []),
        *(["import autograd_lite.ops"] if "autograd_lite.ops." in code else []),
        "import autograd_lite as ag",
        "from autograd_lite.testing import check_gradients",
        *(f"from {op.__module__} import {op.name}" for op in own if op.name not in lost),
        *(replaced if "default_rng" in code else []),
        *(f"# define the op {name} first" for name in lost),
    ]


def _is_importable(op: type[Op]) -> bool:
    module = sys.modules.get(op.__module__)
    return op.__module__ != "__main__" and getattr(module, op.__qualname__, None) is op
