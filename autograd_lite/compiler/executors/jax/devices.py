"""Where arrays lie: on one device, or on a mesh of devices, cut over it or replicated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from autograd_lite.errors import ConfigError, ShapeError
from autograd_lite.frontend.node import Node

Array = Any
Cut = Sequence[str | None]

PRECISIONS = {"highest": "highest", "fast": "default"}
SPELLING = "check the spelling"


@dataclass(frozen=True)
class Devices:
    """A mesh of devices, or None for the default one, and how leaves and inputs are cut over it.

    `shard` says for a leaf or an input which axis of the mesh cuts each of its axes. Leaves that
    are not in it lie on every device; of the other inputs, the data, axis 0 is cut over the first
    axis of the mesh.
    """

    subject: str  # whom errors name
    mesh: Any = None
    shard: Mapping[Node, Cut] = field(default_factory=dict)
    precision: str = "highest"  # of products of float32, which GPUs else round to fewer bits

    array_type = jax.Array  # what is fed as this stays where it is

    @property
    def count(self) -> int:
        """Into how many parts axis 0 of the data is cut."""
        return 1 if self.mesh is None else int(self.mesh.shape[self.mesh.axis_names[0]])

    @property
    def on_cpu(self) -> bool:
        """Whether the host computes, in whose memory NumPy's arrays lie."""
        found = jax.device_put(0).devices() if self.mesh is None else set(self.mesh.devices.flat)
        return all(device.platform == "cpu" for device in found)

    def put(self, x: Any, cut: Cut = ()) -> Array:
        """The array on its device, or each part of it on the device that holds it."""
        if self.mesh is None:
            return jax.device_put(x)
        sharding = NamedSharding(self.mesh, PartitionSpec(*cut))
        if jax.process_count() > 1:
            return jax.make_array_from_callback(np.shape(x), sharding, lambda part: x[part])
        return jax.device_put(x, sharding)

    def put_leaves(self, values: Mapping[Node, Any]) -> dict[Node, Array]:
        """The values of leaves, cut as `shard` says."""
        if self.mesh is None:
            return dict(zip(values, jax.device_put(list(values.values())), strict=True))
        return {leaf: self.put(x, self.shard.get(leaf, ())) for leaf, x in values.items()}

    def put_feeds(self, feeds: Sequence[Any], inputs: Sequence[Node]) -> list[Array]:
        """What a step is fed, cut as `shard` says; else it is a batch, if all are equally long."""
        lengths = {np.shape(x)[:1] for x in feeds}
        put = self.put_batch if len(lengths) == 1 and () not in lengths else self.put
        cuts = [self.shard.get(x) for x in inputs]
        pairs = zip(feeds, cuts, strict=True)
        return [put(x) if cut is None else self.put(x, cut) for x, cut in pairs]

    def put_batch(self, x: Any, axis: int = 0) -> Array:
        """A batch, its rows on `axis` cut over the mesh; ShapeError if they do not divide."""
        if np.ndim(x) <= axis or self.mesh is None:
            return self.put(x)
        self.refuse_uneven(np.shape(x)[axis])
        return self.put(x, (*(None,) * axis, self.mesh.axis_names[0]))

    def refuse_uneven(self, *batches: int) -> None:
        """Raise ShapeError if the rows of one of the batches do not divide among the devices."""
        for rows in batches:
            if rows % self.count:
                raise ShapeError(
                    "mesh",
                    expected=f"batches that {self.count} devices share evenly",
                    came=f"{rows} rows",
                    suggestion=f"let {self.count} divide the batch size and the number of rows",
                )

    def sharing(self, shard: Mapping[Node, Cut], nodes: Sequence[Node]) -> Self:
        """The same with these cuts. Raises ConfigError for other nodes, and for no axes."""
        for node, cut in shard.items():
            if not any(node is x for x in nodes):
                expected = "shard={leaf: axes} of leaves of the program"
                raise self.refusal(expected, repr(node), "give its leaves")
            if cut != ():
                self._check_cut(node, cut)
        return replace(self, shard=dict(shard))

    def _check_cut(self, node: Node, cut: Any) -> None:
        axes = tuple(cut) if isinstance(cut, tuple | list) else None
        names, shape = self.mesh.axis_names, self.mesh.shape
        known = (None, *names)
        if axes is None or len(axes) > node.ndim or any(axis not in known for axis in axes):
            expected = f"for each axis None or an axis of the mesh ({', '.join(names)})"
            raise self.refusal(expected, f"{cut!r} for {node.label()} {node.spec}", "(None, name)")
        for length, axis in zip(node.shape, axes, strict=False):
            if axis is not None and length % shape[axis]:
                raise self.refusal(
                    f"axes that {shape[axis]} devices share evenly",
                    f"{node.label()} {node.spec} cut by {cut!r}",
                    "cut another axis, or leave it whole",
                )

    def refusal(self, expected: str, came: str, suggestion: str) -> ConfigError:
        """The error for what cannot be asked for."""
        return ConfigError(self.subject, expected=expected, came=came, suggestion=suggestion)

    def fetched(self, arrays: Sequence[Array]) -> list[Any]:
        """The arrays on the host, gathered where they are cut; all are on the way at once.

        What is fetched from a CPU is a view, which is to be copied if it is kept.
        """
        whole = [self._gathered(x) for x in arrays]
        for x in whole:
            x.copy_to_host_async()
        return [np.asarray(x) for x in whole]

    def _gathered(self, x: Array) -> Array:
        if x.is_fully_addressable or x.is_fully_replicated:
            return x
        everywhere = NamedSharding(self.mesh, PartitionSpec())
        return jax.jit(lambda y: y, out_shardings=everywhere)(x)


def check_devices(subject: str, mesh: Any, shard: Any, precision: str) -> Devices:
    """The devices that a user asks for. Raises ConfigError for what is no mesh."""
    devices = Devices(subject, mesh, {}, PRECISIONS.get(precision, ""))
    if precision not in PRECISIONS:
        known = ", ".join(PRECISIONS)
        raise devices.refusal(f"precision to be one of {known}", repr(precision), SPELLING)
    if mesh is not None and not isinstance(mesh, jax.sharding.Mesh):
        raise devices.refusal("mesh to be a jax.sharding.Mesh", repr(mesh), "see docs/anywhere.md")
    if not isinstance(shard, Mapping | None):
        raise devices.refusal("shard={what is cut: axes}", repr(shard), "see docs/anywhere.md")
    if shard and mesh is None:
        raise devices.refusal("a mesh, over which shard cuts arrays", "None", "give mesh= as well")
    return devices
