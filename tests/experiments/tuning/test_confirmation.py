"""The best trials are held against the base on seeds that the sweep never saw, and only there the test set is seen."""

from pathlib import Path

import pytest

from keras_suite.experiments.tuning.confirmation import Confirmed, in_words
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports import run_directory
from tests.end_to_end.sweeps import ONE_RATE, finish_here, sweep_folder, write_file


def test_winners_are_confirmed_on_fresh_seeds_in_a_folder_of_their_own(tmp_path: Path) -> None:
    write_file(tmp_path, ONE_RATE)
    command = ("--trials", "2", "--confirm", "1", "--confirm-seeds", "2")
    said = finish_here(tmp_path, *command).stdout
    experiment = run_directory.read_experiment(tmp_path / "runs" / "width.random-confirmed")
    base, winner = (variant.name for variant in experiment.variants)
    assert base == experiment.baseline == "base"
    assert [(run.variant, run.seed) for run in experiment.runs] == [(base, 2), (base, 3), (winner, 2), (winner, 3)]
    assert all(run.metrics is not None and "test" in run.metrics for run in experiment.runs)
    searched = [run_directory.read_run(path) for path in sweep_folder(tmp_path).glob("*/seed-*")]
    assert all(run.metrics is not None and "test" not in run.metrics for run in searched)
    assert f"{winner}: validation accuracy in the sweep" in said
    assert "on 2 fresh seeds" in said
    page = (sweep_folder(tmp_path) / "report.html").read_text(encoding="utf-8")
    assert "On fresh seeds: Too few seeds to say" in page and winner in page
    again = finish_here(tmp_path, *command).stdout
    assert "All 4 runs had ended before" in again


@pytest.mark.parametrize(
    ("objective", "confirmed", "said"),
    [
        (
            "val_accuracy",
            Confirmed("trial-0003", 0.98, 0.97, 10),
            "trial-0003: validation accuracy in the sweep 98.00 %, on 10 fresh seeds 97.00 %: optimism +1.00 points",
        ),
        (
            "val_unpenalised_loss",
            Confirmed("base", 0.1, 0.15, 5),
            "base: validation unpenalised loss in the sweep 0.1000, on 5 fresh seeds 0.1500: optimism +0.0500",
        ),
    ],
)
def test_optimism_is_what_the_sweep_promised_too_much(objective: str, confirmed: Confirmed, said: str) -> None:
    assert in_words([confirmed], Objective(objective)) == [said]
