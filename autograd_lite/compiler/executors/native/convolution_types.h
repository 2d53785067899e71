
/* How the window of a kernel moves over images: pairs are for rows and columns. */
struct window {
    int64_t channels, height, width, rows, columns, size[2], stride[2], padding[2], dilation[2];
};

/* What is computed at a time: `rows` by `columns` places, from some channels. What is read there is
   copied to `room`, with zeros around the image, `high` by `wide` entries of a channel. Neighbouring
   places then read neighbouring entries; where the window moves by more than one, a channel has as
   many planes as the window may begin at, each with every stride-th row and column. */
struct part {
    int64_t rows, columns, channels, high, wide, planes[2];
};

/* The elements of a window in an order, and where in the first channel of a part each is. In the
   adjoint those come together that have one remainder by the stride, a phase; each ends where `ends`
   says. */
struct elements {
    const int32_t *number, *at, *ends;
    int64_t phases;
};

enum {
    ROOM = 1 << 18,     /* bytes for what is copied */
    TEMPORARY = 4 * 12, /* rows of a product that are computed before they are put where they belong */
    GATHERED = 2048,    /* elements of a window, of all channels, whose places are put side by side */
    CYCLES = 4,         /* to copy a row of places */
    SHORT = 40,         /* entries of a row that are not worth zeros of their own */
};

/* Where in a part some elements of the window are, for some channels */
static void repeat_elements(const int32_t *first, int64_t count, int64_t channels, int64_t apart, int32_t *at) {
    for (int64_t c = 0; c < channels; c++)
        for (int64_t e = 0; e < count; e++) *at++ = (int32_t)(first[e] + c * apart);
}

static int64_t size_of_channel(const struct part *b) {
    return b->planes[0] * b->planes[1] * b->high * b->wide;
}

/* Of an image, padding before and nothing after it, how many strides meet it along an axis */
static int64_t met(const struct window *v, int axis, int64_t length) {
    const int64_t step = v->stride[axis];
    return (length + v->padding[axis] + step - 1) / step - v->padding[axis] / step;
}

/* Which part a piece of work is: of which image and group, and its first place */
struct piece {
    int64_t image, row, column;
};

static int64_t parts_of_an_image(const struct part *b, int64_t rows, int64_t columns) {
    return COVERING(rows, b->rows) * COVERING(columns, b->columns);
}

static struct piece piece_of(const struct part *b, int64_t piece, int64_t rows, int64_t columns) {
    const int64_t parts = parts_of_an_image(b, rows, columns), across = COVERING(columns, b->columns);
    return (struct piece){piece / parts, piece % parts / across * b->rows, piece % across * b->columns};
}
