
/* The larger and the smaller one; y of two zeros, as in NumPy; NaN if either is. Beside a constant it
   is one comparison: of two, GCC makes jumps where such clamps follow each other, and no vectors. */
#define MAXIMUM(x, y) (!((x) <= (y)) & ((y) == (y)) ? (x) : (y))
#define MINIMUM(x, y) (!((x) >= (y)) & ((y) == (y)) ? (x) : (y))

#define FABS_float fabsf
#define FABS_double fabs

/* What C has no function for, as NumPy computes it: a remainder has the sign of the divisor. */
#define ELEMENTARY(REAL, F) \
    static inline REAL remainder_##REAL(REAL a, REAL b) { \
        const REAL rest = fmod##F(a, b); \
        if (rest == 0) return copysign##F(0, b); \
        return (rest < 0) != (b < 0) ? rest + b : rest; \
    } \
    static inline REAL floor_divide_##REAL(REAL a, REAL b) { \
        const REAL rest = fmod##F(a, b); \
        const REAL quotient = (a - rest) / b - (rest != 0 && (rest < 0) != (b < 0)); \
        if (b == 0) return a / b; \
        if (quotient == 0) return copysign##F(0, a / b); \
        const REAL whole = floor##F(quotient); \
        return quotient - whole > (REAL)0.5 ? whole + 1 : whole; \
    } \
    static inline REAL log_add_exp_##REAL(REAL a, REAL b) { \
        const REAL difference = a - b; \
        if (a == b) return a + (REAL)0.693147180559945309417232121458176568; \
        if (difference != difference) return difference; \
        return MAXIMUM(a, b) + log1p_##REAL(exp_##REAL(-fabs##F(difference))); \
    }
