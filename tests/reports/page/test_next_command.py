"""The commands that a report names are those of the experiment, for the seeds and variants that are missing."""

import dataclasses
from typing import Any

import pytest

from keras_suite.reports.page.next_command import next_command, repeat_command, with_seeds
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import read_experiment
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}
INTERRUPTED = {"status": "running", "heartbeat": 1.0}
PAIR: dict[str, dict[str, Any]] = {"base": {}, "other": {}}
WORSE = {"other": 1e-5}


def test_a_failed_seed_is_made_up_for_and_an_unfinished_one_is_not(make_runs: MakeRuns) -> None:
    failed = experiment_numbers(make_runs(PAIR, seeds=3, changes={("other", 2): FAILED}, strength=WORSE))
    assert next_command(failed) == "keras-suite run digits_question --seeds 7"
    cut = {("other", 2): INTERRUPTED}
    unfinished = experiment_numbers(make_runs(PAIR, seeds=3, changes=cut, name="unfinished", strength=WORSE))
    assert next_command(unfinished) == "keras-suite run unfinished --seeds 6"


def test_what_is_damaged_is_mended_before_more_is_run(make_runs: MakeRuns) -> None:
    runs = make_runs(PAIR, seeds=9)
    experiment_numbers(runs)
    (runs.runs[0].path / "metrics.json").write_text("{", encoding="utf-8")
    damaged = experiment_numbers(read_experiment(runs.folder))
    assert next_command(damaged) is None and "--repair" in damaged.problems[0]


def test_without_open_pairs_there_is_no_next_command(make_runs: MakeRuns) -> None:
    assert next_command(experiment_numbers(make_runs(PAIR, strength={"other": 1e-5}))) is None


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("keras-suite run e --seeds 8", "keras-suite run e --seeds 20"),
        (
            "keras-suite run e --seeds=8 --set epochs=3",
            "keras-suite run e --set epochs=3 --seeds 20",
        ),
        ("run e --variant cnn --variant=mlp --fresh --workers 2", "run e --workers 2 --seeds 20"),
        ("run 'my question.py' --set 'a=x y'", "run 'my question.py' --set 'a=x y' --seeds 20"),
        ("", "keras-suite run digits_question --seeds 20"),
        ("tune e --confirm 3 --confirm-seeds 5 --fresh", "tune e --confirm 3 --confirm-seeds 19"),
        ("tune e --seeds 2 --confirm=3", "tune e --seeds 2 --confirm=3 --confirm-seeds 18"),
    ],
)
def test_the_command_gets_more_seeds_of_all_variants(command: str, expected: str, make_runs: MakeRuns) -> None:
    numbers = dataclasses.replace(experiment_numbers(make_runs(seeds=1)), command=command)
    assert with_seeds(numbers, 20) == expected


def test_only_the_variants_of_open_pairs_are_run_again(make_runs: MakeRuns) -> None:
    changes = {("open", seed): FAILED for seed in (6, 7, 8)}
    runs = make_runs({"base": {}, "open": {}, "bad": {}}, strength={"bad": 1e-5, "open": 0.004}, changes=changes)
    numbers = experiment_numbers(runs)
    assert [pair.comparison.word for pair in numbers.pairs] == ["too few seeds", "worse"]
    assert next_command(numbers) == ("keras-suite run digits_question --variant base --variant open --seeds 10")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("keras-suite run e", "keras-suite run e"),
        ("tune e --seeds 1 --confirm 3 --confirm-seeds 5", "tune e --seeds 1 --confirm 3 --confirm-seeds 5"),
        ("keras-suite run e --seeds 3", "keras-suite run e --seeds 3"),
        ("keras-suite run e --seeds 2 --workers 2", "keras-suite run e --workers 2 --seeds 3"),
        ("keras-suite run e --variant one --seeds 2", "keras-suite run e --seeds 3"),
    ],
)
def test_the_repeat_command_repeats_all_runs_there_are(command: str, expected: str, make_runs: MakeRuns) -> None:
    numbers = dataclasses.replace(experiment_numbers(make_runs(seeds=3)), command=command)
    assert repeat_command(numbers) == expected


def test_seeds_that_confirm_a_sweep_are_counted_from_behind_its_own(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=5))
    later = dataclasses.replace(
        numbers,
        command="tune e --confirm 1 --confirm-seeds 4",
        variants=tuple(
            dataclasses.replace(variant, runs=tuple(run for run in variant.runs if run.seed > 1))
            for variant in numbers.variants
        ),
    )
    (pair,) = later.pairs
    assert pair.comparison.seeds_needed == 6
    assert next_command(later) == "tune e --confirm 1 --confirm-seeds 6"


def test_what_other_code_trained_is_repeated_by_its_own_command_only(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=2, trained="elsewhere"))
    assert next_command(numbers) is None
    numbers = dataclasses.replace(numbers, command="python train.py wide 2")
    assert repeat_command(numbers) == "python train.py wide 2"
