
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

/* Some rows by BLAS. It is column-major, so it is told the transposed product, yT xT = (x y)T. */
struct blas_product_REAL {
    gemm_REAL *gemm;
    struct product_REAL product;
    bool transpose_x, transpose_y;
};

static int64_t rows_by_blas_REAL(int64_t n) {
    return MAXIMUM(COVERING(n, (int64_t)BLAS_PIECES), (int64_t)TALL);
}

static void multiply_piece_by_blas_REAL(const struct program *p, int64_t piece, void *data) {
    const struct blas_product_REAL *const blas = data;
    const struct product_REAL *const q = &blas->product;
    const int64_t first = piece * rows_by_blas_REAL(q->n);
    int rows = (int)q->m, columns = (int)MINIMUM(rows_by_blas_REAL(q->n), q->n - first), inner = (int)q->k;
    int width_y = (int)(blas->transpose_y ? q->k : q->m), width_x = (int)(blas->transpose_x ? q->n : q->k);
    REAL kept = q->add ? 1 : 0, scale = q->scale;
    blas->gemm(blas->transpose_y ? "T" : "N", blas->transpose_x ? "T" : "N", &rows, &columns, &inner, &scale,
               q->y, &width_y, q->x + first * q->down_x, &width_x, &kept, q->out + first * q->down, &rows);
}

/* The same by several threads, by BLAS where that is quicker */
KERNEL void multiply_large_REAL(
    const struct program *p, gemm_REAL *gemm, const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    struct product_REAL q = product_REAL(x, y, out, transpose_x, transpose_y, n, m, k, scale, add);
    const bool is_long = n * m * k >= LONG_ALONE;
    if (gemm == NULL || n * m * k < BLAS_PAYS) {
        const int64_t pieces = COVERING(m, columns_of_a_piece_REAL(&q)) * COVERING(n, rows_of_a_piece(n));
        in_threads(p, multiply_piece_REAL, pieces, &q, is_long);
    } else {
        struct blas_product_REAL blas = {gemm, q, transpose_x, transpose_y};
        in_threads(p, multiply_piece_by_blas_REAL, COVERING(n, rows_by_blas_REAL(n)), &blas, is_long);
    }
}
