
/* Linear algebra of matrices with few rows of REAL, in double: LAPACK takes longer to be called. */

enum { FEW_REAL = 16, WIDTH_REAL = 8 }; /* rows; columns that are solved for at a time */

/* L and U of a matrix with its rows exchanged as told, in its place; the number of a pivot that is
   0, counted from 1 */
static int factorize_REAL(double *a, int *pivots, int n) {
    int info = 0;
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
        pivots[k] = best;
        if (a[best * n + k] == 0) { info = info ? info : k + 1; continue; }
        for (int j = 0; j < n && best != k; j++) {
            const double entry = a[k * n + j];
            a[k * n + j] = a[best * n + j], a[best * n + j] = entry;
        }
        for (int i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] /= a[k * n + k];
            for (int j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
        }
    }
    return info;
}

static double sign_of_REAL(const double *lu, const int *pivots, int n) {
    int changes = 0;
    for (int k = 0; k < n; k++) changes += (pivots[k] != k) + (lu[k * (n + 1)] < 0);
    return changes % 2 ? -1 : 1;
}

/* x = a^-1 b for the factors of a and WIDTH columns; x is b before */
static void substitute_REAL(const double *lu, const int *pivots, double (*x)[WIDTH_REAL], int n) {
    for (int k = 0; k < n; k++) {
        double row[WIDTH_REAL];
        memcpy(row, x[pivots[k]], sizeof row);
        memcpy(x[pivots[k]], x[k], sizeof row);
        for (int q = 0; q < k; q++)
            for (int j = 0; j < WIDTH_REAL; j++) row[j] -= lu[k * n + q] * x[q][j];
        memcpy(x[k], row, sizeof row);
    }
    for (int k = n - 1; k >= 0; k--) {
        double row[WIDTH_REAL];
        memcpy(row, x[k], sizeof row);
        for (int q = k + 1; q < n; q++)
            for (int j = 0; j < WIDTH_REAL; j++) row[j] -= lu[k * n + q] * x[q][j];
        for (int j = 0; j < WIDTH_REAL; j++) x[k][j] = row[j] / lu[k * (n + 1)];
    }
}

/* out = a^-1 b, or a^-T b; b is the identity where it is NULL */
static int solve_few_REAL(const REAL *a, const REAL *b, REAL *out, int n, int k, bool transpose) {
    double lu[FEW_REAL * FEW_REAL], x[FEW_REAL][WIDTH_REAL];
    int pivots[FEW_REAL];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) lu[i * n + j] = transpose ? a[j * n + i] : a[i * n + j];
    const int info = factorize_REAL(lu, pivots, n);
    for (int first = 0; first < k && info == 0; first += WIDTH_REAL) {
        const int width = MINIMUM(k - first, (int)WIDTH_REAL);
        memset(x, 0, sizeof x);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < width; j++) x[i][j] = b ? b[i * k + first + j] : i == first + j;
        substitute_REAL(lu, pivots, x, n);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < width; j++) out[i * k + first + j] = x[i][j];
    }
    return info;
}

static void slogdet_few_REAL(const REAL *x, REAL *sign, REAL *logarithm, int n) {
    double lu[FEW_REAL * FEW_REAL], sum = 0;
    int pivots[FEW_REAL];
    for (int i = 0; i < n * n; i++) lu[i] = x[i];
    if (factorize_REAL(lu, pivots, n)) { *sign = 0, *logarithm = -INFINITY; return; }
    for (int i = 0; i < n; i++) sum += log_double(fabs(lu[i * (n + 1)]));
    *sign = sign_of_REAL(lu, pivots, n), *logarithm = sum;
}

/* det x . x^-T; where x is nearly singular, each cofactor by the determinant of its minor */
static void cofactors_REAL(const REAL *x, REAL *out, int n) {
    double lu[FEW_REAL * FEW_REAL], columns[FEW_REAL][WIDTH_REAL];
    int pivots[FEW_REAL];
    double own = 0, other = 0, det;
    for (int i = 0; i < n * n; i++) lu[i] = x[i], own += lu[i] * lu[i];
    const int info = factorize_REAL(lu, pivots, n);
    det = sign_of_REAL(lu, pivots, n);
    for (int i = 0; i < n; i++) det *= fabs(lu[i * (n + 1)]);
    for (int first = 0; first < n && info == 0; first += WIDTH_REAL) {
        for (int i = 0; i < n; i++)
            for (int j = 0; j < WIDTH_REAL; j++) columns[i][j] = i == first + j;
        substitute_REAL(lu, pivots, columns, n);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < WIDTH_REAL && first + j < n; j++) {
                other += columns[i][j] * columns[i][j];
                out[(first + j) * n + i] = det * columns[i][j];
            }
    }
    if (info == 0 && own * other < 1e12) return;
    for (int place = 0; place < n * n; place++) {
        const int row = place / n, column = place % n;
        int count = 0;
        for (int i = 0; i < n * n; i++)
            if (i / n != row && i % n != column) lu[count++] = x[i];
        det = factorize_REAL(lu, pivots, n - 1) ? 0 : sign_of_REAL(lu, pivots, n - 1);
        for (int i = 0; i < n - 1 && det != 0; i++) det *= fabs(lu[i * n]);
        out[place] = (row + column) % 2 ? -det : det;
    }
}
