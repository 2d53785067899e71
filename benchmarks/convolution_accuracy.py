"""How long a convolutional network trains until it reads 99 of 100 digits, compiling included.

    python benchmarks/convolution_accuracy.py [--executor native] [--quick]

The network of notebooks/8_convolutions.ipynb: Adam, five passes over MNIST in batches of 64.
"""

from __future__ import annotations

import argparse
from time import perf_counter, process_time

import numpy as np

from autograd_lite import datasets, nn


def network() -> nn.Sequential:
    """Two convolutions, and a hidden layer behind a dropout."""
    seed = np.random.default_rng(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2, seed=seed), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding=2, seed=seed), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.25, seed=seed),
        nn.Linear(784, 64, seed=seed), nn.BatchNorm(64), nn.ReLU(), nn.Linear(64, 10, seed=seed),
    )  # fmt: skip


def main() -> None:
    """Print the accuracy on the test images and the seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executor", default="native")
    parser.add_argument("--quick", action="store_true", help="one pass over 1,000 images")
    options = parser.parse_args()
    samples, epochs = (1000, 1) if options.quick else (60000, 5)
    (images, labels), (test_images, test_labels) = datasets.mnist()
    x, x_test = (nn.as_features(a).reshape(-1, 1, 28, 28) for a in (images[:samples], test_images))
    model, began, used = network(), perf_counter(), process_time()
    trainer = nn.Trainer(
        model,
        nn.Adam(model.parameters(), lr=0.003),
        batch_size=64,
        epochs=epochs,
        loss="logits_cross_entropy",
        schedule=nn.schedules.cosine(epochs),
        executor=options.executor,
    )
    trainer.fit(x, labels[:samples])
    seconds, used = perf_counter() - began, process_time() - used
    accuracy, _ = nn.evaluate(model, x_test, test_labels, loss="logits_cross_entropy")
    print(f"test accuracy {accuracy:.4f} after {seconds:.1f} s ({used:.1f} s of processors)")


if __name__ == "__main__":
    main()
