/* What a pass knows of a matrix that is multiplied with a vector in each step and then updated by
   w = kept * w + x * y. What it does is chosen for each vector by what that holds:

   Of many zeros, rows of the matrix that meet one are left out: they add exactly 0, and their update
   is exactly 0, as long as the matrix is finite. That is sure while `bound`, which no entry can be
   larger than, is: it grows with each update by the largest that this may add. (Sums begin at +0,
   which -0 does not change; an entry that is -0 may stay so instead of +0.)

   Of few zeros, or if kept is not 1, the update waits for the product of the next step, and both are one walk through
   the matrix. Nobody else reads it in between. */
struct nonzero {
    double bound; /* infinite: not known to be finite, so all rows count */
    double size;  /* sum of the sizes of the input's entries */
    int64_t count;
    int32_t *rows;  /* those that count, where few do */
    bool few, waits; /* waits: the update is still to be done */
    bool decays;     /* it is w + kept * w + x * y */
    double kept;
    void *x, *y;
    void *turned; /* where vectors meet rows of the matrix, this is its transpose during the pass */
};

/* How much larger a matrix may be after it is scaled */
static inline double growth(double kept, bool decays) {
    return kept == 1 && !decays ? 1 : fabs(decays ? 1 + kept : kept) * 1.000001;
}

#define LIMIT_float FLT_MAX
#define LIMIT_double DBL_MAX
