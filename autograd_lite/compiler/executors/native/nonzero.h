
/* Look at the next vector; list what is not 0 if that is worth it, with `few` for an answer */
static void look_REAL(struct nonzero *found, const REAL *x, int64_t n) {
    REAL count = 0, size = 0;
    #pragma omp simd reduction(+:count, size)
    for (int64_t i = 0; i < n; i++) {
        count += x[i] != 0 ? 1 : 0;
        size += FABS_REAL(x[i]);
    }
    found->few = 4 * count < 3 * n && found->bound < LIMIT_REAL;
    found->size = size;
    if (!found->few) return;
    int64_t listed = 0;
    for (int64_t i = 0; i < n; i++) {
        found->rows[listed] = (int32_t)i;
        listed += x[i] != 0;
    }
    found->count = listed;
}

/* Whether the update a += scale * x * y may keep to the listed rows */
static bool stays_finite_REAL(struct nonzero *found, const REAL *y, double scale, double kept, bool decays, int64_t m) {
    if (!(found->bound < LIMIT_REAL)) return false;
    found->bound *= growth(kept, decays);
    found->bound += fabs(scale) * found->size * sum_of_sizes_REAL(y, m) * 1.001;
    if (found->bound < LIMIT_REAL) return true;
    found->bound = INFINITY; /* NaN, too */
    return false;
}

#pragma GCC push_options
#pragma GCC optimize("fp-contract=fast")

/* a = what is left of it + x0 * y, and then out = x times a, row by row */
static void update_and_combine_REAL(
    REAL *restrict a, const REAL *restrict x0, const REAL *restrict y, const REAL *restrict x, REAL *restrict out,
    REAL kept, bool decays, int64_t n, int64_t m) {
    const bool is_scaled = kept != 1 || decays;
#ifdef __clang__
    #pragma STDC FP_CONTRACT ON
#endif
    int64_t j = 0;
    for (; j + BLOCK_REAL <= m; j += BLOCK_REAL) {
        lanes_REAL sum[8] = {{0}}, added[8];
        #pragma GCC unroll 8
        for (int v = 0; v < 8; v++) added[v] = ((const lanes_REAL *)(y + j))[v];
        for (int64_t i = 0; i < n; i++) {
            lanes_REAL *row = (lanes_REAL *)(a + i * m + j);
            const REAL f = x0[i], g = x[i];
            #pragma GCC unroll 8
            for (int v = 0; v < 8; v++) {
                lanes_REAL old = row[v];
                if (is_scaled) old = decays ? old + kept * old : kept * old;
                const lanes_REAL updated = old + f * added[v];
                row[v] = updated;
                sum[v] += g * updated;
            }
        }
        #pragma GCC unroll 8
        for (int v = 0; v < 8; v++) ((lanes_REAL *)(out + j))[v] = sum[v];
    }
    for (int64_t l = j; l < m; l++) out[l] = 0;
    for (int64_t i = 0; i < n && j < m; i++) {
        const REAL f = x0[i], g = x[i];
        #pragma omp simd
        for (int64_t l = j; l < m; l++) {
            const REAL updated = left_REAL(a[i * m + l], kept, decays) + f * y[l];
            a[i * m + l] = updated;
            out[l] += g * updated;
        }
    }
}

#pragma GCC pop_options

/* Do the update that waits */
static void settle_REAL(struct nonzero *pass, REAL *a, int64_t n, int64_t m) {
    if (pass->waits) add_outer_REAL(a, pass->x, pass->y, 1, pass->kept, pass->decays, NULL, n, m);
    pass->waits = false;
}

/* out = x times a, after the update that waits; `pass` is NULL outside of a pass */
static inline __attribute__((always_inline)) void combine_REAL(
    struct nonzero *pass, REAL *restrict a, const REAL *restrict x, REAL *restrict out, int64_t n, int64_t m) {
    if (pass != NULL) look_REAL(pass, x, n);
    if (pass != NULL && pass->waits && (!pass->few || pass->kept != 1 || pass->decays)) {
        update_and_combine_REAL(a, pass->x, pass->y, x, out, pass->kept, pass->decays, n, m);
        pass->waits = false;
        return;
    }
    if (pass != NULL) settle_REAL(pass, a, n, m);
    if (pass != NULL && pass->few) combine_rows_REAL(a, x, out, pass->rows, pass->count, m);
    else combine_rows_REAL(a, x, out, NULL, n, m);
}

/* a = what is left of it + scale * x * y, now or with the next product */
static inline __attribute__((always_inline)) void update_REAL(
    struct nonzero *pass, REAL *restrict a, const REAL *restrict x, const REAL *restrict y, REAL scale, REAL kept, bool decays, int64_t n, int64_t m) {
    const bool finite = pass != NULL && stays_finite_REAL(pass, y, scale, kept, decays, m);
    const bool is_scaled = kept != 1 || decays;
    if (finite && pass->few && !is_scaled) {
        add_outer_REAL(a, x, y, scale, 1, false, pass->rows, pass->count, m);
    } else if (pass != NULL && (!pass->few || is_scaled)) {
        REAL *restrict added = pass->y;
        memcpy(pass->x, x, n * sizeof(REAL));
        #pragma omp simd
        for (int64_t j = 0; j < m; j++) added[j] = scale * y[j];
        pass->kept = kept, pass->decays = decays;
        pass->waits = true;
    } else {
        add_outer_REAL(a, x, y, scale, kept, decays, NULL, n, m);
    }
}

/* The same for a matrix that is kept transposed in a pass: out = a times x, and the update */
static inline __attribute__((always_inline)) void combine_columns_REAL(
    struct nonzero *pass, const REAL *restrict a, const REAL *restrict x, REAL *restrict out, int64_t n, int64_t m) {
    if (pass == NULL) dot_rows_REAL(a, x, out, n, m);
    else combine_REAL(pass, pass->turned, x, out, m, n);
}

static inline __attribute__((always_inline)) void update_columns_REAL(
    struct nonzero *pass, REAL *restrict a, const REAL *restrict x, const REAL *restrict y, REAL scale, REAL kept, bool decays, int64_t n, int64_t m) {
    if (pass == NULL) add_outer_REAL(a, x, y, scale, kept, decays, NULL, n, m);
    else update_REAL(pass, pass->turned, y, x, scale, kept, decays, m, n);
}

/* Begin a pass with the transpose, however long, as sums by rows are rounded in another order; what
   `pass` is from then on */
static struct nonzero *turn_REAL(struct nonzero *pass, const REAL *a, int64_t n, int64_t m) {
    pass->turned = malloc(n * m * sizeof(REAL));
    if (pass->turned == NULL) return NULL;
    transpose_REAL(a, pass->turned, n, m);
    return pass;
}

static void turn_back_REAL(struct nonzero *pass, REAL *a, int64_t n, int64_t m) {
    if (pass == NULL) return;
    settle_REAL(pass, pass->turned, m, n);
    transpose_REAL(pass->turned, a, m, n);
    free(pass->turned);
}
