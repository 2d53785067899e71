/* The same for batches: which entries of x are not 0, for the product x w and for the update of w by
   xT y. There is a list for NEAR_ALONG columns of each row of x, and one for NEAR_DOWN rows of each
   column, so that what a list combines, so many rows of w or y, stays in L1. A list holds bytes:
   places within its block. Lists of a block lie together, block after block. */
enum {
    NEAR_ALONG = 128, NEAR_DOWN = 64,
    MOST_ENTRIES = 16384, /* in a row of x */
    AHEAD = 3,            /* rows that are fetched before they are read */
};
#ifndef FEW
#define FEW 3 /* at most one in so many entries is not 0; else a dense product is faster */
#endif
struct sparse {
    double bound;    /* as above */
    bool is_bounded; /* no update has been left out of the bound */
    bool is_dense;   /* this batch: too many entries, or w not known to be finite */
    void *turned;    /* where rows of x meet rows of w, this is its transpose during the pass */
    double *sizes; /* sums of the sizes of entries, for each NEAR_DOWN rows of x */
    uint8_t *in_rows, *row_counts, *in_columns, *column_counts;
    uint8_t places[256][8]; /* the places of ones among the bits of a byte */
};

/* Eight flags, each 0 or 1, as the bits of a byte */
static inline int byte_of(const uint8_t *flags) {
    uint64_t all;
    memcpy(&all, flags, 8);
    return (int)(all * UINT64_C(0x0102040810204080) >> 56);
}

/* List what is flagged in row i of n rows of k; how much that is */
static int64_t list_row(struct sparse *found, const uint8_t *flags, int64_t i, int64_t n, int64_t k) {
    uint8_t *const columns = found->in_columns + i / NEAR_DOWN * k * NEAR_DOWN;
    uint8_t *const column_counts = found->column_counts + i / NEAR_DOWN * k;
    int64_t total = 0;
    for (int64_t l = 0; l < k; l += NEAR_ALONG) {
        const int64_t number = l / NEAR_ALONG * n + i;
        uint8_t *const list = found->in_rows + number * NEAR_ALONG;
        int count = 0;
        for (int e = 0; e < NEAR_ALONG; e += 8) {
            const int byte = byte_of(flags + l + e);
            uint64_t places;
            memcpy(&places, found->places[byte], 8);
            places += e * UINT64_C(0x0101010101010101);
            memcpy(list + count, &places, 8);
            count += __builtin_popcount(byte);
        }
        found->row_counts[number] = (uint8_t)count;
        for (int t = 0; t < count; t++) {
            const int64_t column = l + list[t];
            columns[column * NEAR_DOWN + column_counts[column]++] = (uint8_t)(i % NEAR_DOWN);
        }
        total += count;
    }
    return total;
}

/* Room for the lists of n rows of k; NULL if there is none */
static inline void keep_bound(struct sparse *found, double kept, bool decays) {
    if (found != NULL) found->bound *= growth(kept, decays);
}

static struct sparse *begin_sparse(struct sparse *found, double bound, int64_t n, int64_t k) {
    const int64_t high = (n + NEAR_DOWN - 1) / NEAR_DOWN, wide = (k + NEAR_ALONG - 1) / NEAR_ALONG;
    const int64_t rows = wide * n, columns = high * k;
    double *const room = malloc(high * sizeof(double) + rows * (NEAR_ALONG + 1) + columns * (NEAR_DOWN + 1));
    if (room == NULL) return NULL;
    *found = (struct sparse){bound, true, .sizes = room, .in_rows = (uint8_t *)(room + high)};
    found->row_counts = found->in_rows + rows * NEAR_ALONG;
    found->in_columns = found->row_counts + rows;
    found->column_counts = found->in_columns + columns * NEAR_DOWN;
    for (int byte = 0; byte < 256; byte++) {
        uint8_t flags[8];
        for (int bit = 0; bit < 8; bit++) flags[bit] = byte >> bit & 1;
        uint8_t *place = found->places[byte_of(flags)];
        for (int bit = 0; bit < 8; bit++)
            if (flags[bit]) *place++ = (uint8_t)bit;
    }
    return found;
}

static void end_sparse(struct sparse *found) {
    if (found != NULL) free(found->sizes);
}
