"""The engine: append, evaluate, sweep backwards. README.md says what to read first."""
