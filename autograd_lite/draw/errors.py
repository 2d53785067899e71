"""What can go wrong when a graph is drawn, in the one shape of all errors."""

from __future__ import annotations

from autograd_lite.errors import AutogradError


class DrawError(AutogradError, ValueError):
    """A picture that was asked for in a way that makes no sense."""


class EngineError(AutogradError, RuntimeError):
    """A form of picture that nothing installed here can write."""
