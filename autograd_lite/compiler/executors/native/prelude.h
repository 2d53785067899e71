/* What every generated program begins with: the C library, and elementary functions of our own
   that a compiler turns into vector instructions. NaN and infinities are kept everywhere. */

#ifndef __FAST_MATH__
#define __FAST_MATH__ 1 /* glibc then declares which of its functions have vector forms */
#include <math.h>
#undef __FAST_MATH__
#else
#include <math.h>
#endif
#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* No errno, so a loop over them can be turned around. (GCC is told that these four are no builtins,
   else it makes sin and cos of one number a sincos, which has no vector form.) */
__attribute__((const)) float sinf(float);
__attribute__((const)) float cosf(float);
__attribute__((const)) double sin(double);
__attribute__((const)) double cos(double);

#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__aarch64__)
#define FMA_float(x, y, z) __builtin_fmaf(x, y, z)
#define FMA_double(x, y, z) __builtin_fma(x, y, z)
#else
#define FMA_float(x, y, z) ((x) * (y) + (z))
#define FMA_double(x, y, z) ((x) * (y) + (z))
#endif

static inline float as_float(uint32_t bits) { float x; memcpy(&x, &bits, sizeof x); return x; }
static inline uint32_t bits_of_float(float x) { uint32_t b; memcpy(&b, &x, sizeof b); return b; }
static inline double as_double(uint64_t bits) { double x; memcpy(&x, &bits, sizeof x); return x; }
static inline uint64_t bits_of_double(double x) { uint64_t b; memcpy(&b, &x, sizeof b); return b; }

/* exp: x = n ln 2 + r, a polynomial in r, and 2^n in two factors so that no range is lost */
static inline float exp_float(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    const float shifted = FMA_float(x, 1.44269504f, 12582912.0f); /* 1.5 * 2^23: rounds */
    const float n = shifted - 12582912.0f;
    const int32_t whole = (int32_t)bits_of_float(shifted) - 0x4B400000, half = whole >> 1;
    const float r = FMA_float(n, 2.12194440e-4f, FMA_float(n, -0.693359375f, x));
    float p = 1.9875691500e-4f;
    p = FMA_float(p, r, 1.3981999507e-3f);
    p = FMA_float(p, r, 8.3334519073e-3f);
    p = FMA_float(p, r, 4.1665795894e-2f);
    p = FMA_float(p, r, 1.6666665459e-1f);
    p = FMA_float(p, r, 5.0000001201e-1f);
    p = FMA_float(p * r, r, r) + 1.0f;
    const float near_one = x > -104.0f ? as_float((uint32_t)(half + 127) << 23) : 0.0f;
    return p * near_one * as_float((uint32_t)(whole - half + 127) << 23);
}
static inline double exp_double(double x) {
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    const double shifted = FMA_double(x, 1.4426950408889634, 6755399441055744.0); /* 1.5 * 2^52 */
    const double n = shifted - 6755399441055744.0;
    const int64_t whole = (int64_t)bits_of_double(shifted) - 0x4338000000000000, half = whole >> 1;
    const double r = FMA_double(n, -1.90821492927058770002e-10, FMA_double(n, -6.93147180369123816490e-01, x));
    double p = 1.0 / 6227020800.0;
    p = FMA_double(p, r, 1.0 / 479001600.0);
    p = FMA_double(p, r, 1.0 / 39916800.0);
    p = FMA_double(p, r, 1.0 / 3628800.0);
    p = FMA_double(p, r, 1.0 / 362880.0);
    p = FMA_double(p, r, 1.0 / 40320.0);
    p = FMA_double(p, r, 1.0 / 5040.0);
    p = FMA_double(p, r, 1.0 / 720.0);
    p = FMA_double(p, r, 1.0 / 120.0);
    p = FMA_double(p, r, 1.0 / 24.0);
    p = FMA_double(p, r, 1.0 / 6.0);
    p = FMA_double(p, r, 0.5);
    p = FMA_double(p * r, r, r) + 1.0;
    const double near_one = x > -746.0 ? as_double((uint64_t)(half + 1023) << 52) : 0.0;
    return p * near_one * as_double((uint64_t)(whole - half + 1023) << 52);
}

/* log: x = 2^e m with m about 1, and the series of FreeBSD's libm in s = f / (2 + f), f = m - 1 */
static inline float log_float(float x) {
    const bool tiny = x < FLT_MIN;
    const float scaled = tiny ? x * 8388608.0f : x;
    const uint32_t bits = bits_of_float(scaled) + (0x3F800000 - 0x3F3504F3);
    const float e = (float)((int32_t)(bits >> 23) - 127) - (tiny ? 23.0f : 0.0f);
    const float f = as_float((bits & 0x007FFFFF) + 0x3F3504F3) - 1.0f;
    const float s = f / (2.0f + f), z = s * s, w = z * z;
    const float odd = w * FMA_float(w, 0.24279078841f, 0.40000972152f);
    const float even = z * FMA_float(w, 0.28498786688f, 0.66666662693f);
    const float square = 0.5f * f * f;
    const float y = e * 6.9313812256e-01f
        - ((square - FMA_float(s, square + (odd + even), e * 9.0580006145e-06f)) - f);
    const float edge = x == 0.0f ? -INFINITY : x < 0.0f ? NAN : x;
    return (x > 0.0f) & (x < INFINITY) ? y : edge;
}
static inline double log_double(double x) {
    const bool tiny = x < DBL_MIN;
    const double scaled = tiny ? x * 18014398509481984.0 : x;
    const uint64_t bits = bits_of_double(scaled) + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD);
    const double e = (double)((int64_t)(bits >> 52) - 1023) - (tiny ? 54.0 : 0.0);
    const double f = as_double((bits & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0;
    const double s = f / (2.0 + f), z = s * s, w = z * z;
    const double odd = w * FMA_double(w, FMA_double(w, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01);
    const double even = z * FMA_double(w, FMA_double(w, FMA_double(w, 1.479819860511658591e-01, 1.818357216161805012e-01), 2.857142874366239149e-01), 6.666666666666735130e-01);
    const double square = 0.5 * f * f;
    const double y = e * 6.93147180369123816490e-01
        - ((square - FMA_double(s, square + (odd + even), e * 1.90821492927058770002e-10)) - f);
    const double edge = x == 0.0 ? -INFINITY : x < 0.0 ? NAN : x;
    return (x > 0.0) & (x < INFINITY) ? y : edge;
}

/* tanh: Cephes' series near 0, (1 - e^-2|x|) / (1 + e^-2|x|) elsewhere */
static inline float tanh_float(float x) {
    const float size = fabsf(x), z = x * x, decay = exp_float(-fabsf(2.0f * x));
    float p = -5.70498872745e-3f;
    p = FMA_float(p, z, 2.06390887954e-2f);
    p = FMA_float(p, z, -5.37397155531e-2f);
    p = FMA_float(p, z, 1.33314422036e-1f);
    p = FMA_float(p, z, -3.33332819422e-1f);
    const float near = FMA_float(p * z, x, x);
    const float far = (1.0f - decay) / (1.0f + decay);
    return copysignf(size < 0.625f ? near : far, x); /* -0 stays -0 */
}
static inline double tanh_double(double x) {
    const double size = fabs(x), z = x * x, decay = exp_double(-fabs(2.0 * x));
    const double p = FMA_double(FMA_double(-9.64399179425052238628e-1, z, -9.92877231001918586564e1), z, -1.61468768441708447952e3);
    const double q = FMA_double(FMA_double(z + 1.12811678491632931402e2, z, 2.23548839060100448583e3), z, 4.84406305325125486048e3);
    const bool is_near = size < 0.625;
    const double ratio = (is_near ? size * z * p : 1.0 - decay) / (is_near ? q : 1.0 + decay);
    return copysign(is_near ? size + ratio : ratio, x); /* one division for both */
}

/* 1 / (1 + e^-x), from e^-|x|: nothing overflows */
static inline float sigmoid_float(float x) {
    const float decay = exp_float(-fabsf(x));
    return (x >= 0.0f ? 1.0f : decay) / (1.0f + decay);
}
static inline double sigmoid_double(double x) {
    const double decay = exp_double(-fabs(x));
    return (x >= 0.0 ? 1.0 : decay) / (1.0 + decay);
}

/* ln (1 + x): the rounding error of 1 + x is put back */
static inline float log1p_float(float x) {
    const float u = 1.0f + x, lost = (x - (u - 1.0f)) / u;
    return (u == 1.0f) | (x == INFINITY) ? x : log_float(u) + (u > 0.0f ? lost : 0.0f);
}
static inline double log1p_double(double x) {
    const double u = 1.0 + x, lost = (x - (u - 1.0)) / u;
    return (u == 1.0) | (x == INFINITY) ? x : log_double(u) + (u > 0.0 ? lost : 0.0);
}
