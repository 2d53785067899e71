"""The package imported from a zip file, where nothing of it lies in a folder."""

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

PACKAGE = Path(find_spec("autograd_lite").origin).parent
USE = """
import sys, warnings
warnings.simplefilter("error")
sys.path.insert(0, sys.argv[1])
import autograd_lite as ag
assert ag.__file__.startswith(sys.argv[1])
from autograd_lite.cli.command import main
with ag.Graph() as g:
    x = ag.input(name="x", shape=(3,), dtype="float64")
    y = ag.sum(ag.exp(x * ag.parameter([1.0, 2.0, 3.0], name="w")))
with ag.Graph() as scalars:
    ag.tanh(ag.parameter(0.5) * 2.0)
page = g.render(sys.argv[2] + "/page.html").read_text("utf-8")
assert "<style>" in page and "</script>" in page
assert ag.compile(g, y, executor="numpy")(x=[0.0, 0.0, 0.0]) == 3.0
try:
    assert ag.compile(g, y, executor="native")(x=[0.0, 0.0, 0.0]) == 3.0
    assert 0.76 < ag.compile(scalars, scalars[-1], executor="native")() < 0.77
    ag.compile(g, y).export_c(sys.argv[2])
except RuntimeWarning as no_compiler:
    assert "no native code" in str(no_compiler)
assert ag.datasets.mnist()[1][1].shape == (10000,)
try:
    ag.Node([1.0, 2.0]) + ag.Node([1.0, 2.0, 3.0])
except ag.AutogradError as error:
    assert error.place.startswith("<string>:")
assert main(["ops", "Exp"]) == 0
"""


def test_all_of_it_works_from_a_zip_file(tmp_path):
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as library:
        for path in sorted(PACKAGE.rglob("*")):
            if path.suffix != ".pyc":
                library.write(path, path.relative_to(PACKAGE.parent))
    command = [sys.executable, "-I", "-c", USE, archive, tmp_path]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_no_file_is_looked_for_beside_a_module():
    readers = [x.name for x in PACKAGE.rglob("*.py") if "__file__" in x.read_text("utf-8")]
    assert readers == ["errors.py"]  # whose lines are no user's
