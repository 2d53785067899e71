
KERNEL void multiply_stack_piece_REAL(const struct program *p, int64_t piece, void *data) {
    const struct stack_REAL *const stack = data;
    struct product_REAL q = stack->first;
    const int64_t cut = piece % (stack->across * stack->high);
    int64_t number = piece / (stack->across * stack->high);
    for (int axis = 3; axis >= 0; number /= stack->counts[axis], axis--) {
        const int64_t i = number % stack->counts[axis];
        q.x += i * stack->of_x[axis], q.y += i * stack->of_y[axis], q.out += i * stack->of_out[axis];
    }
    const int64_t wide = COVERING(COVERING(q.m, stack->across), WIDE_REAL) * WIDE_REAL;
    const int64_t tall = COVERING(COVERING(q.n, stack->high), TALL) * TALL;
    const int64_t i = cut / stack->across * tall, j = cut % stack->across * wide;
    multiply_part_REAL(&q, i, MINIMUM(i + tall, q.n), j, MINIMUM(j + wide, q.m));
}
