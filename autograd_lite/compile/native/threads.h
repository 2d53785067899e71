
/* A long loop in pieces, shared between threads. The pieces do not depend on the number of
   threads, and what they sum is added in their order, so neither does any result. */
#include <pthread.h>

typedef void piece_of_loop(const struct program *p, int64_t piece, double *sums);

struct share {
    const struct program *program;
    piece_of_loop *work;
    int64_t first, last, width;
    double *sums;
};

static void *do_share(void *data) {
    const struct share *share = data;
    for (int64_t i = share->first; i < share->last; i++)
        share->work(share->program, i, share->sums + i * share->width);
    return NULL;
}

enum { MOST_THREADS = 64 };

static void in_threads(const struct program *p, piece_of_loop *work, int64_t pieces, double *sums, int64_t width) {
    pthread_t thread[MOST_THREADS];
    struct share share[MOST_THREADS];
    bool runs[MOST_THREADS] = {false};
    int64_t count = p->threads < pieces ? p->threads : pieces;
    count = count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : count;
    for (int64_t t = count - 1; t >= 0; t--) { /* the last share is done here */
        share[t] = (struct share){p, work, t * pieces / count, (t + 1) * pieces / count, width, sums};
        runs[t] = t > 0 && pthread_create(&thread[t], NULL, do_share, &share[t]) == 0;
        if (!runs[t]) do_share(&share[t]);
    }
    for (int64_t t = 1; t < count; t++)
        if (runs[t]) pthread_join(thread[t], NULL);
}
