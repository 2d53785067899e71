
/* How the window of a kernel moves over images: pairs are for rows and columns. `low` and `high` say
   for each column of the window between which places it is inside of the image. */
struct window {
    int64_t channels, height, width, rows, columns, size[2], stride[2], padding[2], dilation[2];
    const int64_t *low, *high;
};

/* An element of the window: of which channel, in which row and column */
struct element {
    int64_t c, i, j;
};

static struct element element_of(const struct window *v, int64_t l) {
    return (struct element){l / (v->size[0] * v->size[1]), l / v->size[1] % v->size[0], l % v->size[1]};
}

static void step_to_next(const struct window *v, struct element *e) {
    if (++e->j < v->size[1]) return;
    e->j = 0;
    if (++e->i < v->size[0]) return;
    e->i = 0;
    e->c++;
}

enum { STRETCH = 8 /* tiles of places that are a piece of work */, TEMPORARY = 48 /* rows of a product that are added to images */ };
