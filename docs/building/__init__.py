"""What the documentation needs beside Sphinx: formulas, pages from elsewhere, the reference."""
