"""The command `autograd-lite`: parse, call, print.

Exit codes: 0 done, 2 a mistake in what was asked, 130 ended by Ctrl-C.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias

from autograd_lite import datasets, nn
from autograd_lite.errors import AutogradError, ConfigError
from autograd_lite.nn.samples import Array, picks
from autograd_lite.nn.saving import make_folder
from autograd_lite.nn.settings import whole_number

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
    return parser


def add_train(parser: ArgumentParser) -> None:
    """The options of `autograd-lite train`."""
    add, default = parser.add_argument, "(%(default)s)"
    add("--sizes", type=int, nargs="+", default=[784, 128, 10], metavar="N",
        help="units from the pixels to the classes (784 128 10)")  # fmt: skip
    add("--activation", default="sigmoid", metavar="NAME",
        help=f"{', '.join(nn.ACTIVATIONS)} {default}")  # fmt: skip
    add("--lr", type=float, default=0.01, metavar="RATE", help=f"learning rate {default}")
    add("--batch-size", type=int, default=1, metavar="N", help=f"images a step {default}")
    add("--epochs", type=int, default=10, metavar="N", help=f"passes over the images {default}")
    add("--samples", type=int, default=30_000, metavar="N",
        help=f"train on the first N images, or all if there are fewer {default}")  # fmt: skip
    add("--data", metavar="FOLDER", help="four IDX files to use instead of MNIST")
    add("--seed", type=int, default=0, metavar="N", help=f"draws the first weights {default}")
    add("--out", metavar="FOLDER", help="where to write history, weights and the graph drawn")
    add("--quiet", action="store_true", help="print the last line only")
    parser.set_defaults(run=train)


def train(options: Namespace) -> int:
    """Train on the first images, evaluate on the test images: `autograd-lite train`."""
    training, test = load_samples(options)
    if options.out is not None:
        make_folder(options.out)
    model = nn.MLP(options.sizes, options.activation, seed=options.seed)
    shape, verbose = training[0].shape[1:], not options.quiet
    recording = nn.record(model, shape, batch_size=options.batch_size, verbose=verbose)
    history = nn.fit(
        model,
        *training,
        batch_size=options.batch_size,
        epochs=options.epochs,
        lr=options.lr,
        validation=test,
        progress=verbose,
        on_epoch=lambda history: verbose and print(history.epochs[-1], flush=True),
    )
    if history.interrupted:
        print("Interrupted: what was trained is kept", file=sys.stderr)
    if options.out is not None:
        save(options, history, model, recording, training)
    accuracy, loss = nn.evaluate(model, *test)
    print(f"Test accuracy = {accuracy:.4f}, Loss = {loss:.4f}")
    return INTERRUPTED if history.interrupted else DONE


def load_samples(options: Namespace) -> tuple[Samples, Samples]:
    """The training and the test samples, if the sizes of the network fit them."""
    folder = options.data
    (images, labels), test = datasets.mnist() if folder is None else datasets.load_idx(folder)
    count = whole_number("--samples", options.samples, least=1)
    pixels, classes = prod(images.shape[1:]), 1 + max(y.max(initial=0) for y in (labels, test[1]))
    if options.sizes[0] != pixels or options.sizes[-1] < classes:
        raise ConfigError(
            "--sizes",
            expected=f"{pixels} (pixels) first and at least {classes} (classes) last",
            came=" ".join(map(str, options.sizes)),
            suggestion=f"--sizes {pixels} 128 {classes}",
        )
    training = images[:count], labels[:count]
    return (nn.as_features(training[0]), training[1]), (nn.as_features(test[0]), test[1])
