"""The colours: a picture is drawn in the light ones, and a style sheet maps each to its dark one.

Attributes carry the light colours, so programs that know no style sheets show the same picture.
"""

from typing import NamedTuple


class Paint(NamedTuple):
    """The colours of a box."""

    frame: str
    fill: str


PAGE = "#fffffe"  # of a colour of its own, to become another one than a box in the dark
TEXT, MUTED, ALARM = "#1f2328", "#59636e", "#cf222e"
FORWARD, BACKWARD = "#818b98", "#bc4c00"
CLUSTERS = ("#f3f5f7", "#e4e8ec")  # an outer scope, and one inside of it
CLUSTER_FRAME = "#d0d7de"
PAINTS = {
    "op": Paint("#6e7781", "#ffffff"),
    "group": Paint("#57606a", "#eaeef2"),
    "parameter": Paint("#8250df", "#fbefff"),
    "variable": Paint("#0e7490", "#ecfeff"),
    "input": Paint("#0f766e", "#f0fdfa"),
    "constant": Paint("#afb8c1", "#f6f8fa"),
    "grey": Paint("#afb8c1", "#f6f8fa"),
    "red": Paint("#cf222e", "#ffebe9"),
    "green": Paint("#1a7f37", "#dafbe1"),
    "amber": Paint("#bf8700", "#fff8c5"),
    "blue": Paint("#0969da", "#ddf4ff"),
}
DARK = {
    PAGE: "#0d1117",
    TEXT: "#e6edf3",
    MUTED: "#9ea7b3",
    FORWARD: "#7d8590",
    BACKWARD: "#f0883e",
    "#d0d7de": "#30363d",
    "#f3f5f7": "#141a22",
    "#e4e8ec": "#202833",
    "#6e7781": "#8b949e",
    "#ffffff": "#1c2430",
    "white": "#1c2430",  # as Graphviz writes it
    "#57606a": "#8d96a0",
    "#eaeef2": "#2a313c",
    "#8250df": "#ab7df8",
    "#fbefff": "#2b2145",
    "#0e7490": "#22d3ee",
    "#ecfeff": "#0d2f38",
    "#0f766e": "#2dd4bf",
    "#f0fdfa": "#0d302d",
    "#afb8c1": "#484f58",
    "#f6f8fa": "#171d26",
    "#cf222e": "#ff7b72",
    "#ffebe9": "#451a1d",
    "#1a7f37": "#3fb950",
    "#dafbe1": "#12331d",
    "#bf8700": "#d29922",
    "#fff8c5": "#37290b",
    "#0969da": "#4493f8",
    "#ddf4ff": "#12304f",
}
ROOT_CLASS = "autograd-graph"


def box_style() -> str:
    """CSS for the page, whose boxes have a class for their kind or highlight: its two colours."""
    dark = "".join(_box_rule(kind, DARK[x.frame], DARK[x.fill]) for kind, x in PAINTS.items())
    light = "".join(_box_rule(kind, x.frame, x.fill) for kind, x in PAINTS.items())
    return f"{light}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"


def _box_rule(kind: str, frame: str, fill: str) -> str:
    return f".box.{kind} > rect {{ stroke: {frame}; fill: {fill} }}\n"


def system_style() -> str:
    """CSS that shows a picture dark where the reader's system is."""
    rules = "".join(
        f".{ROOT_CLASS} [{use}='{light}'] {{ {use}: {colour} }}\n"
        for light, colour in DARK.items()
        for use in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme: dark) {{\n{rules}}}\n"
