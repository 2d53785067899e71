"""What a box says: few digits, small arrays in full, constants inside, and where a NaN begins."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import draw
from autograd_lite.draw.card import sent
from autograd_lite.draw.picture import picture_of
from autograd_lite.draw.text import number, rows_of


def cards(thing, **options):
    return [box.card for box in picture_of(draw.graph_of(thing), **options).boxes]


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (0.4999999999999998, "0.5"), (-6.8813735870195432, "-6.881"), (1e-17, "1e-17"),
        (12345.0, "12345"), (123456.7, "1.235e+05"), (1e6, "1e+06"), (-0.0, "0"), (3, "3"),
        (float("nan"), "nan"), (float("-inf"), "-inf"), (np.float32(0.1), "0.1"),
    ],
)  # fmt: skip
def test_four_digits(x, told):
    assert number(x) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (2.5, ["value 2.5"]),
        (np.array([1.23456, -2.0]), ["value [1.235, -2]"]),
        (np.arange(6).reshape(2, 3), ["value [0, 1, 2]", "[3, 4, 5]"]),
        (np.arange(4.0).reshape(2, 1, 2), ["value [[[0, 1]], [[2, 3]]]"]),
        (np.array([[7.0]]), ["value 7"]),
        (np.array([True, False]), ["value [True, False]"]),
        (np.arange(7.0), ["value min 0, mean 3, max 6"]),
        (np.array([np.nan, 1.0]), ["value [nan, 1]"]),
        (np.array([np.nan] * 7), ["value 7 NaN"]),
    ],
)
def test_few_numbers_are_shown_in_full(value, told):
    assert [str(row) for row in rows_of("value", value)] == told


def test_the_type_is_told_where_it_is_not_just_a_number():
    x = ag.Node(2.0)
    assert [card.spec for card in cards(x * ag.Node(np.float32(1.0)))] == ["", "float32[]", ""]


def test_constants_stand_inside_the_box_that_reads_them():
    x = ag.Node(3.0, name="x")
    heads = [(card.heading, card.operands) for card in cards(2.0 * x - 1.5)]
    assert heads == [("Variable", ""), ("Mul", "(2, ·)"), ("Sub", "(·, 1.5)")]
    chain = x
    for _ in range(9):
        chain = chain * 2.0
    picture = picture_of(draw.graph_of(chain))
    assert (len(picture.boxes), len(picture.arrows)) == (10, 9)


@pytest.mark.parametrize(
    "constant",
    [
        lambda: ag.constant(2.0, name="half"),
        lambda: ag.constant(np.ones(7)),
        lambda: ag.constant(np.inf),
    ],
)
def test_other_constants_have_boxes(constant):
    assert [card.heading for card in cards(ag.Node(1.0) * constant())] == ["Variable", "Constant", "Mul"]  # fmt: skip


def test_a_constant_alone_or_highlighted_has_a_box():
    two = ag.constant(2.0)
    assert [card.heading for card in cards(two)] == ["Constant"]
    graph = draw.graph_of(ag.Node(1.0) * two)
    assert len(picture_of(graph, highlight=[two]).boxes) == 3


@pytest.mark.parametrize(("part", "told"), [(-1.5, "-1.5"), (np.array([-1.5]), "-1.5"), (np.array([3.0, -4.0]), "‖5‖")])  # fmt: skip
def test_what_flows_back_has_its_sign(part, told):
    assert sent(part) == told


def test_what_flows_back_from_one_of_several_outputs():
    q, r = ag.linalg.qr(ag.Node(np.eye(2)[:, :1], name="x"))
    y = (3.0 * q + 4.0 * q).sum() + 2.0 * r.sum()
    y.backward()
    arrows = picture_of(draw.graph_of(y), edges="backward").arrows
    keys = {box.key: box.card.heading for box in picture_of(draw.graph_of(y)).boxes}
    found = [a.label for a in arrows if (keys[a.user], keys[a.input]) == ("Output", "QR")]
    assert found == ["‖9.899‖", "2"]
    assert "QR" in draw.page_text(y)


def test_numbers_run_to_the_right_and_arrays_down():
    a = ag.Node(1.0)
    assert picture_of(draw.graph_of(a.exp())).is_right
    assert not picture_of(draw.graph_of(a.exp()), direction="down").is_right
    assert not picture_of(draw.graph_of(ag.Node([1.0]).exp())).is_right
    chain = a
    for _ in range(40):
        chain = chain.tanh()
    assert not picture_of(draw.graph_of(chain)).is_right
    assert picture_of(draw.graph_of(chain), direction="right").is_right
    assert "rankdir=LR" in a.to_dot()
    assert "flowchart LR" in a.to_mermaid()
    assert "rankdir=TB" in a.to_dot(direction="down")


def origins(thing, **options):
    picture = picture_of(draw.graph_of(thing), **options)
    marked = [box.card.heading for box in picture.boxes if box.card.is_origin]
    return marked, [note.partition(", appended")[0] for note in picture.notes]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("build", "marked", "told"),
    [
        (lambda x: (ag.log(x - 5.0) * 2.0).exp(), ["Log"], "NaN begins in Log"),
        (lambda x: ag.exp(x * 1000.0) + 1.0, ["Exp"], "infinity begins in Exp"),
        (lambda x: ag.exp(x * 1000.0) - ag.exp(x * 1000.0), ["Exp"], "infinity begins in Exp"),
        (lambda x: ag.where(x > 9.0, x, -np.inf) + ag.log(-x), ["Log"], "NaN begins in Log"),
        (lambda x: x * ag.constant([np.nan, 1.0]), ["Constant"], "NaN begins in Constant"),
        (lambda x: x * np.nan, ["Constant"], "NaN begins in Constant"),
        (lambda x: ag.Node(np.inf) * x, ["Variable"], "infinity begins in Variable"),
    ],
)
def test_the_first_nan_or_infinity_is_marked_and_named(build, marked, told):
    assert origins(build(ag.Node(2.0))) == (marked, [told])


def test_an_infinity_that_was_meant_is_not_marked():
    x = ag.Node([1.0, 2.0])
    assert origins(ag.softmax(ag.where(x > 1.5, x, -np.inf))) == ([], [])


@pytest.mark.filterwarnings("ignore")
def test_a_gradient_that_is_not_finite_is_marked_where_it_begins():
    x = ag.Node(0.0, name="x")
    y = ag.sqrt(x * 1.0) + 1.0
    y.backward()
    assert origins(y) == (["Mul"], ["infinity of gradients begins in Mul"])
    assert origins(y, grads=False) == ([], [])
    assert origins(ag.log(ag.Node(-1.0)), values=False) == ([], [])


def test_the_origin_inside_a_folded_scope():
    with ag.Graph() as graph, ag.scope("block"), np.errstate(all="ignore"):
        ag.log(ag.Node(-1.0)).exp()
    card = picture_of(graph, collapse=True).boxes[0].card
    assert (card.frame, str(card.rows[-1])) == ("red", "NaN begins here")
