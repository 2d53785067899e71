"""Value and gradient of sum(tanh(x)·sin(x) + exp(-x²)): elements a second.

python benchmarks/elementwise.py [--sizes 1000,100000,10000000] [--rounds 5] [--quick]
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()


def repeat(step):
    """`run(count)` from `step()`, which returns the value and the gradient."""

    def run(count):
        for _ in range(count):
            value, _ = step()
        return float(value)

    return run


@field.contender("NumPy by hand")
def numpy_by_hand(x):
    """What a careful person writes without a library: the control."""
    one, two = x.dtype.type(1), x.dtype.type(2)

    def step():
        t, s, e = np.tanh(x), np.sin(x), np.exp(-x * x)
        return (t * s + e).sum(), (one - t * t) * s + t * np.cos(x) - two * x * e

    return repeat(step)


def compiled(x, executor):
    """The recorded graph and its gradient, compiled."""
    with ag.Graph() as graph:
        node = ag.input(name="x", shape=x.shape, dtype=x.dtype, requires_grad=True)
        value = ag.sum(ag.tanh(node) * ag.sin(node) + ag.exp(-(node * node)))
        gradient = ag.gradients(value, node)
    program = ag.compile(graph, outputs=[value, gradient], executor=executor)
    return repeat(lambda: program(x=x))


@field.contender("autograd_lite, numpy executor")
def planned(x):
    return compiled(x, "numpy")


@field.contender("autograd_lite, native, 1 thread", needs=["$cc"])
def native(x):
    return compiled(x, "native")


@field.contender("autograd_lite, native, 2 threads", needs=["$cc"], threads=2)
def native_on_two(x):
    return compiled(x, "native")


C_SOURCE = """
#include <math.h>
/* sin stands in a loop of its own: beside cos, gcc would merge the two into a scalar sincos. */
#define FUSED(NAME, T, TANH, SIN, COS, EXP)                                        \\
  double NAME(const T *restrict x, T *restrict g, long n) {                       \\
    double total = 0;                                                              \\
    for (long start = 0; start < n; start += 1024) {                              \\
      long end = start + 1024 < n ? start + 1024 : n;                             \\
      T sum = 0, sine[1024];                                                      \\
      for (long i = start; i < end; i++) sine[i - start] = SIN(x[i]);             \\
      for (long i = start; i < end; i++) {                                        \\
        T t = TANH(x[i]), s = sine[i - start], e = EXP(-x[i] * x[i]);             \\
        sum += t * s + e;                                                         \\
        g[i] = (1 - t * t) * s + t * COS(x[i]) - 2 * x[i] * e;                    \\
      }                                                                           \\
      total += sum;                                                               \\
    }                                                                             \\
    return total;                                                                 \\
  }
static inline float tanh32(float v) {
  float a = expf(-2 * fabsf(v));
  return copysignf((1 - a) / (1 + a), v);
}
static inline double tanh64(double v) {
  double a = exp(-2 * fabs(v));
  return copysign((1 - a) / (1 + a), v);
}
FUSED(float32, float, tanh32, sinf, cosf, expf)
FUSED(float64, double, tanh64, sin, cos, exp)
"""


@field.contender("C by hand, one fused loop, libmvec", needs=["$cc"])
def c_by_hand(x):
    folder = Path(tempfile.mkdtemp(prefix="elementwise"))
    (folder / "fused.c").write_text(C_SOURCE)
    flags = "-O3 -march=native -mprefer-vector-width=512 -ffast-math -fPIC -shared".split()
    libraries = ["-lmvec", "-lm"]
    files = [str(folder / "fused.c"), "-o", str(folder / "fused.so")]
    subprocess.run(["cc", *flags, *files, *libraries], check=True)
    kernel = getattr(ctypes.CDLL(str(folder / "fused.so")), str(x.dtype))
    kernel.restype = ctypes.c_double
    gradient = np.empty_like(x)
    addresses = [ctypes.c_void_p(a.ctypes.data) for a in (x, gradient)]
    return repeat(lambda: (kernel(*addresses, ctypes.c_long(len(x))), gradient))


def torch_function(x, *, compiled):
    import torch

    node = torch.from_numpy(x.copy()).requires_grad_(True)

    def function(v):
        return (v.tanh() * v.sin() + (-v * v).exp()).sum()

    function = torch.compile(function) if compiled else function

    def step():
        value = function(node)
        return value.detach(), torch.autograd.grad(value, node)[0]

    step()  # compiles
    return repeat(step)


@field.contender("PyTorch eager, 1 thread", needs=["torch"])
def torch_eager(x):
    return torch_function(x, compiled=False)


@field.contender("torch.compile, 1 thread", needs=["torch", "$g++"])
def torch_compiled(x):
    return torch_function(x, compiled=True)


@field.contender("torch.compile, 2 threads", needs=["torch", "$g++"], threads=2)
def torch_compiled_on_two(x):
    return torch_function(x, compiled=True)


@field.contender("JAX jit, its own threads", needs=["jax"], threads=2)
def jax_jit(x):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def function(v):
        return (jnp.tanh(v) * jnp.sin(v) + jnp.exp(-v * v)).sum()

    value_and_grad, node = jax.jit(jax.value_and_grad(function)), jnp.asarray(x)
    return repeat(lambda: jax.block_until_ready(value_and_grad(node)))


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1000,100000,10000000", help="lengths of x, a,b")
    chosen = parser.parse_args()
    sizes = "1000,50000" if chosen.quick else chosen.sizes
    for dtype in ("float32", "float64"):
        for size in map(int, sizes.split(",")):
            x = np.random.default_rng(0).normal(0, 1.5, size).astype(dtype)
            runs = field.start(x, chosen.only)
            agree(runs, 1, tolerance=1e-3 if dtype == "float32" else 1e-9)
            target = 0.02 if chosen.quick else 0.15
            times = interleave(runs, size, chosen.rounds, target, field.threads)
            references = ["NumPy by hand", "torch.compile, 1 thread", "torch.compile, 2 threads"]
            references.append("C by hand, one fused loop, libmvec")
            title = f"{size:,} elements, {dtype}"
            print(markdown_table(times, "elements/s", references, title=title))


if __name__ == "__main__":
    main()
