"""ONNX: a row for an op says which ONNX operators it is; an op without a row is taken apart."""
