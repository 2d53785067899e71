
/* Convolution of images of REAL as products of matrices: rows are kernels, columns the places of the
   window, which are read where they lie in a copy with zeros around the image. */
struct convolution_REAL {
    const REAL *x, *w;
    REAL *out;
    struct window view;
    struct part part;
    struct elements elements;
    int64_t images, groups, kernels; /* kernels of a group */
};

/* Kernels from images x and planes w: planes times what the window shows, summed over images. The
   images are in `parts`, each of which has kernels of its own, one behind the other. */
struct kernels_REAL {
    struct convolution_REAL all;
    int64_t parts;
    REAL *out;
};
