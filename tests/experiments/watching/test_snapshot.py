"""All of a folder: what goes on first, and a folder that changes while it is read."""

import json
import shutil

from keras_suite.experiments.watching import snapshot
from keras_suite.experiments.watching.snapshot import Watched
from keras_suite.reports.run_directory import ExperimentRuns
from tests.reports.conftest import MakeRuns
from tests.reports.sweep.conftest import MakeSweep


def test_what_goes_on_stands_first(going: ExperimentRuns, make: MakeRuns, sweep: MakeSweep, monkeypatch) -> None:
    monkeypatch.setattr(snapshot, "SECONDS", 0.0)
    make(seeds=1, name="another")
    sweep(trials=2)
    watched = Watched(going.folder.parent)
    state = watched.snapshot()
    assert state["shown"][0]["name"] == "digits_question"
    assert sorted(view["kind"] for view in state["shown"]) == ["experiment", "experiment", "sweep"]
    assert state["folder"] == "runs" and state["problems"] == []
    json.dumps(state)
    listing = going.folder / "experiment.json"
    listing.write_text("{", encoding="utf-8")
    assert [view["name"] for view in watched.snapshot()["shown"]] == [view["name"] for view in state["shown"]]
    shutil.rmtree(going.folder.parent)
    gone = watched.snapshot()
    assert gone["shown"] == [] and gone["problems"] == ["the folder runs is gone"]


def test_a_folder_without_runs_and_one_experiments_own_can_be_watched(tmp_path, going: ExperimentRuns) -> None:
    (tmp_path / "empty").mkdir()
    assert Watched(tmp_path / "empty").snapshot()["shown"] == []
    assert len(Watched(going.folder).snapshot()["shown"]) == 1


def test_what_was_never_whole_is_named(going: ExperimentRuns) -> None:
    (going.folder / "experiment.json").write_text("{", encoding="utf-8")
    state = Watched(going.folder.parent).snapshot()
    assert state["shown"] == [] and "experiment.json is not readable JSON" in state["problems"][0]


def test_of_many_runs_the_last_curves_are_kept_and_those_that_go_on(monkeypatch, going: ExperimentRuns) -> None:
    monkeypatch.setattr(snapshot, "CURVES", 2)
    (view,) = Watched(going.folder).snapshot()["shown"]
    assert [run["state"] for run in view["runs"] if run.get("curve")].count("running") == 1
    assert sum(bool(run.get("curve")) for run in view["runs"]) == 2
