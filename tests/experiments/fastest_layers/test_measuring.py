"""Training steps are timed in turn; kinds are chosen only where that leaves no doubt."""

import math
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.fastest_layers import measuring
from keras_suite.experiments.fastest_layers.choice import measured_apart, network_of
from keras_suite.experiments.fastest_layers.measuring import measured, median_interval, time_ratio
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports.run_directory.layer_choices import TimeRatio

SMALL = Config(
    use("digits", limit=100, test_limit=20),
    use("mlp", units=[8], batch_normalization="before_activation", layers="fastest"),
    batch_size=32,
    epochs=1,
)
OPTIONS = RunOptions(2, Path("runs"))


def computing(seconds: float) -> Callable[[], None]:
    """A step that keeps the processor busy."""

    def step() -> None:
        ends = time.process_time() + seconds
        while time.process_time() < ends:
            math.sqrt(2.0)

    return step


def test_the_interval_of_the_median_holds_it_as_often_as_it_says() -> None:
    assert median_interval([6, 5, 4, 3, 2, 1]) == (1, 6)  # all six on one side of it: 2 of 64
    assert median_interval(range(1, 22)) == (6, 16)
    drawn = random.Random(0)
    for n in (6, 15, 21):
        intervals = [median_interval([drawn.gauss(0, 1) for _ in range(n)]) for _ in range(2000)]
        assert sum(low <= 0 <= high for low, high in intervals) / 2000 > 0.94


def test_a_faster_step_is_told_from_an_equal_one() -> None:
    faster = time_ratio(("dense",), computing(0.005), computing(0.01))
    assert faster.layers == ("dense",) and faster.high < 0.9 and 0.4 < faster.median < 0.6
    assert faster.low <= faster.median <= faster.high and faster.pairs == measuring.MOST_PAIRS


def test_long_steps_are_timed_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MOST_SECONDS", 0.0)
    assert time_ratio(("dense",), computing(0.001), computing(0.001)).pairs == measuring.FEWEST_PAIRS


@pytest.fixture
def ratios(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, ...], tuple[float, float, float]]:
    """What is measured of each set of kinds: median, low and high; of others that nothing is faster."""
    known: dict[tuple[str, ...], tuple[float, float, float]] = {}

    def ratio(kinds: Sequence[str], ours: Callable[[], Any], theirs: Callable[[], Any]) -> TimeRatio:
        ours()  # for real: the networks train
        theirs()
        return TimeRatio(tuple(kinds), *known.get(tuple(kinds), (1.0, 0.9, 1.1)), 21)

    monkeypatch.setattr(measuring, "time_ratio", ratio)
    return known


@pytest.mark.parametrize(
    ("known", "chosen", "compared"),
    [
        ({}, (), 3),
        ({("dense",): (0.9, 0.8, 1.01)}, (), 3),
        ({("dense",): (0.9, 0.8, 0.99)}, ("dense",), 3),
        (
            {("dense",): (0.9, 0.8, 0.99), ("batch_normalization",): (0.8, 0.7, 0.9)},
            ("batch_normalization",),
            4,
        ),
        (
            {
                ("dense",): (0.9, 0.8, 0.99),
                ("batch_normalization",): (0.8, 0.7, 0.9),
                ("dense", "batch_normalization"): (0.7, 0.6, 0.8),
            },
            ("dense", "batch_normalization"),
            4,
        ),
    ],
)
def test_what_took_the_least_time_beyond_doubt_is_chosen(
    known: dict[tuple[str, ...], tuple[float, float, float]],
    chosen: tuple[str, ...],
    compared: int,
    ratios: dict[tuple[str, ...], tuple[float, float, float]],
) -> None:
    ratios |= known
    [choice] = measured([SMALL], OPTIONS)
    assert choice.layers == chosen and len(choice.ratios) == compared
    assert choice.network == network_of(SMALL) and choice.threads == 2 and choice.processor
    assert (choice.chosen is not None) == bool(chosen)


def test_networks_of_equal_shapes_are_measured_once(
    ratios: dict[tuple[str, ...], tuple[float, float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a learning curve, whose variants differ in the number of images."""
    built: list[Any] = []
    prepared = measuring._measured
    monkeypatch.setattr(measuring, "_measured", lambda run, options: built.append(run) or prepared(run, options))
    fewer, wider = override(SMALL, {"dataset.limit": 90}), override(SMALL, {"model.units": [9]})
    choices = measured([SMALL, fewer, wider], OPTIONS)
    assert len(built) == 2
    assert [each.network for each in choices] == [network_of(each) for each in (SMALL, fewer, wider)]


@pytest.mark.slow
def test_a_process_of_its_own_measures_and_answers(tmp_path: Path) -> None:
    [choice] = measured_apart([SMALL], RunOptions(1, tmp_path))
    assert [ratio.layers for ratio in choice.ratios[:2]] == [("dense",), ("batch_normalization",)]
    assert choice.threads == 1 and all(ratio.low <= ratio.median <= ratio.high for ratio in choice.ratios)
