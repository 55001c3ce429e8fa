"""The best trials are compared with the base on seeds that the sweep never used; only there the test set is scored."""

import re
from pathlib import Path

import pytest

from keras_suite.experiments.tuning.confirmation import Confirmed, in_words
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports import run_directory
from tests.end_to_end.sweeps import ONE_RATE, finish_here, sweep_folder, write_file


@pytest.mark.slow
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
    line = rf"^{winner} \(learning_rate=.*\): validation accuracy .* in the sweep, .* on 2 fresh seeds: "
    assert re.search(line, said, re.MULTILINE)
    report = (tmp_path / "runs" / "width.random-confirmed" / "report.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| {winner} \(.*optimizer\.learning\\_rate = .*\) \| base \|", report, re.MULTILINE)
    page = (sweep_folder(tmp_path) / "report.html").read_text(encoding="utf-8")
    assert "On fresh seeds: too few seeds to say" in page and winner in page
    again = finish_here(tmp_path, *command).stdout
    assert "All 4 runs had already finished" in again


@pytest.mark.parametrize(
    ("objective", "confirmed", "line"),
    [
        (
            "val_accuracy",
            Confirmed("trial-0003", 0.98, 1, {2: 0.97}),
            "trial-0003 (units=64): validation accuracy 98.00 % in the sweep, 97.00 % on 1 fresh seed: the sweep was "
            "1.00 points too optimistic",
        ),
        (
            "val_unpenalised_loss",
            Confirmed("base", 0.1, 1, {2: 0.14, 3: 0.16}),
            "base: validation unpenalised loss 0.1000 in the sweep, 0.1500 on 2 fresh seeds: the sweep was 0.0500 too "
            "optimistic (95 % interval −0.1701 to 0.2701)",
        ),
    ],
)
def test_a_line_says_by_how_much_the_sweep_was_too_optimistic(objective: str, confirmed: Confirmed, line: str) -> None:
    assert in_words([confirmed], Objective(objective), {"trial-0003": {"units": 64}, "base": {}}) == [line]
