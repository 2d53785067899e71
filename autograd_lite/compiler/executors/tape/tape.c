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

/* The operations: of so many operands, a name, and a value of the operands a, b, c, d. Python
   writes the list here; the last ones are two or three ops in a row, with the roundings of each. */
#define OPERATIONS(OF1, OF2, OF3, OF4) LIST_OF_OPERATIONS

#define A const double a = v[at[2]]
#define B const double b = v[at[3]]
#define C const double c = v[at[4]]
#define D const double d = v[at[5]]

#define NUMBER(name, value) name,
enum { OPERATIONS(NUMBER, NUMBER, NUMBER, NUMBER) Stop };

#if defined(__GNUC__)
/* Each operation jumps to the next by itself, so the processor learns what follows what. */
#define LABEL(name, value) &&at_##name,
#define BEGIN \
    static const void *const labels[] = {OPERATIONS(LABEL, LABEL, LABEL, LABEL) &&at_Stop}; \
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

#define OF1(name, value) CASE(name): { A; v[at[1]] = value; at += 3; NEXT; }
#define OF2(name, value) CASE(name): { A; B; v[at[1]] = value; at += 4; NEXT; }
#define OF3(name, value) CASE(name): { A; B; C; v[at[1]] = value; at += 5; NEXT; }
#define OF4(name, value) CASE(name): { A; B; C; D; v[at[1]] = value; at += 6; NEXT; }

static void play(const int32_t *at, double *v) {
    BEGIN
    OPERATIONS(OF1, OF2, OF3, OF4)
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
