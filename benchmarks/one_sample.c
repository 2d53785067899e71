/* W1 by hand: 784-128-10, sigmoid, softmax, -log p[y], plain SGD, one sample a step, float32.
   The contenders that generated code is measured against. Each returns the sum of the losses. */
#include <math.h>
#include <stddef.h>

enum { PIXELS = 784, HIDDEN = 128, DIGITS = 10, LANES = 16, VECTORS = HIDDEN / LANES };

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

/* From the weighted sums z: the loss, the update of all but w1, and the gradient dz of z. */
static inline float head(const float *restrict z, float *restrict w2, float *restrict b1,
                         float *restrict b2, long label, float rate, float *restrict dz) {
  float hidden[HIDDEN], score[DIGITS], p[DIGITS], top = -INFINITY, total = 0;
  for (int j = 0; j < HIDDEN; j++) hidden[j] = 1 / (1 + expf(-z[j]));
  for (int c = 0; c < DIGITS; c++) score[c] = b2[c];
  for (int j = 0; j < HIDDEN; j++)
    for (int c = 0; c < DIGITS; c++) score[c] += hidden[j] * w2[j * DIGITS + c];
  for (int c = 0; c < DIGITS; c++) top = score[c] > top ? score[c] : top;
  for (int c = 0; c < DIGITS; c++) total += p[c] = expf(score[c] - top);
  float loss = logf(total) - (score[label] - top);
  for (int c = 0; c < DIGITS; c++) p[c] /= total;
  p[label] -= 1;
  for (int j = 0; j < HIDDEN; j++) {
    float sum = 0;
    for (int c = 0; c < DIGITS; c++) {
      sum += w2[j * DIGITS + c] * p[c];
      w2[j * DIGITS + c] -= rate * hidden[j] * p[c];
    }
    dz[j] = sum * hidden[j] * (1 - hidden[j]);
    b1[j] -= rate * dz[j];
  }
  for (int c = 0; c < DIGITS; c++) b2[c] -= rate * p[c];
  return loss;
}

/* z += x · w1 over the listed rows, or over all of them; z stays in registers. */
static inline void forward_rows(const float *x, const int *rows, int count, const float *w1,
                                float *z) {
  vector sum[VECTORS];
  for (int v = 0; v < VECTORS; v++) sum[v] = ((vector *)z)[v];
  for (int k = 0; k < count; k++) {
    int i = rows ? rows[k] : k;
    const vector *w = (const vector *)(w1 + (size_t)i * HIDDEN);
    for (int v = 0; v < VECTORS; v++) sum[v] += x[i] * w[v];
  }
  for (int v = 0; v < VECTORS; v++) ((vector *)z)[v] = sum[v];
}

/* w1 -= rate · x ⊗ dz over the listed rows, or over all of them. */
static inline void update_rows(const float *x, const int *rows, int count, float *w1,
                               const float *dz, float rate) {
  vector d[VECTORS];
  for (int v = 0; v < VECTORS; v++) d[v] = ((const vector *)dz)[v];
  for (int k = 0; k < count; k++) {
    int i = rows ? rows[k] : k;
    float factor = rate * x[i];
    vector *w = (vector *)(w1 + (size_t)i * HIDDEN);
    for (int v = 0; v < VECTORS; v++) w[v] -= factor * d[v];
  }
}

double two_passes(float *w1, float *b1, float *w2, float *b2, const float *images,
                  const long *labels, long steps, float rate) {
  double total = 0;
  for (long t = 0; t < steps; t++) {
    const float *x = images + t * PIXELS;
    float z[HIDDEN], dz[HIDDEN];
    for (int j = 0; j < HIDDEN; j++) z[j] = b1[j];
    forward_rows(x, NULL, PIXELS, w1, z);
    total += head(z, w2, b1, b2, labels[t], rate, dz);
    update_rows(x, NULL, PIXELS, w1, dz, rate);
  }
  return total;
}

/* Rows whose pixel is 0 (81 % of MNIST) add nothing as long as the weights are finite. */
double skipping(float *w1, float *b1, float *w2, float *b2, const float *images,
                const long *labels, long steps, float rate) {
  double total = 0;
  for (long t = 0; t < steps; t++) {
    const float *x = images + t * PIXELS;
    float z[HIDDEN], dz[HIDDEN];
    int rows[PIXELS + 1], count = 0;
    for (int i = 0; i < PIXELS; i++) { rows[count] = i; count += x[i] != 0; }
    for (int j = 0; j < HIDDEN; j++) z[j] = b1[j];
    forward_rows(x, rows, count, w1, z);
    total += head(z, w2, b1, b2, labels[t], rate, dz);
    update_rows(x, rows, count, w1, dz, rate);
  }
  return total;
}

/* The update of one sample and the forward of the next in one pass over w1. */
double fused(float *restrict w1, float *restrict b1, float *restrict w2, float *restrict b2,
             const float *restrict images, const long *restrict labels, long steps, float rate) {
  double total = 0;
  float z[HIDDEN] = {0}, dz[HIDDEN];
  for (int i = 0; i < PIXELS; i++)
    for (int j = 0; j < HIDDEN; j++) z[j] += images[i] * w1[i * HIDDEN + j];
  for (long t = 0; t < steps; t++) {
    const float *x = images + t * PIXELS, *next = images + (t + 1 < steps ? t + 1 : t) * PIXELS;
    for (int j = 0; j < HIDDEN; j++) z[j] += b1[j];
    total += head(z, w2, b1, b2, labels[t], rate, dz);
    for (int j = 0; j < HIDDEN; j++) z[j] = 0;
    for (int i = 0; i < PIXELS; i++) {
      float factor = rate * x[i], pixel = next[i], *w = w1 + i * HIDDEN;
      for (int j = 0; j < HIDDEN; j++) {
        float updated = w[j] - factor * dz[j];
        w[j] = updated;
        z[j] += pixel * updated;
      }
    }
  }
  return total;
}
