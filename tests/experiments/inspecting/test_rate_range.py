"""The learning-rate range test: what is read off a curve, and that it trains as a run does, with the rate rising."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.inspecting.rate_range import RateRange, draw_range, has_diverged, range_test, suggest
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.models.losses import cross_entropy

CONFIG = Config(
    dataset=use("digits", limit=200, test_limit=50),
    model=use("mlp", units=[16]),
    optimizer=use("sgd"),
    schedule=use("cosine"),
    batch_size=32,
)


def curve(diverged: bool = True, noise: float = 0.0) -> RateRange:
    """Falls from 2.3 to 0.3 in an S around the rate 1e-3, and rises again around 1e-1."""
    rates = np.geomspace(1e-6, 1, 200)
    log = np.log10(rates)
    falling, rising = 2 / (1 + np.exp(-4 * (log + 3))), 3 / (1 + np.exp(-12 * (log + 1)))
    losses = 2.3 - falling + (rising if diverged else 0) + np.random.default_rng(0).normal(scale=noise, size=200)
    return RateRange(rates, losses, 200, diverged)


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_rates_are_those_of_the_steepest_and_of_the_lowest_place(noise: float) -> None:
    suggestion = suggest(curve(noise=noise))
    assert suggestion.steepest == pytest.approx(1e-3, rel=0.4)
    assert suggestion.largest is not None
    assert 0.01 < suggestion.largest < 0.06
    assert not suggestion.open_end


def test_batches_that_differ_much_do_not_pass_for_a_fall() -> None:
    """The noise's own slopes are steeper than the fall's, but they do not lead down."""
    rates, random = np.geomspace(1e-6, 1, 100), np.random.default_rng(0)
    falling = 0.4 / (1 + np.exp(-3 * (np.log10(rates) + 2.5)))
    for _ in range(20):
        losses = 0.86 - falling + 3 * np.maximum(0, np.log10(rates) + 1) + random.normal(scale=0.15, size=100)
        steepest = suggest(RateRange(rates, losses, 100, True)).steepest
        assert steepest is not None
        assert 3e-4 < steepest < 0.1


def test_a_loss_that_still_falls_at_the_last_rate_is_reported() -> None:
    suggestion = suggest(curve(diverged=False))
    assert suggestion.open_end
    assert suggestion.largest == pytest.approx(1, rel=0.1)


def test_a_loss_that_never_falls_gives_no_rate() -> None:
    noise = np.random.default_rng(0).normal(2.3, 0.05, size=200)
    assert suggest(RateRange(np.geomspace(1e-6, 1, 200), noise, 200, False)).steepest is None
    assert suggest(RateRange(np.array([]), np.array([]), 200, True)).steepest is None


def test_smoothing_moves_nothing() -> None:
    """The bump of a symmetric curve stays where it is."""
    losses = np.exp(-0.5 * ((np.arange(101) - 50) / 8) ** 2)
    assert RateRange(np.geomspace(1e-6, 1, 101), losses, 101, False).smoothed.argmax() == 50


def test_a_loss_has_diverged_when_it_is_above_where_it_began() -> None:
    falling = [2.3] * 10 + [1.5] * 20
    assert not has_diverged(falling)
    assert not has_diverged([*falling, 6.0])  # a single batch
    assert has_diverged([*falling, *[3.0] * 20])
    assert not has_diverged([2.3] * 20 + [2.7] * 20)  # it has not fallen yet: a warm-up may be rough
    assert has_diverged([2.3] * 20 + [6.0] * 20)


@pytest.mark.parametrize("phases", [(), (use("head", cached_views=1),)], ids=["whole", "head"])
def test_it_trains_with_rising_rates_and_writes_nothing(tmp_path: Path, phases: tuple) -> None:
    model = use("vgg", width=0.1, blocks=2) if phases else CONFIG.model
    config = override(CONFIG, {"model": model, "phases": phases})
    job = Job("tried", "only", config, 1, RunOptions(2, tmp_path / "runs"))
    tried = range_test(job, lowest=1e-5, highest=1e-1, steps=30)
    np.testing.assert_allclose(tried.rates, np.geomspace(1e-5, 1e-1, 30))
    assert not tried.diverged
    again = range_test(job, lowest=1e-5, highest=1e-1, steps=30)
    np.testing.assert_allclose(tried.losses, again.losses, rtol=1e-4)
    assert tried.losses[-5:].mean() < tried.losses[:5].mean()
    assert not list(tmp_path.iterdir())
    draw_range(tried, suggest(tried), "tried")


def test_each_loss_is_that_of_its_own_batch_before_the_step(tmp_path: Path) -> None:
    """At rates near zero the model stays untrained, so all of them can be worked out beside it."""
    job = Job("tried", "only", CONFIG, 1, RunOptions(2, tmp_path))
    slow = range_test(job, lowest=1e-12, highest=1e-11, steps=20)
    run = prepare(job)
    untrained, loss = run.build_model(), cross_entropy()
    batches = itertools.islice(run.training_batches(), 20)
    expected = [float(loss(labels, untrained(images))) for images, labels in batches]
    np.testing.assert_allclose(slow.losses, expected, rtol=1e-4)
    fast = range_test(job, lowest=0.1, highest=0.3, steps=20)
    assert fast.losses[0] == pytest.approx(expected[0], rel=1e-4)
    assert fast.losses[-3:].mean() < 0.9 * np.mean(expected[-3:])


def test_it_stops_where_the_loss_diverges(tmp_path: Path) -> None:
    job = Job("tried", "only", override(CONFIG, {"loss": use("hinge")}), 1, RunOptions(2, tmp_path))
    tried = range_test(job, lowest=1e-3, highest=1e6, steps=60)
    assert tried.diverged
    assert len(tried.losses) == len(tried.rates) < 60
    assert np.isfinite(tried.losses).all()
