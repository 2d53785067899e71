"""A program's graph made ready to run by JAX."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.jax.devices import Devices
from autograd_lite.compiler.executors.jax.runner import JaxRunner
from autograd_lite.compiler.planning.plan import fed
from autograd_lite.compiler.planning.planner import labels_of
from autograd_lite.errors import ConfigError
from autograd_lite.frontend.node import Node, NodeGraph

MOST_SCALARS = 2000  # operations on single numbers that XLA compiles in seconds


@dataclass(frozen=True, repr=False)
class JaxPlan:
    """What runs: the graph as it is, as one function of XLA."""

    graph: NodeGraph
    inputs: Mapping[str, Node]
    outputs: tuple[Node, ...]
    executor: str
    notes: tuple[str, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        count = sum(bool(node.inputs) for node in self.graph)
        head = f"Plan for {fed(self.inputs)}: {count} operations by {self.executor}"
        return "\n".join([head, *self.notes])


def build(draft: Draft, options: BuildOptions) -> tuple[JaxPlan, JaxRunner]:
    """The draft, made ready to run. Raises ConfigError where XLA is not the way to run it."""
    scalars = sum(not node.shape and bool(node.inputs) for node in draft.graph)
    if scalars > MOST_SCALARS:
        raise _refusal(
            f"arrays, or at most {MOST_SCALARS:,} operations on single numbers",
            f"{scalars:,} of them, which XLA takes minutes to compile",
            'compile with executor="native"',
        )
    runner, devices = JaxRunner(draft, options), options.devices
    if runner.through_numpy and devices.mesh is not None:
        raise _refusal(
            "ops that run on devices",
            ", ".join(draft.origin[node].label() for node in runner.through_numpy)
            + ", which only NumPy can run",
            "write their rules in xp alone, or leave mesh out",
        )
    return _plan(draft, runner, devices), runner


def _plan(draft: Draft, runner: JaxRunner, devices: Devices) -> JaxPlan:
    where = "one device" if devices.mesh is None else f"a mesh of {dict(devices.mesh.shape)}"
    return JaxPlan(
        graph=draft.graph,
        inputs=draft.inputs,
        outputs=draft.outputs,
        executor=f"jax: one function of XLA on {where}",
        notes=tuple(runner.notes),
        labels=labels_of(draft),
    )


def _refusal(expected: str, came: Any, suggestion: str) -> ConfigError:
    return ConfigError('executor "jax"', expected=expected, came=came, suggestion=suggestion)
