"""Images and labels to learn from: MNIST in the package, and any folder of IDX files.

MNIST is by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, licence CC BY-SA 3.0:
see `mnist/LICENSE.md`. Nothing here uses the network, unpickles, or keeps a cache.
"""

from autograd_lite.datasets.folder import load_idx, mnist
from autograd_lite.datasets.idx import read_idx

__all__ = ["load_idx", "mnist", "read_idx"]
