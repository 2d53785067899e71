"""Passes: each takes a draft and gives one that computes the same, a little better.

Each is a module with one function of its name. `specialise` comes before all of them and `results`
after; those between can be left out, or others put there.
"""

from autograd_lite.compiler.passes.broadcasts import broadcasts
from autograd_lite.compiler.passes.common import common
from autograd_lite.compiler.passes.constants import constants
from autograd_lite.compiler.passes.dead import dead
from autograd_lite.compiler.passes.decompose import decompose
from autograd_lite.compiler.passes.parts import parts
from autograd_lite.compiler.passes.products import products
from autograd_lite.compiler.passes.results import results
from autograd_lite.compiler.passes.safe_forms import safe_forms
from autograd_lite.compiler.passes.signs import signs
from autograd_lite.compiler.passes.specialise import specialise
from autograd_lite.compiler.passes.static_shapes import static_shapes
from autograd_lite.compiler.passes.transposes import transposes
from autograd_lite.compiler.passes.triangles import triangles
from autograd_lite.compiler.passes.updates import updates

PASSES = {
    "safe_forms": safe_forms,
    "decompose": decompose,
    "static_shapes": static_shapes,
    "triangles": triangles,
    "products": products,
    "transposes": transposes,
    "broadcasts": broadcasts,
    "constants": constants,
    "signs": signs,
    "updates": updates,
    "parts": parts,
    "common": common,
    "dead": dead,
}
"""The default passes, in their order."""

PORTABLE = ("safe_forms", "dead")
"""Those that a compiler of its own, such as XLA, does not do itself."""

__all__ = ["PASSES", "PORTABLE", "results", "specialise"]
