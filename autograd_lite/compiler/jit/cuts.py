"""Where a function under `jit` runs, and how its arguments are cut over a mesh of devices."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite.autodiff.trees import leaves_of
from autograd_lite.compiler.executors.choice import make_devices
from autograd_lite.compiler.jit.arguments import Arguments, CallParts
from autograd_lite.errors import ConfigError
from autograd_lite.frontend.node import Node

if TYPE_CHECKING:
    from autograd_lite.compiler.executors.jax.devices import Cut


class Placement(NamedTuple):
    """Where a record runs."""

    executor: str
    devices: Any  # of the JAX executor
    cuts: "tuple[Cut, ...]"  # of the arguments; () for one that lies on every device

    def devices_for(self, arguments: Sequence[Node], inputs: Sequence[Node]) -> Any:
        """The devices, told how these arguments are cut; all other inputs lie on each of them."""
        if self.devices is None:
            return None
        # A gradient's program has one argument more, the cotangent, which has no cut.
        cuts = dict.fromkeys(inputs, ()) | dict(zip(arguments, self.cuts, strict=False))
        return self.devices.sharing(cuts, [*cuts])


class Cuts:
    """Which arguments of a function have a cut. Raises ConfigError for what cannot be one."""

    def __init__(self, arguments: Arguments, executor: str, mesh: Any, shard: Any) -> None:
        self._subject = f"jit of {arguments.name}"
        self._executor = executor
        self._devices = make_devices(self._subject, executor, mesh=mesh, shard=shard)
        shard = shard or {}
        names = [key for key in shard if isinstance(key, str)]
        numbers = [key for key in shard if not isinstance(key, str)]
        found = arguments.names_of("arguments to cut", numbers, names)
        self._given = dict(zip(found, map(shard.get, [*numbers, *names]), strict=True))
        wrong = [name for name in found if name in arguments.static or found.count(name) > 1]
        if wrong:
            raise self._refusal(
                "shard to name each argument once, and no static one",
                ", ".join(wrong),
                "leave one of them out",
            )

    def of(self, call: CallParts) -> Placement:
        """Where a call like this runs. Raises ConfigError for a cut of another form."""
        trees = call.dynamic.items()
        cuts = [cut for name, x in trees for cut in self._of(name, x, self._given.get(name))]
        return Placement(self._executor, self._devices, tuple(cuts))

    def _of(self, name: str, tree: Any, cut: Any) -> "Iterator[Cut]":
        """The cut of each array of an argument: one for all, or each its own."""
        if cut is None or tree is None or _is_cut(cut):
            yield from [cut or ()] * len(leaves_of(tree))
            return
        if not _fits(cut, tree):
            raise self._refusal(
                f"axes for {name}, or for a container the axes of its parts",
                repr(cut),
                'write ("data",) to cut axis 0, and {"w": (None, "model")} for a dict',
            )
        cuts = _parts(cut)
        for key, part in _parts(tree).items():
            yield from self._of(f"{name}[{key!r}]", part, cuts.get(key))

    def _refusal(self, expected: str, came: str, suggestion: str) -> ConfigError:
        return ConfigError(self._subject, expected=expected, came=came, suggestion=suggestion)


def _is_cut(x: Any) -> bool:
    return isinstance(x, tuple | list) and all(y is None or isinstance(y, str) for y in x)


def _fits(cut: Any, tree: Any) -> bool:
    """Whether each part that has a cut of its own is in the container."""
    kind = dict if isinstance(cut, dict) else (tuple, list)
    is_one = isinstance(cut, kind) and isinstance(tree, kind)
    return is_one and _parts(cut).keys() <= _parts(tree).keys()


def _parts(container: Any) -> Mapping[Any, Any]:
    return container if isinstance(container, dict) else dict(enumerate(container))
