"""How the pages are built: `sphinx-build -W docs build/docs` fetches and runs nothing."""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from autograd_lite import __version__  # noqa: E402 - it lies beside the pages

project = "autograd_lite"
copyright = "the authors of autograd_lite, MIT licence"  # noqa: A001 - Sphinx asks for this name
version = release = __version__

extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton",
    "building.elsewhere", "building.formulas", "building.reference",
]  # fmt: skip
exclude_patterns = ["building"]

html_theme = "furo"
html_title = "autograd_lite"
html_static_path = ["building/static"]
html_css_files = ["site.css"]
pygments_style = "friendly"
pygments_dark_style = "github-dark"
html_copy_source = False
html_show_sourcelink = False
html_math_renderer = "mathml"

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "text/html", 10), ("html", "image/png", 20)]

default_role = "code"
smartquotes = False  # quotation marks in messages are code
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
suppress_warnings = ["ref.python"]  # Op is ag.Op and ops.Op: either link is right
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
