/* The tape interpreter: runs any graph of scalar nodes, and is compiled once for all of them.

   A tape is a list of 32-bit words, one instruction after another:

       operation, result, operands ...        and Stop at the end

   where results and operands are places in one array of doubles, `v`. Inputs, leaves and
   constants have a place each; results share places as soon as nothing reads them any more.
   autograd_lite/compiler/executors/tape/tape.py writes such tapes.

   Every operation rounds as it does when the graph is interpreted: build this with
   -ffp-contract=off, and without any of the options that -ffast-math stands for. */

#include <math.h>
#include <stdint.h>

/* The functions of single numbers are the C library's, as they are Python's. */
#define exp_double exp
#define log_double log
#define log1p_double log1p
#define tanh_double tanh

ELEMENTARY_FUNCTIONS
ELEMENTARY(double, )

static inline double sigmoid_double(double a) {
    const double decay = exp(-fabs(a));
    return (a >= 0 ? 1.0 : decay) / (1.0 + decay);
}

static inline double sigmoid_slope_double(double a) {
    const double decay = exp(-fabs(a));
    return decay / ((1.0 + decay) * (1.0 + decay));
}

/* The slope of the sigmoid at x, and at 2x, from s = sigmoid x and t = tanh x. The nearer these are
   to 1, the fewer digits tell how near: up to here, three bits are lost. */
static inline double slope_of_sigmoid(double x, double s) {
    return s < 0.875 ? s * (1 - s) : sigmoid_slope_double(x);
}

static inline double slope_of_tanh(double x, double t) {
    return fabs(t) < 0.875 ? 0.25 * ((1 - t) * (1 + t)) : sigmoid_slope_double(2 * x);
}

/* The operations: how many operands, a name, and a value of the operands a, b, c ... Python
   writes the list here; the last ones are several ops in a row, with the roundings of each. */
#define OPERATIONS(OF) LIST_OF_OPERATIONS

#define READ_1 const double a = v[at[2]]
#define READ_2 READ_1, b = v[at[3]]
#define READ_3 READ_2, c = v[at[4]]
#define READ_4 READ_3, d = v[at[5]]
#define READ_5 READ_4, e = v[at[6]]
#define READ_6 READ_5, f = v[at[7]]
#define READ_7 READ_6, g = v[at[8]]

#define NUMBER(count, name, value) name,
enum { OPERATIONS(NUMBER) Stop };

#if defined(__GNUC__)
/* Each operation jumps to the next by itself, so the processor learns what follows what. */
#define LABEL(count, name, value) &&at_##name,
#define BEGIN \
    static const void *const labels[] = {OPERATIONS(LABEL) &&at_Stop}; \
    goto *labels[*at];
#define CASE(name) at_##name
#define NEXT goto *labels[*at]
#define END
#else
#define BEGIN for (;;) switch (*at) {
#define CASE(name) case name
#define NEXT continue
#define END }
#endif

#define PLAY(count, name, value) \
    CASE(name): { READ_##count; v[at[1]] = value; at += 2 + count; NEXT; }

static void play(const int32_t *at, double *v) {
    BEGIN
    OPERATIONS(PLAY)
    CASE(Stop): return;
    END
}

/* A tape with all it needs. The inputs are the first places of `v`, the leaves follow. */
struct tape {
    const int32_t *words;
    double *v;
    int64_t inputs, leaves, updates, outputs;
    double *const *buffers;    /* of each leaf: where its value lies between runs */
    const int32_t *updated;  /* the leaves that the tape changes */
    const int32_t *results;  /* the places of the outputs */
};

/* The steps start ... stop - 1. Each reads one number of every column of data, in the order given
   or one after another, and writes one row of outputs. Leaves come from their buffers before the
   first step, and those that have changed go there after the last. */
void run_tape(const struct tape *tape, const double *const *data, const int64_t *order,
              int64_t start, int64_t stop, double *rows) {
    double *const v = tape->v, *const leaves = v + tape->inputs;
    for (int64_t i = 0; i < tape->leaves; i++) leaves[i] = *tape->buffers[i];
    for (int64_t step = start; step < stop; step++) {
        const int64_t row = order ? order[step] : step;
        for (int64_t i = 0; i < tape->inputs; i++) v[i] = data[i][row];
        play(tape->words, v);
        for (int64_t i = 0; i < tape->outputs; i++) *rows++ = v[tape->results[i]];
    }
    for (int64_t i = 0; i < tape->updates; i++) {
        const int32_t leaf = tape->updated[i];
        *tape->buffers[leaf] = leaves[leaf];
    }
}
