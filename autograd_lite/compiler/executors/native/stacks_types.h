
/* Products of stacked matrices of REAL: each is like the first, and lies elsewhere */
struct stack_REAL {
    struct product_REAL first;
    int64_t counts[4], of_x[4], of_y[4], of_out[4]; /* axes of the stack, and steps along them */
    int64_t across, high; /* into how many pieces each is cut, from left to right and downwards */
};
