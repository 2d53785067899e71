
/* out = x y, or out += scale x y, where out is n by m, entries of x and y are `down` apart in a
   column and `along` in a row, and rows of out are `down` apart */
struct product_REAL {
    const REAL *x, *y;
    REAL *out;
    int64_t down_x, along_x, down_y, along_y, down, n, m, k;
    REAL scale;
    bool add;
};

static inline struct product_REAL product_REAL(
    const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    return (struct product_REAL){
        x, y, out, transpose_x ? 1 : k, transpose_x ? n : 1, transpose_y ? 1 : m, transpose_y ? k : 1, m, n, m, k, scale, add};
}
