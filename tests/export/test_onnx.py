"""ONNX files give what the interpreter gives, run by onnxruntime: ops, gradients, training steps."""

import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
