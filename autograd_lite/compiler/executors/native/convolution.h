
/* Convolution of images of REAL as products of matrices: rows are kernels, columns the places of the
   window. What it shows is unrolled for a few places at a time, in the cache. */
struct convolution_REAL {
    const REAL *x, *w;
    REAL *out;
    struct window view;
    int64_t images, groups, kernels; /* kernels of a group */
    const REAL *end;                 /* of the images */
};

/* What an element of the window shows at some places, from `first` on. It may write more than asked
   for, up to a whole vector. */
static void show_REAL(REAL *to, const REAL *image, const REAL *end, const struct window *v, const struct element *e, int64_t first, int64_t count) {
    int64_t r = first / v->columns, s = first % v->columns;
    const int64_t step = v->stride[1], left = e->j * v->dilation[1] - v->padding[1];
    for (int64_t n; count > 0; count -= n, to += n, r++, s = 0) {
        n = MINIMUM(count, v->columns - s);
        const int64_t y = r * v->stride[0] + e->i * v->dilation[0] - v->padding[0];
        const bool inside = y >= 0 && y < v->height;
        const int64_t low = inside ? MINIMUM(MAXIMUM(v->low[e->j], s), s + n) : s + n;
        const int64_t high = MAXIMUM(MINIMUM(v->high[e->j], s + n), low);
        const REAL *const row = image + (e->c * v->height + y) * v->width + left;
        for (int64_t t = s; t < low; t++) to[t - s] = 0;
        if (step == 1 && row + high + VECTOR_LENGTH_REAL <= end)
            for (int64_t t = low; t < high; t += VECTOR_LENGTH_REAL) *(vector_REAL *)(to + t - s) = *(const vector_REAL *)(row + t);
        else
            for (int64_t t = low; t < high; t++) to[t - s] = row[t * step];
        for (int64_t t = high; t < s + n; t++) to[t - s] = 0;
    }
}

/* The reverse: added to the image */
static void add_shown_REAL(const REAL *from, REAL *image, const struct window *v, const struct element *e, int64_t first, int64_t count) {
    int64_t r = first / v->columns, s = first % v->columns;
    const int64_t step = v->stride[1], left = e->j * v->dilation[1] - v->padding[1];
    for (int64_t n; count > 0; count -= n, from += n, r++, s = 0) {
        n = MINIMUM(count, v->columns - s);
        const int64_t y = r * v->stride[0] + e->i * v->dilation[0] - v->padding[0];
        if (y < 0 || y >= v->height) continue;
        const int64_t low = MAXIMUM(v->low[e->j], s), high = MINIMUM(v->high[e->j], s + n);
        REAL *const row = image + (e->c * v->height + y) * v->width + left;
        if (step == 1)
            for (int64_t t = low; t < high; t++) row[t] += from[t - s];
        else
            for (int64_t t = low; t < high; t++) row[t * step] += from[t - s];
    }
}

#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast")

static void multiply_columns_REAL(
    const REAL *x, const REAL *sliver, REAL *out, int64_t down, int64_t along, int64_t n, int64_t step, int64_t inner, bool add, int64_t columns) {
    if (columns <= VECTOR_LENGTH_REAL) multiply_sliver_REAL(x, sliver, out, down, along, n, step, inner, 1, add, false, columns, 1);
    else multiply_sliver_REAL(x, sliver, out, down, along, n, step, inner, 1, add, false, columns, 2);
}

#pragma GCC pop_options

static int64_t width_of_REAL(int64_t columns) {
    return columns <= VECTOR_LENGTH_REAL ? VECTOR_LENGTH_REAL : WIDE_REAL;
}

/* The planes of a group of an image, or some places of them: kernels times what the window shows */
static void convolve_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct convolution_REAL *const q = data;
    const struct window *const v = &q->view;
    const int64_t places = v->rows * v->columns, k = v->channels * v->size[0] * v->size[1];
    const int64_t stretches = COVERING(places, STRETCH * WIDE_REAL), group = piece / stretches;
    const int64_t start = piece % stretches * STRETCH * WIDE_REAL;
    const REAL *const image = q->x + group * v->channels * v->height * v->width;
    const REAL *const w = q->w + group % q->groups * q->kernels * k;
    REAL *const out = q->out + group * q->kernels * places;
    _Alignas(64) REAL sliver[(DEEP + 1) * WIDE_REAL];
    for (int64_t j = start; j < MINIMUM(start + STRETCH * WIDE_REAL, places); j += WIDE_REAL) {
        const int64_t columns = MINIMUM(places - j, (int64_t)WIDE_REAL), width = width_of_REAL(columns);
        for (int64_t l = 0; l < k; l += DEEP) {
            const int64_t inner = MINIMUM(k - l, (int64_t)DEEP);
            struct element e = element_of(v, l);
            if (columns < width) memset(sliver, 0, inner * width * sizeof(REAL));
            for (int64_t i = 0; i < inner; i++, step_to_next(v, &e))
                show_REAL(sliver + i * width, image, q->end, v, &e, j, columns);
            multiply_columns_REAL(w + l, sliver, out + j, k, 1, q->kernels, places, inner, l > 0, columns);
        }
    }
}

/* An image of a group from planes x: kernels, transposed, times planes, added where the window was */
static void adjoint_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct convolution_REAL *const q = data;
    const struct window *const v = &q->view;
    const int64_t places = v->rows * v->columns, k = v->channels * v->size[0] * v->size[1];
    const REAL *const planes = q->x + piece * q->kernels * places, *const w = q->w + piece % q->groups * q->kernels * k;
    REAL *const image = q->out + piece * v->channels * v->height * v->width;
    _Alignas(64) REAL sliver[DEEP * WIDE_REAL], shown[TEMPORARY * WIDE_REAL];
    memset(image, 0, v->channels * v->height * v->width * sizeof(REAL));
    for (int64_t j = 0; j < places; j += WIDE_REAL) {
        const int64_t columns = MINIMUM(places - j, (int64_t)WIDE_REAL), width = width_of_REAL(columns);
        struct element e = {0, 0, 0};
        for (int64_t first = 0; first < k; first += TEMPORARY) {
            const int64_t rows = MINIMUM(k - first, (int64_t)TEMPORARY);
            for (int64_t l = 0; l < q->kernels; l += DEEP) {
                const int64_t inner = MINIMUM(q->kernels - l, (int64_t)DEEP);
                if (first == 0 || q->kernels > DEEP) copy_sliver_REAL(sliver, planes + l * places + j, places, 1, inner, columns, width);
                multiply_columns_REAL(w + l * k + first, sliver, shown, 1, k, rows, WIDE_REAL, inner, l > 0, columns);
            }
            for (int64_t i = 0; i < rows; i++, step_to_next(v, &e)) add_shown_REAL(shown + i * WIDE_REAL, image, v, &e, j, columns);
        }
    }
}

/* Kernels from images x and planes w: planes times what the window shows, transposed, summed over
   images. The images are in `parts`, each of which has kernels of its own, one behind the other. */
struct kernels_REAL {
    struct convolution_REAL all;
    int64_t parts;
    REAL *out;
};

static void kernels_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct kernels_REAL *const whole = data;
    const struct convolution_REAL *const q = &whole->all;
    const struct window *const v = &q->view;
    const int64_t places = v->rows * v->columns, k = v->channels * v->size[0] * v->size[1];
    const int64_t across = COVERING(k, WIDE_REAL), part = piece / across / q->groups, group = piece / across % q->groups;
    const int64_t left = piece % across * WIDE_REAL, columns = MINIMUM(k - left, (int64_t)WIDE_REAL), width = width_of_REAL(columns);
    const int64_t each = COVERING(q->images, whole->parts), last = MINIMUM((part + 1) * each, q->images);
    REAL *const out = whole->out + ((part * q->groups + group) * q->kernels) * k + left;
    enum { ROOM = DEEP + VECTOR_LENGTH_REAL };
    _Alignas(64) REAL sliver[DEEP * WIDE_REAL], shown[WIDE_REAL * ROOM];
    for (int64_t image = part * each; image < last; image++) {
        const REAL *const x = q->x + (image * q->groups + group) * v->channels * v->height * v->width;
        const REAL *const planes = q->w + (image * q->groups + group) * q->kernels * places;
        for (int64_t l = 0; l < places; l += DEEP) {
            const int64_t inner = MINIMUM(places - l, (int64_t)DEEP);
            struct element e = element_of(v, left);
            for (int64_t i = 0; i < columns; i++, step_to_next(v, &e)) show_REAL(shown + i * ROOM, x, q->end, v, &e, l, inner);
            copy_sliver_REAL(sliver, shown, 1, ROOM, inner, columns, width);
            multiply_columns_REAL(planes + l, sliver, out, places, 1, q->kernels, k, inner, image > part * each || l > 0, columns);
        }
    }
}

static void add_parts_REAL(const struct kernels_REAL *q, int64_t size) {
    for (int64_t i = 0; i < size; i++) {
        REAL sum = q->out[i];
        for (int64_t part = 1; part < q->parts; part++) sum += q->out[part * size + i];
        q->all.out[i] = sum;
    }
}
