
static inline void pause_shortly(int looks) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    if (looks % 256 == 0) sched_yield(); /* on a busy machine somebody else has the core */
}

static bool do_piece(struct pool *pool) {
    int64_t left = __atomic_load_n(&pool->left, __ATOMIC_SEQ_CST);
    while (left > 0)
        if (__atomic_compare_exchange_n(&pool->left, &left, left - 1, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            pool->work(pool->program, left - 1, pool->data);
            if (__atomic_sub_fetch(&pool->undone, 1, __ATOMIC_SEQ_CST) == 0 && __atomic_load_n(&pool->waits, __ATOMIC_SEQ_CST)) {
                pthread_mutex_lock(&pool->lock);
                pthread_cond_signal(&pool->done);
                pthread_mutex_unlock(&pool->lock);
            }
            return true;
        }
    return false;
}

static bool has_news(struct pool *pool) {
    return __atomic_load_n(&pool->over, __ATOMIC_SEQ_CST) || __atomic_load_n(&pool->left, __ATOMIC_SEQ_CST) > 0;
}

static void *do_pieces(void *data) {
    struct pool *pool = data;
    while (!__atomic_load_n(&pool->over, __ATOMIC_SEQ_CST)) {
        while (do_piece(pool));
        for (int looks = 1; looks < PATIENCE && !has_news(pool); looks++) pause_shortly(looks);
        if (has_news(pool)) continue;
        pthread_mutex_lock(&pool->lock);
        __atomic_add_fetch(&pool->asleep, 1, __ATOMIC_SEQ_CST);
        while (!has_news(pool)) pthread_cond_wait(&pool->wake, &pool->lock);
        __atomic_sub_fetch(&pool->asleep, 1, __ATOMIC_SEQ_CST);
        pthread_mutex_unlock(&pool->lock);
    }
    return NULL;
}

static void wake_all(struct pool *pool) {
    if (__atomic_load_n(&pool->asleep, __ATOMIC_SEQ_CST) == 0) return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
}

static bool is_done(struct pool *pool) {
    return __atomic_load_n(&pool->undone, __ATOMIC_SEQ_CST) == 0;
}

/* Until the others have ended what they have begun */
static void wait_for_pieces(struct pool *pool) {
    for (int looks = 1; looks < PATIENCE && !is_done(pool); looks++) pause_shortly(looks);
    if (is_done(pool)) return;
    pthread_mutex_lock(&pool->lock);
    __atomic_store_n(&pool->waits, 1, __ATOMIC_SEQ_CST);
    while (!is_done(pool)) pthread_cond_wait(&pool->done, &pool->lock);
    __atomic_store_n(&pool->waits, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&pool->lock);
}

/* One thread less than `threads`, as the caller works, too */
KERNEL void begin_pool(struct pool *pool, int64_t threads) {
    memset(pool, 0, sizeof *pool);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    while (pool->count < MINIMUM(threads - 1, (int64_t)MOST_THREADS)
           && pthread_create(&pool->thread[pool->count], &attributes, do_pieces, pool) == 0)
        pool->count++;
    pthread_attr_destroy(&attributes);
}

KERNEL void end_pool(struct pool *pool) {
    __atomic_store_n(&pool->over, true, __ATOMIC_SEQ_CST);
    wake_all(pool);
    for (int64_t t = 0; t < pool->count; t++) pthread_join(pool->thread[t], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
}

/* All pieces, by the threads of the pass; outside of one, by threads made for them if `is_long` */
KERNEL void in_threads(const struct program *p, piece_of_work *work, int64_t pieces, void *data, bool is_long) {
    const struct team *const team = (const struct team *)p;
    struct pool own, *pool = team->pool;
    const bool makes_own = pool == NULL && is_long && team->threads > 1;
    if (makes_own) begin_pool(pool = &own, MINIMUM(team->threads, pieces));
    if (pool == NULL || pool->count == 0) {
        for (int64_t i = 0; i < pieces; i++) work(p, i, data);
    } else {
        pool->program = p, pool->work = work, pool->data = data;
        __atomic_store_n(&pool->undone, pieces, __ATOMIC_SEQ_CST);
        __atomic_store_n(&pool->left, pieces, __ATOMIC_SEQ_CST);
        wake_all(pool);
        while (do_piece(pool));
        wait_for_pieces(pool);
    }
    if (makes_own) end_pool(&own);
}
