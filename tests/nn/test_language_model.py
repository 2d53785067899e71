"""A language model made of layers: it learns a text, and with the weights of GPT-2 it is GPT-2."""

import os
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

GPT2 = Path(os.environ.get("GPT2_WEIGHTS", "gpt2/model.safetensors"))


class Block(nn.Module):
    """The places look at each other, then each thinks for itself."""

    def __init__(self, width, heads, random):
        self.attention = nn.MultiHeadAttention(width, heads, causal=True, seed=random)
        self.perceptron = nn.Sequential(
            nn.Linear(width, 4 * width, seed=random),
            nn.GELU(approximate="tanh"),
            nn.Linear(4 * width, width, seed=random),
        )
        self.norms = nn.LayerNorm(width), nn.LayerNorm(width)

    def __call__(self, x):
        x = x + self.attention(self.norms[0](x))
        return x + self.perceptron(self.norms[1](x))


class Transformer(nn.Module):
    """Scores of the next token, for every place of a window."""

    def __init__(self, count, length, width, heads, blocks):
        random = np.random.default_rng(0)
        self.tokens = nn.Embedding(count, width, std=0.02, seed=random)
        self.places = nn.Embedding(length, width, std=0.02, seed=random)
        self.blocks = [Block(width, heads, random) for _ in range(blocks)]
        self.norm = nn.LayerNorm(width)

    def __call__(self, x):
        x = self.tokens(x) + self.places(np.arange(x.shape[-1]))
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.table.T


def test_it_learns_a_text_that_needs_more_than_one_character_back():
    text = np.array([0, 1, 2, 0, 1, 3] * 40)  # what follows 1 depends on what was before it
    read, said = text[:-1][:232].reshape(29, 8), text[1:][:232].reshape(29, 8)
    model = Transformer(4, 8, 16, 2, 1)
    history = nn.fit(
        model, read, said, optimizer="adam", lr=0.01, epochs=30, batch_size=8,
        loss="logits_cross_entropy", executor="numpy",
    )  # fmt: skip
    losses = [epoch.train_loss for epoch in history.epochs]
    assert losses[0] > 1.0
    assert losses[-1] < 0.3  # pairs alone leave a third of ln 2, and the first places know no more


def drawn(count, length, width, blocks):
    """Weights of GPT-2's names and forms, but small."""
    random = np.random.default_rng(0)
    shapes = {"wte.weight": (count, width), "wpe.weight": (length, width)}
    for i in range(blocks):
        for name, shape in {"attn.c_attn": (width, 3 * width), "attn.c_proj": (width, width), "mlp.c_fc": (width, 4 * width), "mlp.c_proj": (4 * width, width)}.items():  # fmt: skip
            shapes |= {f"h.{i}.{name}.weight": shape, f"h.{i}.{name}.bias": shape[1:]}
    for norm in (*(f"h.{i}.ln_{k}" for i in range(blocks) for k in (1, 2)), "ln_f"):
        shapes |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    return {name: random.normal(0, 0.3, shape).astype("float32") for name, shape in shapes.items()}


def ours(tensors, heads):
    """The model with these weights."""
    count, width = tensors["wte.weight"].shape
    blocks = sum(name.endswith("ln_1.bias") for name in tensors)
    model = Transformer(count, len(tensors["wpe.weight"]), width, heads, blocks)
    values = {"tokens.table": tensors["wte.weight"], "places.table": tensors["wpe.weight"]}
    norms = {"norm": "ln_f"}
    for i in range(blocks):
        norms |= {f"blocks.{i}.norms.{k}": f"h.{i}.ln_{k + 1}" for k in (0, 1)}
        parts = [
            np.split(tensors[f"h.{i}.attn.c_attn.{x}"], 3, axis=-1) for x in ("weight", "bias")
        ]
        for name, w, b in zip(("query", "key", "value"), *parts, strict=True):
            values |= {f"blocks.{i}.attention.{name}.W": w, f"blocks.{i}.attention.{name}.b": b}
        for name, theirs in {"attention.mix": "attn.c_proj", "perceptron.0": "mlp.c_fc", "perceptron.2": "mlp.c_proj"}.items():  # fmt: skip
            values[f"blocks.{i}.{name}.W"] = tensors[f"h.{i}.{theirs}.weight"]
            values[f"blocks.{i}.{name}.b"] = tensors[f"h.{i}.{theirs}.bias"]
    for name, theirs in norms.items():
        values[f"{name}.gain"] = tensors[f"{theirs}.weight"]
        values[f"{name}.shift"] = tensors[f"{theirs}.bias"]
    state = model.state()
    assert state.keys() == values.keys()
    for name, leaf in state.items():
        leaf.assign(values[name])
    return model


def theirs(torch, tensors, heads, tokens):
    """The scores by PyTorch, from GPT-2's definition."""
    p = {name: torch.from_numpy(np.ascontiguousarray(x)) for name, x in tensors.items()}
    functional, (count, length) = torch.nn.functional, tokens.shape

    def norm(x, name):
        return functional.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], 1e-5)

    def linear(x, name):
        return x @ p[f"{name}.weight"] + p[f"{name}.bias"]

    x = p["wte.weight"][torch.from_numpy(tokens)] + p["wpe.weight"][:length]
    for i in range(sum(name.endswith("ln_1.bias") for name in tensors)):
        split = linear(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn").chunk(3, dim=-1)
        q, k, v = (y.view(count, length, heads, -1).transpose(1, 2) for y in split)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(mixed.transpose(1, 2).reshape(x.shape), f"h.{i}.attn.c_proj")
        hidden = linear(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc")
        x = x + linear(functional.gelu(hidden, approximate="tanh"), f"h.{i}.mlp.c_proj")
    return (norm(x, "ln_f") @ p["wte.weight"].T).numpy()


def gpt2():
    """The weights on disk, by the names that they have there."""
    if not GPT2.exists():
        pytest.skip("GPT2_WEIGHTS names no file of GPT-2's weights")
    numpy = pytest.importorskip("safetensors.numpy")
    tensors = {k.removeprefix("transformer."): x for k, x in numpy.load_file(GPT2).items()}
    return {k: x for k, x in tensors.items() if k[:3] in {"wte", "wpe", "ln_"} or ("attn.bias" not in k and "masked" not in k and k[:2] == "h.")}  # fmt: skip


@pytest.mark.parametrize(
    ("weights", "heads"), [(lambda: drawn(11, 7, 8, 2), 2), (gpt2, 12)], ids=["small", "GPT-2"]
)
def test_scores_are_those_of_pytorch(weights, heads):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is not installed")
    tensors = weights()
    count, length = tensors["wte.weight"].shape[0], min(16, len(tensors["wpe.weight"]))
    tokens = np.random.default_rng(1).integers(0, count, (2, length))
    expected = theirs(torch, tensors, heads, tokens)
    with ag.no_grad():
        found = ours(tensors, heads)(tokens).value
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * abs(expected).max())
