
/* Copy a part of some channels, from a row and a column on, which may lie outside of the image: there
   it is 0, which is written for all of it at once where rows are short */
static void copy_part_REAL(
    REAL *to, const REAL *image, const struct part *b, int64_t channels, int64_t height, int64_t width,
    const int64_t *stride, int64_t top, int64_t left) {
    const int64_t step = stride[1], wide = b->wide;
    const bool is_short = wide <= SHORT;
    if (is_short) memset(to, 0, channels * size_of_channel(b) * sizeof(REAL));
    for (int64_t c = 0; c < channels; c++, image += height * width)
        for (int64_t down = 0; down < b->planes[0]; down++)
            for (int64_t along = 0; along < b->planes[1]; along++) {
                const int64_t first = left + along;
                const int64_t low = MINIMUM(first < 0 ? COVERING(-first, step) : 0, wide);
                const int64_t high = MAXIMUM(MINIMUM(first < width ? COVERING(width - first, step) : 0, wide), low);
                for (int64_t i = 0; i < b->high; i++, to += wide) {
                    const int64_t y = top + down + i * stride[0];
                    const bool is_inside = y >= 0 && y < height;
                    if (!is_short) {
                        const int64_t end = is_inside ? low : wide;
                        for (int64_t j = 0; j < end; j++) to[j] = 0;
                        for (int64_t j = high; j < wide; j++) to[j] = 0;
                    }
                    if (!is_inside) continue;
                    const REAL *const row = image + y * width + first;
                    if (step == 1) copy_few_REAL(to + low, row + low, high - low);
                    else if (step == 2) for (int64_t j = low; j < high; j++) to[j] = row[j * 2]; /* by vectors */
                    else for (int64_t j = low; j < high; j++) to[j] = row[j * step];
                }
            }
    memset(to, 0, WIDE_REAL * sizeof(REAL)); /* as the last places are read by whole vectors */
}

/* Where results go: the place (r, s) of a part to row top + r * stride and column left + s * stride of
   a plane for each row of the product, if that is inside */
struct target_REAL {
    REAL *out;
    int64_t height, width, top, left;
    const int64_t *stride;
    bool add;
};

/* Put the results of some rows at `count` places, from `first` on, where they belong */
static void put_REAL(const struct target_REAL *q, const REAL *results, int64_t wide, int64_t columns, int64_t rows, int64_t first, int64_t count) {
    const int64_t step = q->stride[1], begin = q->left < 0 ? COVERING(-q->left, step) : 0;
    const int64_t end = MINIMUM(columns, q->left < q->width ? COVERING(q->width - q->left, step) : 0);
    int64_t r = first / wide, s = first % wide;
    for (int64_t n; count > 0; count -= n, results += n, r++, s = 0) {
        n = MINIMUM(count, wide - s);
        const int64_t y = q->top + r * q->stride[0], low = MAXIMUM(s, begin), high = MINIMUM(s + n, end);
        if (y < 0 || y >= q->height || low >= high) continue;
        for (int64_t i = 0; i < rows; i++) {
            REAL *const row = q->out + (i * q->height + y) * q->width + q->left;
            const REAL *const from = results + i * WIDE_REAL - s;
            if (q->add)
                for (int64_t t = low; t < high; t++) row[t * step] += from[t];
            else if (step == 1) copy_few_REAL(row + low, from + low, high - low);
            else
                for (int64_t t = low; t < high; t++) row[t * step] = from[t];
        }
    }
}

#pragma GCC push_options
#pragma GCC optimize("O2", "fp-contract=fast")

static void multiply_places_REAL(const REAL *w, const REAL *room, const int32_t *at, REAL *out, int64_t down, int64_t n, int64_t inner, int64_t places) {
    if (places <= VECTOR_LENGTH_REAL) multiply_sliver_REAL(w, room, at, out, down, 1, n, WIDE_REAL, inner, 1, false, false, VECTOR_LENGTH_REAL, 1);
    else multiply_sliver_REAL(w, room, at, out, down, 1, n, WIDE_REAL, inner, 1, false, false, WIDE_REAL, 2);
}

/* sums (+)= for `rows` elements of the window: what they show times planes, over places */
static inline __attribute__((always_inline)) void add_places_REAL(
    const REAL *room, const int32_t *at, const REAL *restrict planes, REAL *restrict sums, int64_t places_down, int64_t places_along, int64_t wide, const int rows, const int vectors) {
#ifdef __clang__
    #pragma STDC FP_CONTRACT ON
#endif
    vector_REAL sum[TALL][2], row[2];
    const REAL *shown[TALL];
    #pragma GCC unroll 12
    for (int i = 0; i < rows; i++) {
        shown[i] = room + at[i];
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) sum[i][v] = ((const vector_REAL *)(sums + i * WIDE_REAL))[v];
    }
    for (int64_t r = 0; r < places_down; r++)
        for (int64_t t = r * wide; t < r * wide + places_along; t++, planes += vectors * VECTOR_LENGTH_REAL) {
            #pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) row[v] = ((const vector_REAL *)planes)[v];
            #pragma GCC unroll 12
            for (int i = 0; i < rows; i++)
                #pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) sum[i][v] += shown[i][t] * row[v];
        }
    #pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
        #pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) ((vector_REAL *)(sums + i * WIDE_REAL))[v] = sum[i][v];
}

static inline __attribute__((always_inline)) void add_elements_REAL(
    const REAL *room, const int32_t *at, const REAL *planes, REAL *sums, int64_t n, int64_t down, int64_t along, int64_t wide, const int vectors) {
    int64_t i = 0;
    for (; i + TALL <= n; i += TALL) add_places_REAL(room, at + i, planes, sums + i * WIDE_REAL, down, along, wide, TALL, vectors);
    for (; i + 4 <= n; i += 4) add_places_REAL(room, at + i, planes, sums + i * WIDE_REAL, down, along, wide, 4, vectors);
    for (; i < n; i++) add_places_REAL(room, at + i, planes, sums + i * WIDE_REAL, down, along, wide, 1, vectors);
}

static void add_products_REAL(
    const REAL *room, const int32_t *at, const REAL *planes, REAL *sums, int64_t n, int64_t down, int64_t along, int64_t wide, bool is_narrow) {
    if (is_narrow) add_elements_REAL(room, at, planes, sums, n, down, along, wide, 1);
    else add_elements_REAL(room, at, planes, sums, n, down, along, wide, 2);
}

#pragma GCC pop_options

/* What elements of the window show at `count` places, from `first` on, side by side: the border between
   rows is left out */
static void gather_places_REAL(
    REAL *to, const REAL *room, const int32_t *at, int64_t inner, const struct part *b, int64_t first, int64_t count, int64_t width) {
    if (count < width) memset(to, 0, inner * width * sizeof(REAL));
    for (int64_t l = 0; l < inner; l++, to += width) {
        const REAL *from = room + at[l] + first / b->columns * b->wide;
        for (int64_t done = 0, s = first % b->columns, n; done < count; done += n, from += b->wide, s = 0) {
            n = MINIMUM(count - done, b->columns - s);
            copy_few_REAL(to + done, from + s, n);
        }
    }
}

/* Whether that is quicker for so many rows of w: a vector less is half a cycle less for each of them */
static bool gathers_REAL(const struct part *b, int64_t rows, int64_t n, int64_t inner) {
    const int64_t with = COVERING((rows - 1) * b->wide + b->columns, VECTOR_LENGTH_REAL);
    const int64_t without = COVERING(rows * b->columns, VECTOR_LENGTH_REAL);
    return inner <= GATHERED && n * (with - without) > 2 * CYCLES * (rows + without);
}

/* Rows of w, `down` apart, times what is shown at the places of `rows` rows of a part */
static void multiply_part_of_image_REAL(
    const REAL *w, int64_t down, int64_t n, const REAL *room, const int32_t *at, int64_t inner,
    const struct part *b, int64_t rows, struct target_REAL to) {
    _Alignas(64) REAL results[TEMPORARY * WIDE_REAL], sliver[GATHERED * WIDE_REAL];
    const bool gathers = gathers_REAL(b, rows, n, inner);
    const int64_t plane = to.height * to.width, wide = gathers ? b->columns : b->wide;
    const int64_t places = (rows - 1) * wide + b->columns;
    REAL *const out = to.out;
    for (int64_t first = 0; first < places; first += WIDE_REAL) {
        const int64_t count = MINIMUM(places - first, (int64_t)WIDE_REAL);
        if (gathers) gather_places_REAL(sliver, room, at, inner, b, first, count, count <= VECTOR_LENGTH_REAL ? VECTOR_LENGTH_REAL : WIDE_REAL);
        for (int64_t i = 0; i < n; i += TEMPORARY) {
            const int64_t some = MINIMUM(n - i, (int64_t)TEMPORARY);
            multiply_places_REAL(w + i * down, gathers ? sliver : room + first, gathers ? NULL : at, results, down, some, inner, count);
            to.out = out + i * plane;
            put_REAL(&to, results, wide, b->columns, some, first, count);
        }
    }
}

/* Part of the planes of a group of an image: kernels times what the window shows */
KERNEL void convolve_piece_REAL(const struct program *p, int64_t number, void *data) {
    const struct convolution_REAL *const q = data;
    const struct window *const v = &q->view;
    const struct part *const b = &q->part;
    const struct piece piece = piece_of(b, number, v->rows, v->columns);
    const int64_t size = v->size[0] * v->size[1], k = v->channels * size, one[2] = {1, 1};
    const REAL *const image = q->x + piece.image * v->channels * v->height * v->width;
    const REAL *const w = q->w + piece.image % q->groups * q->kernels * k;
    struct target_REAL to = {q->out + piece.image * q->kernels * v->rows * v->columns, v->rows, v->columns, piece.row, piece.column, one};
    _Alignas(64) REAL room[ROOM / sizeof(REAL)];
    int32_t at[b->channels * size];
    repeat_elements(q->elements.at, size, b->channels, size_of_channel(b), at);
    for (int64_t c = 0; c < v->channels; c += b->channels) {
        const int64_t channels = MINIMUM(b->channels, v->channels - c);
        copy_part_REAL(room, image + c * v->height * v->width, b, channels, v->height, v->width, v->stride,
                       piece.row * v->stride[0] - v->padding[0], piece.column * v->stride[1] - v->padding[1]);
        to.add = c > 0;
        multiply_part_of_image_REAL(w + c * size, k, q->kernels, room, at, channels * size, b, MINIMUM(b->rows, v->rows - piece.row), to);
    }
}

/* Kernels in the order in which the adjoint reads them: those elements together that meet the same
   rows and columns of images, for each channel. NULL if one is not finite, or there is no memory. */
KERNEL REAL *turned_kernels_REAL(const struct convolution_REAL *q) {
    const struct window *const v = &q->view;
    const int64_t size = v->size[0] * v->size[1];
    REAL *const turned = malloc(q->groups * q->kernels * v->channels * size * sizeof(REAL)), *to = turned, odd = 0;
    if (turned == NULL) return NULL;
    for (int64_t group = 0; group < q->groups; group++)
        for (int64_t phase = 0, first = 0; phase < q->elements.phases; first = q->elements.ends[phase++])
            for (int64_t c = 0; c < v->channels; c++)
                for (int64_t o = group * q->kernels; o < (group + 1) * q->kernels; o++)
                    for (int64_t e = first; e < q->elements.ends[phase]; e++) {
                        const REAL entry = q->w[(o * v->channels + c) * size + q->elements.number[e]];
                        odd += entry - entry;
                        *to++ = entry;
                    }
    if (odd == 0) return turned;
    free(turned);
    return NULL;
}

/* Part of an image of a group from planes x. An entry of the image is met by those elements of the
   window that have its remainder by the stride; for each remainder it is a convolution by steps of
   one, of planes with zeros around them, which no kernel with an infinite entry may meet. */
KERNEL void adjoint_piece_REAL(const struct program *p, int64_t number, void *data) {
    const struct convolution_REAL *const q = data;
    const struct window *const v = &q->view;
    const struct part *const b = &q->part;
    const int64_t rows = met(v, 0, v->height);
    const struct piece piece = piece_of(b, number, rows, met(v, 1, v->width));
    const int64_t size = v->size[0] * v->size[1], places = v->rows * v->columns, one[2] = {1, 1};
    const int64_t top = piece.row + v->padding[0] / v->stride[0], beside = piece.column + v->padding[1] / v->stride[1];
    const int64_t before = b->high - b->rows, left = b->wide - b->columns; /* the border */
    const REAL *const planes = q->x + piece.image * q->kernels * places;
    REAL *const image = q->out + piece.image * v->channels * v->height * v->width;
    _Alignas(64) REAL room[ROOM / sizeof(REAL)];
    int32_t at[b->channels * size];
    for (int64_t o = 0; o < q->kernels; o += b->channels) {
        const int64_t kernels = MINIMUM(b->channels, q->kernels - o);
        copy_part_REAL(room, planes + o * places, b, kernels, v->rows, v->columns, one, top - before, beside - left);
        const REAL *w = q->w + piece.image % q->groups * q->kernels * v->channels * size;
        for (int64_t phase = 0, first = 0, each; phase < q->elements.phases; phase++, first += each) {
            each = q->elements.ends[phase] - first;
            repeat_elements(q->elements.at + first, each, kernels, b->high * b->wide, at);
            const struct target_REAL to = {
                image, v->height, v->width, top * v->stride[0] + phase / v->stride[1] - v->padding[0],
                beside * v->stride[1] + phase % v->stride[1] - v->padding[1], v->stride, o > 0};
            multiply_part_of_image_REAL(w + o * each, q->kernels * each, v->channels, room, at, kernels * each, b, MINIMUM(b->rows, rows - piece.row), to);
            w += v->channels * q->kernels * each;
        }
    }
}

/* The same for any kernels, an image at a time */
KERNEL void adjoint_of_any_REAL(const struct program *p, int64_t number, void *data) {
    const struct convolution_REAL *const q = data;
    const struct window *const v = &q->view;
    const int64_t size = v->size[0] * v->size[1], places = v->rows * v->columns;
    const int64_t parts = parts_of_an_image(&q->part, met(v, 0, v->height), met(v, 1, v->width));
    if (number % parts != 0) return;
    number /= parts;
    const REAL *const planes = q->x + number * q->kernels * places, *w = q->w + number % q->groups * q->kernels * v->channels * size;
    REAL *const image = q->out + number * v->channels * v->height * v->width;
    memset(image, 0, v->channels * v->height * v->width * sizeof(REAL));
    for (int64_t o = 0; o < q->kernels; o++)
        for (int64_t e = 0; e < v->channels * size; e++, w++)
            for (int64_t place = 0; place < places; place++) {
                const int64_t y = place / v->columns * v->stride[0] + e % size / v->size[1] * v->dilation[0] - v->padding[0];
                const int64_t x = place % v->columns * v->stride[1] + e % v->size[1] * v->dilation[1] - v->padding[1];
                if (y >= 0 && y < v->height && x >= 0 && x < v->width)
                    image[(e / size * v->height + y) * v->width + x] += *w * planes[o * places + place];
            }
}

/* Sums, a row for each element of the window, as rows of kernels, `apart` apart */
static void turn_sums_REAL(const REAL *sums, REAL *out, int64_t n, int64_t kernels, int64_t apart) {
    for (int64_t i = 0; i < kernels; i += 4)
        for (int64_t l = 0; l < n; l += 4) {
            if (i + 4 <= kernels && l + 4 <= n) {
                transpose_four_REAL(out + i * apart + l, sums + l * WIDE_REAL + i, apart, WIDE_REAL);
                continue;
            }
            for (int64_t k = i; k < MINIMUM(i + 4, kernels); k++)
                for (int64_t e = l; e < MINIMUM(l + 4, n); e++) out[k * apart + e] = sums[e * WIDE_REAL + k];
        }
}

KERNEL int64_t pieces_of_kernels_REAL(const struct kernels_REAL *whole) {
    const struct convolution_REAL *const q = &whole->all;
    return whole->parts * q->groups * COVERING(q->kernels, (int64_t)WIDE_REAL) * COVERING(q->view.channels, q->part.channels);
}

KERNEL void kernels_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct kernels_REAL *const whole = data;
    const struct convolution_REAL *const q = &whole->all;
    const struct window *const v = &q->view;
    const struct part *const b = &q->part;
    const int64_t blocks = COVERING(v->channels, b->channels), across = COVERING(q->kernels, (int64_t)WIDE_REAL);
    const int64_t c = piece % blocks * b->channels, o = piece / blocks % across * WIDE_REAL;
    const int64_t group = piece / blocks / across % q->groups, part = piece / blocks / across / q->groups;
    const int64_t channels = MINIMUM(b->channels, v->channels - c), kernels = MINIMUM(q->kernels - o, (int64_t)WIDE_REAL);
    const int64_t each = COVERING(q->images, whole->parts), last = MINIMUM((part + 1) * each, q->images);
    const int64_t size = v->size[0] * v->size[1], n = channels * size, places = v->rows * v->columns;
    const bool is_narrow = kernels <= VECTOR_LENGTH_REAL;
    const int64_t width = is_narrow ? VECTOR_LENGTH_REAL : WIDE_REAL;
    _Alignas(64) REAL room[ROOM / sizeof(REAL)], turned[DEEP * WIDE_REAL], sums[n * WIDE_REAL];
    int32_t at[n];
    repeat_elements(q->elements.at, size, channels, size_of_channel(b), at);
    memset(sums, 0, sizeof sums);
    for (int64_t image = part * each; image < last; image++) {
        const REAL *const x = q->x + ((image * q->groups + group) * v->channels + c) * v->height * v->width;
        const REAL *const planes = q->w + ((image * q->groups + group) * q->kernels + o) * places;
        for (int64_t r = 0; r < v->rows; r += b->rows)
            for (int64_t s = 0; s < v->columns; s += b->columns) {
                const int64_t rows = MINIMUM(b->rows, v->rows - r), columns = MINIMUM(b->columns, v->columns - s);
                copy_part_REAL(room, x, b, channels, v->height, v->width, v->stride, r * v->stride[0] - v->padding[0], s * v->stride[1] - v->padding[1]);
                const int64_t lines = columns < v->columns ? rows : 1; /* else they lie in a row */
                for (int64_t i = 0; i < lines; i++)
                    copy_sliver_REAL(turned + i * columns * width, planes + (r + i) * v->columns + s, 1, places, rows / lines * columns, kernels, width);
                add_products_REAL(room, at, turned, sums, n, rows, columns, b->wide, is_narrow);
            }
    }
    REAL *const out = whole->out + ((part * q->groups + group) * q->kernels + o) * v->channels * size + c * size;
    turn_sums_REAL(sums, out, n, kernels, v->channels * size);
}

KERNEL void add_parts_REAL(const struct kernels_REAL *q, int64_t size) {
    for (int64_t i = 0; i < size; i++) {
        REAL sum = q->out[i];
        for (int64_t part = 1; part < q->parts; part++) sum += q->out[part * size + i];
        q->all.out[i] = sum;
    }
}
