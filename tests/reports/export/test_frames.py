"""`reports.load` gives the report's own numbers, one row for each thing that was measured."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite import reports
from keras_suite.reports.run_directory import predictions, write_diagnosis
from tests.reports.conftest import EPOCHS, MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}


def test_runs_history_and_predictions_are_those_of_the_directories(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=3, changes={("weak", 2): FAILED})
    frames = reports.load(runs.folder)
    assert len(frames.runs) == 6
    assert frames.runs.set_index(["variant", "seed"]).loc[("weak", 2), "reason"] == "loss became NaN in epoch 2"
    assert len(frames.history) == 5 * EPOCHS + 2
    assert len(frames.predictions) == 5 * 360
    first = runs.runs[0]
    answers = predictions(first)
    assert answers is not None
    mine = frames.predictions.query("variant == 'strong' and seed == 1")
    assert np.array_equal(mine.label, answers[0])
    assert np.array_equal(mine.predicted, answers[1].argmax(axis=1))
    row = frames.runs.query("variant == 'strong' and seed == 1").iloc[0]
    assert mine.right.mean() == row.test_accuracy
    last = frames.history.query("variant == 'strong' and seed == 1 and epoch == @EPOCHS", local_dict={"EPOCHS": EPOCHS})
    assert last.val_accuracy.item() == row.validation_accuracy


def test_diagnosis_has_a_row_for_each_look_and_layer(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2)
    assert list(reports.load(runs.folder).diagnosis) == ["experiment", "variant", "seed", "epoch", "layer"]
    look = {"phase": 1, "epoch": 0, "layer": "dense", "gradient_norm": 0.5, "dead": None}
    write_diagnosis(runs.runs[0].path, [look, {**look, "layer": "logits"}])
    frame = reports.load(runs.folder).diagnosis
    assert list(frame.layer) == ["dense", "logits"] and set(frame.variant) == {runs.runs[0].variant}
    assert list(frame.gradient_norm) == [0.5, 0.5] and frame.dead.isna().all()


def test_comparisons_are_the_rows_of_comparison_csv_with_the_same_choices(make_runs: MakeRuns) -> None:
    runs = make_runs({"a": {}, "b": {}, "c": {}}, seeds=2)
    frames = reports.load(str(runs.folder), margin=0.1, all_pairs=True)
    assert list(frames.comparisons.against.dropna()) == ["a", "a", "b"]
    assert set(frames.comparisons.margin.dropna()) == {0.1}


def test_a_folder_of_experiments_gives_all_of_them(make_runs: MakeRuns) -> None:
    make_runs(seeds=1, name="first")
    folder = make_runs(seeds=2, name="second", **FAILED).folder.parent
    frames = reports.load(folder)
    assert frames.runs.experiment.value_counts().to_dict() == {"second": 4, "first": 2}
    assert set(frames.history.experiment) == {"first", "second"}
    assert set(frames.predictions.experiment) == {"first"}


def test_without_a_finished_run_the_frames_are_empty_and_have_their_columns(make_runs: MakeRuns) -> None:
    frames = reports.load(make_runs(seeds=1, **FAILED).folder)
    assert frames.predictions.empty
    assert {"experiment", "variant", "seed", "image", "right"} <= set(frames.predictions.columns)
    assert frames.runs.test_accuracy.isna().all()


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="contains no experiment"):
        reports.load(tmp_path)
