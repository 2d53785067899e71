
/* Products of matrices of REAL from listed entries of x alone */

#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast")

/* Rows `first` to `last` of `vectors` vectors of out from column j on, of which the first `known`
   columns have been computed before; from lists for `near` columns of x each */
static inline __attribute__((always_inline)) void multiply_listed_strip_REAL(
    const struct product_REAL *q, const uint8_t *lists, const uint8_t *counts, int64_t first, int64_t last,
    int64_t j, int64_t known, int64_t near, const int vectors) {
#ifdef __clang__
    #pragma STDC FP_CONTRACT ON
#endif
    for (int64_t l = 0; l < q->k; l += near) {
        if (q->along_x != 1) /* x lies transposed, so no processor guesses what will be read */
            for (int64_t e = l + near; e < MINIMUM(l + 2 * near, q->k); e++)
                for (int64_t i = first; i < last; i += 64 / (int)sizeof(REAL))
                    __builtin_prefetch(q->x + e * q->along_x + i);
        for (int64_t i = first; i < last; i++) {
            const int64_t number = l / near * q->n + i;
            const uint8_t *const list = lists + number * near;
            const REAL *const x = q->x + i * q->down_x + l * q->along_x, *const y = q->y + l * q->m + j;
            vector_REAL sum[8], *const out = (vector_REAL *)(q->out + i * q->m + j);
            const bool add = q->add || l > 0;
            #pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) sum[v] = (vector_REAL){0};
            for (int t = 0; t < counts[number]; t++) {
                const REAL entry = x[list[t] * q->along_x];
                const vector_REAL *const row = (const vector_REAL *)(y + list[t] * q->m);
                #pragma GCC unroll 8
                for (int v = 0; v < vectors; v++) sum[v] += entry * row[v];
            }
            if (known == 0)
                #pragma GCC unroll 8
                for (int v = 0; v < vectors; v++) out[v] = add ? out[v] + q->scale * sum[v] : q->scale * sum[v];
            else
                for (int64_t c = known; c < VECTOR_LENGTH_REAL; c++)
                    out[0][c] = (add ? out[0][c] : 0) + q->scale * sum[0][c];
        }
    }
}

static __attribute__((noinline)) void multiply_listed_REAL(
    const struct product_REAL *q, const uint8_t *lists, const uint8_t *counts, int64_t first, int64_t last, int64_t near) {
    const int64_t one = VECTOR_LENGTH_REAL;
    int64_t j = 0;
    for (; j + 8 * one <= q->m; j += 8 * one) multiply_listed_strip_REAL(q, lists, counts, first, last, j, 0, near, 8);
    for (; j < q->m; j += one) {
        const int64_t start = MINIMUM(j, q->m - one);
        multiply_listed_strip_REAL(q, lists, counts, first, last, start, j - start, near, 1);
    }
}

/* List NEAR_DOWN rows of x, or those that are left; false if too many entries are not 0 */
static bool list_rows_REAL(struct sparse *found, const REAL *x, int64_t first, int64_t last, int64_t n, int64_t k) {
    uint8_t flags[MOST_ENTRIES + NEAR_ALONG] = {0};
    double total = 0;
    int64_t count = 0;
    memset(found->column_counts + first / NEAR_DOWN * k, 0, k);
    for (int64_t i = first; i < last; i++) {
        const REAL *const row = x + i * k;
        REAL size = 0;
        for (int64_t l = 0; l < k; l += 64 / (int)sizeof(REAL)) __builtin_prefetch(row + AHEAD * k + l);
        #pragma omp simd reduction(+:size)
        for (int64_t l = 0; l < k; l++) {
            flags[l] = row[l] != 0; /* NaN is not */
            size += row[l] < 0 ? -row[l] : row[l];
        }
        total += size;
        count += list_row(found, flags, i, n, k);
        if (count * FEW > (i - first + 8) * k) return false;
    }
    found->sizes[first / NEAR_DOWN] = total;
    return true;
}

/* Whether it takes a few rows only to see that x is no case for lists */
static bool is_full_REAL(const REAL *x, int64_t n, int64_t k) {
    int64_t count = 0, seen = 0;
    for (int64_t i = 0; i < n; i += NEAR_DOWN, seen += k)
        for (int64_t l = 0; l < k; l++) count += x[i * k + l] != 0;
    return 2 * count > seen;
}

struct sparse_product_REAL {
    struct sparse *found;
    struct product_REAL product;
};

/* NEAR_DOWN rows of x w */
static void multiply_sparse_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct sparse_product_REAL *const sparse = data;
    const struct product_REAL *const q = &sparse->product;
    struct sparse *const found = sparse->found;
    const int64_t first = piece * NEAR_DOWN, last = MINIMUM(first + NEAR_DOWN, q->n);
    if (__atomic_load_n(&found->is_dense, __ATOMIC_RELAXED)) return;
    if (list_rows_REAL(found, q->x, first, last, q->n, q->k))
        multiply_listed_REAL(q, found->in_rows, found->row_counts, first, last, NEAR_ALONG);
    else __atomic_store_n(&found->is_dense, true, __ATOMIC_RELAXED);
}

/* out = x w; false if it has to be computed from all entries */
KERNEL bool multiply_sparse_REAL(
    const struct program *p, struct sparse *found, const REAL *x, const REAL *w, REAL *out, int64_t n, int64_t m, int64_t k) {
    if (found == NULL || m < VECTOR_LENGTH_REAL) return false;
    found->is_dense = is_full_REAL(x, n, k);
    if (found->is_dense) return false;
    if (!found->is_bounded) found->bound = sum_of_sizes_REAL(w, k * m);
    found->is_bounded = true;
    found->is_dense = !(found->bound < LIMIT_REAL); /* NaN, too */
    if (found->is_dense) return false;
    struct sparse_product_REAL sparse = {found, product_REAL(x, w, out, false, false, n, m, k, 1, false)};
    in_threads(p, multiply_sparse_piece_REAL, COVERING(n, NEAR_DOWN), &sparse, false);
    return !found->is_dense;
}

/* NEAR_ALONG rows of w + scale * xT y */
static void update_sparse_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct sparse_product_REAL *const sparse = data;
    const struct sparse *const found = sparse->found;
    const int64_t first = piece * NEAR_ALONG, last = MINIMUM(first + NEAR_ALONG, sparse->product.n);
    multiply_listed_REAL(&sparse->product, found->in_columns, found->column_counts, first, last, NEAR_DOWN);
}

/* w += scale * xT y for the x that was listed; false if it has to be computed from all entries */
KERNEL bool update_sparse_REAL(
    const struct program *p, struct sparse *found, const REAL *x, const REAL *y, REAL *w, int64_t n, int64_t m, int64_t k, REAL scale) {
    if (found == NULL || m < VECTOR_LENGTH_REAL) return false;
    if (!found->is_dense) {
        double size = 0;
        for (int64_t i = 0; i < COVERING(n, NEAR_DOWN); i++) size += found->sizes[i];
        found->bound += fabs((double)scale) * size * sum_of_sizes_REAL(y, n * m) * 1.01;
        found->is_dense = !(found->bound < LIMIT_REAL); /* NaN, too */
    }
    if (found->is_dense) {
        found->is_bounded = false;
        return false;
    }
    struct sparse_product_REAL sparse = {found, product_REAL(x, y, w, true, false, k, m, n, scale, true)};
    in_threads(p, update_sparse_piece_REAL, COVERING(k, NEAR_ALONG), &sparse, false);
    return true;
}

#pragma GCC pop_options

/* Begin a pass with the transpose of w; its lists from then on */
KERNEL struct sparse *turn_lists_REAL(struct sparse *found, const REAL *w, int64_t n, int64_t m) {
    if (found == NULL) return NULL;
    found->turned = malloc(n * m * sizeof(REAL));
    if (found->turned == NULL) {
        end_sparse(found);
        return NULL;
    }
    transpose_REAL(w, found->turned, n, m);
    return found;
}

KERNEL void turn_lists_back_REAL(struct sparse *found, REAL *w, int64_t n, int64_t m) {
    if (found == NULL) return;
    transpose_REAL(found->turned, w, m, n);
    free(found->turned);
}
