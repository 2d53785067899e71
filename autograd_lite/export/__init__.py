"""A recorded graph as a file that other programs run, gradients and updates included.

`onnx` writes ONNX, one row an op; `stablehlo` what JAX and XLA read. Only these modules import the
libraries that they are named after, and only when something is exported.
"""
