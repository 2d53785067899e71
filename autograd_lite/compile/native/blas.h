
/* The multiplications from which BLAS is faster, if there is one. (Measured for the first two: with
   AVX-512 it never is, as OpenBLAS has no kernels for newer processors of that kind.) */
#ifndef BLAS_PAYS
#if defined(__AVX512F__)
#define BLAS_PAYS INT64_MAX
#elif defined(__AVX2__) && defined(__FMA__)
#define BLAS_PAYS 250000000
#else
#define BLAS_PAYS 20000
#endif
#endif

/* The same, by BLAS if that pays. It is column-major, so it is told the transposed
   product, yT xT = (x y)T. */
static inline void multiply_well_REAL(
    gemm_REAL *gemm, const REAL *x, const REAL *y, REAL *out, bool transpose_x, bool transpose_y,
    int64_t n, int64_t m, int64_t k, REAL scale, bool add) {
    if (gemm == NULL || n * m * k < BLAS_PAYS) {
        multiply_REAL(x, y, out, transpose_x, transpose_y, n, m, k, scale, add);
        return;
    }
    int rows = (int)m, columns = (int)n, inner = (int)k;
    int width_y = (int)(transpose_y ? k : m), width_x = (int)(transpose_x ? n : k);
    REAL kept = add ? 1 : 0;
    gemm(transpose_y ? "T" : "N", transpose_x ? "T" : "N", &rows, &columns, &inner, &scale,
         y, &width_y, x, &width_x, &kept, out, &rows);
}
