
/* What each program begins with, so that functions that know nothing else of it can share work. */
struct program;
struct team {
    int64_t threads;
    struct pool *pool; /* NULL outside of a pass */
};

typedef void piece_of_work(const struct program *p, int64_t piece, void *data);

static inline void one_by_one(const struct program *p, piece_of_work *work, int64_t pieces, void *data) {
    for (int64_t i = 0; i < pieces; i++) work(p, i, data);
}
