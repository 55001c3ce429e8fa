"""What is shown of a sweep."""

import json
import time

from keras_suite.experiments.tuning.progress import Status, write_status
from keras_suite.experiments.watching.readings import Readings
from keras_suite.experiments.watching.sweeps import sweep_view
from tests.reports.sweep.conftest import MakeSweep


def under_way(**changes) -> Status:
    values = {"state": "running", "planned": 6, "completed": 3, "failed": 1, "stopped": 0, "running": ("trial-0004",)}
    return Status(**{**values, "best": None, "base_score": 0.8, "seconds_left": 120.0, **changes})


def test_trials_have_their_settings_scores_and_reasons(sweep: MakeSweep) -> None:
    made = sweep(trials=4, failed={2: "loss became nan"}, running=1)
    write_status(made.folder, under_way())
    shown = sweep_view(made.folder, Readings())
    assert shown["running"] and (shown["ended"], shown["planned"]) == (3, 6)
    assert shown["states"] == {"completed": 2, "failed": 1, "not ended": 1}
    assert 100 < shown["left"] <= 120
    failed = next(run for run in shown["runs"] if run["state"] == "failed")
    assert failed["reason"] == "loss became nan" and failed["score"] is None
    best = max(
        (run for run in shown["runs"] if run["number"] is not None and run["score"]), key=lambda run: run["score"]
    )
    assert shown["best"]["text"] == best["best"]["text"] and best["settings"] in shown["best"]["of"]
    json.dumps(shown)


def test_a_sweep_whose_process_died_is_interrupted(sweep: MakeSweep, monkeypatch) -> None:
    made = sweep(trials=2)
    write_status(made.folder, under_way())
    later = time.time() + 1000
    monkeypatch.setattr(time, "time", lambda: later)
    shown = sweep_view(made.folder, Readings())
    assert (shown["running"], shown["state"], shown["left"]) == (False, "interrupted", None)


def test_the_last_line_of_a_journal_may_be_half_written(sweep: MakeSweep) -> None:
    made = sweep(trials=3)
    with (made.folder / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "crea')
    assert sweep_view(made.folder, Readings())["ended"] == 3
