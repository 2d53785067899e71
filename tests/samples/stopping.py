"""One row for each op of `ops/stopping.py`."""

import autograd_lite as ag
from samples.common import NUMBERS, Case, reals, row, shapes

SAMPLES = {
    "StopGradient": row(
        shapes().flatmap(reals).map(lambda x: Case((x,))),
        lambda x: x,
        ag.stop_gradient,
        dtypes=NUMBERS,
    ),
}
