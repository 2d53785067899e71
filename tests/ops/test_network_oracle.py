"""PyTorch as oracle, where it is installed: values and gradients of the ops of networks."""

import numpy as np
import pytest

import autograd_lite as ag

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is not installed")
F = pytest.importorskip("torch.nn.functional")

RNG = np.random.default_rng(11)
IMAGES, KERNELS = RNG.normal(size=(2, 4, 7, 6)), RNG.normal(size=(6, 2, 3, 2))
GAIN, SHIFT = RNG.normal(size=4), RNG.normal(size=4)
ROW_GAIN, ROW_SHIFT = RNG.normal(size=6), RNG.normal(size=6)
LOGITS, LABELS = RNG.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
TARGETS = RNG.dirichlet(np.ones(3), 5)


def convolution(**moves):
    return (
        lambda x, w: ag.conv2d(x, w, groups=2, **moves),
        lambda x, w: F.conv2d(x, w, groups=2, **moves),
        IMAGES,
        KERNELS,
    )


def pool(ours, theirs, **moves):
    return lambda x: ours(x, (3, 2), **moves), lambda x: theirs(x, (3, 2), **moves), IMAGES


CASES = {
    "conv2d": convolution(),
    "conv2d, strides": convolution(stride=(2, 1), padding=(1, 2)),
    "conv2d, dilated": convolution(stride=2, padding=3, dilation=2),
    "max_pool2d": pool(ag.max_pool2d, F.max_pool2d),
    "max_pool2d, padded": pool(ag.max_pool2d, F.max_pool2d, stride=(2, 1), padding=1),
    "avg_pool2d": pool(ag.avg_pool2d, F.avg_pool2d),
    "avg_pool2d, padded": pool(ag.avg_pool2d, F.avg_pool2d, stride=(2, 1), padding=1),
    "batch_norm": (
        ag.batch_norm,
        lambda x, gain, shift: F.batch_norm(x, None, None, gain, shift, training=True),
        IMAGES, GAIN, SHIFT,
    ),
    "layer_norm": (
        ag.layer_norm, lambda x, gain, shift: F.layer_norm(x, (6,), gain, shift),
        IMAGES, ROW_GAIN, ROW_SHIFT,
    ),
    "gelu": (ag.gelu, F.gelu, IMAGES),
    "gelu, tanh": (
        lambda x: ag.gelu(x, approximate="tanh"), lambda x: F.gelu(x, approximate="tanh"), IMAGES,
    ),
    "silu": (ag.silu, F.silu, IMAGES),
    "softplus": (ag.softplus, F.softplus, IMAGES),
    "elu": (ag.elu, F.elu, IMAGES),
    "leaky_relu": (ag.leaky_relu, F.leaky_relu, IMAGES),
    "log_softmax": (lambda z: ag.log_softmax(z, axis=0), lambda z: F.log_softmax(z, 0), LOGITS),
    "cross entropy, labels": (
        ag.cross_entropy_with_logits, lambda z, y: F.cross_entropy(z, y, reduction="none"),
        LOGITS, LABELS,
    ),
    "cross entropy, targets": (
        ag.cross_entropy_with_logits, lambda z, y: F.cross_entropy(z, y, reduction="none"),
        LOGITS, TARGETS,
    ),
    "embedding": (ag.embedding, lambda table, index: F.embedding(index, table), LOGITS, LABELS),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_value_and_gradients(case):
    ours, theirs, *inputs = case
    nodes = [ag.Node(x) if x.dtype.kind == "f" else ag.constant(x) for x in inputs]
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    out, expected = ours(*nodes), theirs(*tensors)
    cotangent = RNG.normal(size=out.shape)
    out.backward(cotangent)
    expected.backward(torch.tensor(cotangent))
    np.testing.assert_allclose(out.value, expected.detach().numpy(), rtol=1e-12, atol=1e-13)
    for node, tensor in zip(nodes, tensors, strict=True):
        if node.requires_grad:
            np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=1e-11, atol=1e-12)
