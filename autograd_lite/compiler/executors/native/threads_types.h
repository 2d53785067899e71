
/* Work in pieces, shared between threads. The pieces do not depend on the number of threads, and
   what they sum is added in their order, so neither does any result. */
#include <pthread.h>
#include <sched.h>

enum { MOST_THREADS = 64, STACK = 4 << 20, PATIENCE = 2000 /* looks before a thread goes to sleep: some 50 us */ };

/* Threads that live for a pass, or for one piece of work outside of it. Whoever takes a piece reads
   what to do only then, when nobody can change it: the caller waits until no piece is undone. */
struct pool {
    int64_t left, undone, asleep; /* pieces not begun, pieces not ended, threads; all atomic */
    int64_t waits;                /* whether the caller sleeps until no piece is undone */
    bool over;
    const struct program *program;
    piece_of_work *work;
    void *data;
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    int64_t count;
    pthread_t thread[MOST_THREADS];
};
