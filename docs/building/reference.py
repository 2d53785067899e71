"""The reference from docstrings: a page for each public module, complete by construction.

`.. names:: MODULE` documents all that the module announces in `__all__`, under a heading for each
file of the package that it comes from; with `:of:` only what comes from there, and with `:but:`
all else. `.. commands::` is the help of the command line, `.. raised:: CLASS` lists what an error
says wherever it is raised, and `.. measured::` what the benchmarks measure.
"""

import ast
import builtins
import inspect
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sphinx.addnodes import pending_xref
from sphinx.util.nodes import nested_parse_with_titles
from sphinx.util.typing import stringify_annotation

import autograd_lite
from autograd_lite.cli.command import build_parser

TOP = "autograd_lite"
PACKAGE = Path(autograd_lite.__file__).parent
MEMBERS = ":members:\n   :inherited-members: tuple, dict, Exception, object\n"
ALIASES = {
    stringify_annotation(alias, "smart"): name
    for alias, name in (
        (ArrayLike, "ArrayLike"),
        (DTypeLike, "DTypeLike"),
        (NDArray[Any], "NDArray"),
    )
}
FOREIGN = re.compile(r" ?\[\d\]_|:\w+:$")  # footnotes and links of NumPy's docstrings


def home(thing) -> str:
    """The module of ours that defines a function or class; "" for a value."""
    if not callable(thing):
        return ""
    found = inspect.unwrap(thing).__module__ or ""
    return found if found.startswith(TOP) else ""


def entry(module: str, name: str) -> str:
    """The reStructuredText that documents one name."""
    thing, path = getattr(import_module(module), name), f"{module}.{name}"
    if isinstance(thing, ModuleType):
        return ""
    if not home(thing):
        return f".. py:data:: {path}\n\n   `{shown(thing)}`\n"
    if module != TOP and getattr(autograd_lite, name, None) is thing:
        return f".. py:class:: {path}\n\n   The same as `{TOP}.{name}`.\n"
    if not isinstance(thing, type):
        return f".. autofunction:: {path}\n"
    plain = module.endswith(".ops") or issubclass(thing, Exception)
    return f".. autoclass:: {path}\n   {'' if plain else MEMBERS}"


def shown(value) -> str:
    """A value in one line: a type by its name, a table by its keys."""
    if isinstance(value, type):
        return value.__name__
    return ", ".join(map(str, value)) if isinstance(value, dict) else repr(value)


def section(source: str) -> str:
    """The heading of names from one file, and what the file says of itself."""
    title, first = "Constants and dtypes", ""
    if source:
        title = source.rpartition(".")[2].replace("_", " ").strip().capitalize()
        first = (import_module(source).__doc__ or "").partition("\n\n")[0]
    return f"{title}\n{'-' * len(title)}\n\n{first}\n\n"


def announced(module: str) -> list[str]:
    """The public names of a module: those it announces, or defines."""
    found = import_module(module)
    own = (
        n for n, x in vars(found).items() if n[0] != "_" and getattr(x, "__module__", "") == module
    )
    return list(getattr(found, "__all__", None) or own)


def belongs(source: str, of: str, but: str) -> bool:
    """Whether names from that file are wanted; values, from no file of ours, go with functions."""
    if but:
        return source != "" and not source.startswith(but)
    return not source or source.startswith(of)


def text_of(module: str, of: str = "", but: str = "") -> str:
    """The reStructuredText that documents a module."""
    groups: dict[str, list[str]] = {}
    for name in announced(module):
        source = home(getattr(import_module(module), name))
        if belongs(source, of, but):
            groups.setdefault(source, []).append(name)
    parts = []
    for source in sorted(groups, key=lambda source: (not source, source)):
        parts += [section(source)] if len(groups) > 1 else []
        parts += [entry(module, name) for name in groups[source]]
    return "\n".join(parts)


class Names(Directive):
    """`.. names:: MODULE`."""

    required_arguments = 1
    option_spec = {"of": str, "but": str}  # noqa: RUF012 - docutils' own form

    def run(self) -> list[nodes.Node]:
        """Parse the text of the module as if it stood on the page."""
        module = self.arguments[0]
        lines = text_of(module, **self.options).splitlines()
        found = nodes.section()
        nested_parse_with_titles(self.state, StringList(lines, source=module), found)
        return found.children


class Commands(Directive):
    """`.. commands::`."""

    def run(self) -> list[nodes.Node]:
        """The help of each command, as it is printed."""
        found = []
        for parser in commands_of(build_parser()):
            part = nodes.section(ids=[parser.prog.replace(" ", "-")])
            text = parser.format_help()
            part += [
                nodes.title(text=parser.prog),
                nodes.literal_block(text, text, language="text"),
            ]
            found.append(part)
        return found


def commands_of(parser: ArgumentParser) -> Iterator[ArgumentParser]:
    """The parsers of all commands that have no commands of their own."""
    below = [x.choices.values() for x in parser._actions if isinstance(x, _SubParsersAction)]
    if not below:
        yield parser
    for command in chain(*below):
        yield from commands_of(command)


@cache
def sentences() -> dict[str, set[tuple[str, str]]]:
    """What each error expects and suggests, at all places of the package where it is raised."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            parts = {x.arg: spelled(x.value) for x in getattr(call, "keywords", ())}
            if all(re.search(r"\w", parts.get(part, "")) for part in ("expected", "suggestion")):
                error = getattr(getattr(call, "func", None), "id", "")
                found.setdefault(error, set()).add((parts["expected"], parts["suggestion"]))
    return found


def spelled(text: ast.expr) -> str:
    """A text of the code with … for what is filled in; "" if all of it is."""
    if isinstance(text, ast.Constant):
        return str(text.value)
    if isinstance(text, ast.JoinedStr):
        return "".join(spelled(part) or "…" for part in text.values)
    return ""


class Raised(Directive):
    """`.. raised:: CLASS`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A table of two columns: what was expected, and what to try."""
        rows = sorted(sentences().get(self.arguments[0], ()))
        return [table(("expected", "try"), rows)] if rows else []


class Measured(Directive):
    """`.. measured::`."""

    def run(self) -> list[nodes.Node]:
        """A table of the files in benchmarks/ that are programs, and what each measures."""
        rows = []
        for path in sorted(PACKAGE.parent.glob("benchmarks/*.py")):
            text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            if f"python benchmarks/{path.name}" in text:
                rows.append((f"benchmarks/{path.name}", text.partition("\n")[0]))
        return [table(("file", "job"), rows)]


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> nodes.table:
    """A table of plain text."""

    def line(texts):
        return nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in texts))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=50) for _ in titles), cols=len(titles))
    group += [nodes.thead("", line(titles)), nodes.tbody("", *map(line, rows))]
    return nodes.table("", group)


def with_short_types(app, what, name, obj, options, signature, returns):
    """A signature with NumPy's names for its unions, and without types that say nothing."""
    short, result = signature or "", returns or ""
    for full, alias in ALIASES.items():
        short, result = short.replace(full, alias), result.replace(full, alias)
    short = re.sub(r": (?:~?typing\.)?Any(?= =|[,)])", "", short).replace(" = ", "=")
    return short or None, None if result in ("", "~typing.Any", "None") else result


def escape(app, what, name, obj, options, lines):
    """Bars mean absolute values in our docstrings, and stars products."""
    for number, line in enumerate(lines):
        if not line.startswith((">>>", "...", " ")):
            parts = line.split("`")
            parts[::2] = [re.sub(r"([|*])", r"\\\1", FOREIGN.sub("", part)) for part in parts[::2]]
            lines[number] = "`".join(parts)


def skip_fields(app, what, name, obj, skip, options):
    """Leave out what a named tuple says of its fields by itself."""
    return True if (obj.__doc__ or "").startswith("Alias for field number") else None


def plain_builtins(app, doctree):
    """Types of Python are words, and not our functions of the same name."""
    for reference in list(doctree.findall(pending_xref)):
        if reference["reftarget"] in vars(builtins):
            reference.replace_self(reference.children)


def setup(app):
    """Register the directives, and what makes docstrings and signatures readable."""
    app.add_directive("names", Names)
    app.add_directive("commands", Commands)
    app.add_directive("raised", Raised)
    app.add_directive("measured", Measured)
    app.connect("autodoc-process-signature", with_short_types)
    app.connect("autodoc-process-docstring", escape)
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("doctree-read", plain_builtins)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
