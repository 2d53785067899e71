"""In which order what is computed, and where it lies."""
