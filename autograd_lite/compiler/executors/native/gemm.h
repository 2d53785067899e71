
/* The product of matrices of REAL. A sliver of y is copied so that it lies in a row; x is read where
   it lies, transposed or not. A sum runs along the inner length in one order, whatever the tile, so
   an entry does not depend on how rows and columns are shared out. */

#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast") /* x * y + z in one instruction; the rest is quicker to compile */

typedef REAL vector_REAL __attribute__((vector_size(VECTOR), aligned(sizeof(REAL)), may_alias));
enum { VECTOR_LENGTH_REAL = VECTOR / sizeof(REAL), WIDE_REAL = 2 * VECTOR_LENGTH_REAL };

/* out (+)= scale * x y for a tile of `rows` rows and `columns` columns, at most `vectors` vectors.
   Entries of x are `down` apart in a column and `along` in a row; rows of out are `step` apart. */
static inline __attribute__((always_inline)) void multiply_tile_REAL(
    const REAL *restrict x, const REAL *restrict y, REAL *restrict out, int64_t down, int64_t along,
    int64_t step, int64_t inner, REAL scale, bool add, int64_t columns, const int rows, const int vectors) {
#ifdef __clang__
    #pragma STDC FP_CONTRACT ON
#endif
    vector_REAL sum[TALL][2], row[2];
    #pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) sum[i][v] = (vector_REAL){0};
    for (int64_t l = 0; l < inner; l++, x += along, y += vectors * VECTOR_LENGTH_REAL) {
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) row[v] = ((const vector_REAL *)y)[v];
        #pragma GCC unroll 12
        for (int i = 0; i < rows; i++)
            #pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[i][v] += x[i * down] * row[v];
    }
    const bool whole = columns == vectors * VECTOR_LENGTH_REAL;
    REAL part[TALL][WIDE_REAL];
    #pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            vector_REAL *place = (vector_REAL *)(whole ? out + i * step : part[i]) + v;
            *place = whole && add ? *place + scale * sum[i][v] : scale * sum[i][v];
        }
    if (whole) return;
    for (int i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) out[i * step + j] = part[i][j] + (add ? out[i * step + j] : 0);
}

static inline __attribute__((always_inline)) void multiply_sliver_REAL(
    const REAL *restrict x, const REAL *restrict y, REAL *restrict out, int64_t down, int64_t along,
    int64_t n, int64_t step, int64_t inner, REAL scale, bool add, int64_t columns, const int vectors) {
    int64_t i = 0;
    for (; i + TALL <= n; i += TALL)
        multiply_tile_REAL(x + i * down, y, out + i * step, down, along, step, inner, scale, add, columns, TALL, vectors);
    for (; i + 4 <= n; i += 4)
        multiply_tile_REAL(x + i * down, y, out + i * step, down, along, step, inner, scale, add, columns, 4, vectors);
    for (; i < n; i++)
        multiply_tile_REAL(x + i * down, y, out + i * step, down, along, step, inner, scale, add, columns, 1, vectors);
}

/* Columns of y in a row, one inner index after the other, with zeros up to `width` */
static void copy_sliver_REAL(
    REAL *restrict to, const REAL *restrict y, int64_t down, int64_t along, int64_t inner, int64_t columns, int64_t width) {
    if (columns < width) memset(to, 0, inner * width * sizeof(REAL));
    if (along == 1)
        for (int64_t l = 0; l < inner; l++)
            for (int64_t j = 0; j < columns; j++) to[l * width + j] = y[l * down + j];
    else
        for (int64_t j = 0; j < columns; j++)
            for (int64_t l = 0; l < inner; l++) to[l * width + j] = y[l + j * along];
}

/* out = x y, or out += scale x y, where out is n by m, entries of x and y are `down` apart in a
   column and `along` in a row, and rows of out are `down` apart */
struct product_REAL {
    const REAL *x, *y;
    REAL *out;
    int64_t down_x, along_x, down_y, along_y, down, n, m, k;
    REAL scale;
    bool add;
};

/* Some rows of it, and some columns */
static __attribute__((noinline)) void multiply_part_REAL(const struct product_REAL *q, int64_t first, int64_t last, int64_t left, int64_t right) {
    _Alignas(64) REAL sliver[DEEP * WIDE_REAL];
    for (int64_t l = 0; l == 0 || l < q->k; l += DEEP) { /* once even if k is 0: out is 0 then */
        const int64_t inner = MINIMUM(q->k - l, (int64_t)DEEP);
        const bool add = q->add || l > 0;
        for (int64_t i = first; i < last; i += LONG) {
            const int64_t rows = MINIMUM(last - i, (int64_t)LONG);
            const REAL *const x = q->x + i * q->down_x + l * q->along_x;
            for (int64_t j = left; j < right; j += WIDE_REAL) {
                const int64_t columns = MINIMUM(right - j, (int64_t)WIDE_REAL);
                const bool narrow = columns <= VECTOR_LENGTH_REAL;
                const REAL *const y = q->y + l * q->down_y + j * q->along_y;
                REAL *const out = q->out + i * q->down + j;
                copy_sliver_REAL(sliver, y, q->down_y, q->along_y, inner, columns, narrow ? VECTOR_LENGTH_REAL : WIDE_REAL);
                if (narrow) multiply_sliver_REAL(x, sliver, out, q->down_x, q->along_x, rows, q->down, inner, q->scale, add, columns, 1);
                else multiply_sliver_REAL(x, sliver, out, q->down_x, q->along_x, rows, q->down, inner, q->scale, add, columns, 2);
            }
        }
    }
}

#pragma GCC pop_options

static inline struct product_REAL product_REAL(
    const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    return (struct product_REAL){
        x, y, out, transpose_x ? 1 : k, transpose_x ? n : 1, transpose_y ? 1 : m, transpose_y ? k : 1, m, n, m, k, scale, add};
}

/* x is n by k and y k by m, each lying transposed if said so */
static inline void multiply_REAL(
    const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    const struct product_REAL q = product_REAL(x, y, out, transpose_x, transpose_y, n, m, k, scale, add);
    multiply_part_REAL(&q, 0, n, 0, m);
}
