"""Runs and sweeps of the earlier version report the same numbers and words; of looks at them nothing is known."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from keras_suite.reports.export.comparison_csv import comparison_csv
from keras_suite.reports.page.study import read_study
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import read_experiment
from keras_suite.reports.run_directory.looks import Looks, read_looks
from keras_suite.reports.statistics.planning import fewest_seeds, looks_that_count
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


# the columns of a metric of classes, which were empty in every row of another task; and an interval that is the
# difference's own now
DROPPED = ("test_top_5", "test_images_and_seeds_")
STRICTER = ("seeds_needed", "p_holm", "test_images_noise")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_has_the_numbers_and_words_of_before(name: str, unpacked: Path, tmp_path: Path) -> None:
    """Its intervals are wider, if they are shown at all: for other images too, and as part of the 5 % is kept."""
    folder = shutil.copytree(unpacked / "runs" / name, tmp_path / name)
    now = table(comparison_csv(experiment_numbers(read_experiment(folder))))
    before = table((unpacked / "reports" / name / "comparison.csv").read_text(encoding="utf-8"))
    assert len(now) == len(before)
    for row, expected in zip(now, before, strict=True):
        dropped = {column for column in expected if column not in row}
        assert all(column.startswith(DROPPED) for column in dropped), dropped
        assert not any(expected[column] not in ("", "0") for column in dropped if column.startswith("test_top_5"))
        for column in expected.keys() - dropped:
            found, known = number_or_word(row[column]), number_or_word(expected[column])
            interval = column.endswith(("_low", "_high", "_level"))
            if found == known or (interval and found == ""):
                continue
            assert interval or column in STRICTER, (column, known, found)
            assert isinstance(found, float) and isinstance(known, float)
            assert found < known if column.endswith("_low") else found > known, (column, known, found)


def test_how_often_earlier_runs_were_looked_at_is_not_known(unpacked: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(unpacked / "runs" / "finished", tmp_path / "finished")
    assert read_looks(folder) == Looks()
    [pair] = experiment_numbers(read_experiment(folder)).pairs
    assert (pair.comparison.n, pair.comparison.looks, pair.comparison.seeds_needed) == (2, (), 7)
    looks = read_looks(folder)
    assert not looks.first_look_known
    [variants] = looks.pairs
    assert looks.earlier(*variants, range(1, 10)) == (1, 2), "from then on looks are known"
    assert fewest_seeds(1, looks_that_count((1, 2), 1)) == 7, "and at two seeds there was nothing to spend"


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
