"""What hand-derived layers cost: a training step of the demo net in them, beside Keras's own layers.

    DATA_DIR=... python benchmarks/manual_layers.py [--quick]

All four nets train on real MNIST with the same weights and batches, a step each in turn: Keras's layers; hand-derived
layers whose backward pass is TensorFlow's kernels for the derived expressions (the default), the derivation itself, or
im2col. The final ratio is the default's.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import json_line, paired_ratio
from keras_suite.experiments.training import runtime

BATCH_SIZE = 128
WARM_UP = 3
METHODS: tuple[Literal["primitive", "derivation", "im2col"], ...] = ("primitive", "derivation", "im2col")


def main() -> int:
    """Print the table and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer steps, under a minute")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    arguments = parser.parse_args()
    runtime.start_tensorflow(runtime.available_cores())
    try:
        seconds = measure(arguments.data_dir and Path(arguments.data_dir), 15 if arguments.quick else 100)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    built_in = seconds.pop("built-in")
    ratios = {name: paired_ratio(each, built_in) for name, each in seconds.items()}
    print(f"{'layers':<12}{'median ms a step':>18}{'ratio':>8}   95 % interval")
    print(f"{'built-in':<12}{1000 * statistics.median(built_in):>18.1f}{1:>8.3f}")
    for name, ratio in ratios.items():
        median = 1000 * statistics.median(seconds[name])
        print(f"{name:<12}{median:>18.1f}{ratio.median:>8.3f}   {ratio.low:.3f} to {ratio.high:.3f}")
    ours, theirs = statistics.median(seconds["primitive"]), statistics.median(built_in)
    others = {name: round(ratios[name].median, 4) for name in ("derivation", "im2col")}
    data = f"MNIST, batches of {BATCH_SIZE}, demo net, {runtime.available_cores()} cores"
    print(json_line("manual_layers", ratios["primitive"], ours, theirs, data, **others))
    return 0


def measure(data_dir: Path | None, steps: int) -> dict[str, list[float]]:
    """Return seconds of each step, by the net's layers."""
    import keras
    import numpy as np

    from keras_suite.experiments.config import use
    from keras_suite.experiments.registry import resolve_part
    from keras_suite.experiments.training.identity import load_dataset
    from keras_suite.models.losses import cross_entropy
    from keras_suite.models.networks.mnist_demo_net import mnist_demo_net, mnist_manual_net

    dataset = load_dataset(resolve_part("dataset", use("mnist", limit=10_000)), data_dir)
    images, labels = dataset.images.astype(np.float32), np.eye(10, dtype=np.float32)[dataset.labels]
    nets: dict[str, Any] = {"built-in": mnist_demo_net((28, 28, 1), 10, 1)}
    nets |= {method: mnist_manual_net((28, 28, 1), 10, 1, method=method) for method in METHODS}
    seconds: dict[str, list[float]] = {name: [] for name in nets}
    for net in nets.values():
        net.compile(keras.optimizers.Adam(1e-3), cross_entropy(), jit_compile=runtime.use_xla())
    order = list(nets)
    for step in range(WARM_UP + steps):
        start = step * BATCH_SIZE % (len(images) - BATCH_SIZE)
        batch = images[start : start + BATCH_SIZE], labels[start : start + BATCH_SIZE]
        order.append(order.pop(0))  # each net comes first in turn
        for name in order:
            began = time.perf_counter()
            nets[name].train_on_batch(*batch)
            if step >= WARM_UP:
                seconds[name].append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
