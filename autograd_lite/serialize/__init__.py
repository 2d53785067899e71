"""A graph as JSON, and back; and how all files are written: whole, or not at all."""
