
/* What each program begins with, so that functions that know nothing else of it can share work. */
struct program;
struct team {
    int64_t threads;
    struct pool *pool; /* NULL outside of a pass */
};

typedef void piece_of_work(const struct program *p, int64_t piece, void *data);

/* What is to be done with entries of a product as soon as they are known: those of `rows` runs of
   `columns` entries, from `start` on, `down` apart. */
typedef void finishing(const struct program *p, int64_t start, int64_t rows, int64_t down, int64_t columns);
struct to_finish {
    finishing *finish;
    const struct program *program;
    int64_t start; /* of a matrix among many */
};

static inline void one_by_one(const struct program *p, piece_of_work *work, int64_t pieces, void *data) {
    for (int64_t i = 0; i < pieces; i++) work(p, i, data);
}
