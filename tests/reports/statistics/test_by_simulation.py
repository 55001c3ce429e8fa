"""What the statistics promise, kept over thousands of simulated experiments, and over real runs of one Config.

A rate that should be 5 % at most must have a 95 % interval (Clopper-Pearson) that does not lie above 5 %.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from keras_suite.reports.run_directory import read_experiment
from keras_suite.reports.statistics import intervals, verdicts
from keras_suite.reports.statistics.image_noise import image_noise
from keras_suite.reports.statistics.intervals import t_interval
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.planning import seeds_for
from keras_suite.reports.statistics.verdicts import compare
from keras_suite.tasks.task import MARGIN
from tests.end_to_end.typed import type_command
from tests.reports.statistics.simulated import EXPERIMENTS, Noise, normal, skewed, within_promise


def of_360_images(chance: np.random.Generator, sd: float, n: int) -> np.ndarray:
    return np.round(normal(chance, sd, n) * 360) / 360


@pytest.fixture(autouse=True)
def _only_the_words(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """What an undecided pair would need takes most of the time, and changes no verdict."""
    if "rate" in request.node.name:
        monkeypatch.setattr(verdicts, "plan", lambda *arguments: None)


def count(words: tuple[str, ...], noise: Noise, n: int, pairs: int, sd: float, margin: float, shift: float) -> int:
    """Of 2,000 experiments whose variants share a baseline, how many hold one of `words`."""
    chance, holding = np.random.default_rng([n, pairs, round(1e6 * sd)]), 0
    for _ in range(EXPERIMENTS):
        baseline = noise(chance, sd, n)
        pairings = [Pairing(noise(chance, sd, n) + shift, baseline, margin) for _ in range(pairs)]
        holding += any(comparison.word in words for comparison in compare(pairings))
    return holding


SETTINGS = [
    (normal, 8, 1),
    (of_360_images, 8, 2),
    pytest.param(normal, 8, 2, marks=pytest.mark.slow),
    pytest.param(normal, 10, 9, marks=pytest.mark.slow),
    pytest.param(skewed, 8, 2, marks=pytest.mark.slow),
    pytest.param(skewed, 10, 9, marks=pytest.mark.slow),
]


@pytest.mark.slow
@pytest.mark.parametrize(("noise", "n", "pairs"), SETTINGS)
@pytest.mark.parametrize("margin", [0.0, MARGIN])
def test_the_rate_of_false_better_or_worse_is_at_most_5_percent(
    noise: Noise, n: int, pairs: int, margin: float
) -> None:
    """Over all pairs together, at a first look, which spends half of the 5 %."""
    wrong = count(("better", "worse"), noise, n, pairs, 0.01, margin, shift=0.0)
    assert within_promise(wrong)
    assert wrong > 0.01 * EXPERIMENTS, "so few false alarms would mean a test that finds nothing"


@pytest.mark.parametrize(("noise", "n", "pairs"), SETTINGS)
def test_the_rate_of_false_equivalent_at_the_margin_is_at_most_5_percent(noise: Noise, n: int, pairs: int) -> None:
    """Normal noise with an sd of 0.05 points, a true difference of 0.2, at a first look."""
    assert within_promise(count(("equivalent",), noise, n, pairs, 0.0005, MARGIN, shift=MARGIN))


def test_the_rate_is_found_out_where_a_test_ignores_the_other_pairs() -> None:
    """The harness can fail: nine uncorrected tests make a false alarm in about one experiment of four."""
    chance, wrong = np.random.default_rng(0), 0
    for _ in range(300):
        baseline = normal(chance, 0.01, 10)
        wrong += any(
            compare([Pairing(normal(chance, 0.01, 10), baseline, 0.0)])[0].word in ("better", "worse") for _ in range(9)
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


# -- other test images -----------------------------------------------------------------------------------------------


def alike(chance: np.random.Generator, images: int, pairs: int) -> list[Pairing]:
    """8 seeds of variants that are equally good on pictures at large, each with hard pictures of its own."""
    right = [
        chance.normal(0, 0.02, (8, 1)) + chance.normal(0, 1, images) + chance.normal(0, 0.1, (8, images)) > -1.3
        for _ in range(pairs + 1)
    ]
    return [
        Pairing(each.mean(axis=1), right[0].mean(axis=1), MARGIN, images=image_noise(each, right[0]), largest=1.0)
        for each in right[1:]
    ]


@pytest.mark.parametrize(
    ("images", "experiments"), [(360, 100), pytest.param(360, 2_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_the_rate_of_false_words_for_other_test_images_is_at_most_5_percent(images: int, experiments: int) -> None:
    """Three comparisons; on these images alone nearly every experiment finds a difference, as there is one."""
    chance, wrong, here = np.random.default_rng(9), 0, 0
    for _ in range(experiments):
        found = compare(alike(chance, images, 3))
        wrong += any(comparison.word in ("better", "worse") for comparison in found)
        here += any(comparison.word_on_these_images in ("better", "worse") for comparison in found)
    assert within_promise(wrong, experiments)
    assert here > 0.5 * experiments


# -- what a plan promises --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("effect", "pairs"), [(1.0, 1), (0.6, 1), (1.0, 9)])
def test_with_the_seeds_that_were_named_the_difference_is_found_8_times_out_of_10(effect: float, pairs: int) -> None:
    needed = seeds_for(effect, 1.0, pairs=pairs)
    assert needed is not None
    chance = np.random.default_rng(2)
    words = [
        compare([Pairing(chance.normal(effect, 1.0, needed), np.zeros(needed), 0.0)], comparisons=pairs)[0].word
        for _ in range(300 if needed <= intervals.EXACT_UP_TO else 60)
    ]
    assert words.count("better") / len(words) == pytest.approx(0.8, abs=0.1)
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
        order = chance.permutation(accuracies)
        wrong += compare([Pairing(order[:8], order[8:], MARGIN)])[0].word in ("better", "worse")
    assert within_promise(wrong)
