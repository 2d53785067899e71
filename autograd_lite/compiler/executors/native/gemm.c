
#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast")

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

KERNEL void multiply_part_REAL(const struct product_REAL *q, int64_t first, int64_t last, int64_t left, int64_t right) {
    if (packs_REAL(q)) multiply_packed_REAL(q, first, last, left, right);
    else multiply_unpacked_REAL(q, first, last, left, right);
}

#pragma GCC pop_options

/* x is n by k and y k by m, each lying transposed if said so */
KERNEL void multiply_REAL(
    const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    const struct product_REAL q = product_REAL(x, y, out, transpose_x, transpose_y, n, m, k, scale, add);
    multiply_part_REAL(&q, 0, n, 0, m);
}
