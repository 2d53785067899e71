"""HOW FAST: a graph is planned once and run many times."""
