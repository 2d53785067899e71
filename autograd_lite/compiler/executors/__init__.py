"""What turns a plan into something that runs: NumPy, native code, a tape for scalars."""
