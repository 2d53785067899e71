"""The native executor: a plan becomes C, the machine's own compiler makes it quick."""

from autograd_lite.compiler.executors.native.executor import NativeExecutor

__all__ = ["NativeExecutor"]
