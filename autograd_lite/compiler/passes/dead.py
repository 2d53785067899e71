"""Dead nodes: what no result needs is left out."""

from autograd_lite.compiler.draft import Draft, rewritten


def dead(draft: Draft) -> Draft:
    """The same draft without what neither an output nor an update depends on."""
    return rewritten(draft, lambda _build, _node: None)
