"""The JAX executor: a step as one pure function that XLA compiles, for CPUs, GPUs and TPUs.

It is told the graph, and neither places nor fused loops: those are XLA's business. Only this
folder imports jax, and only when a program asks for it.
"""
