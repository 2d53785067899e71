"""Ready settings for `autograd-lite train`, each with its reference result.

The networks, settings and results are those of five reports that students wrote for courses on
neural networks: each report trained one of them, and printed the figures in `reference`.
"""

from autograd_lite.cli.presets.fnn import FeedForward
from autograd_lite.cli.presets.graph import ComputationGraph
from autograd_lite.cli.presets.logistic import LogisticRegression
from autograd_lite.cli.presets.logits import Logits
from autograd_lite.cli.presets.momentum import FullBatchMomentum
from autograd_lite.cli.presets.preset import Digits, Preset, Result, Run
from autograd_lite.cli.presets.weight_decay import WeightDecay

PRESETS: dict[str, Preset] = {
    "graph": ComputationGraph(),
    "logistic": LogisticRegression(),
    "fnn": FeedForward(),
    "momentum": FullBatchMomentum(),
    "weight-decay": WeightDecay(),
    "logits": Logits(),
}

__all__ = ["PRESETS", "Digits", "Preset", "Result", "Run"]
