"""Reports on angles, directions, images, masks and captions: the same page, in the task's own numbers."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from keras_suite import reports
from keras_suite.reports.export.console import summary_text
from keras_suite.reports.page.index import entry_of, write_index
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import target_predictions
from keras_suite.tasks import task_named
from tests.reports.target_runs import TEST, make_target_runs

TASKS = ["angle", "direction", "image", "mask", "caption"]


@pytest.mark.parametrize("task", TASKS)
def test_a_variant_that_answers_better_is_called_better_in_the_tasks_own_units(task: str, tmp_path: Path) -> None:
    numbers, metric = experiment_numbers(make_target_runs(tmp_path, task)), task_named(task).score
    comparison = numbers.comparison("learnt")
    assert comparison.word == "better"
    assert (comparison.mean > 0) == metric.higher_is_better
    assert comparison.superiority == 1
    said = answer(numbers)
    apart = f"{metric.scale * abs(comparison.mean):.2f} {metric.difference} (95 % interval "
    assert said.startswith(f"'learnt' is better than 'plain' by {apart}")
    assert comparison.interval is not None
    ends = sorted(abs(metric.scale * end) for end in (comparison.interval.low, comparison.interval.high))
    assert f"{ends[0]:.2f} to {ends[1]:.2f}, 7 paired seeds)" in said


@pytest.mark.parametrize("task", TASKS)
def test_the_numbers_are_means_over_the_test_images(task: str, tmp_path: Path) -> None:
    experiment = make_target_runs(tmp_path, task, seeds=2)
    row = experiment_numbers(experiment).variants[1].runs[0]
    said = target_predictions(experiment.runs[2])
    assert said is not None
    assert row.test_score == task_named(task).scores(said.targets, said.predictions).mean()
    assert row.scores is not None and len(row.scores) == TEST
    assert row.answers() is None


@pytest.mark.parametrize("task", TASKS)
def test_the_whole_report_is_drawn(task: str, tmp_path: Path) -> None:
    written = write_report(make_target_runs(tmp_path, task), tmp_path / "report")
    page = written.html.read_text(encoding="utf-8").partition("<script")[0]
    assert "Errors of learnt" in page
    assert f"test {task_named(task).score.label}" in page
    assert "Confusion matrix" not in page and "mean confidence" not in page
    assert ("McNemar" in page) == task_named(task).score.binary
    pictures = {path.stem for path in written.paths if path.suffix == ".png"}
    expected = {
        task_named(task).score.key,
        "differences",
        "worst-learnt",
        f"curves-{task_named(task).score.in_history.name}",
    }
    expected |= {"errors", "by-class"} if task in ("angle", "direction") else set()
    assert expected | ({"residuals"} if task == "angle" else set()) <= pictures
    [plain, learnt] = csv.DictReader((tmp_path / "report" / "comparison.csv").read_text(encoding="utf-8").splitlines())
    assert float(learnt["test_images_only_variant"]) > float(learnt["test_images_only_other"])
    means = [run.test_score for run in written.numbers.variants[1].runs]
    assert float(learnt[f"test_{task_named(task).score.key}_mean"]) == pytest.approx(np.mean(means))
    assert f"validation_{task_named(task).score.in_history.name}_mean" in plain
    assert task_named(task).score.format(np.mean(means)) in summary_text(written.numbers)


def test_an_edited_number_is_told_and_the_predictions_are_used(tmp_path: Path) -> None:
    experiment = make_target_runs(tmp_path, "angle", seeds=1)
    path = experiment.runs[0].path / "metrics.json"
    metrics = json.loads(path.read_text())
    path.write_text(json.dumps({**metrics, "test": {"degrees": 0.5}}))
    numbers = experiment_numbers(reports.run_directory.read_experiment(experiment.folder))
    assert any("test degrees 0.5 there" in problem for problem in numbers.problems)
    assert (numbers.variants[0].runs[0].test_score or 0) > 1


def test_runs_on_other_targets_are_told(tmp_path: Path) -> None:
    experiment = make_target_runs(tmp_path, "angle", seeds=1)
    path = experiment.runs[0].path / "predictions.npz"
    arrays = dict(np.load(path))
    np.savez_compressed(path, **{**arrays, "targets": arrays["targets"] + np.float32(0.1)})
    numbers = experiment_numbers(reports.run_directory.read_experiment(experiment.folder))
    assert any("different test images" in problem for problem in numbers.problems)
    assert numbers.pairs[0].images is None


def test_runs_of_different_tasks_are_not_compared(tmp_path: Path) -> None:
    experiment = make_target_runs(tmp_path, "angle", seeds=1)
    path = experiment.runs[0].path / "run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "data": {**record["data"], "task": "direction"}}))
    with pytest.raises(ValueError, match="predict different targets"):
        experiment_numbers(reports.run_directory.read_experiment(experiment.folder))


def test_the_margin_is_in_the_measures_own_unit(tmp_path: Path) -> None:
    runs = make_target_runs(tmp_path, "angle")
    assert experiment_numbers(runs).comparison("learnt").margin == 0.2
    assert experiment_numbers(runs, 170.0).comparison("learnt").word == "equivalent"


def test_frames_contain_scores_of_several_tasks(tmp_path: Path) -> None:
    for task in ("angle", "caption"):
        make_target_runs(tmp_path, task, seeds=2)
    frames = reports.load(tmp_path / "runs")
    assert frames.runs.groupby("experiment").test_degrees.count().to_dict() == {"angle": 4, "caption": 0}
    assert frames.runs.test_captions.count() == 4
    assert len(frames.predictions) == 2 * 4 * TEST
    assert frames.predictions.degrees.notna().sum() == 4 * TEST
    assert "right" not in frames.predictions


@pytest.mark.slow
def test_an_index_lists_all_tasks(tmp_path: Path) -> None:
    written = [write_report(make_target_runs(tmp_path, task, seeds=6), tmp_path / "runs" / task) for task in TASKS]
    page = write_index([entry_of(each) for each in written], tmp_path / "runs").read_text(encoding="utf-8")
    for each in written:
        assert each.answer.split(" (")[0].replace("'", "&#39;") in page
