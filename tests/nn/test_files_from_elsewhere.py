"""Weights, checkpoints, graphs and pictures that were changed by anybody: read right, or refused in one shape.

Whatever a file says, nothing but an AutogradError may come of it, and then nothing has changed. The
profile `long` of Hypothesis (see tests/conftest.py) looks at many more.
"""

from __future__ import annotations

import gzip
import json
import struct
import tracemalloc
import zlib
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from waiting_run import make_trainer, samples

import autograd_lite as ag
from autograd_lite import datasets, nn
from autograd_lite.errors import AutogradError, ConfigError, WeightError
from autograd_lite.nn.digit import read_digit
from autograd_lite.nn.tensors import read_tensors, write_tensors
from autograd_lite.nn.training.checkpoint import is_state

MEMORY = 200_000_000  # bytes that reading a file of some kilobytes may take
SECONDS = 5  # of the processor
MORE = settings(max_examples=3 * settings().max_examples)  # of what is quick


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("elsewhere") / "file"


@pytest.fixture(scope="module")
def weights(place):
    return nn.save_model(nn.MLP([4, 3, 2]), place).read_bytes()


@pytest.fixture(scope="module")
def checkpoint(place):
    make_trainer(place, "interpreted", epochs=1).fit(*samples(), 0.2)
    return place.read_bytes()


KINDS = ("L PNG", "RGBA PNG", "P PNG", "I;16 PNG", "P GIF", "RGB JPEG", "CMYK JPEG", "L TIFF", "F TIFF", "1 PPM", "RGB WEBP", "RGB BMP")  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """The folder of one picture of each kind."""
    folder = tmp_path_factory.mktemp("pictures")
    picture = Image.new("L", (40, 30), 255)
    picture.paste(0, (10, 5, 15, 25))
    for kind in KINDS:
        mode, form = kind.split(" ")
        picture.convert(mode).save(folder / kind, form)
    return folder


@pytest.fixture(scope="module")
def idx():
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2, 3, 4)
    return header + bytes(range(24))


@st.composite
def mutations(draw):
    """A function that changes some bytes, cuts some out, or doubles some."""
    changes = draw(
        st.lists(
            st.tuples(
                st.floats(0, 1, exclude_max=True),
                st.one_of(
                    st.binary(min_size=1, max_size=8),
                    st.sampled_from(
                        [b"\0", b"\xff", b"\xff" * 4, b"9" * 12, b"null", b"[[[[", b'"']
                    ),
                ),
                st.sampled_from(["replace", "insert", "delete", "flip", "cut"]),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def mutate(data: bytes) -> bytes:
        for at, new, how in changes:
            # Headers are where the meaning is: half of the changes hit the first bytes.
            place = (
                int(at * 2 * len(data)) if at < 0.5 else int((at - 0.5) * 2 * min(len(data), 400))
            )
            rest = {"insert": place, "flip": place + 1, "cut": len(data)}.get(how, place + len(new))
            byte = bytes([data[place] ^ (1 << (new[0] & 7))]) if place < len(data) else b""
            middle = {"delete": b"", "cut": b"", "flip": byte}.get(how, new)
            data = data[:place] + middle + data[rest:]
        return data

    return mutate


def reads_or_refuses(call) -> None:
    """Call, and fail for anything but a result or an AutogradError of four lines, in little memory."""
    lines, begun = 4, process_time()
    tracemalloc.start()
    try:
        call()
    except AutogradError as error:
        lines = len(str(error).splitlines())
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert lines == 4
    assert peak < MEMORY
    assert process_time() - begun < SECONDS


@given(mutate=mutations())
def test_weights(mutate, weights, place):
    place.write_bytes(mutate(weights))
    model = nn.MLP([4, 3, 2], seed=5)
    before = model.get_weights()
    try:
        nn.load_weights(model, place)
    except AutogradError:
        np.testing.assert_equal(model.get_weights(), before)
    reads_or_refuses(lambda: nn.load_model(place))


@given(mutate=mutations())
def test_checkpoints(mutate, checkpoint, place):
    place.write_bytes(mutate(checkpoint))
    resumed(place)


@st.composite
def record_changes(draw):
    """A function that changes or removes one thing somewhere in a record, or puts another there."""
    path = draw(st.lists(st.integers(0, 30), min_size=1, max_size=4))
    odd = st.sampled_from([0, -1, 1, 2**31, 2**63, 10**12, 10**400, 1e308, "nan", "float64", "Exp"])
    value = draw(
        st.recursive(
            odd | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
            lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3),
            max_leaves=5,
        )
    )
    removed = draw(st.booleans())

    def change(record) -> None:
        inner = record
        for step in path[:-1]:
            keys = range(len(inner)) if isinstance(inner, list) else sorted(inner)
            further = inner[keys[step % len(keys)]] if keys else None
            if not isinstance(further, dict | list) or not further:
                break
            inner = further
        keys = range(len(inner)) if isinstance(inner, list) else sorted(inner)
        key = keys[path[-1] % len(keys)]
        if removed:
            del inner[key]
        else:
            inner[key] = value

    return change


@given(change=record_changes())
def test_records_of_checkpoints(change, checkpoint, place):
    place.write_bytes(with_record(checkpoint, change))
    resumed(place)


def with_record(checkpoint: bytes, change) -> bytes:
    """A checkpoint whose record of the run was changed."""
    (size,) = struct.unpack("<Q", checkpoint[:8])
    header = json.loads(checkpoint[8 : 8 + size])
    about = json.loads(header["__metadata__"]["about"])
    run = json.loads(about["run"])
    change(run)
    header["__metadata__"]["about"] = json.dumps({**about, "run": json.dumps(run)})
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + checkpoint[8 + size :]


def resumed(place) -> None:
    trainer = make_trainer(place, "interpreted", epochs=1)
    leaves = [*trainer.model.parameters(), *trainer.optimizer.leaves.values()]
    before = [np.array(leaf.value) for leaf in leaves]

    def resume() -> None:
        try:
            trainer.fit(*samples(), 0.2, resume=True)
        except AutogradError:
            np.testing.assert_equal([np.array(leaf.value) for leaf in leaves], before)
            assert trainer.history == nn.History()
            raise

    reads_or_refuses(resume)


def graphs() -> list[str]:
    """Graphs with ops and parameters of all sorts, each as text."""
    with ag.Graph() as network:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        y = ag.input(name="y", shape=(2,), dtype="int64")
        with ag.scope("layer"):
            h = ag.tanh(x @ ag.parameter(np.full((3, 4), 0.5), name="W") + ag.Node(1.0))
        ag.mean(ag.cross_entropy_with_logits(h, y))
    network.forward(x=np.ones((2, 3)), y=[0, 3])
    with ag.Graph() as shaping:
        a = ag.Node(np.arange(12.0).reshape(3, 4), name="a")
        b = ag.concat([a[::2, ..., None], ag.pad(a, ((1, 0), (0, 0)))[:2, :, None]], axis=0)
        ag.broadcast_to(ag.sum(b, axis=-1, keepdims=True), (4, 4, 5))
        ag.repeat(ag.tile(a, (2, 1)), 2, axis=0)
        ag.one_hot(ag.argmax(a, axis=1), depth=6)
        ag.where(a > 2.0, a, ag.take(a, np.array([0, 0, 1]), axis=0))
        ag.roll(ag.cumulative_sum(a, axis=1), 2, axis=0)
    with ag.Graph() as matrices:
        m = ag.parameter(np.eye(3) * 2.0, name="m")
        q, _ = ag.linalg.qr(m)
        ag.linalg.inv(m) @ q + ag.einsum("ij,kj->ik", m, m) ** 0.5
    return [graph.to_json() for graph in (network, shaping, matrices)]


GRAPHS = graphs()


def read_graph(text: str) -> None:
    """Read a graph; what is read can be written, run and differentiated, or says why not."""
    graph = ag.Graph.from_json(text)
    assert ag.Graph.from_json(graph.to_json()).to_json() == graph.to_json()


@MORE
@given(mutate=mutations(), number=st.integers(0, 2))
def test_graphs_of_damaged_text(mutate, number):
    text = mutate(GRAPHS[number].encode()).decode(errors="replace")
    reads_or_refuses(lambda: read_graph(text))


@MORE
@given(changes=st.lists(record_changes(), min_size=1, max_size=2), number=st.integers(0, 2))
def test_graphs_of_damaged_records(changes, number):
    file = json.loads(GRAPHS[number])
    for change in changes:
        change(file["nodes"] or [{}])
    reads_or_refuses(lambda: read_graph(json.dumps(file)))


@given(mutate=mutations(), kind=st.sampled_from(KINDS))
def test_pictures(mutate, kind, pictures, place):
    place.write_bytes(with_checksums(mutate((pictures / kind).read_bytes())))
    reads_or_refuses(lambda: read_digit(place))


def with_checksums(picture: bytes) -> bytes:
    """A damaged PNG whose checksums are right, so that what was damaged is looked at."""
    at = 8
    while picture.startswith(b"\x89PNG") and len(picture) >= at + 12:
        end = at + 8 + int.from_bytes(picture[at : at + 4])
        checksum = zlib.crc32(picture[at + 4 : end]).to_bytes(4)
        picture, at = picture[:end] + checksum + picture[end + 4 :], end + 4
    return picture


IDX = [
    lambda mutate, data: mutate(data),
    lambda mutate, data: mutate(gzip.compress(data, mtime=0)),
    lambda mutate, data: gzip.compress(mutate(data), mtime=0),
]


@given(mutate=mutations(), way=st.sampled_from(IDX))
def test_idx_files(mutate, way, idx, place):
    place.write_bytes(way(mutate, idx))
    reads_or_refuses(lambda: datasets.read_idx(place))


# What was found by looking, kept by name


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"null", b"\x0c\0\0\0"])
def test_a_part_of_a_picture_takes_no_more_memory_than_its_file(length, pictures, place):
    data = (pictures / "L PNG").read_bytes()
    place.write_bytes(data[:33] + length + data[37:])  # of the part with the pixels
    reads_or_refuses(lambda: read_digit(place))


CHANGES = {
    "no history": lambda run: run.pop("history"),
    "an epoch in letters": lambda run: run.update(epoch="x"),
    "a negative step": lambda run: run.update(step=-1),
    "true for a number": lambda run: run.update(step=True),
    "a number for a generator": lambda run: run.update(generator=5),
    "another generator": lambda run: run["split"].update(bit_generator="SFC64"),
    "a state beyond 128 bits": lambda run: run["split"]["state"].update(state=1 << 128),
    "another epoch": lambda run: run["history"]["epochs"].append({"a": 1}),
    "an epoch too few": lambda run: run["history"]["epochs"].clear(),
    "a best epoch too far": lambda run: run["history"].update(best_epoch=7),
    "a loss in letters": lambda run: run["history"]["epochs"][0].update(train_loss="1"),
    "no settings": lambda run: run.pop("settings"),
    "settings in letters": lambda run: run.update(settings="none"),
    "no sums": lambda run: run.update(recent=None),
    "sums of what": lambda run: run.update(recent=[None, -1]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_record_without_sense_changes_nothing(name, checkpoint, place):
    place.write_bytes(with_record(checkpoint, CHANGES[name]))
    with pytest.raises(ConfigError, match="expected a checkpoint"):
        make_trainer(place, "interpreted", epochs=1).fit(*samples(), 0.2, resume=True)
    resumed(place)


@pytest.mark.parametrize("text", ["5", "[", "[" * 100_000, "{}"])
def test_a_record_that_is_none(text, checkpoint, place):
    place.write_bytes(checkpoint)
    saved = read_tensors(place)
    write_tensors(place, saved.tensors, {**saved.about, "run": text})
    with pytest.raises(ConfigError, match="expected a checkpoint"):
        make_trainer(place, "interpreted", epochs=1).fit(*samples(), 0.2, resume=True)


@pytest.mark.parametrize(
    ("bits", "changes"),
    [
        (np.random.MT19937, {"state": {"pos": 625}}),
        (np.random.MT19937, {"state": {"key": [0] * 623}}),
        (np.random.MT19937, {"state": {"key": [0] * 623 + [2**32]}}),
        (np.random.Philox, {"buffer_pos": 5}),
        (np.random.Philox, {"buffer": 5}),
        (np.random.SFC64, {"state": {"state": [-1, 0, 0, 0]}}),
    ],
)
def test_a_generator_is_never_sent_beyond_its_memory(bits, changes):
    model = bits(0).state
    plain = json.loads(json.dumps(model, default=np.ndarray.tolist))
    assert is_state(plain, model)
    for key, value in changes.items():
        plain[key] = {**plain[key], **value} if isinstance(value, dict) else value
    assert not is_state(plain, model)


def test_best_weights_of_another_model_are_refused_at_once(checkpoint, place):
    place.write_bytes(checkpoint)
    saved = read_tensors(place)
    write_tensors(place, {**saved.tensors, "best.more": np.zeros(2)}, saved.about)
    with pytest.raises(WeightError, match="best: expected the tensors .*\n  came:  unknown more"):
        make_trainer(place, "interpreted", epochs=1).fit(*samples(), 0.2, resume=True)


def test_a_model_is_as_large_as_its_tensors_before_it_is_made(weights, place):
    for sizes in ("[9000000, 9000000]", "[4, 3, 200000000]", "[99999999999999]"):
        text = weights.replace(b"[4, 3, 2]", sizes.encode())
        (size,) = struct.unpack("<Q", weights[:8])
        grown = size + len(text) - len(weights)
        pad = -grown % 8
        header = text[8 : 8 + grown] + b" " * pad
        place.write_bytes(struct.pack("<Q", grown + pad) + header + text[8 + grown :])
        with pytest.raises((WeightError, ConfigError), match=r"expected the (.* numbers|archit)"):
            nn.load_model(place)
        reads_or_refuses(lambda: nn.load_model(place))
