"""The command `autograd-lite`: parse, call, print."""

from autograd_lite.cli.command import main

__all__ = ["main"]
