/* In a pass, rows of a matrix that meet a 0 of the input are left out: they add exactly 0, and
   their update is exactly 0, as long as the matrix is finite. That is sure while `bound`, which no
   entry can be larger than, is: it grows with each update by the largest that this may add.
   (Sums begin at +0, which -0 does not change; an entry that is -0 may stay so instead of +0.) */
struct nonzero {
    double bound; /* infinite: not known to be finite, so all rows count */
    double size;  /* sum of the sizes of the input's entries */
    int64_t count;
    int32_t *rows;
};

#define LIMIT_float FLT_MAX
#define LIMIT_double DBL_MAX
