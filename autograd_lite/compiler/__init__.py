"""How a graph is made fast: it is planned once and run many times.

Passes rewrite it (`passes`), the planner says in which order what is computed and where it lies
(`planning`), an executor turns that into code (`executors`), and the user holds a `program`,
which runs it (`runtime`). None of this is loaded before `compile` is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite.frontend.suggestions import checks_call

if TYPE_CHECKING:
    from autograd_lite.compiler.pipeline import Pass
    from autograd_lite.compiler.program import Program
    from autograd_lite.compiler.request import Outputs
    from autograd_lite.frontend.node import Node, NodeGraph


@checks_call
def compile(  # noqa: A001 - it is what it does
    graph: NodeGraph,
    outputs: Outputs = None,
    updates: Mapping[Node, Node] | None = None,
    *,
    executor: str = "auto",
    steps: int | None = None,
    passes: Sequence[str] | Mapping[str, Pass] | None = None,
    check_finite: bool = False,
    reproducible: bool = False,
    mesh: Any = None,
    shard: Mapping[Node, Sequence[str | None]] | None = None,
    precision: str = "highest",
) -> Program:
    """A program that computes outputs of a graph and updates leaves, planned once for many runs.

    `outputs` is a node, whose value then comes bare, or several as a list or by name, which come
    as a tuple or a dict; by default all operations that no other uses. `updates` says which
    variable or parameter gets which new value in each step: all are computed from the old values.

    `executor` is "numpy", "native" for machine code from the C compiler, or "auto", which weighs
    how many `steps` you mean to run; "jax" hands the graph to XLA, for GPUs, TPUs and many
    machines (see docs/anywhere.md). There `mesh`, a `jax.sharding.Mesh`, cuts axis 0 of the data
    over devices, `shard={leaf: (None, "model")}` cuts leaves, and `precision="fast"` lets a GPU
    multiply with fewer bits. `passes` are names out of those in
    `autograd_lite.compiler.passes.PASSES`, all by default, or passes of your own by name. With
    `check_finite`, a NaN or infinity in an output or a new value is an error that names the first
    node which has one, and leaves the parameters as before that step. Where compiling takes long,
    "auto" lets NumPy take the first steps and changes over between two of them: when that is, is
    no part of the result but for rounding. A program that is `reproducible` waits instead.

    >>> import autograd_lite as ag
    >>> with ag.Graph() as g:
    ...     x = ag.input(name="x", shape=(), dtype="float64")
    ...     w = ag.parameter(1.0, name="w")
    ...     loss = (w * x - 6.0) * (w * x - 6.0)
    ...     dw = ag.gradients(loss, w)
    >>> step = ag.compile(g, loss, {w: w - 0.1 * dw}, executor="numpy")
    >>> float(step(x=2.0)), w.value
    (16.0, 2.6)
    >>> step.scan({"x": [2.0, 2.0]}).round(6).tolist()
    [0.64, 0.0256]

    Raises GraphError, ShapeError or DTypeError for updates that do not fit their leaves, and
    ConfigError for an executor or a pass that there is not.
    """
    from autograd_lite.compiler.program import make_program  # noqa: PLC0415

    return make_program(
        graph,
        outputs,
        updates,
        executor=executor,
        steps=steps,
        passes=passes,
        check_finite=check_finite,
        reproducible=reproducible,
        mesh=mesh,
        shard=shard,
        precision=precision,
    )


__all__ = ["compile"]
