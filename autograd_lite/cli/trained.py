"""What is done with a trained network: evaluate it, show it pictures, write it for others."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from autograd_lite import compile as make_program
from autograd_lite import nn
from autograd_lite.cli.data import load_data
from autograd_lite.cli.train import WEIGHTS
from autograd_lite.errors import AutogradError, ConfigError, NonFiniteError
from autograd_lite.nn.checks import Array, refuse_unless
from autograd_lite.nn.digit import as_text, read_digit
from autograd_lite.nn.layers import MLP
from autograd_lite.nn.losses import Loss
from autograd_lite.nn.saving import load_loss
from autograd_lite.serialize.files import make_folder

EXPORTED_BATCH = 32  # as recorded; the file takes any
RUN = "the folder of a run, or its weights.safetensors"
SURE, LIKELY = 0.9, 0.5
DONE, MISTAKE = 0, 2


def open_network(path: str) -> tuple[MLP, Loss]:
    """The network of a run and the loss it was trained with.

    Raises ConfigError for a folder of several runs, and for what is no file of weights.
    """
    found = Path(path)
    inside = found.glob(f"*/{WEIGHTS}") if found.is_dir() else ()
    runs = sorted(file.parent.name for file in inside)
    if (found / WEIGHTS).is_file():
        found /= WEIGHTS
    elif runs:
        raise ConfigError(
            path,
            expected="the folder of one run",
            came=f"a folder of the runs {', '.join(runs)}",
            suggestion=f"write {found / runs[0]}, for example",
        )
    return nn.load_model(found), load_loss(found)


def add_evaluate(parser: ArgumentParser) -> None:
    """The options of `autograd-lite evaluate`."""
    add = parser.add_argument
    add("weights", metavar="RUN", help=RUN)
    add("--data", metavar="FOLDER", help="four IDX files, plain or .gz, instead of MNIST")
    add("--out", metavar="FOLDER", help="where to write pictures: confusion, mistakes, weights")
    parser.set_defaults(run=evaluate)


def evaluate(options: Namespace) -> int:
    """Evaluate a trained network on the test images: `autograd-lite evaluate RUN`."""
    model, loss = open_network(options.weights)
    data = load_data(options.data)
    if options.out is not None:
        make_folder(options.out)
    images, labels = data.test
    accuracy, mean = nn.evaluate(model, images, labels, loss=loss)
    print(f"Test accuracy = {accuracy:.4f}, Loss = {mean:.4f}")
    if options.out is not None:
        predictions = nn.predict(model, images, loss=loss).argmax(axis=1)
        matrix = nn.confusion_matrix(labels, predictions, classes=model.sizes[-1])
        pictures = {
            "confusion.png": nn.plot_confusion(matrix),
            "mistakes.png": nn.plot_mistakes(
                images.reshape(-1, *data.image_shape), labels, predictions
            ),
            "weights.png": nn.plot_weights(model.layers[0].W.value, data.image_shape),
        }
        for name, plot in pictures.items():
            print(plot.save(Path(options.out, name)))
    return DONE


def add_predict(parser: ArgumentParser) -> None:
    """The options of `autograd-lite predict`."""
    add = parser.add_argument
    text = "a picture of a digit: any size, dark on light or light on dark, also on ruled paper"
    add("pictures", nargs="+", metavar="IMAGE", help=text)
    add("--weights", metavar="RUN", help=RUN)
    parser.set_defaults(run=predict)


def predict(options: Namespace) -> int:
    """Say which digit each picture shows: `autograd-lite predict IMAGE … --weights RUN`.

    One picture is shown with all probabilities; of several there is a line each, and a line on
    stderr for those that cannot be read.
    """
    suggestion = "autograd-lite train --out run, then --weights run/weights.safetensors"
    told = options.weights is not None
    refuse_unless(told, "--weights", None, "the weights of a network", suggestion)
    model, loss = open_network(options.weights)
    alone, code = len(options.pictures) == 1, DONE
    for picture in options.pictures:
        try:
            digit = read_digit(picture)
        except AutogradError as problem:
            if alone:
                raise
            problem.place = f"autograd-lite predict {picture}"
            print(problem, file=sys.stderr)
            code = MISTAKE
            continue
        (probabilities,) = nn.predict(model, digit.reshape(1, -1), loss=loss)
        _refuse_nan(probabilities, options.weights)
        print(_in_full(digit, probabilities) if alone else f"{picture}: {verdict(probabilities)}")
    return code


def verdict(probabilities: Array) -> str:
    """The likeliest digit in words that say how sure that is.

    >>> print(verdict(np.array([0.02, 0.98])), verdict(np.array([0.3, 0.7])))
    This is a 1. This is probably a 1, 70 %.
    >>> verdict(np.array([0.35, 0.4, 0.25]))
    'This is perhaps a 1, 40 %, or a 0, 35 %.'
    >>> verdict(np.array([0.3]))
    'This is perhaps a 0, 30 %.'
    """
    likeliest = np.argsort(-probabilities, kind="stable")[:2]
    first = likeliest[0]
    shares = [f"a {label}, {100 * probabilities[label]:.0f} %" for label in likeliest]
    if probabilities[first] >= SURE:
        return f"This is a {first}."
    if probabilities[first] >= LIKELY:
        return f"This is probably {shares[0]}."
    return f"This is perhaps {', or '.join(shares)}."


def _in_full(digit: Array, probabilities: Array) -> str:
    bars = (
        f"{label}  {share:.4f}  {'#' * round(40 * float(share))}".rstrip()
        for label, share in enumerate(probabilities)
    )
    return "\n".join([as_text(digit), *bars, verdict(probabilities)])


def _refuse_nan(probabilities: Array, weights: str) -> None:
    if not np.isfinite(probabilities).all():
        raise NonFiniteError(
            weights,
            expected="weights that give finite probabilities",
            came="NaN or infinity",
            suggestion="train again, with a smaller learning rate",
        )


def add_export(parser: ArgumentParser) -> None:
    """The options of `autograd-lite export`."""
    add = parser.add_argument
    add("weights", metavar="RUN", help=RUN)
    add("--onnx", metavar="FILE", help="write probabilities of images x (batch, pixels) as ONNX")
    add("--stablehlo", metavar="FILE", help="the same, as jax.export reads it")
    parser.set_defaults(run=export)


def export(options: Namespace) -> int:
    """Write a trained network for other programs: `autograd-lite export RUN --onnx FILE`."""
    asked = options.onnx or options.stablehlo
    refuse_unless(asked, "export", None, "a file to write", "give --onnx FILE or --stablehlo FILE")
    model, loss = open_network(options.weights)
    recording = nn.record(model, (model.sizes[0],), batch_size=EXPORTED_BATCH, loss=loss)
    program = make_program(recording.graph, {"probabilities": recording.probabilities})
    if options.onnx:
        print(program.to_onnx(options.onnx, batch="x"))
    if options.stablehlo:
        print(program.to_stablehlo(options.stablehlo, batch="x"))
    return DONE
