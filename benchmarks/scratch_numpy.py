"""The NumPy network's convolution and pooling, beside the loops that most tutorials write for them.

    DATA_DIR=... python benchmarks/scratch_numpy.py [--quick]

Both sides run forward and backward through convolution, relu and max pooling of the same batch of real zeros and ones,
with the same numbers coming out: ours for the whole batch at once, the other image by image, filter by filter and
channel by channel, as in the usual from-scratch tutorial. The ratio is how many times longer the loops take.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import json_line, paired_ratio
from keras_suite.models.plain_numpy import scratch_network
from keras_suite.models.plain_numpy.scratch_network import Array, initial_weights


def main() -> int:
    """Print the table and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and smaller batches, under a minute")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    arguments = parser.parse_args()
    batch_size, turns = (8, 5) if arguments.quick else (64, 20)
    try:
        images = zeros_and_ones(arguments.data_dir and Path(arguments.data_dir))
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    weights = initial_weights(np.random.default_rng(1), images.shape[1:], 2)
    ours, theirs = measure(images, weights["conv kernel"], weights["conv bias"], batch_size, turns)
    ratio = paired_ratio(theirs, ours)
    print(f"{'':12}{'median ms a batch':>18}")
    for name, seconds in (("vectorised", ours), ("loops", theirs)):
        print(f"{name:12}{1000 * statistics.median(seconds):>18.2f}")
    print(f"ratio {ratio.median:.1f}, 95 % interval {ratio.low:.1f} to {ratio.high:.1f}, {turns} turns")
    data = f"MNIST zeros and ones, batches of {batch_size}, 8 filters 3x3"
    print(json_line("scratch_numpy", ratio, statistics.median(ours), statistics.median(theirs), data))
    return 0


def zeros_and_ones(data_dir: Path | None) -> Array:
    """Return training images (n, 28, 28, 1) in 0..1."""
    from keras_suite.experiments.config import use
    from keras_suite.experiments.registry import resolve_part
    from keras_suite.experiments.training.identity import load_dataset

    part = resolve_part("dataset", use("mnist", classes=[0, 1], limit=2000))
    return load_dataset(part, data_dir).images / 255.0


def measure(images: Array, kernel: Array, bias: Array, batch_size: int, turns: int) -> tuple[list[float], list[float]]:
    """Return seconds of each turn, ours and the loops'. ValueError if they do not agree."""
    seconds: tuple[list[float], list[float]] = ([], [])
    random = np.random.default_rng(0)
    for turn in range(turns):
        batch = images[turn * batch_size : (turn + 1) * batch_size]
        dy = random.normal(size=(len(batch), 13, 13, kernel.shape[-1]))
        results = []
        for passes, measured in zip((vectorised, loops), seconds, strict=True):
            began = time.perf_counter()
            results.append(passes(batch, kernel, bias, dy))
            measured.append(time.perf_counter() - began)
        for mine, other in zip(*results, strict=True):
            if not np.allclose(mine, other, rtol=1e-10, atol=1e-10):
                raise ValueError("the two sides disagree")
    return seconds


def vectorised(x: Array, kernel: Array, bias: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Return the pooled output, dkernel and dbias, by models/plain_numpy/scratch_network.py."""
    y, conv = scratch_network.conv_forward(x, kernel, bias)
    y, relu = scratch_network.relu_forward(y)
    y, pool = scratch_network.pool_forward(y)
    d = scratch_network.relu_backward(scratch_network.pool_backward(dy, pool), relu)
    return y, *scratch_network.conv_backward(d, conv)


def loops(x: Array, kernel: Array, bias: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Return the same by loops over images, filters, positions and channels."""
    batch, height, width, channels = x.shape
    f, filters = kernel.shape[0], kernel.shape[-1]
    rows, columns = height - f + 1, width - f + 1
    pooled, dkernel, dbias = np.zeros_like(dy), np.zeros_like(kernel), np.zeros_like(bias)
    for n in range(batch):
        for k in range(filters):
            y = np.zeros((rows, columns))
            for i in range(rows):
                for j in range(columns):
                    for c in range(channels):
                        y[i, j] += np.sum(x[n, i : i + f, j : j + f, c] * kernel[:, :, c, k])
                    y[i, j] = max(y[i, j] + bias[k], 0)
            d = np.zeros((rows, columns))
            for i in range(rows // 2):
                for j in range(columns // 2):
                    square = y[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                    a, b = np.unravel_index(square.argmax(), (2, 2))
                    pooled[n, i, j, k] = square[a, b]
                    d[2 * i + a, 2 * j + b] = dy[n, i, j, k] * (square[a, b] > 0)
            for i in range(rows):
                for j in range(columns):
                    for c in range(channels):
                        dkernel[:, :, c, k] += x[n, i : i + f, j : j + f, c] * d[i, j]
            dbias[k] += d.sum()
    return pooled, dkernel, dbias


if __name__ == "__main__":
    sys.exit(main())
