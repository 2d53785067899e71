
/* The order of REAL numbers, NaN being the largest. */

static inline bool is_less_REAL(REAL x, REAL y) { return x < y || (y != y && x == x); }

/* A number as an unsigned one of the same order; NaN is the largest, and -0 is 0. */
static inline uint64_t key_REAL(REAL x, bool descending) {
    const uint64_t top = 1ull << (8 * sizeof(REAL) - 1), all = top | (top - 1);
    const bool is_real = (REAL)1.5 == 1.5, has_sign = (REAL)-1 < 0;
    uint64_t key = 0;
    if (is_real) x += 0;
    memcpy(&key, &x, sizeof x);
    if (x != x) key = all;
    else if (is_real) key = key & top ? ~key & all : key | top;
    else if (has_sign) key ^= top;
    return descending ? ~key & all : key;
}

struct placed_REAL { uint64_t key; int64_t place; };

/* out: the places of n numbers in order, equal ones as they came; all of them `stride` apart. Digit
   by digit of their keys, the lowest first; few by insertion. */
static void sort_places_REAL(const REAL *x, int64_t *out, int64_t stride, int64_t n, bool descending, void *room) {
    enum { DIGITS = sizeof(REAL), FEW = 48 };
    struct placed_REAL *from = room, *to = from + n;
    int64_t starts[DIGITS][256];
    for (int64_t i = 0; i < n; i++) from[i] = (struct placed_REAL){key_REAL(x[i * stride], descending), i};
    for (int64_t i = 1; i < n && n <= FEW; i++) {
        const struct placed_REAL one = from[i];
        int64_t j = i;
        for (; j > 0 && from[j - 1].key > one.key; j--) from[j] = from[j - 1];
        from[j] = one;
    }
    if (n > FEW) memset(starts, 0, sizeof starts);
    for (int64_t i = 0; i < n && n > FEW; i++)
        for (int d = 0; d < DIGITS; d++) starts[d][from[i].key >> 8 * d & 255]++;
    for (int d = 0; d < DIGITS && n > FEW; d++) {
        int64_t before = 0;
        if (starts[d][from[0].key >> 8 * d & 255] == n) continue;
        for (int k = 0; k < 256; k++) {
            const int64_t count = starts[d][k];
            starts[d][k] = before, before += count;
        }
        for (int64_t i = 0; i < n; i++) to[starts[d][from[i].key >> 8 * d & 255]++] = from[i];
        struct placed_REAL *other = from;
        from = to, to = other;
    }
    for (int64_t i = 0; i < n; i++) out[i * stride] = from[i].place;
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
