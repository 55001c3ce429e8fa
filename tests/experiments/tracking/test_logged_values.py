"""What a tracker is told of a run."""

import json
from dataclasses import replace

import pytest

from keras_suite.experiments.tracking.logged_values import KEY, Asked, logged
from keras_suite.reports.elsewhere import mlflow_runs as tags
from keras_suite.reports.run_directory import Run
from tests.reports.conftest import MakeRuns, make_runs

__all__ = ["make_runs"]  # a fixture


@pytest.fixture
def run(make_runs: MakeRuns) -> Run:
    return make_runs(seeds=1).runs[0]


def test_the_values_of_each_epoch_and_of_the_test_images_are_told_with_their_epoch(run: Run) -> None:
    told = logged(run, Asked("Which one?"))
    of = [(value.step, value.value) for value in told.values if value.name == "val_accuracy"]
    assert of == [(number, row["val_accuracy"]) for number, row in enumerate(run.history, 1)]
    assert run.metrics is not None
    (score,) = [value for value in told.values if value.name == told.tags[tags.METRIC]]
    assert (score.value, score.step) == (run.metrics["test"]["accuracy"], len(run.history))
    assert (
        told.finished
        and told.begun <= min(value.timestamp for value in told.values)
        and told.tags[tags.UNIT] == "share"
    )
    assert max(value.timestamp for value in told.values) <= told.ended and told.tags[tags.QUESTION] == "Which one?"


def test_a_runs_settings_are_called_as_the_command_line_calls_them(run: Run) -> None:
    config = {
        "model": {"name": "mlp", "options": {"units": [8]}},
        "callbacks": [{"name": "early_stopping", "options": {"patience": 3}}],
        "phases": [],
        "epochs": 2,
    }
    assert logged(replace(run, config=config)).parameters == {
        "seed": "1",
        "model": "mlp",
        "model.units": "[8]",
        "callbacks.0": "early_stopping",
        "callbacks.0.patience": "3",
        "epochs": "2",
    }


def test_a_run_is_told_from_all_others_and_is_itself_wherever_its_folder_lies(run: Run) -> None:
    key = logged(run).tags[KEY]
    assert logged(replace(run, path=run.path / "moved")).key == key
    assert logged(replace(run, seed=2)).key != key
    for changed in ({"identity": "0" * 16}, {"started": "2027-01-01T00:00:00+00:00"}):
        assert logged(replace(run, record={**run.record, **changed})).key != key


def test_where_a_variant_stands_and_what_it_is_compared_with_are_told(run: Run) -> None:
    others = ("first", run.variant, "last")
    told = logged(run, Asked("", others, (f"{run.variant}=last", "last=first", f"{run.variant}=first"))).tags
    assert told[tags.POSITION] == "1" and json.loads(told[tags.AGAINST]) == ["last", "first"]
    assert tags.AGAINST not in logged(run, Asked("", others, ("last=first",))).tags
    assert not {tags.POSITION, tags.AGAINST} & {*logged(run).tags}


def test_of_a_failed_run_the_reason_is_told(run: Run) -> None:
    failed = replace(run, status="failed", metrics=None, record={**run.record, "error": {"message": "no\nmemory"}})
    told = logged(failed)
    assert not told.finished and told.tags["keras_suite.error"] == "no memory"
