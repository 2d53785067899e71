"""Who may import whom, what is loaded at import, and the shape of the code."""

import ast
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import autograd_lite

pytestmark = pytest.mark.no_cover

PACKAGE = Path(autograd_lite.__file__).parent

# From the ground up: a room may import from those on floors below it, and from itself. Every
# import counts: those inside functions and those for types, too.
FLOORS = [
    {"errors"},
    {"core", "datasets"},
    {"ops"},
    {"functions"},
    {"linalg"},
    {"frontend"},
    {"numpy", "autodiff", "compiler", "serialize"},
    {"draw", "export"},
    {"testing", "graph"},
    {""},  # the package itself: the public surface
    {"nn"},
    {"cli"},
    {"__main__"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# The only imports that climb: each opens a room that the user asked for by name.
CLIMBS = {
    ("frontend", "numpy"): "Node.__array_namespace__ is the stand-in for numpy",
    ("draw", "graph"): "draw.from_json gives the Graph that users hold",
}

# Files that import each other, with the reason.
CIRCLES = {}

# Modules that open a room by its name, when somebody asks for it: no import statement says so.
OPENING = {
    "nn/__init__.py": "nn.Classifier and nn.Regressor need a library, and are imported when used",
    "compiler/program.py": "a program is exported by the room above it, if the library is there",
    "__init__.py": "ag.nn, ag.draw, … are imported when they are first used",
    "frontend/drawable.py": "a node, a graph and a program draw themselves, by draw above them",
}

# Modules that run code which they have written themselves, free of any text a user typed.
GENERATED = {PACKAGE / "compiler" / "executors" / "numpy" / "runner.py"}

OPTIONAL = [
    "autograd_lite.nn", "autograd_lite.testing", "autograd_lite.draw", "autograd_lite.datasets",
    "scipy", "sklearn", "tqdm", "matplotlib", "safetensors", "graphviz", "hypothesis", "torch", "jax",
    "autograd", "importlib.resources",
]  # fmt: skip

# Modules and rooms that are only imported by people who have the library that they are about.
BY_DESIGN = {
    "autograd_lite.testing.strategies": {"hypothesis"},
    "autograd_lite.compiler.executors.jax": {"jax"},
    "autograd_lite.export": {"jax", "onnx"},
    "autograd_lite.nn.estimators": {"sklearn"},
}


@cache
def modules():
    found = pkgutil.walk_packages([str(PACKAGE)], "autograd_lite.")
    return ["autograd_lite", *(m.name for m in found)]


def room_of(module):
    return ([*module.split("."), ""])[1]


def tree_of(module):
    return parsed(path_of(module))


def path_of(module):
    place = PACKAGE.parent.joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(module):
    """Every module of this package that a module imports, wherever the import stands."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [_target(node.module, alias.name) for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "autograd_lite")


def _target(module, name):
    full = f"{module}.{name}"
    is_module = module.startswith("autograd_lite") and (
        (PACKAGE.parent / full.replace(".", "/")).is_dir()
        or (PACKAGE.parent / (full.replace(".", "/") + ".py")).is_file()
    )
    return full if is_module else module


def test_every_room_stands_on_a_floor():
    assert {room_of(module) for module in modules()} <= set(FLOOR_OF)


def test_imports_run_downwards():
    climbing = [
        f"{module} must not import {name}"
        for module in modules()
        for name in imports(module)
        if FLOOR_OF[room_of(name)] > FLOOR_OF[room_of(module)]
        and (room_of(module), room_of(name)) not in CLIMBS
    ]
    assert climbing == []


def circles(arrows):
    """The groups of modules that import each other (R. Tarjan's components, 1972)."""
    number, low, stack, found = {}, {}, [], []

    def visit(module):
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in arrows[module]:
            if other not in number:
                visit(other)
            if other in stack:
                low[module] = min(low[module], low[other])
        if low[module] == number[module]:
            start = stack.index(module)
            found.append(frozenset(stack[start:]))
            del stack[start:]

    for module in arrows:
        if module not in number:
            visit(module)
    return [group for group in found if len(group) > 1]


def test_circles_are_few_small_and_have_a_reason():
    found = circles({module: set(imports(module)) for module in modules()})
    assert {frozenset(m.removeprefix("autograd_lite.") for m in group) for group in found} == set(
        CIRCLES
    )
    assert all(len(group) <= 3 for group in found)


def test_rooms_are_opened_by_name_in_few_places():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"import_module\(f?\"(autograd_lite|{__name__})\.", path.read_text("utf-8"))
    }
    assert found == OPENING.keys()


def test_circles_are_found():
    arrows = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"e"}}
    assert circles(arrows) == [frozenset("abc")]


def test_few_modules_lie_loose_beside_the_folders():
    loose = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert loose == {"__main__", "errors", "graph", "linalg"}


def test_the_core_stands_alone():
    """It is imported with the rest of the package hidden, and does what it is there for."""
    code = """
import sys, types, pathlib
package = types.ModuleType("autograd_lite")
package.__path__ = [sys.argv[1]]
sys.modules["autograd_lite"] = package
from autograd_lite.core.graph import BaseGraph
from autograd_lite.core.node import BaseNode, Leaf, make_leaf
from autograd_lite.core.op import Elementwise
from autograd_lite.core.backward import backward
class Cube(Elementwise):
    def forward(xp, x):
        return x * x * x
    def vjp_x(xp, grad, out, x):
        return grad * 3 * x * x
with BaseGraph() as graph:
    x = make_leaf(BaseNode, Leaf.Variable, 2.0, "x", requires_grad=True)
    y = Cube(Cube(x))
backward(y)
assert (y.value, x.grad, len(graph)) == (512.0, 2304.0, 3)
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("autograd_lite.")}
print(*sorted(rooms))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, PACKAGE], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["core", "errors"]


def test_the_core_is_small():
    lines = [len(path.read_text("utf-8").splitlines()) for path in (PACKAGE / "core").rglob("*.py")]
    assert sum(lines) <= 2200


def test_a_node_is_filled_in_one_place():
    filling = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if "node._code, node._offset =" in (text := path.read_text("utf-8"))
        or 'hasattr(x, "append_op")' in text
    ]
    assert sorted(filling) == ["draft.py", "node.py"]  # a draft's node stands where its origin did


def test_what_is_around_changes_in_blocks_that_signals_cannot_tear():
    """A ContextVar is set by `Within` alone: nobody keeps a token to give back at the end."""
    keeping = [p.name for p in PACKAGE.rglob("*.py") if ".reset(" in p.read_text("utf-8")]
    assert keeping == []


@pytest.mark.parametrize("without", ["autograd_lite.ops", "autograd_lite.nn.layers"])
def test_no_class_name_is_used_twice(without):
    """A layer may be called as the op that it calls: nn.Conv2d has the kernels of ops.Conv2d."""
    names = [
        node.name
        for module in modules()
        if not module.startswith(without)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_module_imports_a_private_name():
    for path in PACKAGE.rglob("*.py"):
        tree = parsed(path)
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [alias.name for node in froms for alias in node.names]
        assert not [name for name in names if name.startswith("_") and name[1] != "_"], path


def test_import_loads_numpy_alone():
    code = "import sys, autograd_lite; print(*(m for m in sys.argv[1:] if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code, *OPTIONAL], capture_output=True, text=True, check=True)  # fmt: skip
    assert run.stdout.split() == []


def test_third_parties_are_numpy_or_imported_late():
    for module in modules():
        tree = tree_of(module)
        mine = {"numpy", "autograd_lite"}
        mine |= {x for room, own in BY_DESIGN.items() if module.startswith(room) for x in own}
        for node in tree.body:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names | mine, (module, name)


def test_modules_stay_readable():
    sizes = {m: len(path_of(m).read_text(encoding="utf-8").splitlines()) for m in modules()}
    too_long = {m: n for m, n in sizes.items() if n > 350}
    assert not too_long


def test_no_pickle_and_no_eval():
    for path in PACKAGE.rglob("*.py"):
        tree = parsed(path)
        calls = [
            n.func.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        ]
        assert not {"eval", "exec"} & set(calls) or path in GENERATED, path
        assert not [
            n for n in ast.walk(tree) if isinstance(n, ast.Import) and "pickle" in ast.unparse(n)
        ], path


def test_rooms_open_when_they_are_asked_for():
    assert autograd_lite.__getattr__("nn").SGD.__name__ == "SGD"
    assert autograd_lite.testing.__name__ == "autograd_lite.testing"
    with pytest.raises(AttributeError, match="autograd_lite.nothing: expected a name"):
        _ = autograd_lite.nothing


def test_a_new_family_needs_few_lines_outside_of_its_own_files():
    """Lists that name its ops, its functions and its rows of the tests; who uses it is no matter."""
    rows = Path(__file__).parent / "samples"
    paths = [*PACKAGE.rglob("*.py"), rows / "__init__.py"]
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    lists = re.compile(r"from \S+\.(\w+) import \*|\s*(\w+),")
    named = Counter(m[1] or m[2] for line in lines if (m := lists.fullmatch(line)))
    families = [path.stem for path in (PACKAGE / "ops").glob("[!_]*.py")]
    assert {family: named[family] for family in families if named[family] > 3} == {}


def test_a_new_op_is_named_in_few_files():
    """Backends register rows beside their code, and the rest is derived: no tables of op names.

    A fast elementwise op with a ufunc is a line of the table of expressions, by that ufunc.
    """
    own = {
        name: op for name, op in autograd_lite.ops.OPS.items() if hasattr(autograd_lite.ops, name)
    }
    found = {name: set() for name in own}
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).as_posix()
        if not room.startswith(("ops/", "functions/", "compiler/passes/", "export/", "nn/")):
            for name in _named(path) & own.keys() - {"Any"}:
                found[name].add(room)
    assert max(map(len, found.values())) <= 7  # MatMul, which every backend has its way with
    assert sum(map(len, found.values())) <= 207
    compiler = {
        name: {x for x in rooms if x.startswith("compiler")} for name, rooms in found.items()
    }
    assert max(map(len, compiler.values())) <= 5
    assert sum(map(len, compiler.values())) <= 123  # rows of the native executor and of JAX
    tape = "compiler/executors/tape"  # which takes operations together, and masks in short forms
    joined = {f"{tape}/fusion.py", f"{tape}/shorter.py"}
    for name, op in own.items():
        if op.elementwise and op.ufunc is not None:
            assert compiler[name] <= joined, name


def _named(path):
    """Every name, attribute, import and text of a file."""
    kinds = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name", ast.Constant: "value"}
    nodes = ast.walk(parsed(path))
    return {getattr(node, kinds[type(node)]) for node in nodes if type(node) in kinds}
