
/* The multiplications from which BLAS is faster, if there is one: measured for these two kinds of
   processors. (With AVX-512 it never is, as OpenBLAS takes older kernels on the newest of them.) */
#ifndef BLAS_PAYS
#if defined(__AVX512F__)
#define BLAS_PAYS INT64_MAX
#elif defined(__AVX2__) && defined(__FMA__)
#define BLAS_PAYS 250000000
#else
#define BLAS_PAYS 0
#endif
#endif

#ifndef LONG_ALONE
#define LONG_ALONE 10000000 /* multiplications from which threads that are made for them pay */
#endif
enum { BLAS_PIECES = 4 /* into which a product by BLAS is cut */ };
#ifndef PIECE
#define PIECE 192 /* rows, roughly: enough to be worth a copy of a sliver */
#endif

static int64_t rows_of_a_piece(int64_t n) {
    return COVERING(COVERING(n, COVERING(n, (int64_t)PIECE)), TALL) * TALL;
}
