"""`python -m autograd_lite` is the command `autograd-lite`."""

import sys

from autograd_lite.cli.main import main

sys.exit(main())
