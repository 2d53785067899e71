
/* Linear algebra of REAL by LAPACK, whose matrices lie column by column. What is returned is not 0
   where LAPACK gives up, or memory is short. Room for work is as LAPACK's pages ask, and some more. */

enum { BLOCK_OF_LAPACK_REAL = 64 };

static REAL *room_REAL(int64_t reals, int64_t integers, int **whole) {
    REAL *room = malloc(reals * sizeof(REAL) + (integers + 1) * sizeof(int));
    *whole = (int *)(room + reals);
    return room;
}

static int cholesky_REAL(lapack *potrf, const REAL *x, REAL *out, int n) {
    int info = 0, lead = MAXIMUM(n, 1), *unused;
    REAL *room = room_REAL((int64_t)n * n, 0, &unused);
    if (room == NULL) return 1;
    transpose_REAL(x, room, n, n);
    potrf("L", &n, room, &lead, &info);
    transpose_REAL(room, out, n, n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++) out[i * n + j] = 0;
    free(room);
    return info;
}

/* out = a^-1 b, or a^-T b; b is the identity where it is NULL */
static int solve_REAL(lapack *gesv, const REAL *a, const REAL *b, REAL *out, int n, int k, bool transpose) {
    if (n <= FEW_REAL) return solve_few_REAL(a, b, out, n, k, transpose);
    int info = 0, lead = MAXIMUM(n, 1), *pivots;
    REAL *room = room_REAL((int64_t)n * n + (int64_t)n * k, n, &pivots), *columns = room + (int64_t)n * n;
    if (room == NULL) return 1;
    if (transpose) memcpy(room, a, (size_t)n * n * sizeof(REAL)); else transpose_REAL(a, room, n, n);
    if (b != NULL) transpose_REAL(b, columns, n, k);
    else for (int64_t i = 0; i < (int64_t)n * n; i++) columns[i] = i % (n + 1) == 0;
    gesv(&n, &k, room, &lead, pivots, columns, &lead, &info);
    transpose_REAL(columns, out, k, n);
    free(room);
    return info;
}

static bool are_finite_REAL(const REAL *x, int64_t n) {
    int outside = 0;
    #pragma omp simd reduction(|:outside)
    for (int64_t i = 0; i < n; i++) outside |= !(FABS_REAL(x[i]) < INFINITY);
    return !outside;
}

/* The same for a lower triangle a, whose elements above the diagonal are 0: (a^-1 b)T = bT a^-T.
   NaN and infinities spread as in a factorization. */
static int solve_triangle_REAL(
    lapack *trsm, lapack *gesv, const REAL *a, const REAL *b, REAL *out, int n, int k, bool transpose) {
    int high = MAXIMUM(n, 1), wide = MAXIMUM(k, 1);
    const int64_t size = (int64_t)n * k;
    REAL one = 1;
    if (!are_finite_REAL(a, (int64_t)n * n) || !are_finite_REAL(b, size)) return solve_REAL(gesv, a, b, out, n, k, transpose);
    memcpy(out, b, size * sizeof(REAL));
    trsm("R", "U", transpose ? "T" : "N", "N", &k, &n, &one, a, &high, out, &wide);
    return 0;
}

/* The sign of the determinant, and the logarithm of its size; 0 and -inf for a singular matrix */
static int slogdet_REAL(lapack *getrf, const REAL *x, REAL *sign, REAL *logarithm, int n) {
    if (n <= FEW_REAL) { slogdet_few_REAL(x, sign, logarithm, n); return 0; }
    int info = 0, lead = MAXIMUM(n, 1), *pivots;
    REAL *room = room_REAL((int64_t)n * n, n, &pivots);
    if (room == NULL) return 1;
    transpose_REAL(x, room, n, n);
    getrf(&n, &n, room, &lead, pivots, &info);
    *sign = info == 0, *logarithm = info == 0 ? 0 : -INFINITY;
    for (int64_t i = 0; i < n && info == 0; i++) {
        const REAL entry = room[i * (n + 1)];
        if ((pivots[i] != i + 1) != (entry < 0)) *sign = -*sign;
        *logarithm += log_REAL(FABS_REAL(entry));
    }
    free(room);
    return 0;
}

static int eigh_REAL(lapack *syevd, const REAL *x, REAL *values, REAL *vectors, int n) {
    int info = 0, lead = MAXIMUM(n, 1), reals = 1 + (6 + BLOCK_OF_LAPACK_REAL) * n + 2 * n * n, integers = 3 + 5 * n, *whole;
    REAL *room = room_REAL((int64_t)n * n + reals, integers, &whole);
    if (room == NULL) return 1;
    transpose_REAL(x, room, n, n);
    syevd("V", "L", &n, room, &lead, values, room + (int64_t)n * n, &reals, whole, &integers, &info);
    transpose_REAL(room, vectors, n, n);
    free(room);
    return info;
}

static int qr_REAL(lapack *geqrf, lapack *orgqr, const REAL *x, REAL *q, REAL *r, int n, int m) {
    int info = 0, k = MINIMUM(n, m), lead = MAXIMUM(n, 1), reals = BLOCK_OF_LAPACK_REAL * MAXIMUM(MAXIMUM(n, m), 1), *unused;
    const int64_t size = (int64_t)n * m;
    REAL *room = room_REAL(size + k + reals, 0, &unused), *tau = room + size, *work = tau + k;
    if (room == NULL) return 1;
    transpose_REAL(x, room, n, m);
    geqrf(&n, &m, room, &lead, tau, work, &reals, &info);
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < m; j++) r[i * m + j] = i <= j ? room[j * n + i] : 0;
    if (info == 0) orgqr(&n, &k, &k, room, &lead, tau, work, &reals, &info);
    transpose_REAL(room, q, k, n);
    free(room);
    return info;
}

static int svd_REAL(lapack *gesdd, const REAL *x, REAL *u, REAL *s, REAL *vh, int n, int m) {
    int info = 0, k = MINIMUM(n, m), high = MAXIMUM(n, 1), low = MAXIMUM(k, 1), *whole;
    int reals = 4 * k * k + 7 * k + MAXIMUM(n, m) + BLOCK_OF_LAPACK_REAL * (n + m) + 1;
    const int64_t size = (int64_t)n * m;
    REAL *room = room_REAL(size + (int64_t)k * (n + m) + reals, 8 * k, &whole);
    REAL *left = room + size, *right = left + (int64_t)n * k;
    if (room == NULL) return 1;
    transpose_REAL(x, room, n, m);
    gesdd("S", &n, &m, room, &high, s, left, &high, right, &low, right + (int64_t)k * m, &reals, whole, &info);
    transpose_REAL(left, u, k, n);
    transpose_REAL(right, vh, m, k);
    free(room);
    return info;
}
