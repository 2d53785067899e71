"""How a model is trained, evaluated and kept on the way."""
