
/* How matrix products are cut for this processor: a tile of the result, TALL rows by two vectors,
   stays in its registers. From BLAS_PAYS multiplications on, BLAS knows the processor better. */
#if defined(__AVX512F__)
enum { VECTOR = 64, TALL = 12 };
#define BLAS_PAYS INT64_MAX
#elif defined(__AVX2__) && defined(__FMA__)
enum { VECTOR = 32, TALL = 6 };
#define BLAS_PAYS 250000000
#elif defined(__aarch64__)
enum { VECTOR = 16, TALL = 12 };
#define BLAS_PAYS 1000000
#else
enum { VECTOR = 16, TALL = 6 };
#define BLAS_PAYS 20000
#endif
enum {
    DEEP = 256, /* of the inner length at a time: a sliver of y, DEEP by two vectors, fills half of L1 */
    LONG = 480, /* rows at a time: so much of x, LONG by DEEP, stays in L2 */
};
