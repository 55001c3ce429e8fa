"""A trial gets another seed only while its mean of all seeds may still become the best."""

import numpy as np
import pytest

from keras_suite.experiments.tuning.racing import FREEDOM, SeedScatter, goes_on


def known(seeds: int = 3, spread: float = 0.01, direction: str = "max") -> SeedScatter:
    scatter = SeedScatter(direction, seeds)  # type: ignore[arg-type]
    for _ in range(10):
        scatter.add([0.5 - spread, 0.5, 0.5 + spread])
    return scatter


def test_before_the_scatter_of_seeds_is_known_all_get_all() -> None:
    scatter = SeedScatter("max", 3)
    scatter.add([0.5, 0.6, 0.7])
    assert scatter.freedom < FREEDOM and scatter.bars(0.9) is None
    assert known().bars(None) is None
    assert known(seeds=1).bars(0.9) is None
    assert goes_on([0.1], None, "max")


def test_a_bar_is_nearer_to_the_best_the_fewer_seeds_are_left() -> None:
    first, second = known().bars(0.9) or ()
    assert first < second < 0.9
    assert goes_on([first], (first, second), "max") and not goes_on([first - 1e-9], (first, second), "max")
    assert goes_on([0.1, 2 * second - 0.1], (first, second), "max"), "the mean counts"


def test_for_a_loss_the_bars_lie_above() -> None:
    first, second = known(direction="min").bars(0.2) or ()
    assert first > second > 0.2
    assert not goes_on([first + 1e-9], (first, second), "min")


@pytest.mark.parametrize("spread", [0.01, 0.1])
def test_a_trial_that_would_just_be_the_best_is_denied_its_next_seed_once_in_a_hundred(spread: float) -> None:
    chance = np.random.default_rng(0)
    scatter = SeedScatter("max", 3)
    for row in chance.normal(0.5, spread, (200, 3)):
        scatter.add(row.tolist())
    first, _ = scatter.bars(0.9) or ()
    seeds = chance.normal(0.9, spread, (40_000, 3))
    best = seeds[np.abs(seeds.mean(axis=1) - 0.9) < 0.02 * spread]
    denied = (best[:, 0] < first).mean()
    assert 0.003 < denied < 0.02
