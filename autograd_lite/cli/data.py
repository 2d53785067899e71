"""The digits that a command works on: those that ship with the package, or a folder of others."""

from autograd_lite import datasets
from autograd_lite.cli.presets.preset import Digits
from autograd_lite.errors import LabelError
from autograd_lite.nn.checks import whole_number
from autograd_lite.nn.training.samples import as_features


def load_data(folder: str | None, samples: int | None = None) -> Digits:
    """The first training samples, all test samples, and how many classes there are."""
    (images, labels), test = datasets.mnist() if folder is None else datasets.load_idx(folder)
    count = len(labels) if samples is None else whole_number("--samples", samples, least=1)
    lowest = min(int(y.min(initial=0)) for y in (labels, test[1]))
    if lowest < 0:
        raise LabelError(
            str(folder),
            expected="labels from 0 on",
            came=str(lowest),
            suggestion="number the classes from 0",
        )
    classes = 1 + max(int(y.max(initial=0)) for y in (labels, test[1]))
    training = as_features(images[:count]), labels[:count]
    return Digits(training, (as_features(test[0]), test[1]), classes, images.shape[1:])
