"""The native executor: a plan becomes C, the machine's own compiler makes it quick."""
