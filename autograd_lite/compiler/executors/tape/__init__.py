"""Graphs of scalars: one tape of operations on floats, for one C interpreter or as Python code."""
