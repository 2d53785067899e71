
static double sum_of_sizes_REAL(const REAL *x, int64_t n) {
    double sum = 0;
    #pragma omp simd reduction(+:sum)
    for (int64_t i = 0; i < n; i++) sum += fabs((double)x[i]);
    return sum;
}

static inline bool list_nonzero_REAL(struct nonzero *found, const REAL *x, int64_t n) {
    if (found == NULL || !(found->bound < LIMIT_REAL)) return false;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        found->rows[count] = (int32_t)i;
        count += x[i] != 0;
    }
    found->count = count;
    found->size = sum_of_sizes_REAL(x, n);
    return true;
}

/* Whether the update a += scale * x * y may keep to the listed rows */
static inline bool stays_finite_REAL(struct nonzero *found, const REAL *y, double scale, int64_t m) {
    if (found == NULL || !(found->bound < LIMIT_REAL)) return false;
    found->bound += fabs(scale) * found->size * sum_of_sizes_REAL(y, m) * 1.001;
    if (found->bound < LIMIT_REAL) return true;
    found->bound = INFINITY; /* NaN, too */
    return false;
}
