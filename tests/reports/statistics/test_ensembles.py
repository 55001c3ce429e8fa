"""An ensemble is better where its images show it, however often one looks."""

import numpy as np
import pytest

from keras_suite.reports.statistics.ensembles import ensemble_gain


def votes(images: int, networks: int, seed: int, accuracy: float = 0.8) -> np.ndarray:
    """Networks that are wrong independently of each other, bool (networks, images)."""
    return np.random.default_rng(seed).random((networks, images)) < accuracy


def test_a_majority_of_independent_networks_is_better() -> None:
    networks = votes(2_000, 5, 1)
    gain = ensemble_gain(networks.mean(axis=0) > 0.5, networks, 0.002)
    assert gain.word == "better"
    assert gain.mean == pytest.approx((networks.mean(axis=0) > 0.5).mean() - networks.mean())
    assert gain.interval.low < gain.mean < gain.interval.high
    assert ensemble_gain(networks.mean(axis=0) == 1, networks, 0.002).word == "worse"


def test_the_same_network_often_is_equivalent_where_the_images_are_many() -> None:
    networks = np.repeat(votes(20_000, 1, 2), 3, axis=0)
    assert ensemble_gain(networks[0], networks, 0.002).word == "equivalent"
    assert ensemble_gain(networks[0, :50], networks[:, :50], 0.002).word == "undecided"


def test_without_a_true_gain_few_ensembles_look_better_however_many_networks_are_added() -> None:
    wrong = 0
    for seed in range(150):
        networks = votes(400, 8, seed)
        another = votes(400, 1, 1_000 + seed)[0]
        words = {ensemble_gain(another, networks[:count], 0.0).word for count in range(2, 9)}
        wrong += bool(words & {"better", "worse"})
    assert wrong <= 15, "5 % of 150 are 7.5; more than 15 would happen once in a hundred"


def test_one_network_is_no_ensemble() -> None:
    with pytest.raises(ValueError, match="an ensemble takes 2 networks"):
        ensemble_gain(votes(10, 1, 0)[0], votes(10, 1, 0), 0.0)
