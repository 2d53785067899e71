
/* A sliver wide, or several where rows are packed, and some rows high */
static int64_t columns_of_a_piece_REAL(const struct product_REAL *q) {
    return packs_REAL(q) ? PACKED * WIDE_REAL : WIDE_REAL;
}

static void multiply_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct product_REAL *const q = data;
    const int64_t wide = columns_of_a_piece_REAL(q), high = rows_of_a_piece(q->n);
    const int64_t across = COVERING(q->m, wide), i = piece / across * high, j = piece % across * wide;
    multiply_part_REAL(q, i, MINIMUM(i + high, q->n), j, MINIMUM(j + wide, q->m));
}

/* The same by several threads, or by BLAS. It is column-major, so it is told the transposed product,
   yT xT = (x y)T. */
static inline void multiply_large_REAL(
    const struct program *p, gemm_REAL *gemm, const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    if (gemm == NULL || n * m * k < BLAS_PAYS) {
        struct product_REAL q = product_REAL(x, y, out, transpose_x, transpose_y, n, m, k, scale, add);
        const int64_t pieces = COVERING(m, columns_of_a_piece_REAL(&q)) * COVERING(n, rows_of_a_piece(n));
        in_threads(p, multiply_piece_REAL, pieces, &q, n * m * k >= LONG_ALONE);
        return;
    }
    int rows = (int)m, columns = (int)n, inner = (int)k;
    int width_y = (int)(transpose_y ? k : m), width_x = (int)(transpose_x ? n : k);
    REAL kept = add ? 1 : 0;
    gemm(transpose_y ? "T" : "N", transpose_x ? "T" : "N", &rows, &columns, &inner, &scale,
         y, &width_y, x, &width_x, &kept, out, &rows);
}
