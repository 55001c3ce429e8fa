"""What the statistics promise, kept over thousands of simulated experiments, and over real runs of one Config.

A rate that should be 5 % at most must have a 95 % interval (Clopper-Pearson) that does not lie above 5 %.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from keras_suite.reports.run_directory import read_experiment
from keras_suite.reports.statistics import verdicts
from keras_suite.reports.statistics.intervals import seeds_for_difference, t_interval
from keras_suite.reports.statistics.verdicts import compare
from keras_suite.tasks.task import MARGIN
from tests.end_to_end.typed import type_command

EXPERIMENTS = 2_000
Noise = Callable[..., np.ndarray]


def normal(chance: np.random.Generator, sd: float, n: int) -> np.ndarray:
    return chance.normal(0.95, sd, n)


def skewed(chance: np.random.Generator, sd: float, n: int) -> np.ndarray:
    """Most runs near the best, a few far below: what training runs often do."""
    return 0.95 - sd * chance.exponential(1, n)


def of_360_images(chance: np.random.Generator, sd: float, n: int) -> np.ndarray:
    return np.round(normal(chance, sd, n) * 360) / 360


@pytest.fixture(autouse=True)
def _only_the_words(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The number of seeds that an undecided pair would need takes most of the time, and changes no verdict."""
    if "rate" in request.node.name:
        monkeypatch.setattr(verdicts, "seeds_for_difference", lambda *arguments: None)


def count(words: tuple[str, ...], noise: Noise, n: int, pairs: int, sd: float, margin: float, shift: float) -> int:
    """Of 2,000 experiments whose variants share a baseline, how many hold one of `words`."""
    chance, decided = np.random.default_rng([n, pairs, round(1e6 * sd)]), 0
    for _ in range(EXPERIMENTS):
        baseline = noise(chance, sd, n)
        drawn = [(noise(chance, sd, n) + shift, baseline) for _ in range(pairs)]
        decided += any(comparison.word in words for comparison in compare(drawn, [margin] * pairs))
    return decided


def within_promise(wrong: int, of: int = EXPERIMENTS) -> bool:
    return bool(stats.binomtest(wrong, of).proportion_ci(0.95).low <= 0.05)


SETTINGS = [
    (normal, 8, 1),
    (of_360_images, 8, 2),
    pytest.param(normal, 8, 2, marks=pytest.mark.slow),
    pytest.param(normal, 10, 9, marks=pytest.mark.slow),
    pytest.param(skewed, 8, 2, marks=pytest.mark.slow),
    pytest.param(skewed, 10, 9, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("noise", "n", "pairs"), SETTINGS)
@pytest.mark.parametrize("margin", [0.0, MARGIN])
def test_the_rate_of_false_better_or_worse_is_at_most_5_percent(
    noise: Noise, n: int, pairs: int, margin: float
) -> None:
    """Over all pairs together: 4.9 % of 2,000 with one pair, 3.8 % with nine (normal, sd 1 point)."""
    wrong = count(("better", "worse"), noise, n, pairs, 0.01, margin, shift=0.0)
    assert within_promise(wrong)
    assert wrong > 0.01 * EXPERIMENTS, "so few false alarms would mean a test that finds nothing"


@pytest.mark.parametrize(("noise", "n", "pairs"), SETTINGS)
def test_the_rate_of_false_equivalent_at_the_margin_is_at_most_5_percent(noise: Noise, n: int, pairs: int) -> None:
    """3.6 % of 2,000 with one pair, 4.6 % with nine (normal, sd 0.05 points, a true difference of 0.2)."""
    assert within_promise(count(("equivalent",), noise, n, pairs, 0.0005, MARGIN, shift=MARGIN))


def test_the_rate_is_found_out_where_a_test_ignores_the_other_pairs() -> None:
    """The harness can fail: nine uncorrected tests make a false alarm in about one experiment of four."""
    chance, wrong = np.random.default_rng(0), 0
    for _ in range(300):
        baseline = normal(chance, 0.01, 10)
        wrong += any(
            compare([(normal(chance, 0.01, 10), baseline)], [0.0])[0].word in ("better", "worse") for _ in range(9)
        )
    assert not within_promise(wrong, 300)


@pytest.mark.parametrize("n", [5, 8, 20])
def test_t_intervals_hold_the_mean_in_95_of_100_for_normal_noise(n: int) -> None:
    held = coverage(lambda chance: chance.normal(0.9, 0.01, n), 0.9)
    assert stats.binomtest(held, 4_000, 0.95).pvalue > 0.001


def test_t_intervals_of_skewed_noise_hold_it_less_often_and_of_paired_differences_not() -> None:
    """The numbers in t_interval's docstring: of 20,000 intervals of 8 seeds each."""
    one_sided = coverage(lambda chance: 1 - 0.01 * chance.exponential(1, 8), 0.99) / 4_000
    paired = coverage(lambda chance: chance.exponential(1, 8) - chance.exponential(1, 8), 0.0) / 4_000
    assert one_sided == pytest.approx(0.894, abs=0.02)
    assert paired == pytest.approx(0.964, abs=0.02)


def coverage(draw: Callable[[np.random.Generator], np.ndarray], mean: float) -> int:
    chance, held = np.random.default_rng(4), 0
    for _ in range(4_000):
        interval = t_interval(draw(chance))
        assert interval is not None
        held += interval.low <= mean <= interval.high
    return held


@pytest.mark.parametrize(("effect", "pairs"), [(1.0, 1), (0.6, 1), (1.0, 9)])
def test_with_the_seeds_that_were_named_the_difference_is_found_8_times_out_of_10(effect: float, pairs: int) -> None:
    """The rate at which simulated differences are found agrees with the power calculation, at n and at half of it."""
    needed = seeds_for_difference(effect, 1.0, pairs)
    assert needed is not None
    for n in (needed, max(needed // 2, 3)):
        drawn = np.random.default_rng(1).normal(effect, 1.0, (20_000, n))
        power = np.mean(stats.ttest_1samp(drawn, 0, axis=1).pvalue <= 0.05 / pairs)
        assert power == pytest.approx(TTestPower().power(effect, n, 0.05 / pairs), abs=0.01)


@pytest.mark.slow
def test_the_rate_of_decisions_with_the_seeds_that_were_named_is_8_of_10() -> None:
    """Of 1,000 experiments with a true difference of one sd of the paired differences, 10 seeds: 80.5 % are decided."""
    needed = seeds_for_difference(1.0, 1.0, 1)
    assert needed is not None
    chance = np.random.default_rng(2)
    words = [compare([(chance.normal(0.01, 0.01, needed), np.zeros(needed))], [0.0])[0].word for _ in range(1_000)]
    assert words.count("better") / 1_000 == pytest.approx(0.8, abs=0.04)
    assert "worse" not in words


@pytest.mark.slow
def test_the_rate_of_false_alarms_among_real_runs_of_one_config(tmp_path: Path) -> None:
    """16 networks trained on the digits, all alike: two variants of 8 disjoint seeds each, drawn in 2,000 ways."""
    (tmp_path / "alike.py").write_text(
        '"""How much do runs of one Config scatter?"""\n'
        "from keras_suite.experiments.config import Config, Experiment, use\n"
        "model = use('mlp', units=[24])\n"
        "EXPERIMENT = Experiment(Config(dataset=use('digits'), model=model, batch_size=32, epochs=3))\n",
        encoding="utf-8",
    )
    done = type_command("run", "alike.py", "--seeds", "16", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    runs = read_experiment(tmp_path / "runs" / "alike").runs
    accuracies = np.array([run.metrics["test"]["accuracy"] for run in runs if run.metrics])
    assert len(accuracies) == 16
    assert accuracies.std() > 0.002, "runs that do not scatter would prove nothing"
    chance, wrong = np.random.default_rng(0), 0
    for _ in range(EXPERIMENTS):
        drawn = chance.permutation(accuracies)
        wrong += compare([(drawn[:8], drawn[8:])], [MARGIN])[0].word in ("better", "worse")
    assert within_promise(wrong)
