/* Written by autograd_lite: what predict.c computes, and how it is called. Arrays are row-major;
   %3 is the value number 3 of the plan. Nothing is global, so calls may run side by side, each
   with outputs and work of its own. */

#ifndef PREDICT_H
#define PREDICT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

STRUCTS

/* All return 0 if they could do it. */
int predict_read_weights(struct predict_weights *weights, FILE *file);
int predict_read_inputs(struct predict_inputs *inputs, FILE *file);
int predict_run(struct predict_weights *weights, const struct predict_inputs *inputs,
                struct predict_outputs *outputs, struct predict_work *work);
void predict_print_outputs(const struct predict_outputs *outputs, FILE *file);

#endif
