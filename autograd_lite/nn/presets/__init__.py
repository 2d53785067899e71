"""The five systems of the course, as presets of `autograd-lite train`: one module, one idea."""

from autograd_lite.nn.presets.fnn import FeedForward
from autograd_lite.nn.presets.graph import ComputationGraph
from autograd_lite.nn.presets.logistic import LogisticRegression
from autograd_lite.nn.presets.logits import Logits
from autograd_lite.nn.presets.momentum import FullBatchMomentum
from autograd_lite.nn.presets.preset import Data, Preset, Result, Run
from autograd_lite.nn.presets.weight_decay import WeightDecay

PRESETS: dict[str, Preset] = {
    "graph": ComputationGraph(),
    "logistic": LogisticRegression(),
    "fnn": FeedForward(),
    "momentum": FullBatchMomentum(),
    "weight-decay": WeightDecay(),
    "logits": Logits(),
}

__all__ = ["PRESETS", "Data", "Preset", "Result", "Run"]
