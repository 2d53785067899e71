
/* Products with vectors of REAL. Matrices are row-major; sizes are constants where these are called,
   so that the compiler can unroll. */

typedef REAL lanes_REAL __attribute__((vector_size(64), aligned(sizeof(REAL))));
enum { LANES_REAL = 64 / sizeof(REAL), BLOCK_REAL = 8 * LANES_REAL };

static inline REAL dot_REAL(const REAL *x, const REAL *y, int64_t n) {
    REAL sum = 0;
    #pragma omp simd reduction(+:sum)
    for (int64_t i = 0; i < n; i++) sum = FMA_REAL(x[i], y[i], sum);
    return sum;
}

/* out = sum over i of x[i] * (row i of a), where a has m columns: a vector times a matrix. The rows
   are the first n, or if `rows` is not NULL, the n that it lists. */
static inline __attribute__((always_inline)) void combine_rows_REAL(
    const REAL *restrict a, const REAL *restrict x, REAL *restrict out, const int32_t *rows, int64_t n, int64_t m) {
    int64_t j = 0;
    for (; j + BLOCK_REAL <= m; j += BLOCK_REAL) { /* eight vectors of sums stay in registers */
        lanes_REAL s0 = {0}, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (int64_t k = 0; k < n; k++) {
            const int64_t i = rows ? rows[k] : k;
            const lanes_REAL *row = (const lanes_REAL *)(a + i * m + j);
            const REAL f = x[i];
            s0 += f * row[0]; s1 += f * row[1]; s2 += f * row[2]; s3 += f * row[3];
            s4 += f * row[4]; s5 += f * row[5]; s6 += f * row[6]; s7 += f * row[7];
        }
        lanes_REAL *sum = (lanes_REAL *)(out + j);
        sum[0] = s0; sum[1] = s1; sum[2] = s2; sum[3] = s3; sum[4] = s4; sum[5] = s5; sum[6] = s6; sum[7] = s7;
    }
    if (j == m) return;
    for (int64_t l = j; l < m; l++) out[l] = 0;
    int64_t k = 0;
    for (; k + 4 <= n; k += 4) {
        const int64_t i0 = rows ? rows[k] : k, i1 = rows ? rows[k + 1] : k + 1;
        const int64_t i2 = rows ? rows[k + 2] : k + 2, i3 = rows ? rows[k + 3] : k + 3;
        const REAL f0 = x[i0], f1 = x[i1], f2 = x[i2], f3 = x[i3];
        #pragma omp simd
        for (int64_t l = j; l < m; l++)
            out[l] += (f0 * a[i0 * m + l] + f1 * a[i1 * m + l]) + (f2 * a[i2 * m + l] + f3 * a[i3 * m + l]);
    }
    for (; k < n; k++) {
        const int64_t i = rows ? rows[k] : k;
        #pragma omp simd
        for (int64_t l = j; l < m; l++) out[l] += x[i] * a[i * m + l];
    }
}

/* out[i] = (row i of a) . x, where a is n by m: a matrix times a vector */
static inline __attribute__((always_inline)) void dot_rows_REAL(
    const REAL *restrict a, const REAL *restrict x, REAL *restrict out, int64_t n, int64_t m) {
    if (m >= LANES_REAL) {
        for (int64_t i = 0; i < n; i++) out[i] = dot_REAL(a + i * m, x, m);
        return;
    }
    #pragma omp simd
    for (int64_t i = 0; i < n; i++) { /* short rows: many of them side by side */
        REAL sum = 0;
        for (int64_t k = 0; k < m; k++) sum = FMA_REAL(a[i * m + k], x[k], sum);
        out[i] = sum;
    }
}

/* What an update leaves of an entry w of a matrix: kept * w, or if it decays, w + kept * w */
static inline __attribute__((always_inline)) REAL left_REAL(REAL w, REAL kept, bool decays) {
    return decays ? FMA_REAL(kept, w, w) : kept * w;
}

static inline void keep_REAL(REAL *restrict a, REAL kept, bool decays, int64_t n) {
    if (decays) {
        #pragma omp simd
        for (int64_t i = 0; i < n; i++) a[i] = left_REAL(a[i], kept, true);
    } else {
        #pragma omp simd
        for (int64_t i = 0; i < n; i++) a[i] = left_REAL(a[i], kept, false);
    }
}

/* a[i, :] = what is left of it + scale * x[i] * y for the same rows */
static inline __attribute__((always_inline)) void add_outer_REAL(
    REAL *restrict a, const REAL *restrict x, const REAL *restrict y, REAL scale, REAL kept, bool decays, const int32_t *rows, int64_t n, int64_t m) {
    for (int64_t k = 0; k < n; k++) {
        const int64_t i = rows ? rows[k] : k;
        const REAL f = scale * x[i];
        #pragma omp simd
        for (int64_t j = 0; j < m; j++) a[i * m + j] = FMA_REAL(f, y[j], left_REAL(a[i * m + j], kept, decays));
    }
}
