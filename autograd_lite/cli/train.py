"""What `autograd-lite train` does: train the runs of a preset, and write what was asked for."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from autograd_lite import Graph
from autograd_lite.cli.data import load_data
from autograd_lite.cli.presets import PRESETS, Digits, Preset, Result, Run
from autograd_lite.cli.rates import add_rate_options, limit_gradients, make_schedule
from autograd_lite.nn.checks import optional, refuse_unless, whole_number
from autograd_lite.nn.plots import Plot
from autograd_lite.nn.saving import save_graph, save_history, save_model
from autograd_lite.nn.training.callbacks import CallOnEpoch
from autograd_lite.nn.training.execution import EXECUTORS
from autograd_lite.nn.training.history import History
from autograd_lite.nn.training.samples import picks
from autograd_lite.nn.training.sources import fitted
from autograd_lite.nn.training.trainer import Trainer
from autograd_lite.serialize.files import check_writable, make_folder

CHECKPOINT, WEIGHTS = "checkpoint.safetensors", "weights.safetensors"
FILES = (CHECKPOINT, WEIGHTS, "history.json", "graph.dot", "graph.svg", "curves.png")
SIGNALLED = 128  # and the number of the signal: the exit code of a run that it ended


def add_train(parser: ArgumentParser) -> None:
    """The presets of `autograd-lite train`, each with its options."""
    parser.epilog = "train PRESET --help tells the options; without a PRESET it is graph."
    commands = parser.add_subparsers(required=True, metavar="PRESET")
    for name, preset in PRESETS.items():
        command = commands.add_parser(name, help=preset.summary, description=preset.summary)
        preset.add_options(command.add_argument)
        add_run_options(command, preset)
        command.set_defaults(run=train, preset=name, parser=command)


def add_run_options(parser: ArgumentParser, preset: Preset) -> None:
    """The options that all presets share, with the preset's own defaults."""
    add = parser.add_argument

    def add_number(name: str, kind: type, default: float | None, text: str) -> None:
        shown = "all" if default is None else default
        add(name, type=kind, default=default, metavar="N", help=f"{text} ({shown})")

    add_number("--lr", float, preset.lr, "learning rate")
    add_number("--batch-size", int, preset.batch_size, "images a step")
    add_number("--epochs", int, preset.epochs, "passes over the images")
    add_number("--samples", int, preset.samples, "first N images")
    add_number("--seed", int, 0, "determines the first weights and the order of the images")
    add("--data", metavar="FOLDER", help="four IDX files, plain or .gz, instead of MNIST")
    add_rate_options(add)
    add("--executor", default="auto", metavar="NAME", help=f"{', '.join(EXECUTORS)} (auto)")
    add("--devices", type=int, metavar="N", help="cut batches over N devices, with --executor jax")
    add("--out", metavar="FOLDER", help="where to write history, weights, graph and curves")
    add("--resume", action="store_true", help="go on with the run in --out, if there is one")
    add("--draw", metavar="PICTURE", help="a picture of each run's graph: svg, png, html, …")
    add("--plot", metavar="PICTURE", help="write a picture of the curves: png, svg, pdf")
    add("--quiet", action="store_true", help="print the test result only")


def train(options: Namespace) -> int:
    """Train a preset and evaluate it on the test images: `autograd-lite train [PRESET]`."""
    data = load_data(options.data, options.samples)
    signal = take_runs(options.preset, PRESETS[options.preset], options, data)
    return 0 if signal is None else SIGNALLED + signal


def take_runs(name: str, preset: Preset, options: Namespace, data: Digits) -> int | None:
    """Train all runs of a preset; the signal that ended it, if one did."""
    runs = list(preset.runs(options, data))
    folders = _folders(runs, options)
    _check_pictures(runs, options)
    if not options.quiet and preset.introduction():
        print(preset.introduction())
    results: list[Result] = []
    for run, folder in zip(runs, folders, strict=True):
        results.append(_take(name, run, folder, options))
        if results[-1].signal is not None:
            return results[-1].signal
    if not options.quiet and all(result.history.epochs for result in results):
        print(preset.comparison(results))
    _plot(preset, results, options)
    return None


def _folders(runs: Sequence[Run], options: Namespace) -> list[Path | None]:
    """Where each run writes, if anywhere; made now, before hours of training."""
    expected = "--out FOLDER, the folder of the run to be resumed"
    can_resume = options.out is not None or not options.resume
    refuse_unless(can_resume, "--resume", options.out, expected, "train with --out FOLDER first")
    names = [_plain(run.name) for run in runs]
    differ, expected = (
        len({*names}) == len(names),
        "runs that differ, each with a folder of its own",
    )
    refuse_unless(differ, "train", ", ".join(names), expected, "ask for each run once")
    if options.out is None:
        return [None] * len(runs)
    make_folder(options.out)
    folders = [Path(options.out, name) for name in names]
    for folder in folders:
        make_folder(folder)
        for file in FILES:
            check_writable(folder / file)
    return list(folders)


def _check_pictures(runs: Sequence[Run], options: Namespace) -> None:
    """Refuse pictures that cannot be drawn here or written there, before hours of training."""
    pictures = [] if options.draw is None else [_picture(run, options) for run in runs]
    differ = options.plot is None or Path(options.plot) not in pictures
    refuse_unless(differ, "--plot", options.plot, "another file than --draw", "name them apart")
    with TemporaryDirectory() as folder:
        for picture in pictures:
            check_writable(picture)
            Graph().render(Path(folder, picture.name))
        if options.plot is not None:
            check_writable(options.plot)
            Plot().save(Path(folder, Path(options.plot).name))


def _plain(name: str) -> str:
    """A name without what some systems do not allow in a path."""
    return "-".join("".join(c if c.isalnum() or c == "." else " " for c in name).split())


def _take(name: str, run: Run, folder: Path | None, options: Namespace) -> Result:
    """One run: record, train, write, evaluate."""
    say = (lambda _: None) if options.quiet else _say
    if run.name:
        say(f"{run.name}:")
    trainer = _trainer(name, run, folder, options)
    history = trainer.fit(*run.training, run.validation, resume=options.resume)
    if trainer.signals:
        print("Interrupted: what was trained is kept", file=sys.stderr)
    _draw(run, trainer, options)
    if folder is not None:
        save_history(history, folder)
        save_graph(trainer.recording.graph, folder)
        path = save_model(run.model, folder / WEIGHTS, loss=run.loss, about=trainer.about)
        say(f"Weights written to {path}")
    accuracy, loss = trainer.measure(fitted(trainer.recording, *run.test, "test").batches())
    print(f"Test accuracy = {accuracy:.4f}, Loss = {loss:.4f}", flush=True)
    return Result(run, history, accuracy, loss, next(iter(trainer.signals), None))


def _trainer(name: str, run: Run, folder: Path | None, options: Namespace) -> Trainer:
    """The trainer of a run, which tells of every epoch and writes its checkpoints."""

    def report(history: History) -> None:
        if not options.quiet:
            _say(history.epochs[-1])
        if folder is not None:
            save_history(history, folder)

    limit_gradients(run.optimizer, options)
    return Trainer(
        run.model,
        run.optimizer,
        batch_size=len(run.training[1]) if options.batch_size is None else options.batch_size,
        epochs=options.epochs,
        shuffle=run.shuffle,
        seed=options.seed,
        curve_points=run.curve_points,
        loss=run.loss,
        executor=options.executor,
        **on_devices(options.devices),
        callbacks=[CallOnEpoch(report)],
        checkpoint=None if folder is None else folder / CHECKPOINT,
        schedule=make_schedule(options),
        about={"preset": name},
        progress=not options.quiet,
        verbose=not options.quiet,
    )


def on_devices(count: int | None) -> dict[str, Any]:
    """A mesh of so many devices, for `Trainer`; nothing if it was not asked for."""
    if count is None:
        return {}
    whole_number("--devices", count, least=1)
    jax = optional("jax")
    refuse_unless(jax is not None, "--devices", count, "JAX", 'pip install "autograd-lite[jax]"')
    with suppress(RuntimeError):  # JAX runs already, and its devices are what they are
        jax.config.update("jax_num_cpu_devices", count)
    there = jax.devices()
    hint = "give at most as many, and --executor jax"
    refuse_unless(count <= len(there), "--devices", count, f"up to {len(there)} devices", hint)
    return {"mesh": jax.sharding.Mesh(np.array(there[:count]), ("data",))}


def _draw(run: Run, trainer: Trainer, options: Namespace) -> None:
    """Draw the graph with the values and gradients of the first step's samples."""
    if options.out is None and options.draw is None:
        return
    recording, (images, labels) = trainer.recording, run.training
    first = picks(len(labels), trainer.batch_size, batched=recording.has_batches)[0]
    recording.graph.forward(x=images[first], y=labels[first])
    recording.graph.backward(recording.loss)
    if options.draw is not None:
        recording.graph.render(_picture(run, options))


def _picture(run: Run, options: Namespace) -> Path:
    """Where the picture of a run's graph is written."""
    picture = Path(options.draw)
    is_one_of_several = run.name and picture.name
    return picture.with_stem(f"{picture.stem}-{_plain(run.name)}") if is_one_of_several else picture


def _plot(preset: Preset, results: Sequence[Result], options: Namespace) -> None:
    """Write the curves where they were asked for, and into the folder if matplotlib is there."""
    if options.plot is not None:
        preset.plot(results).save(options.plot)
    if options.out is not None and optional("matplotlib") is not None:
        preset.plot(results).save(Path(options.out, "curves.png"))


def _say(line: object) -> None:
    print(line, flush=True)
