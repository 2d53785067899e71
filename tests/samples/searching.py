"""One row for each op of `ops/searching.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    NUMBERS,
    Case,
    even,
    few,
    reals,
    reduces_elements,
    reductions,
    row,
    shapes,
)

counts = reductions(few)
places = counts.filter(lambda case: type(case.params["axis"]) is not tuple).filter(reduces_elements)


@st.composite
def searches(draw):
    x = np.sort(draw(shapes(min_dims=1).map(lambda shape: shape[:1]).flatmap(even)))
    y = draw(shapes().flatmap(lambda shape: even(shape) | reals(shape)))
    return Case((x, y), {"side": draw(st.sampled_from(["left", "right"]))})


def sought_rows(inputs, *, side):
    return (1,) if inputs[1].ndim else ()


SAMPLES = {
    "All": row(counts, np.all, ag.all, dtypes=NUMBERS),
    "Any": row(counts, np.any, ag.any, dtypes=NUMBERS),
    "ArgMax": row(places, np.argmax, ag.argmax, dtypes=NUMBERS),
    "ArgMin": row(places, np.argmin, ag.argmin, dtypes=NUMBERS),
    "CountNonzero": row(counts, np.count_nonzero, ag.count_nonzero, dtypes=NUMBERS),
    "SearchSorted": row(
        searches(), np.searchsorted, ag.searchsorted, batch=sought_rows, dtypes=NUMBERS
    ),
}
