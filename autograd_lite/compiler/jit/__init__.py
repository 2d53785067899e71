"""`jit`: a plain function, recorded once for the shapes of its arguments and run as a program."""
