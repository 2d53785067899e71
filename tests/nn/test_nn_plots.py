"""Pictures of training, read back from the figures."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autograd_lite import nn
from autograd_lite.errors import ConfigError, LabelError

EPOCHS = [nn.Epoch(0, 1.0, 2.0, 0.5, 2.5, 0.4), nn.Epoch(1, 1.0, 1.0, 0.7, 1.5, 0.6)]


def lines(axes):
    return {line.get_label(): line.get_ydata().tolist() for line in axes.get_lines()}


def test_a_history_is_two_panels_whatever_its_loss():
    loss, accuracy = nn.History(EPOCHS).plot().axes
    assert lines(loss) == {"training": [2.0, 1.0], "validation": [2.5, 1.5]}
    assert lines(accuracy) == {"training": [0.5, 0.7], "validation": [0.4, 0.6]}
    assert [axes.get_ylabel() for axes in (loss, accuracy)] == ["loss", "accuracy"]
    assert {axes.get_xlabel() for axes in (loss, accuracy)} == {"epoch"}
    assert loss.get_lines()[0].get_xdata().tolist() == [1, 2]
    assert len({line.get_linestyle() for line in loss.get_lines()}) == 2


def test_a_history_without_validation_has_one_line():
    loss, _ = nn.History([nn.Epoch(0, 1.0, 2.0, 0.5)]).plot().axes
    assert lines(loss) == {"training": [2.0]}
    assert loss.get_lines()[0].get_marker() == "o"


def test_a_confusion_matrix_is_counted_and_shown():
    matrix = nn.confusion_matrix([0, 1, 1, 2], [0, 2, 1, 2], classes=3)
    assert matrix.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    (axes,) = nn.plot_confusion(matrix).axes
    assert [text.get_text() for text in axes.texts] == [str(n) for n in matrix.ravel()]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "label")
    assert nn.confusion_matrix([], [], classes=2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    "pair",
    [
        ([0, 3], [0, 0]),
        ([0, 0], [0, -1]),
        ([0, 1], [0]),
        ([0.7], [1.2]),
        (["a"], [0]),
        ([[0]], [[0]]),
        (None, [0]),
    ],
)
def test_numbers_that_are_no_classes_are_refused(pair):
    with pytest.raises(
        LabelError,
        match="confusion_matrix: expected integers from 0 to 2, a prediction for each label",
    ):
        nn.confusion_matrix(*pair, classes=3)


def test_mistakes_are_shown_and_nothing_else():
    images = np.arange(4.0).reshape(4, 1, 1) * np.ones((4, 3, 3))
    plot = nn.plot_mistakes(images, np.array([1, 2, 3, 4]), np.array([1, 7, 3, 9]), count=2)
    shown = [axes for axes in plot.axes if axes.get_title()]
    assert [axes.get_title() for axes in shown] == ["2 taken for 7", "4 taken for 9"]
    assert [float(axes.images[0].get_array().max()) for axes in shown] == [1.0, 3.0]
    assert len(nn.plot_mistakes(images, np.ones(4), np.ones(4)).axes) == 1


def test_weights_are_images_around_grey():
    weight = np.array([[0.5, -1.0], [0.0, 0.0]])
    first, second = nn.plot_weights(weight, shape=(1, 2)).axes
    assert first.images[0].get_array().tolist() == [[0.5, 0.0]]
    assert second.images[0].get_clim() == (-1.0, 1.0)
    with pytest.raises(
        ConfigError, match="plot_weights: expected a shape of 2 pixels\n  came:  \\(1, 1\\)"
    ):
        nn.plot_weights(weight)


def test_a_plot_is_saved_and_shows_itself(tmp_path):
    plot = nn.History(EPOCHS).plot()
    for name, start in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")):
        assert plot.save(tmp_path / name).read_bytes().startswith(start)
    assert plot._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere/a.png", "a.png: expected a place that can be written to"),
        ("a.xyz", "plot: expected a file name that ends in .png, .svg or .pdf"),
        ("a", "plot: expected a file name that ends in"),
    ],
)
def test_a_picture_that_cannot_be_written_is_refused(tmp_path, name, message):
    with pytest.raises(ConfigError, match=message):
        nn.History(EPOCHS).plot().save(tmp_path / name)


def test_a_form_that_needs_a_program_which_is_not_there_is_refused(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("xelatex not found")

    plot = nn.History(EPOCHS).plot()
    monkeypatch.setattr(plot.figure, "savefig", fail)
    with pytest.raises(ConfigError, match=r"plot: expected a form that can be .*xelatex not found"):
        plot.save(tmp_path / "a.pgf")
    assert not any(tmp_path.iterdir())


def test_without_matplotlib_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigError, match=r"plot: expected matplotlib(.|\n)*pip install"):
        nn.History(EPOCHS).plot()


def test_a_run_without_epochs_has_empty_axes_and_no_legend():
    assert [axes.get_legend() for axes in nn.History().plot().axes] == [None, None]


def test_matplotlib_is_not_imported_before_a_plot():
    code = "import sys; from autograd_lite import nn, cli; print('matplotlib' in sys.modules, 'PIL' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"


def test_a_history_shows_its_table_and_curves(monkeypatch):
    history = nn.History([nn.Epoch(0, 2.0, 0.5, 1.0), nn.Epoch(1, 2.0, 0.25, 1.0, 0.3)])
    history.best_epoch, history.interrupted = 1, True
    assert repr(history).splitlines() == [
        "epoch  seconds  train loss  train accuracy  validation loss",
        "0       2.0000      0.5000          1.0000",
        "1       2.0000      0.2500          1.0000           0.3000",
        "The weights are those of epoch 1.",
        "A signal ended the run.",
    ]
    assert repr(history.epochs[0]) == str(history.epochs[0])
    html = history._repr_html_()
    assert html.startswith("<table><tr><th>epoch</th><th>seconds</th>")
    assert "<td>0.2500</td>" in html
    assert "<p>A signal ended the run.</p>" in html
    assert "data:image/png;base64,iVBOR" in html
    assert "<img" not in nn.History()._repr_html_()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "<img" not in history._repr_html_()
