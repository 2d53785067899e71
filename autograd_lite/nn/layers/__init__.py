"""The layers that models are made of: one class each, in a file for each kind."""

from autograd_lite.nn.layers.activations import (
    ACTIVATIONS as ACTIVATIONS,
)
from autograd_lite.nn.layers.activations import (
    ELU as ELU,
)
from autograd_lite.nn.layers.activations import (
    GELU as GELU,
)
from autograd_lite.nn.layers.activations import (
    Activation as Activation,
)
from autograd_lite.nn.layers.activations import (
    LeakyReLU as LeakyReLU,
)
from autograd_lite.nn.layers.activations import (
    ReLU as ReLU,
)
from autograd_lite.nn.layers.activations import (
    Sigmoid as Sigmoid,
)
from autograd_lite.nn.layers.activations import (
    SiLU as SiLU,
)
from autograd_lite.nn.layers.activations import (
    Softmax as Softmax,
)
from autograd_lite.nn.layers.activations import (
    Softplus as Softplus,
)
from autograd_lite.nn.layers.activations import (
    Tanh as Tanh,
)
from autograd_lite.nn.layers.activations import (
    identity as identity,
)
from autograd_lite.nn.layers.attention import (
    Embedding as Embedding,
)
from autograd_lite.nn.layers.attention import (
    MultiHeadAttention as MultiHeadAttention,
)
from autograd_lite.nn.layers.dropout import Dropout as Dropout
from autograd_lite.nn.layers.images import (
    AvgPool2d as AvgPool2d,
)
from autograd_lite.nn.layers.images import (
    Conv2d as Conv2d,
)
from autograd_lite.nn.layers.images import (
    MaxPool2d as MaxPool2d,
)
from autograd_lite.nn.layers.linear import Linear as Linear
from autograd_lite.nn.layers.mlp import MLP as MLP
from autograd_lite.nn.layers.normalization import BatchNorm as BatchNorm
from autograd_lite.nn.layers.normalization import LayerNorm as LayerNorm
from autograd_lite.nn.layers.sequential import Flatten as Flatten
from autograd_lite.nn.layers.sequential import Sequential as Sequential
