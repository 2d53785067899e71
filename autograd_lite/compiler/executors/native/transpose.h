
/* The transpose of an n by m matrix of REAL */
static void transpose_REAL(const REAL *restrict from, REAL *restrict to, int64_t n, int64_t m) {
    for (int64_t i = 0; i < n; i += 16)
        for (int64_t j = 0; j < m; j++)
            for (int64_t k = i; k < MINIMUM(i + 16, n); k++) to[j * n + k] = from[k * m + j];
}
