
/* A pass over data: the step again and again, with its inputs pointed at other rows. */
struct pass {
    const void *const *data; /* one array for each input */
    void *const *buffers;    /* room for one batch of each input, for rows in another order */
    void *const *outputs;    /* one array for each output, with room for all steps */
    const int64_t *order;    /* NULL: in order */
    int64_t batch_size;      /* 0: a step takes one row, without the batch axis */
    int64_t start, stop;
};

/* Where an input of `bytes` bytes finds its rows in step i */
static const void *fed(const struct pass *pass, int64_t input, int64_t i, int64_t bytes) {
    const char *data = pass->data[input];
    if (pass->batch_size == 0) return data + (pass->order ? pass->order[i] : i) * bytes;
    if (pass->order == NULL) return data + i * bytes;
    char *buffer = pass->buffers[input];
    const int64_t row = bytes / pass->batch_size, *order = pass->order + i * pass->batch_size;
    for (int64_t k = 0; k < pass->batch_size; k++) memcpy(buffer + k * row, data + order[k] * row, row);
    return buffer;
}
