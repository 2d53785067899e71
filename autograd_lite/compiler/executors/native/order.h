
/* The order of REAL numbers, NaN being the largest. */

static inline bool is_less_REAL(REAL x, REAL y) { return x < y || (y != y && x == x); }

/* out: the places of n numbers in order, equal ones as they came; all of them `stride` apart */
static void sort_places_REAL(const REAL *x, int64_t *out, int64_t stride, int64_t n, bool descending, int64_t *room) {
    int64_t *from = room, *to = room + n;
    for (int64_t i = 0; i < n; i++) from[i] = i;
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t first = 0; first < n; first += 2 * width) {
            const int64_t middle = MINIMUM(first + width, n), end = MINIMUM(first + 2 * width, n);
            int64_t i = first, j = middle;
            for (int64_t k = first; k < end; k++) {
                const REAL left = x[from[MINIMUM(i, middle - 1)] * stride], right = x[from[MINIMUM(j, end - 1)] * stride];
                const bool passes = descending ? is_less_REAL(left, right) : is_less_REAL(right, left);
                to[k] = i == middle || (j < end && passes) ? from[j++] : from[i++];
            }
        }
        int64_t *other = from;
        from = to, to = other;
    }
    for (int64_t i = 0; i < n; i++) out[i * stride] = from[i];
}

/* How many of n sorted numbers are less than y; or, for the right side, not greater */
static int64_t search_REAL(const REAL *x, int64_t n, REAL y, bool right) {
    int64_t first = 0, last = n;
    while (first < last) {
        const int64_t middle = first + (last - first) / 2;
        const bool before = right ? !is_less_REAL(y, x[middle]) : is_less_REAL(x[middle], y);
        if (before) first = middle + 1; else last = middle;
    }
    return first;
}
