
/* How matrix products are cut for this processor: a tile of the result, TALL rows by two vectors,
   stays in its registers. */
#if defined(__AVX512F__)
enum { VECTOR = 64, TALL = 12 };
#elif defined(__AVX__)
enum { VECTOR = 32, TALL = 6 };
#elif defined(__aarch64__)
enum { VECTOR = 16, TALL = 12 };
#else
enum { VECTOR = 16, TALL = 6 };
#endif
enum {
    DEEP = 256, /* of the inner length at a time: a sliver of y, DEEP by two vectors, fills half of L1 */
    NEAR = 16, /* of the inner length that are copied in one go, where y lies transposed */
    BLOCK = 1 << 18, /* bytes of packed rows */
    PACKED = 4, /* tiles across from which rows are packed, which are a piece of work then */
    LONG = 480, /* rows at a time: so much of x, LONG by DEEP, stays in L2 */
};

/* How many of y cover x */
#define COVERING(x, y) (((x) + (y) - 1) / (y))

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAS_SHUFFLE 1
#endif
#endif
#ifndef PAGE
#define PAGE 4096 /* bytes that are far apart */
#endif
