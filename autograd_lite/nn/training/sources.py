"""Where samples come from: arrays, in memory or mapped from a file, and batches one after another.

Nothing is copied whole. What a few steps need is taken when its turn comes, in the dtypes of the
model, so the samples may be larger than memory.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from math import ceil
from typing import Any, NoReturn, Self, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.errors import ConfigError, ShapeError
from autograd_lite.nn.checks import Array, as_array, refuse_unless
from autograd_lite.nn.training.recording import Recording
from autograd_lite.nn.training.samples import check_images, split_rows

Batch: TypeAlias = tuple[Array, Array]
RUNS_AN_EPOCH = 100
LONGEST_RUN = 64  # steps; what a program takes in one piece, as where it is cut decides last bits
UNKNOWN = 1000  # batches
EVALUATION_BATCH = 1000
AGAIN = "give the function that makes it, without calling it, or a list of batches"


class SampleArrays:
    """Images and labels in arrays, or some rows of them."""

    own_size = None  # how many samples its batches have, if it is made of batches

    def __init__(self, images: ArrayLike, labels: ArrayLike, subject: str) -> None:
        self.images, self.labels = check_images(images, f"{subject} images"), as_array(labels)
        self.subject = subject
        self.rows: Array | None = None
        self.sample_shape: tuple[int, ...] = self.images.shape[1:]

    def __len__(self) -> int:
        return len(self.images if self.rows is None else self.rows)

    def fit_to(self, recording: Recording) -> Self:
        """Raises ShapeError, DTypeError or LabelError for samples that do not fit."""
        refuse_other_shape(recording, self.images, self.subject)
        refuse_other_targets(recording, self.labels, len(self.images), self.subject)
        self.recording = recording
        return self

    def take(self, pick: slice | Array) -> Batch:
        """Some of the samples, in the dtypes of the model."""
        rows = pick if self.rows is None else self.rows[pick]
        return self.recording.fed(self.images[rows], self.labels[rows])

    def split(self, share: float, random: np.random.Generator) -> tuple[Self, Self]:
        """The samples without a share of them, and that share, drawn at random, at least one."""
        kept, held = split_rows(len(self), share, random)
        return self._only(kept), self._only(held)

    def _only(self, rows: Array) -> Self:
        part = object.__new__(type(self))
        vars(part).update(vars(self), rows=rows)
        return part

    def steps(self, batch_size: int) -> int:
        """The last batch may be smaller."""
        return ceil(len(self) / batch_size)

    def runs(
        self, first: int, batch_size: int, random: np.random.Generator | None
    ) -> Iterator[tuple[int, Array, Array]]:
        """A hundred runs an epoch or more; in the order of the rows, or in one that is drawn."""
        order = None if random is None else random.permutation(len(self))
        steps = self.steps(batch_size)
        length = min(max(steps // RUNS_AN_EPOCH, 1), LONGEST_RUN)
        for start in range(first, steps, length):
            stop = min(start + length, steps)
            span = slice(start * batch_size, stop * batch_size)
            yield stop, *self.take(span if order is None else order[span])

    def batches(self) -> Iterator[Batch]:
        """One after another, as large as those that are evaluated together."""
        for start in range(0, len(self), EVALUATION_BATCH):
            yield self.take(slice(start, start + EVALUATION_BATCH))

    def describe(self) -> str:
        """How many labels there are, and a sum over all of them."""
        return fingerprint(self.labels)


class SampleStream:
    """Batches from an iterable, or from a function that makes one, anew for every pass.

    Each batch is a pair of images and labels, and one step.
    """

    def __init__(self, given: Any, subject: str) -> None:
        self.given, self.subject = given, subject
        self.images, self.labels = next(self._pairs())
        images = self.images
        self.sample_shape: tuple[int, ...] = images.shape[1:]
        self.own_size = max(len(images), 2)  # from there on a recording has an axis for batches

    def __len__(self) -> int:
        """A guess, where the batches cannot be counted."""
        return self.own_size * (self.steps(0) or UNKNOWN)

    def fit_to(self, recording: Recording) -> Self:
        """Batches are looked at as they come."""
        self.recording = recording
        return self

    def split(self, share: float, random: np.random.Generator) -> NoReturn:  # noqa: ARG002
        """Nothing can be drawn from a stream: it raises ConfigError."""
        raise ConfigError(
            "validation",
            expected="a pair (images, labels) or batches, where training takes batches",
            came=f"{share}",
            suggestion="leave some batches out of training, and give them as validation",
        )

    def steps(self, batch_size: int) -> int | None:  # noqa: ARG002 - each batch is one step
        """The number of batches, if it is known."""
        return len(self.given) if hasattr(self.given, "__len__") else None

    def runs(
        self,
        first: int,
        batch_size: int,  # noqa: ARG002 - each batch is one step
        random: np.random.Generator | None,  # noqa: ARG002 - who makes them shuffles them
    ) -> Iterator[tuple[int, Array, Array]]:
        """One batch after another, in their own order."""
        for number, (images, labels) in enumerate(islice(self.batches(), first, None), first + 1):
            yield number, images, labels

    def batches(self) -> Iterator[Batch]:
        """Raises ShapeError, DTypeError or LabelError for a batch that does not fit."""
        for images, labels in self._pairs():
            refuse_other_shape(self.recording, images, self.subject)
            refuse_other_targets(self.recording, labels, len(images), self.subject)
            yield self.recording.fed(images, labels)

    def _pairs(self) -> Iterator[Batch]:
        found = None
        for found in _iterated(self.given, f"{self.subject} batches"):
            right = isinstance(found, tuple | list) and len(found) == 2
            expected, hint = "pairs of images and labels", "give labels as well, or yield pairs"
            refuse_unless(right, f"{self.subject} batches", found, expected, hint)
            yield check_images(found[0], f"{self.subject} images"), as_array(found[1])
        refuse_unless(
            found is not None,
            f"{self.subject} batches",
            self.given,
            "at least one batch in every pass",
            "let each call make an iterator of its own",
        )

    def describe(self) -> str:
        """Nothing of the samples is known before they are there."""
        return f"batches of samples shaped {list(self.sample_shape)}"


SampleSource: TypeAlias = SampleArrays | SampleStream


def as_source(images: Any, labels: Any, subject: str) -> SampleSource:
    """Arrays of images and labels, or, without labels, an iterable of pairs of them."""
    if labels is None:
        return SampleStream(images, subject)
    return SampleArrays(images, labels, subject)


def fitted(recording: Recording, images: Any, labels: Any, subject: str) -> SampleSource:
    """The same in the dtypes of a recording; an error for samples that do not fit it."""
    return as_source(images, labels, subject).fit_to(recording)


def is_stream(given: Any) -> bool:
    """Whether something is an iterable of batches, or a function that makes one.

    >>> is_stream([(np.ones((2, 3)), [0, 1])]), is_stream((np.ones((2, 3)), [0, 1]))
    (True, False)
    """
    if isinstance(given, list):
        return all(isinstance(pair, tuple) for pair in given)
    is_array = isinstance(given, tuple | str) or hasattr(given, "__array__")
    return callable(given) or (isinstance(given, Iterable) and not is_array)


def fingerprint(labels: Array) -> str:
    """A short text that differs, most likely, where the samples do."""
    code, dtype = 0, "int64" if labels.dtype.kind in "iu" else labels.dtype
    for start in range(0, len(labels), EVALUATION_BATCH):
        code = crc32(labels[start : start + EVALUATION_BATCH].astype(dtype).tobytes(), code)
    return f"{len(labels)} labels, crc32 {code:08x}"


def refuse_other_shape(recording: Recording, images: Array, subject: str) -> None:
    """Raise ShapeError for samples of another shape or kind than those of the recording."""
    x = recording.x
    right = images.shape[1:] == recording.sample_shape
    right = right and (images.dtype.kind == "f") == (x.dtype.kind == "f")
    expected = f"samples as those before, {x.dtype}{list(recording.sample_shape)}"
    refuse_unless(
        right, f"{subject} images", images, expected, "prepare them alike", error=ShapeError
    )


def refuse_other_targets(recording: Recording, labels: Array, count: int, subject: str) -> None:
    """Raise ShapeError, DTypeError or LabelError for targets that the loss does not take."""
    recording.targets.refuse_other(labels, recording.outputs, count, f"{subject} labels")


def _iterated(given: Any, subject: str) -> Iterator[Any]:
    """A new iterator; ConfigError for what is none, or can be gone through only once."""
    source = given() if callable(given) else given
    found: Any = None
    with suppress(TypeError):
        found = iter(source)
    expected = "an iterable of pairs of images and labels, or arrays of both"
    refuse_unless(found is not None, subject, source, expected, "give labels as well")
    if found is given:
        raise ConfigError(
            subject,
            expected="an iterable that each epoch goes through anew",
            came=f"a {type(given).__name__}, which can be gone through once",
            suggestion=AGAIN,
        )
    return found
