"""How often are verdicts and ranges wrong on networks that really trained: a network against itself, on real images.

- A/A: pairs of the same tiny network from disjoint blocks of seeds read real digits; the verdict is looked at after
  every seed from 6 on. There is no difference, so each "better" or "worse" is false.
- Ranges: a tiny network is trained on photographs of CIFAR-10 with 8 seeds, tested on a few of the test photographs,
  and a further run with a ninth seed is tested on all the others, which were set apart.

Thousands of networks train at once as stacked matrices in NumPy (one hidden layer, ReLU, Adam, cross-entropy), each
with its own initial weights, its own 80 % of the training images and their order, as the suite's seeds have.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import cifar10
from keras_suite.reports.statistics.image_noise import image_noise, share_interval
from keras_suite.reports.statistics.intervals import ALPHA, sign_flip_p, t_interval
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import compare

MARGIN = 0.002
FIRST, LAST = 6, 20  # seeds at the first and the last look
SEEDS = 8  # of a range
AT_ONCE = 1_000  # networks


@dataclass(frozen=True)
class Training:
    """How each network is trained."""

    units: int
    epochs: int
    batch_size: int
    learning_rate: float


def trained_and_tested(
    images: np.ndarray, labels: np.ndarray, rows: np.ndarray, tests: np.ndarray, training: Training, seed: int
) -> np.ndarray:
    """Train one network a row of `rows`, and predict the test images.

    Args:
        images: Training images (n, features), float32.
        labels: Their classes, (n,).
        rows: Which of them each network may train on, (networks, m): it takes 80 % of them, in its own order.
        tests: Test images (t, features), float32.
        training: How.
        seed: Of all that is random.

    Returns:
        The class that each network predicts for each test image, (networks, t).
    """
    found = []
    for start in range(0, len(rows), AT_ONCE):
        random = np.random.default_rng([seed, start])
        weights = _trained(images, labels, rows[start : start + AT_ONCE], training, random)
        found += [
            _logits(tests, *(each[network] for each in weights)).argmax(axis=-1) for network in range(len(weights[0]))
        ]
    return np.stack(found)


def _logits(inputs: np.ndarray, *weights: np.ndarray) -> np.ndarray:
    kernel, bias, last_kernel, last_bias = weights
    return np.maximum(inputs @ kernel + bias, 0) @ last_kernel + last_bias


def _trained(
    images: np.ndarray, labels: np.ndarray, rows: np.ndarray, training: Training, random: np.random.Generator
) -> list[np.ndarray]:
    """Return kernels (r, f, units), (r, units, c) and biases (r, 1, units), (r, 1, c) of the trained networks."""
    count, classes = len(rows), int(labels.max()) + 1
    shapes = [(images.shape[1], training.units), (training.units, classes)]
    weights: list[np.ndarray] = []
    for shape in shapes:
        limit = np.sqrt(6 / sum(shape))  # Glorot and Bengio, 2010
        weights += [random.uniform(-limit, limit, (count, *shape)), np.zeros((count, 1, shape[1]))]
    weights = [each.astype(np.float32) for each in weights]
    moments = [(np.zeros_like(each), np.zeros_like(each)) for each in weights]
    kept = int(0.8 * rows.shape[1])
    mine = random.permuted(rows, axis=1)[:, :kept]
    step = 0
    for _ in range(training.epochs):
        mine = random.permuted(mine, axis=1)
        for start in range(0, kept - training.batch_size + 1, training.batch_size):
            batch = mine[:, start : start + training.batch_size]
            step += 1
            gradients = _gradients(images[batch], labels[batch], weights)
            for weight, gradient, (mean, square) in zip(weights, gradients, moments, strict=True):
                mean += 0.1 * (gradient - mean)
                square += 0.001 * (gradient**2 - square)
                rate = training.learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                weight -= rate * mean / (np.sqrt(square) + 1e-7)
    return weights


def _gradients(inputs: np.ndarray, labels: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the gradients of the mean cross-entropy of each network by its weights; `inputs` (r, b, f)."""
    kernel, bias, last_kernel, last_bias = weights
    hidden = np.maximum(inputs @ kernel + bias, 0)
    logits = hidden @ last_kernel + last_bias
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    error = (shares - (labels[..., None] == np.arange(logits.shape[-1]))) / labels.shape[1]
    error = error.astype(np.float32)
    back = (error @ last_kernel.swapaxes(1, 2)) * (hidden > 0)
    return [
        inputs.swapaxes(1, 2) @ back,
        back.sum(axis=1, keepdims=True),
        hidden.swapaxes(1, 2) @ error,
        error.sum(axis=1, keepdims=True),
    ]


@dataclass(frozen=True)
class Peeked:
    """How many pairs were called better or worse at some look: with 5 % at each, now on these test images, and now.

    `accuracy` and `scatter` are the runs' mean, and their standard deviation over seeds.
    """

    pairs: int
    each_look: int
    on_these_images: int
    now: int
    accuracy: float
    scatter: float


def against_itself(pairs: int, seed: int) -> Peeked:
    """Look at pairs of the same network after every seed from 6 to 20."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    inputs = (digits.images / 16).astype(np.float32).reshape(len(digits.images), -1)
    order = np.random.default_rng(seed).permutation(len(inputs))
    train, test = order[360:1360], order[:360]
    rows = np.broadcast_to(np.arange(len(train)), (pairs * 2 * LAST, len(train)))
    training = Training(units=16, epochs=3, batch_size=32, learning_rate=1e-2)
    predicted = trained_and_tested(inputs[train], digits.target[train], rows, inputs[test], training, seed)
    right = (predicted == digits.target[test]).reshape(pairs, 2, LAST, len(test))
    counts = np.zeros(3, np.int64)
    for variant, other in right:
        counts += _ever_wrong(variant, other)
    scores = right.mean(axis=-1)
    each_look, on_these_images, now = counts.tolist()
    scatter = float(scores.std(axis=-1, ddof=1).mean())
    return Peeked(pairs, each_look, on_these_images, now, float(scores.mean()), scatter)


def _ever_wrong(variant: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return whether a pair (seeds, images) is ever called better or worse: 5 % a look, on these images, and now."""
    wrong = np.zeros(3, bool)
    for n in range(FIRST, LAST + 1):
        scores, against = variant[:n].mean(axis=1), other[:n].mean(axis=1)
        noise = image_noise(variant[:n], other[:n])
        [found] = compare([Pairing(scores, against, MARGIN, images=noise, earlier=tuple(range(FIRST, n)))])
        words = (found.word_on_these_images, found.word)
        wrong |= [sign_flip_p(scores - against) <= ALPHA, *(word in ("better", "worse") for word in words)]
    return wrong


def ranges(experiments: int, tests: int, seed: int, dataset: Dataset) -> tuple[int, int, float]:
    """Return how often the range for a further run holds its share of the photographs set apart, and how often the
    interval of the seeds alone does; and the mean width of the range, in points.
    """
    images, others = (_features(each) for each in (dataset.images, dataset.test_images))
    random = np.random.default_rng([seed, tests])
    rows = np.repeat([random.choice(len(images), 1_000, replace=False) for _ in range(experiments)], SEEDS + 1, axis=0)
    training = Training(units=24, epochs=8, batch_size=40, learning_rate=3e-3)
    predicted = trained_and_tested(images, dataset.labels, rows, others, training, seed)
    right = (predicted == dataset.test_labels).reshape(experiments, SEEDS + 1, len(others))
    held = alone = 0
    widths = []
    for each in right:
        order = random.permutation(len(others))
        tested, apart = each[:SEEDS, order[:tests]], each[SEEDS, order[tests:]]
        found, mean = share_interval(tested, further_run=True), t_interval(tested.mean(axis=1))
        assert found is not None and mean is not None
        held += bool(found.low <= apart.mean() <= found.high)
        alone += bool(mean.low <= apart.mean() <= mean.high)
        widths.append(100 * (found.high - found.low))
    return held, alone, float(np.mean(widths))


def _features(images: np.ndarray) -> np.ndarray:
    """Return photographs uint8 (n, 32, 32, 3) as 8x8 pixels of -1..1, (n, 192)."""
    small = images.reshape(len(images), 8, 4, 8, 4, 3).mean(axis=(2, 4), dtype=np.float32)
    return (small / 127.5 - 1).reshape(len(images), -1).astype(np.float32)


def percent(count: int, of: int) -> str:
    """Return a share with Clopper and Pearson's interval, in percent."""
    from scipy import stats

    interval = stats.binomtest(count, of).proportion_ci(0.95)
    return f"{100 * count / of:.1f} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def main() -> int:
    """Print what was counted, and a JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer experiments")
    parser.add_argument("--pairs", type=int, help="of the same network (400)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    arguments = parser.parse_args()
    try:
        photographs = cifar10(arguments.data_dir)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    pairs = arguments.pairs or (40 if arguments.quick else 400)
    experiments = 40 if arguments.quick else 400
    peeked = against_itself(pairs, 1)
    print(
        f"the same network twice, {pairs} pairs, looked at with {FIRST}, {FIRST + 1} ... {LAST} seeds (accuracy "
        f"{100 * peeked.accuracy:.1f} %, sd {100 * peeked.scatter:.1f} over seeds): better or worse, %"
    )
    for what, count in (
        ("5 % at each look", peeked.each_look),
        ("now, on these test images", peeked.on_these_images),
        ("now", peeked.now),
    ):
        print(f"  {what:28} {percent(count, pairs)}", flush=True)
    found = {}
    for tests in (60, 360, 1_000):
        held, alone, width = ranges(experiments, tests, 1, photographs)
        found[tests] = {"held": held, "seeds_alone": alone, "width": width}
        print(
            f"range for a further run, {tests} test photographs: holds its share of the {10_000 - tests:,} set apart "
            f"in {percent(held, experiments)} % of {experiments}, {width:.1f} points wide (the interval of seeds alone "
            f"{percent(alone, experiments)})",
            flush=True,
        )
    print(json.dumps({"benchmark": "real_runs", "pairs": vars(peeked), "experiments": experiments, "ranges": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
