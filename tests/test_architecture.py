"""Who may import whom, what is loaded at import, and the shape of the code."""

import ast
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import autograd_lite

PACKAGE = Path(autograd_lite.__file__).parent

# Each room with those it may import from; itself is always allowed. The order is the story.
ROOMS = {
    "errors": [],
    "ops": ["errors"],
    "evaluate": ["ops", "errors"],
    "values": ["ops", "errors"],
    "sweep": ["values", "ops", "errors"],
    "standard": [],
    "namespace": ["ops"],
    "protocols": ["standard", "namespace", "ops", "errors"],
    "recording": [],
    "fields": ["recording", "ops", "errors"],
    "floats": ["fields", "recording", "ops", "errors"],
    "operators": ["floats", "protocols", "ops", "errors"],
    "node": ["fields", "floats", "recording", "operators", "sweep", "values", "ops", "errors"],
    "leaves": ["fields", "recording", "node", "values", "ops", "errors"],
    "feeding": ["values", "ops", "errors"],
    "graph": ["recording", "node", "values", "evaluate", "feeding", "sweep", "ops", "errors"],
    "numpy": ["standard", "protocols", "namespace", "errors"],
    "linalg": ["namespace"],
    "gradient": ["namespace", "leaves", "recording", "node", "values", "sweep", "ops", "errors"],
    "modes": ["recording", "node", "ops"],
    "checkpointing": [
        "modes",
        "fields",
        "gradient",
        "leaves",
        "recording",
        "node",
        "sweep",
        "ops",
        "errors",
    ],
    "containers": [],
    "transforms": ["containers", "gradient", "leaves", "node", "sweep", "values", "ops", "errors"],
    "draw": ["fields", "graph", "leaves", "node", "recording", "values", "sweep", "ops", "errors"],
    "testing": [
        "gradient",
        "namespace",
        "graph",
        "leaves",
        "node",
        "recording",
        "sweep",
        "values",
        "evaluate",
        "ops",
        "errors",
    ],
    "compile": [
        "fields",
        "gradient",
        "namespace",
        "graph",
        "leaves",
        "node",
        "recording",
        "sweep",
        "values",
        "evaluate",
        "feeding",
        "ops",
        "errors",
    ],
    "datasets": ["errors"],
    "nn": ["", "errors"],
    "cli": ["*"],
    "__main__": ["*"],
    "": ["*"],  # the package itself: the public surface
}

# Modules that run code which they have written themselves, free of any text a user typed.
GENERATED = {PACKAGE / "compile" / "numpy_executor" / "runner.py"}

# The only imports inside functions: a room that is opened when it is asked for.
LATE = {
    ("protocols", "autograd_lite.numpy"),  # Node.__array_namespace__
    ("testing", "autograd_lite.testing.strategies"),  # check_op: it needs hypothesis
    ("testing", "autograd_lite.draw"),  # a report's picture
    ("graph", "autograd_lite.draw"),  # Graph.render and the other ways to see it
    ("graph", "autograd_lite.compile"),  # Graph.compile
    ("compile", "autograd_lite.compile.program"),  # nothing of it is loaded before it is called
    ("compile", "autograd_lite.compile.native"),  # the executors that need a C compiler
    ("compile", "autograd_lite.compile.native.executor"),  # Program.export_c
    ("compile", "autograd_lite.compile.native.export"),
    ("compile", "autograd_lite.compile.scalar.executor"),  # or graphs of single numbers
}

OPTIONAL = [
    "autograd_lite.nn", "autograd_lite.testing", "autograd_lite.draw", "autograd_lite.datasets",
    "scipy", "tqdm", "matplotlib", "safetensors", "graphviz", "hypothesis", "torch", "jax",
    "autograd", "importlib.resources",
]  # fmt: skip


# Modules that are only imported by people who have the library that they are about.
BY_DESIGN = {"autograd_lite.testing.strategies": {"hypothesis"}}


def modules():
    found = pkgutil.walk_packages([str(PACKAGE)], "autograd_lite.")
    return ["autograd_lite", *(m.name for m in found)]


def room_of(module):
    return ([*module.split("."), ""])[1]


def imports(module):
    """(imported module, inside a function?) for each import of this package, in a module."""
    tree = ast.parse(Path(find_spec(module).origin).read_text(encoding="utf-8"))
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [_target(node.module, alias.name) for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "autograd_lite" and not _for_types_only(tree, node):
                yield name, id(node) in late


def _target(module, name):
    full = f"{module}.{name}"
    is_module = module.startswith("autograd_lite") and (
        (PACKAGE.parent / full.replace(".", "/")).is_dir()
        or (PACKAGE.parent / (full.replace(".", "/") + ".py")).is_file()
    )
    return full if is_module else module


def _for_types_only(tree, node):
    blocks = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)
    ]
    return any(node in ast.walk(block) for block in blocks)


@pytest.mark.parametrize("module", modules())
def test_imports_follow_the_arrows(module):
    room = room_of(module)
    assert room in ROOMS, f"new room {room}: say in this table what it may import"
    for name, late in imports(module):
        if late:
            assert (room, name) in LATE or room in ("cli", "nn"), f"{module} opens {name} late"
            continue
        other = room_of(name)
        allowed = other == room or "*" in ROOMS[room] or other in ROOMS[room]
        assert allowed, f"{module} must not import {name}"


def test_no_module_imports_a_private_name():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [alias.name for node in froms for alias in node.names]
        assert not [name for name in names if name.startswith("_") and name[1] != "_"], path


def test_import_loads_numpy_alone():
    code = "import sys, autograd_lite; print(*(m for m in sys.argv[1:] if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code, *OPTIONAL], capture_output=True, text=True, check=True)  # fmt: skip
    assert run.stdout.split() == []


def test_third_parties_are_numpy_or_imported_late():
    for module in modules():
        tree = ast.parse(Path(find_spec(module).origin).read_text(encoding="utf-8"))
        for node in tree.body:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                mine = {"numpy", "autograd_lite"} | BY_DESIGN.get(module, set())
                assert top in sys.stdlib_module_names | mine, (module, name)


def test_modules_stay_readable():
    sizes = {
        m: len(Path(find_spec(m).origin).read_text(encoding="utf-8").splitlines())
        for m in modules()
    }
    too_long = {m: n for m, n in sizes.items() if n > 350}
    assert not too_long


def test_no_pickle_and_no_eval():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
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
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = autograd_lite.nothing
