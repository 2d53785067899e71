"""A small GPT learns the letters of Python's own manual: what it is worth on pages it has not seen.

    python benchmarks/language_model.py [--seconds 120] [--quick]

Everyone begins with the same weights and reads the same 8 × 64 characters a step (the text that
`help()` prints, which comes with Python under its licence; the last tenth is held out), for as many
passes over the text as fit into the time. The losses are in nats a character; that of a model which
knows how frequent each character is, and no more, is shown beside them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pydoc_data.topics import topics

import numpy as np
from harness import agree, options, set_threads
from transformer import OURS, Job, field, forward

import autograd_lite as ag

HELD_OUT = 0.1


@lru_cache(maxsize=1)
def text() -> np.ndarray:
    """The manual as numbers, one for each character: 0 stands for the rare ones."""
    letters = np.array([ord(c) for key in sorted(topics) for c in topics[key]])
    known, counts = np.unique(letters, return_counts=True)
    frequent = known[counts >= 10]
    place = np.searchsorted(frequent, letters).clip(max=len(frequent) - 1)
    return np.where(frequent[place] == letters, place + 1, 0)


@dataclass(frozen=True)
class Reading(Job):
    """A language model, and the text it reads."""

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """What is read, and the character after each, in an order that is drawn once."""
        rows = windows(self.length)[0]
        order = np.random.default_rng(2).permutation(len(rows))[: self.batches * self.batch]
        return rows[order, :-1].copy(), rows[order, 1:].copy()


def windows(length: int) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of the text with one character more than is read: to learn from, and held out."""
    letters = text()
    count = (len(letters) - 1) // length
    rows = np.stack([letters[i * length : (i + 1) * length + 1] for i in range(count)])
    cut = int(count * (1 - HELD_OUT))
    return rows[:cut], rows[cut:]


def held_out_loss(job: Reading, weights: dict[str, np.ndarray]) -> float:
    """The mean loss on the held-out text, computed here for everyone."""
    rows = windows(job.length)[1]
    rows = rows[: len(rows) // job.batch * job.batch]
    with ag.Graph() as graph:
        x, y = (
            ag.input(name=name, shape=(job.batch, job.length), dtype=rows.dtype) for name in "xy"
        )
        p = {name: ag.constant(w) for name, w in weights.items()}
        loss = ag.mean(ag.cross_entropy_with_logits(forward(OURS, job, p, x), y))
    program = ag.compile(graph, [loss], executor="numpy")
    feeds = {"x": rows[:, :-1].copy(), "y": rows[:, 1:].copy()}
    return float(np.mean(program.scan(feeds, batch_size=job.batch)[0]))


def loss_of_frequencies(length: int) -> float:
    """What a model has that knows how frequent each character is."""
    rows, held_out = windows(length)
    counts = np.bincount(rows[:, 1:].ravel(), minlength=int(text().max()) + 1) + 1.0
    return float(-np.log(counts / counts.sum())[held_out[:, 1:]].mean())


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="to learn, for each")
    chosen = parser.parse_args()
    job = Reading(vocabulary=int(text().max()) + 1, width=128, layers=2)
    job = replace(job, batches=len(windows(job.length)[0]) // job.batch)
    if chosen.quick:
        job, chosen.seconds = replace(job, width=16, layers=1, batches=4), 0.0
    print(f"frequencies alone: {loss_of_frequencies(job.length):.4f} nats a character")
    runs = field.start(job, chosen.only)
    agree(runs, 4)
    for name, run in runs.items():
        set_threads(field.threads[name])
        passes, begin, seconds = 0, time.perf_counter(), 0.0
        while passes == 0 or seconds * (passes + 1) / passes <= chosen.seconds:
            run(job.batches)
            passes, seconds = passes + 1, time.perf_counter() - begin
        rate = passes * job.batches * job.batch * job.length / seconds
        told = f"held-out loss {held_out_loss(job, run.weights()):.4f}"
        print(f"{name}: {passes} passes in {seconds:.1f} s, {rate:,.0f} characters/s, {told}")
    set_threads(1)


if __name__ == "__main__":
    main()
