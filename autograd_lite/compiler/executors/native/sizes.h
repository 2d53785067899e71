
static double sum_of_sizes_REAL(const REAL *x, int64_t n) {
    double sum = 0;
    #pragma omp simd reduction(+:sum)
    for (int64_t i = 0; i < n; i++) sum += fabs((double)x[i]);
    return sum;
}
