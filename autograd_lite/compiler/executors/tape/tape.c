/* The tape interpreter: runs any graph of scalar nodes, and is compiled once for all of them.

   A tape is a list of 32-bit words, one instruction after another:

       operation, result, operands ...        and Stop at the end

   where results and operands are places in one array of doubles, `v`. Inputs, leaves and
   constants have a place each; results share places as soon as nothing reads them any more.
   autograd_lite/compile/scalar/tape.py writes such tapes.

   Every operation rounds as it does when the graph is interpreted: build this with
   -ffp-contract=off, and without any of the options that -ffast-math stands for. */

#include <math.h>
#include <stdint.h>

static inline double larger(double a, double b) { return a >= b || isnan(a) ? a : b; }
static inline double smaller(double a, double b) { return a <= b || isnan(a) ? a : b; }

static inline double sigmoid(double a) {
    const double decay = exp(-fabs(a));
    return (a >= 0 ? 1.0 : decay) / (1.0 + decay);
}

/* With the sign of the divisor, as in Python and NumPy. */
static inline double remainder_like(double a, double b) {
    const double rest = fmod(a, b);
    if (rest == 0) return copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

static inline double floor_divide(double a, double b) {
    const double rest = fmod(a, b);
    const double quotient = (a - rest) / b - (rest != 0 && (rest < 0) != (b < 0));
    if (b == 0) return a / b;
    if (quotient == 0) return copysign(0.0, a / b);
    const double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1.0 : whole;
}

static inline double log_add_exp(double a, double b) {
    const double difference = a - b;
    if (a == b) return a + 0.693147180559945309417232121458176568;
    if (isnan(difference)) return difference;
    return larger(a, b) + log1p(exp(-fabs(difference)));
}

/* 0 times infinity counts as 0 where the cotangent is 0: the op Guard. */
static inline double guarded(double product, double cotangent) {
    return isnan(product) && cotangent == 0 ? 0.0 : product;
}

/* The operations: the name of the op, and its value from the operands a, b, c, d. Their numbers
   follow from the order of these lines, which Python reads, too. The last ones are two or three
   ops in a row, with the roundings of each. */
#define OPERATIONS(OF1, OF2, OF3, OF4) \
    OF1(Copy, a) \
    OF1(Neg, -a) \
    OF1(Abs, fabs(a)) \
    OF1(Exp, exp(a)) \
    OF1(Log, log(a)) \
    OF1(Log1p, log1p(a)) \
    OF1(Sqrt, sqrt(a)) \
    OF1(Tanh, tanh(a)) \
    OF1(Expm1, expm1(a)) \
    OF1(Log2, log2(a)) \
    OF1(Log10, log10(a)) \
    OF1(Sin, sin(a)) \
    OF1(Cos, cos(a)) \
    OF1(Tan, tan(a)) \
    OF1(Asin, asin(a)) \
    OF1(Acos, acos(a)) \
    OF1(Atan, atan(a)) \
    OF1(Sinh, sinh(a)) \
    OF1(Cosh, cosh(a)) \
    OF1(Asinh, asinh(a)) \
    OF1(Acosh, acosh(a)) \
    OF1(Atanh, atanh(a)) \
    OF1(Floor, floor(a)) \
    OF1(Ceil, ceil(a)) \
    OF1(Trunc, trunc(a)) \
    OF1(Round, rint(a)) \
    OF1(Sign, a > 0 ? 1.0 : a < 0 ? -1.0 : a + 0.0) \
    OF1(SignBit, signbit(a) != 0) \
    OF1(IsFinite, isfinite(a) != 0) \
    OF1(IsInf, isinf(a) != 0) \
    OF1(IsNaN, isnan(a) != 0) \
    OF1(LogicalNot, a == 0) \
    OF1(Sigmoid, sigmoid(a)) \
    OF1(ReLU, larger(a, 0.0)) \
    OF2(Add, a + b) \
    OF2(Sub, a - b) \
    OF2(Mul, a * b) \
    OF2(Div, a / b) \
    OF2(Pow, pow(a, b)) \
    OF2(FloorDivide, floor_divide(a, b)) \
    OF2(Remainder, remainder_like(a, b)) \
    OF2(Atan2, atan2(a, b)) \
    OF2(Hypot, hypot(a, b)) \
    OF2(LogAddExp, log_add_exp(a, b)) \
    OF2(CopySign, copysign(a, b)) \
    OF2(NextAfter, nextafter(a, b)) \
    OF2(Maximum, larger(a, b)) \
    OF2(Minimum, smaller(a, b)) \
    OF2(Equal, a == b) \
    OF2(NotEqual, a != b) \
    OF2(Less, a < b) \
    OF2(LessEqual, a <= b) \
    OF2(Greater, a > b) \
    OF2(GreaterEqual, a >= b) \
    OF2(LogicalAnd, a != 0 && b != 0) \
    OF2(LogicalOr, a != 0 || b != 0) \
    OF2(LogicalXor, (a != 0) != (b != 0)) \
    OF2(Guard, guarded(a, b)) \
    OF3(Where, a != 0 ? b : c) \
    OF3(MulAdd, a * b + c) \
    OF3(MulSub, c - a * b) \
    OF2(MulGuard, guarded(a * b, a)) \
    OF3(MulGuardAdd, guarded(a * b, a) + c) \
    OF4(WhereGreater, a > b ? c : d)

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
    double *const *homes;    /* of each leaf: where its value lies between runs */
    const int32_t *updated;  /* the leaves that the tape changes */
    const int32_t *results;  /* the places of the outputs */
};

/* The steps start ... stop - 1. Each reads one number of every column of data, in the order given
   or one after another, and writes one row of outputs. Leaves come from their homes before the
   first step, and those that have changed go home after the last. */
void run_tape(const struct tape *tape, const double *const *data, const int64_t *order,
              int64_t start, int64_t stop, double *rows) {
    double *const v = tape->v, *const leaves = v + tape->inputs;
    for (int64_t i = 0; i < tape->leaves; i++) leaves[i] = *tape->homes[i];
    for (int64_t step = start; step < stop; step++) {
        const int64_t row = order ? order[step] : step;
        for (int64_t i = 0; i < tape->inputs; i++) v[i] = data[i][row];
        play(tape->words, v);
        for (int64_t i = 0; i < tape->outputs; i++) *rows++ = v[tape->results[i]];
    }
    for (int64_t i = 0; i < tape->updates; i++) {
        const int32_t leaf = tape->updated[i];
        *tape->homes[leaf] = leaves[leaf];
    }
}
