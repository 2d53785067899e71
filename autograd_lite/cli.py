"""The command `autograd-lite`: parse, call, print.

Exit codes: 0 done, 1 a wrong derivative found, 2 a mistake in what was asked, 130 ended by Ctrl-C.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import TypeAlias

from autograd_lite import datasets, nn
from autograd_lite.draw import command as drawing
from autograd_lite.errors import AutogradError, ConfigError
from autograd_lite.nn.arrays import Array
from autograd_lite.nn.samples import picks
from autograd_lite.nn.saving import make_folder
from autograd_lite.nn.settings import whole_number
from autograd_lite.testing import check_file, report_to_draw

DONE, MISTAKE, INTERRUPTED = 0, 2, 130
Samples: TypeAlias = tuple[Array, Array]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default the process' own, and return its exit code.

    >>> main(["train", "--data", "nowhere"])
    2
    """
    words = list(sys.argv[1:] if argv is None else argv)
    options = build_parser().parse_args(words)
    run: Callable[[Namespace], int] = options.run
    try:
        return run(options)
    except AutogradError as error:
        error.place = " ".join(["autograd-lite", *words])  # that is where the user's code is
        print(error, file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        return INTERRUPTED


def build_parser() -> ArgumentParser:
    """The parser of all commands; a command's options say which function runs it."""
    parser = ArgumentParser("autograd-lite", description="Automatic differentiation to look at.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_train(commands.add_parser("train", help="train a network on handwritten digits"))
    add_draw(commands.add_parser("draw", help="draw the graph that a Python file builds"))
    add_check(commands.add_parser("check", help="check the derivatives that a file defines"))
    return parser


def add_train(parser: ArgumentParser) -> None:
    """The options of `autograd-lite train`."""
    add, default = parser.add_argument, "(%(default)s)"
    units, names = "units a layer (784 128 10)", ", ".join(nn.ACTIVATIONS)
    add("--sizes", type=int, nargs="+", default=[784, 128, 10], metavar="N", help=units)
    add("--activation", default="sigmoid", metavar="NAME", help=f"{names} {default}")
    add("--lr", type=float, default=0.01, metavar="RATE", help=f"learning rate {default}")
    add("--batch-size", type=int, default=1, metavar="N", help=f"images a step {default}")
    add("--epochs", type=int, default=10, metavar="N", help=f"passes over the images {default}")
    add("--samples", type=int, default=30_000, metavar="N", help=f"first N images {default}")
    add("--data", metavar="FOLDER", help="four IDX files, plain or .gz, instead of MNIST")
    add("--seed", type=int, default=0, metavar="N", help=f"draws the first weights {default}")
    add("--out", metavar="FOLDER", help="where to write the history, the weights and the graph")
    add("--draw", metavar="PICTURE", help="write a picture of the graph: svg, png, html, …")
    add("--quiet", action="store_true", help="print the last line only")
    parser.set_defaults(run=train)


def add_draw(parser: ArgumentParser) -> None:
    """The options of `autograd-lite draw`."""
    drawing.add_options(parser)
    parser.set_defaults(run=draw)


def draw(options: Namespace) -> int:
    """Draw a graph that a Python file builds: `autograd-lite draw FILE.py:name -o out.svg`."""
    print(drawing.run(options))
    return DONE


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


def train(options: Namespace) -> int:
    """Train on the first images, evaluate on the test images: `autograd-lite train`."""
    training, test = load_samples(options)
    model = nn.MLP(options.sizes, options.activation, seed=options.seed)
    shape, batch_size, verbose = training[0].shape[1:], options.batch_size, not options.quiet
    recording = nn.record(model, shape, batch_size=batch_size, verbose=verbose)
    if options.out is not None:
        make_folder(options.out)  # before hours of training, not after them
    history = nn.fit(
        model,
        *training,
        batch_size=batch_size,
        epochs=options.epochs,
        lr=options.lr,
        validation=test,
        progress=verbose,
        on_epoch=partial(report, options),
    )
    if history.interrupted:
        print("Interrupted: what was trained is kept", file=sys.stderr)
    if options.out is not None or options.draw is not None:
        run_once(recording, training, options.batch_size)
    if options.out is not None:
        save(options, history, model, recording)
    if options.draw is not None:
        recording.graph.render(options.draw)
    accuracy, loss = nn.evaluate(model, *test)
    print(f"Test accuracy = {accuracy:.4f}, Loss = {loss:.4f}")
    return INTERRUPTED if history.interrupted else DONE


def report(options: Namespace, history: nn.History) -> None:
    """Print and keep what is known after an epoch."""
    if not options.quiet:
        print(history.epochs[-1], flush=True)
    if options.out is not None:
        nn.save_history(history, options.out)


def run_once(recording: nn.Recording, samples: Samples, batch_size: int) -> None:
    """Fill the graph with the values and gradients of the first step's images, to be drawn."""
    images, labels = samples
    first = picks(len(labels), batch_size)[0]
    recording.graph.forward(x=images[first], y=labels[first])
    recording.graph.backward(recording.loss)


def save(
    options: Namespace, history: nn.History, model: nn.Module, recording: nn.Recording
) -> None:
    """Write what was trained."""
    nn.save_history(history, options.out)
    weights = nn.save_weights(model, options.out)
    nn.save_graph(recording.graph, options.out)
    if not options.quiet:
        advice = "" if weights.suffix == ".safetensors" else " (safetensors is not installed)"
        print(f"Weights written to {weights}{advice}")


def load_samples(options: Namespace) -> tuple[Samples, Samples]:
    """The training and the test samples, if the sizes of the network fit them."""
    folder = options.data
    (images, labels), test = datasets.mnist() if folder is None else datasets.load_idx(folder)
    count = whole_number("--samples", options.samples, least=1)
    pixels = prod(images.shape[1:])
    classes = 1 + max(int(y.max(initial=0)) for y in (labels, test[1]))
    if options.sizes[0] != pixels or options.sizes[-1] < classes:
        raise ConfigError(
            "--sizes",
            expected=f"{pixels} (pixels) first and at least {classes} (classes) last",
            came=" ".join(map(str, options.sizes)),
            suggestion=f"--sizes {pixels} 128 {classes}",
        )
    training = images[:count], labels[:count]
    return (nn.as_features(training[0]), training[1]), (nn.as_features(test[0]), test[1])
