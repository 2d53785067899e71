"""What makes a node pleasant: Python's operators, NumPy's protocols, leaves, the array API."""
