
/* The product of matrices of REAL. A sliver of y is copied so that it lies in a row; x is read where
   it lies, transposed or not. A sum runs along the inner length in one order, whatever the tile, so
   an entry does not depend on how rows and columns are shared out. */

#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast") /* x * y + z in one instruction; the rest is quicker to compile */

typedef REAL vector_REAL __attribute__((vector_size(VECTOR), aligned(sizeof(REAL)), may_alias));
enum { VECTOR_LENGTH_REAL = VECTOR / sizeof(REAL), WIDE_REAL = 2 * VECTOR_LENGTH_REAL };

/* out (+)= scale * x y for a tile of `rows` rows and `columns` columns, at most `vectors` vectors.
   Entries of x are `down` apart in a column and `along` in a row; rows of out are `step` apart. Rows
   of y lie one behind the other, or those of a convolution where `at` says. */
static inline __attribute__((always_inline)) void multiply_tile_REAL(
    const REAL *restrict x, const REAL *restrict y, const int32_t *at, REAL *restrict out, int64_t down, int64_t along,
    int64_t step, int64_t inner, REAL scale, bool add, int64_t columns, const int rows, const int vectors) {
#ifdef __clang__
    #pragma STDC FP_CONTRACT ON
#endif
    vector_REAL sum[TALL][2], row[2];
    #pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) sum[i][v] = (vector_REAL){0};
    const REAL *third[4] = {x, x + 3 * down, x + 6 * down, x + 9 * down}; /* as 12 steps of `down` need 12 registers */
    for (int64_t l = 0; l < inner; l++, y += at ? 0 : vectors * VECTOR_LENGTH_REAL) {
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) row[v] = ((const vector_REAL *)(at ? y + at[l] : y))[v];
        #pragma GCC unroll 12
        for (int i = 0; i < rows; i++)
            #pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[i][v] += third[i / 3][i % 3 * down] * row[v];
        #pragma GCC unroll 4
        for (int i = 0; i < 4; i++) third[i] += along;
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
    const REAL *restrict x, const REAL *restrict y, const int32_t *at, REAL *restrict out, int64_t down, int64_t along,
    int64_t n, int64_t step, int64_t inner, REAL scale, bool add, bool packed, int64_t columns, const int vectors) {
    const int64_t apart = packed ? inner : down;
    int64_t i = 0;
    for (; i + TALL <= n; i += TALL)
        multiply_tile_REAL(x + i * apart, y, at, out + i * step, packed ? 1 : down, packed ? TALL : along, step, inner, scale, add, columns, TALL, vectors);
    for (; i + 4 <= n; i += 4)
        multiply_tile_REAL(x + i * apart, y, at, out + i * step, packed ? 1 : down, packed ? 4 : along, step, inner, scale, add, columns, 4, vectors);
    for (; i < n; i++)
        multiply_tile_REAL(x + i * apart, y, at, out + i * step, down, packed ? 1 : along, step, inner, scale, add, columns, 1, vectors);
}

/* Four vectors of four entries, `along` apart, as four rows, `width` apart */
typedef REAL four_REAL __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
static inline __attribute__((always_inline)) void transpose_four_REAL(REAL *restrict to, const REAL *restrict y, int64_t width, int64_t along) {
#if HAS_SHUFFLE
    const four_REAL a = *(const four_REAL *)y, b = *(const four_REAL *)(y + along);
    const four_REAL c = *(const four_REAL *)(y + 2 * along), d = *(const four_REAL *)(y + 3 * along);
    const four_REAL ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const four_REAL AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(four_REAL *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(four_REAL *)(to + width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(four_REAL *)(to + 2 * width) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
    *(four_REAL *)(to + 3 * width) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
#else
    for (int l = 0; l < 4; l++)
        for (int j = 0; j < 4; j++) to[l * width + j] = y[l + j * along];
#endif
}

/* Columns of y in a row, one inner index after the other, with zeros up to `width` */
static void copy_sliver_REAL(
    REAL *restrict to, const REAL *restrict y, int64_t down, int64_t along, int64_t inner, int64_t columns, int64_t width) {
    if (columns < width) memset(to, 0, inner * width * sizeof(REAL));
    if (along == 1) {
        for (int64_t l = 0; l < inner; l++)
            for (int64_t j = 0; j < columns; j++) to[l * width + j] = y[l * down + j];
        return;
    }
    int64_t first = 0;
    for (; down == 1 && first + NEAR <= inner; first += NEAR) { /* so all columns wait for memory at once */
        int64_t j = 0;
        for (; j + 4 <= columns; j += 4)
            #pragma GCC unroll 4
            for (int64_t l = first; l < first + NEAR; l += 4)
                transpose_four_REAL(to + l * width + j, y + l + j * along, width, along);
        for (; j < columns; j++)
            for (int64_t l = first; l < first + NEAR; l++) to[l * width + j] = y[l + j * along];
    }
    for (int64_t j = 0; j < columns; j++)
        for (int64_t l = first; l < inner; l++) to[l * width + j] = y[l * down + j * along];
}

/* Rows of x as tiles read them: those of a tile side by side, one inner index after the other */
static const REAL *pack_REAL(REAL *restrict to, const REAL *restrict x, int64_t down, int64_t along, int64_t n, int64_t inner) {
    for (int64_t i = 0, rows; i < n; i += rows) {
        rows = n - i >= TALL ? TALL : n - i >= 4 ? 4 : 1;
        copy_sliver_REAL(to + i * inner, x + i * down, along, down, inner, rows, rows);
    }
    return to;
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

/* Some rows of it, and some columns; `block` has room for rows of x, or is NULL */
static inline __attribute__((always_inline)) void multiply_block_REAL(
    const struct product_REAL *q, int64_t first, int64_t last, int64_t left, int64_t right, REAL *block, int64_t tall) {
    _Alignas(64) REAL sliver[DEEP * WIDE_REAL];
    for (int64_t l = 0; l == 0 || l < q->k; l += DEEP) { /* once even if k is 0: out is 0 then */
        const int64_t inner = MINIMUM(q->k - l, (int64_t)DEEP);
        const bool add = q->add || l > 0;
        for (int64_t i = first; i < last; i += tall) {
            const int64_t rows = MINIMUM(last - i, tall);
            const REAL *x = q->x + i * q->down_x + l * q->along_x;
            if (block) x = pack_REAL(block, x, q->down_x, q->along_x, rows, inner);
            for (int64_t j = left; j < right; j += WIDE_REAL) {
                const int64_t columns = MINIMUM(right - j, (int64_t)WIDE_REAL);
                const bool narrow = columns <= VECTOR_LENGTH_REAL;
                const REAL *const y = q->y + l * q->down_y + j * q->along_y;
                REAL *const out = q->out + i * q->down + j;
                copy_sliver_REAL(sliver, y, q->down_y, q->along_y, inner, columns, narrow ? VECTOR_LENGTH_REAL : WIDE_REAL);
                if (narrow) multiply_sliver_REAL(x, sliver, NULL, out, q->down_x, q->along_x, rows, q->down, inner, q->scale, add, block, columns, 1);
                else multiply_sliver_REAL(x, sliver, NULL, out, q->down_x, q->along_x, rows, q->down, inner, q->scale, add, block, columns, 2);
            }
        }
    }
}

static __attribute__((noinline)) void multiply_packed_REAL(const struct product_REAL *q, int64_t first, int64_t last, int64_t left, int64_t right) {
    _Alignas(64) REAL block[BLOCK / sizeof(REAL)];
    multiply_block_REAL(q, first, last, left, right, block, BLOCK / sizeof(REAL) / DEEP);
}

static __attribute__((noinline)) void multiply_unpacked_REAL(const struct product_REAL *q, int64_t first, int64_t last, int64_t left, int64_t right) {
    multiply_block_REAL(q, first, last, left, right, NULL, LONG);
}

/* Whether entries of x that meet one column of y are so far apart that it pays to put them together */
static inline bool packs_REAL(const struct product_REAL *q) {
    return q->along_x * (int64_t)sizeof(REAL) >= PAGE && q->m > PACKED * WIDE_REAL;
}

static void multiply_part_REAL(const struct product_REAL *q, int64_t first, int64_t last, int64_t left, int64_t right) {
    if (packs_REAL(q)) multiply_packed_REAL(q, first, last, left, right);
    else multiply_unpacked_REAL(q, first, last, left, right);
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
