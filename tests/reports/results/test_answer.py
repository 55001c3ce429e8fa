"""The answer's words follow from the verdicts, and its figures are the comparison's own."""

import re
import shutil
import time
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.page.next_command import next_command
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import read_experiment
from keras_suite.reports.statistics.verdicts import Comparison
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}
INTERRUPTED = {"status": "running", "heartbeat": 1.0}
PAIR: dict[str, dict[str, Any]] = {"base": {}, "other": {}}
WEAK, UNLIKE = 1e-5, 0.004  # strengths that make a classifier worse, and one that nobody can tell apart


def figures(sentence: str) -> list[float]:
    """The numbers with a point in them, in their order."""
    return [float(digits.replace("−", "-")) for digits in re.findall(r"−?\d+\.\d+", sentence)]


def pair(make_runs: MakeRuns, margin: float | None = None, **options: Any) -> tuple[Numbers, Comparison, str]:
    numbers = experiment_numbers(make_runs(PAIR, **options), margin)
    return numbers, numbers.comparison("other"), answer(numbers)


def test_better_comes_with_the_difference_its_interval_and_the_seeds(make_runs: MakeRuns) -> None:
    _, comparison, said = pair(make_runs, strength={"base": WEAK})
    assert comparison.interval is not None
    assert re.sub(r"\d+\.\d+", "#", said) == (
        "'other' is better than 'base' by # percentage points of test accuracy (95 % interval # to #, 8 paired seeds)."
    )
    assert figures(said) == pytest.approx(
        100 * np.array([comparison.mean, comparison.interval.low, comparison.interval.high]), abs=5e-3
    )


def test_worse_gives_the_interval_in_the_direction_of_the_sentence(make_runs: MakeRuns) -> None:
    _, comparison, said = pair(make_runs, strength={"other": WEAK})
    assert comparison.interval is not None
    assert said.startswith("'other' is worse than 'base' by")
    expected = -100 * np.array([comparison.mean, comparison.interval.high, comparison.interval.low])
    assert figures(said) == pytest.approx(expected, abs=5e-3)
    assert expected[1] < expected[0] < expected[2]


def test_equivalent_gives_the_margin_and_the_interval_that_lies_within(make_runs: MakeRuns) -> None:
    _, comparison, said = pair(make_runs, margin=0.02, strength={"other": UNLIKE})
    assert comparison.equivalence_interval is not None
    assert re.sub(r"−?\d+\.\d+", "#", said) == (
        "'other' and 'base' are equivalent: they differ by less than # percentage points of test accuracy "
        "(#; 90 % interval # to #, 8 paired seeds)."
    )
    within = [comparison.equivalence_interval.low, comparison.equivalence_interval.high]
    assert figures(said) == pytest.approx(100 * np.array([0.02, comparison.mean, *within]), abs=5e-3)


def test_a_real_difference_within_the_margin_is_called_small(make_runs: MakeRuns) -> None:
    _, comparison, said = pair(make_runs, margin=0.2, strength={"other": WEAK})
    assert (comparison.word, comparison.p_holm <= 0.05) == ("equivalent", True)
    assert ", a real but small difference; 90 % interval" in said


def test_undecided_names_the_images_and_seeds_that_would_show_it(make_runs: MakeRuns) -> None:
    numbers, comparison, said = pair(make_runs, strength={"other": UNLIKE})
    assert comparison.interval is not None and comparison.plan is not None
    assert comparison.mean < 0
    assert said.startswith(
        f"Undecided: 'other' is {-100 * comparison.mean:.2f} percentage points below 'base' (95 % interval"
    )
    assert figures(said)[1:3] == pytest.approx(
        [-100 * comparison.interval.high, -100 * comparison.interval.low], abs=5e-3
    )
    images, seeds = comparison.plan.images, comparison.plan.seeds
    assert said.endswith(
        "; to show that they are equivalent, more seeds alone will not do: it would take about "
        f"{images:,} test images and about {seeds} seeds."
    )
    assert images is not None and images > 360
    assert comparison.seeds_needed is None and next_command(numbers) is None, "nobody is urged to train those"


def test_too_few_seeds_says_how_many_and_what_was_seen(make_runs: MakeRuns) -> None:
    numbers, comparison, said = pair(make_runs, strength={"other": WEAK}, seeds=3)
    assert said == (
        "Too few seeds to say: 3 paired seeds cannot decide, at least 6 are needed "
        f"(so far 'other' is {-100 * comparison.mean:.2f} percentage points below 'base')."
    )
    assert next_command(numbers) == "keras-suite run digits_question --seeds 6"


def test_one_variant_reaches_what_it_reaches(make_runs: MakeRuns) -> None:
    several = experiment_numbers(make_runs({"only": {}}, seeds=3))
    spread, further = several.variants[0].test_score, several.variants[0].expected
    assert spread.interval is not None and further is not None
    said = answer(several)
    assert figures(said) == pytest.approx(
        100 * np.array([spread.mean, spread.interval.low, spread.interval.high, further.low, further.high]), abs=5e-3
    )
    assert said.endswith(" of a further run on other images like these.")
    assert further.low < spread.interval.low < spread.interval.high < further.high
    one = answer(experiment_numbers(make_runs({"only": {}}, seeds=1, name="one")))
    assert one.endswith("in its one run, which says nothing of the spread.")
    none = answer(experiment_numbers(make_runs({"only": {}}, seeds=1, name="none", **FAILED)))
    assert none.startswith("No answer yet: no run of 'only' has been scored on the test set. 1 run failed")


def test_of_many_variants_the_best_is_named_and_no_other_is_left_out(make_runs: MakeRuns) -> None:
    variants: dict[str, dict[str, Any]] = {"base": {}, "good": {}, "best": {}, "same": {}, "bad": {}}
    strength = {"base": 1e-5, "best": 0.003, "good": 2e-4, "same": 1e-5, "bad": 1e-6}
    numbers = experiment_numbers(make_runs(variants, strength=strength, seeds=9))
    words = {pair.variant: pair.comparison.word for pair in numbers.pairs}
    said = answer(numbers)
    best = numbers.comparison("best")
    assert words == {"good": "better", "best": "better", "same": "same runs", "bad": "undecided"}
    assert said.startswith("2 of 4 variants are better than 'base', most of all 'best', by")
    assert best.mean > numbers.comparison("good").mean
    assert figures(said)[0] == pytest.approx(100 * best.mean, abs=5e-3)
    assert " over all 4 comparisons, 9 paired seeds)" in said
    assert said.endswith(
        "; 'bad' is undecided; 'same' is the same runs: what was changed made no difference in any bit."
    )


def test_of_many_variants_without_a_better_one_the_answer_begins_with_that(make_runs: MakeRuns) -> None:
    variants: dict[str, dict[str, Any]] = {"base": {}, "bad": {}, "worst": {}}
    said = answer(experiment_numbers(make_runs(variants, strength={"bad": WEAK, "worst": 1e-6})))
    assert said == "None of 2 variants is shown to be better than 'base'; 'bad' and 'worst' are worse."
    few = answer(experiment_numbers(make_runs(variants, seeds=2, name="few", strength={"bad": WEAK, "worst": 1e-6})))
    assert few == "Too few seeds to say: 2 paired seeds cannot decide 2 comparisons, at least 7 are needed."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({("other", 2): FAILED}, "1 run failed (1 of 'other') and is counted, not averaged."),
        (
            {("other", 2): FAILED, ("other", 3): FAILED, ("base", 1): FAILED},
            "3 runs failed (1 of 'base' and 2 of 'other') and are counted, not averaged.",
        ),
        ({("base", 2): INTERRUPTED}, "1 run is interrupted (1 of 'base') and can be continued."),
    ],
)
def test_missing_runs_are_counted_in_the_answer(
    changes: dict[tuple[str, int], Any], said: str, make_runs: MakeRuns
) -> None:
    assert pair(make_runs, seeds=4, changes=changes)[2].endswith(f" {said}")


def test_a_run_with_a_living_heartbeat_is_counted_as_running(make_runs: MakeRuns) -> None:
    running = {("base", 2): {"status": "running", "heartbeat": time.time()}}
    assert pair(make_runs, seeds=4, changes=running)[2].endswith(" 1 run is still running (1 of 'base').")


def test_interrupted_runs_of_other_code_cannot_be_continued(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=2, trained="elsewhere", changes={("weak", 2): {"status": "interrupted"}})
    numbers = experiment_numbers(experiment)
    assert answer(numbers).endswith("1 run is interrupted (1 of 'weak') and cannot be continued.")
    assert next_command(numbers) is None


def test_more_variants_than_a_sentence_holds_are_counted(make_runs: MakeRuns) -> None:
    variants: dict[str, dict[str, Any]] = {"base": {}, **{f"v{k}": {} for k in range(14)}}
    numbers = experiment_numbers(make_runs(variants, seeds=1, strength={f"v{k}": 0.001 * (k + 1) for k in range(14)}))
    said = answer(numbers)
    assert "'v3'" not in said and len(said) < 300


def test_each_pair_without_a_verdict_is_named_with_its_reason(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, seeds=9)
    experiment_numbers(runs)
    for name, seed in (("one-01234567", 3), ("two-01234567", 5)):
        shutil.rmtree(runs.folder / name / f"seed-{seed}")
    said = answer(experiment_numbers(read_experiment(runs.folder)))
    assert "Why no verdict on 'one': seed 3 had been looked at" in said
    assert "Why no verdict on 'two': seed 5 had been looked at" in said
    shutil.rmtree(runs.folder / "base-01234567" / "seed-3")
    shutil.rmtree(runs.folder / "base-01234567" / "seed-5")
    said = answer(experiment_numbers(read_experiment(runs.folder)))
    assert "not comparable. Why no verdict: seeds 3 and 5 had been looked at" in said
