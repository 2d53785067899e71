"""What is exported is compared as compiled programs are."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "compiler"))
