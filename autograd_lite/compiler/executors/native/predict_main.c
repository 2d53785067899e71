/* Written by autograd_lite. Predicts: reads weights and inputs, and prints outputs.

       cc -O3 -march=native -o predict main.c predict.c -lm
       ./predict weights.bin < inputs.txt

   Inputs are numbers with white space between them: every input in the order of predict.h, entry
   after entry, row-major; then the next sample, until the end. Each output is printed in a line. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "predict.h"

static int stop(const char *why) {
    fprintf(stderr, "predict: %s\n", why);
    return EXIT_FAILURE;
}

int main(int count, char **arguments) {
    static struct predict_weights weights;
    static struct predict_inputs inputs;
    static struct predict_outputs outputs;
    static struct predict_work work;
    FILE *file = count > 1 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) return stop("name the file of the weights");
    if (predict_read_weights(&weights, file) != 0) return stop("the file of the weights is damaged");
    fclose(file);
    while (predict_read_inputs(&inputs, stdin) == 0) {
        if (predict_run(&weights, &inputs, &outputs, &work) != 0) return stop("a label is out of range");
        predict_print_outputs(&outputs, stdout);
    }
    return feof(stdin) ? EXIT_SUCCESS : stop("an input that is no number");
}
