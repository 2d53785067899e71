"""A graph as JSON, and back."""
