"""Finished and unfinished runs and sweeps of the earlier version report the same numbers and verdicts."""

import csv
import io
import json
from pathlib import Path

import pytest

from keras_suite.reports.export.comparison_csv import comparison_csv
from keras_suite.reports.page.study import read_study
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import read_experiment
from keras_suite.reports.sweep.reading import read_sweep
from tests.end_to_end.typed import type_here

EXPERIMENTS = [
    *("angle", "caption", "direction", "image", "mask"),
    *("finished", "diverged", "pretrain", "phases", "folds", "measured", "tuned.random-confirmed"),
    *("killed", "killed_phases", "killed_scratch"),
]
SWEEPS = ["tuned.tune/random", "tuned.tune/hyperband", "killed_sweep.tune/random", "killed_sweep.tune/hyperband"]


def table(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


def number_or_word(cell: str) -> float | str:
    """A cell of a CSV file: 0 and 0.0 are the same number."""
    try:
        return float(cell)
    except ValueError:
        return cell


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_has_the_numbers_and_verdicts_of_before(name: str, unpacked: Path) -> None:
    now = table(comparison_csv(experiment_numbers(read_experiment(unpacked / "runs" / name))))
    before = table((unpacked / "reports" / name / "comparison.csv").read_text(encoding="utf-8"))
    assert len(now) == len(before)
    for row, expected in zip(now, before, strict=True):
        dropped = expected.keys() - row.keys()
        # the column of a metric of classes, which was empty in every row of another task
        assert all(column.startswith("test_top_5") and expected[column] in ("", "0") for column in dropped), dropped
        assert [number_or_word(row[column]) for column in expected if column not in dropped] == [
            number_or_word(value) for column, value in expected.items() if column not in dropped
        ]


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_is_reported_and_has_the_trials_of_before(name: str, own_copy: Path, unpacked: Path) -> None:
    folder = own_copy / "runs" / name
    (folder / "trials.csv").unlink(missing_ok=True)
    done = type_here("report", f"runs/{name}", cwd=own_copy)
    assert done.returncode == 0, done.stderr
    assert (folder / "report.html").exists()
    before = (unpacked / "reports" / name / "trials.csv").read_text(encoding="utf-8")
    assert (folder / "trials.csv").read_text(encoding="utf-8") == before
    scores = [float(row["mean_score"]) for row in table(before) if row["mean_score"] and row["trial"] != "base"]
    best = max(scores) if name.startswith("tuned") else min(scores)  # an accuracy, a loss
    assert read_sweep(folder).best()[0].score == best


def test_a_study_says_what_it_said(unpacked: Path) -> None:
    assert read_study(unpacked / "runs" / "studied").answer == "1437 digits, 139 to 146 of each."


def test_the_command_reports_runs_of_the_earlier_version(own_copy: Path) -> None:
    (own_copy / "runs" / "folds" / "comparison.csv").unlink()
    done = type_here("report", "runs/folds", cwd=own_copy)
    assert done.returncode == 0, done.stderr
    assert "keras-suite run questions/folds.py --folds 3 --threads 1 --seeds 6" in done.stdout  # it can be typed now
    for name in ("comparison.csv", "report.html", "report.md"):
        assert (own_copy / "runs" / "folds" / name).exists(), name


def test_finished_runs_are_left_alone_when_their_command_is_typed_again(own_copy: Path) -> None:
    runs = sorted((own_copy / "runs" / "finished").glob("*/seed-*"))
    before = [(run / "model.keras").read_bytes() + (run / "run.json").read_bytes() for run in runs]
    done = type_here("run", "questions/finished.py", "--threads", "1", cwd=own_copy)
    assert done.returncode == 0, done.stderr
    assert sorted((own_copy / "runs" / "finished").glob("*/seed-*")) == runs
    assert [(run / "model.keras").read_bytes() + (run / "run.json").read_bytes() for run in runs] == before
    assert json.loads((runs[0] / "run.json").read_text("utf-8"))["command"].startswith("python -m experiments run")
