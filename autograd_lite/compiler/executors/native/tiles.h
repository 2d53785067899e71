
/* The product of matrices of REAL. A sliver of y is copied so that it lies in a row; x is read where
   it lies, transposed or not. A sum runs along the inner length in one order, whatever the tile, so
   an entry does not depend on how rows and columns are shared out. */

#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast") /* x * y + z in one instruction; the rest is quicker to compile */

typedef REAL vector_REAL __attribute__((vector_size(VECTOR), aligned(sizeof(REAL)), may_alias));
typedef REAL four_REAL __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
enum { VECTOR_LENGTH_REAL = VECTOR / sizeof(REAL), WIDE_REAL = 2 * VECTOR_LENGTH_REAL };

/* By vectors as far as they go, and then by fours */
static inline void copy_few_REAL(REAL *to, const REAL *from, int64_t count) {
    int64_t j = 0;
    for (; j + VECTOR_LENGTH_REAL <= count; j += VECTOR_LENGTH_REAL) *(vector_REAL *)(to + j) = *(const vector_REAL *)(from + j);
    for (; j + 4 <= count; j += 4) *(four_REAL *)(to + j) = *(const four_REAL *)(from + j);
    if (j < count && j > 0) *(four_REAL *)(to + count - 4) = *(const four_REAL *)(from + count - 4);
    else for (; j < count; j++) to[j] = from[j];
}

/* The first columns of a row of a tile */
static inline void put_columns_REAL(REAL *restrict out, const REAL *restrict from, int64_t columns, bool add) {
    if (!add) return copy_few_REAL(out, from, columns);
    int64_t j = 0;
    for (; j + 4 <= columns; j += 4) *(four_REAL *)(out + j) += *(const four_REAL *)(from + j);
    for (; j < columns; j++) out[j] += from[j];
}

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
    for (int i = 0; i < rows; i++) put_columns_REAL(out + i * step, part[i], columns, add);
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
        for (int64_t l = 0; l < inner; l++) copy_few_REAL(to + l * width, y + l * down, columns);
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

#pragma GCC pop_options
