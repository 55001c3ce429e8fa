"""The networks that a benchmark trains at once learn as single ones do, and their verdicts are rarely wrong."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from benchmarks.real_runs import Training, _gradients, against_itself, ranges, trained_and_tested
from keras_suite.data_pipeline.datasets.keras_datasets import cifar10


def test_the_gradients_of_stacked_networks_are_those_of_their_losses() -> None:
    random = np.random.default_rng(0)
    inputs, labels = random.normal(size=(3, 5, 4)), random.integers(0, 3, (3, 5))
    weights = [random.normal(size=shape) for shape in ((3, 4, 6), (3, 1, 6), (3, 6, 3), (3, 1, 3))]

    def losses() -> np.ndarray:
        kernel, bias, last_kernel, last_bias = weights
        logits = np.maximum(inputs @ kernel + bias, 0) @ last_kernel + last_bias
        shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        return -np.log(np.take_along_axis(shares, labels[..., None], axis=-1)).mean(axis=(1, 2))

    for weight, gradient in zip(weights, _gradients(inputs, labels, weights), strict=True):
        for place in ((0, 0, 1), (2, 0, 0)):
            before = weight[place]
            weight[place] = before + 1e-6
            above = losses()[place[0]]
            weight[place] = before - 1e-6
            below = losses()[place[0]]
            weight[place] = before
            assert gradient[place] == pytest.approx((above - below) / 2e-6, rel=1e-4, abs=1e-7)


def test_each_network_learns_from_its_own_images_only() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, 400)
    images = (random.normal(size=(400, 6)) + 3 * labels[:, None]).astype(np.float32)
    images[200:] -= 6 * labels[200:, None]  # in the second half the classes lie the other way round
    rows = np.stack([np.arange(200), np.arange(200, 400)])
    predicted = trained_and_tested(images, labels, rows, images, Training(8, 20, 20, 1e-2), seed=0)
    right = predicted == labels
    assert right[0, :200].mean() > 0.95 and right[1, 200:].mean() > 0.95
    assert right[0, 200:].mean() < 0.6 and right[1, :200].mean() < 0.6


@pytest.mark.slow
def test_the_same_network_twice_is_rarely_told_apart_however_often_one_looks() -> None:
    peeked = against_itself(pairs=60, seed=2)
    assert peeked.accuracy > 0.85 and peeked.scatter > 0.005
    assert peeked.now <= peeked.on_these_images <= stats.binom.ppf(0.999, 60, 0.05)
    assert peeked.each_look > peeked.now


@pytest.mark.slow
@pytest.mark.needs_data
def test_a_range_holds_the_share_of_photographs_that_were_set_apart(data_dir: Path) -> None:
    held, alone, _ = ranges(experiments=40, tests=360, seed=2, dataset=cifar10(data_dir))
    assert held >= stats.binom.ppf(0.001, 40, 0.95) and alone < held
