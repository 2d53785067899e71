"""The command `autograd-lite`: parse, call, print.

Exit codes: 0 done, 1 a wrong derivative found, 2 a mistake in what was asked, 128 + its number for
a signal that ended a training run, 130 for Ctrl-C elsewhere, 141 if nobody reads what is printed.
"""

import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper

from autograd_lite import __version__
from autograd_lite.cli import draw, train, trained
from autograd_lite.cli.trained import DONE, MISTAKE
from autograd_lite.errors import AutogradError, nearest
from autograd_lite.ops.table import describe, table
from autograd_lite.testing import check_file, report_to_draw

INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default the process' own, and return its exit code.

    >>> main(["train", "--data", "nowhere"])
    2
    """
    words = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a narrow encoding shall not end the command
            stream.reconfigure(errors="backslashreplace")
    options, unknown = build_parser().parse_known_args(with_preset(words))
    if unknown:
        refuse_unknown(options.parser, unknown)
    run: Callable[[Namespace], int] = options.run
    try:
        code = run(options)
        print(end="", flush=True)  # what cannot be written is told here, not when Python ends
    except AutogradError as error:
        error.place = " ".join(["autograd-lite", *words])  # that is where the user's code is
        _tell(error)
        return MISTAKE
    except BrokenPipeError:
        return _closed(PIPE_CLOSED)
    except OSError as problem:
        _tell(f"autograd-lite: {problem}")
        return _closed(MISTAKE)
    except MemoryError:
        _tell("autograd-lite: there is not enough memory for this")
        return MISTAKE
    except KeyboardInterrupt:
        _tell("Interrupted")
        return INTERRUPTED
    return code


def _tell(message: object) -> None:
    """Print it on stderr; where that cannot be written to, the exit code tells enough."""
    with suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)


def _closed(code: int) -> int:
    """The exit code, once what stdout still holds goes nowhere: Python would fail to write it."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def with_preset(words: list[str]) -> list[str]:
    """The same words with the default preset where `train` is told none.

    >>> with_preset(["train", "--epochs", "2"]), with_preset(["train", "fnn"])
    (['train', 'graph', '--epochs', '2'], ['train', 'fnn'])
    """
    told = len(words) > 1 and (not words[1].startswith("-") or words[1] in ("-h", "--help"))
    return words if words[:1] != ["train"] or told else ["train", "graph", *words[1:]]


def refuse_unknown(parser: ArgumentParser, words: Sequence[str]) -> None:
    """End as argparse does, with the usage of the command, and the option that looks most alike."""
    close = nearest(words[0], re.findall(r"--[a-z-]+", parser.format_help()))
    hint = f"; is {close} meant?" if close else ""
    parser.error(f"unrecognized arguments: {' '.join(words)}{hint}")


def build_parser() -> ArgumentParser:
    """The parser of all commands; a command's options say which function runs it."""
    parser = ArgumentParser(
        "autograd-lite",
        description="Train small networks, look at how they are computed, and check derivatives.",
        epilog="First: autograd-lite train --out run. Then: autograd-lite predict picture.png "
        "--weights run. COMMAND --help tells the options of a command.",
    )
    parser.add_argument("--version", action="version", version=f"autograd-lite {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train.add_train(commands.add_parser("train", help="train a network on handwritten digits"))
    trained.add_evaluate(commands.add_parser("evaluate", help="test a network that was trained"))
    trained.add_predict(commands.add_parser("predict", help="say which digit pictures show"))
    trained.add_export(commands.add_parser("export", help="write a network for other programs"))
    draw.add_draw(commands.add_parser("draw", help="draw the graph that a Python file builds"))
    add_check(commands.add_parser("check", help="check the derivatives that a file defines"))
    add_ops(commands.add_parser("ops", help="list the operations and their derivatives"))
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return parser


def add_check(parser: ArgumentParser) -> None:
    """The options of `autograd-lite check`."""
    add = parser.add_argument
    add("target", metavar="FILE.py[::NAME]", help="an op, a graph, or a function without arguments")
    add("--order", type=int, choices=(1, 2), default=1, help="check second derivatives, too (2)")
    add("--draw", metavar="PICTURE", help="draw the first failure, or the first graph")
    parser.set_defaults(run=check)


def check(options: Namespace) -> int:
    """Check every derivative that a file defines: `autograd-lite check FILE.py[::NAME]`."""
    findings, code = check_file(options.target, order=options.order)
    print(*findings, sep="\n\n")
    report = report_to_draw(findings)
    if options.draw is not None and report is not None:
        report.render(options.draw)
    return code


def add_ops(parser: ArgumentParser) -> None:
    """The options of `autograd-lite ops`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="one operation, told in full")
    parser.set_defaults(run=list_ops)


def list_ops(options: Namespace) -> int:
    """Print the table of operations, or what is known of one: `autograd-lite ops [NAME]`."""
    print(table() if options.name is None else describe(options.name))
    return DONE
