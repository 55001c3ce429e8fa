"""Runs that are being written while they are read."""

import shutil
import time

from keras_suite.experiments.watching import readings
from keras_suite.experiments.watching.readings import Readings, curve_of, view_of
from keras_suite.reports.run_directory import ExperimentRuns
from keras_suite.tasks.classes import CLASSES
from tests.reports.conftest import directory_of


def test_a_half_written_file_leaves_what_was_read_before(going: ExperimentRuns, monkeypatch) -> None:
    known, path = Readings(), going.folder / directory_of("weak") / "seed-2"
    before = known.read(path)
    whole = (path / "run.json").read_text(encoding="utf-8")
    (path / "run.json").write_text(whole[:40], encoding="utf-8")
    during = known.read(path)
    assert during.run is not None and before.run is not None and during.fault
    assert during.run.history == before.run.history
    (path / "run.json").write_text(whole, encoding="utf-8")
    assert known.read(path).fault == ""
    (path / "run.json").write_text("{", encoding="utf-8")
    assert known.read(path).run is not None
    later = time.time() + readings.GIVEN_UP + 1
    monkeypatch.setattr(time, "time", lambda: later)
    given_up = view_of(known.read(path), "weak seed 2")
    assert given_up["state"] == "damaged" and "run.json is not readable JSON" in given_up["reason"]


def test_a_run_that_is_gone_or_just_begins_is_no_error(going: ExperimentRuns) -> None:
    path = going.folder / directory_of("weak") / "seed-9"
    path.mkdir()
    assert view_of(Readings().read(path), "weak seed 9")["state"] == "beginning"
    shutil.rmtree(path)
    assert Readings().read(path).run is None


def test_a_run_whose_process_died_is_interrupted_without_being_written(going: ExperimentRuns, monkeypatch) -> None:
    known, path = Readings(), going.folder / directory_of("weak") / "seed-2"
    first = known.read(path).run
    assert first is not None and first.status == "running"
    later = time.time() + 1000
    monkeypatch.setattr(time, "time", lambda: later)
    dead = known.read(path).run
    assert dead is not None and dead.status == "interrupted"


def test_long_curves_are_thinned_and_keep_their_end() -> None:
    history = tuple({"epoch": float(k), "val_accuracy": k / 1000} for k in range(1, 1000))
    curve = curve_of(history, "val_accuracy", CLASSES.score)
    assert len(curve) <= readings.MOST_POINTS and curve[-1] == [999, 0.999, "99.90 %"]
    assert curve_of(({"epoch": 1.0, "val_accuracy": float("nan")},), "val_accuracy", CLASSES.score) == []
