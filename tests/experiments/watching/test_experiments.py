"""What is shown of an experiment: states as `runs` says them, the time left, the best so far."""

import pytest

from keras_suite.experiments.watching.experiments import experiment_view
from keras_suite.experiments.watching.readings import Readings
from keras_suite.experiments.watching.verdicts import Verdicts
from keras_suite.reports.run_directory import ExperimentRuns
from keras_suite.reports.run_directory.planned import write_plan
from tests.reports.conftest import directory_of


def view(experiment: ExperimentRuns) -> dict:
    return experiment_view(experiment.folder, Readings(), Verdicts())


def test_runs_have_the_states_that_the_command_runs_says(going: ExperimentRuns) -> None:
    shown = view(going)
    assert shown["states"] == {"completed": 4, "running": 1, "interrupted": 1}
    assert (shown["running"], shown["ended"], shown["planned"]) == (True, 4, 6)
    running = next(run for run in shown["runs"] if run["state"] == "running")
    assert (running["name"], running["epoch"], running["epochs"]) == ("weak seed 2", 2, 5)
    assert [point[0] for point in running["curve"]] == [1, 2]
    assert shown["label"] == "validation accuracy" and shown["best"]["of"].endswith("epoch 5")


def test_runs_that_a_plan_names_and_that_have_not_begun_count(going: ExperimentRuns) -> None:
    directories = [going.folder / directory_of(v) / f"seed-{k}" for k in (1, 2, 3, 4) for v in ("strong", "weak")]
    write_plan(going.folder, directories, {"strong": 20.0, "weak": 20.0}, 1)
    shown = view(going)
    assert (shown["ended"], shown["planned"], shown["states"]["not begun"]) == (4, 8, 2)
    # Completed runs took 3 s; of the weak ones 3 epochs of 5 are left twice, and two whole runs.
    assert shown["left"] == pytest.approx(2 * 3 + 2 * 3 * 3 / 5, rel=0.01)


def test_time_is_not_made_up_before_there_is_a_pace(make) -> None:
    import time

    runs = make({"only": {}}, seeds=1, changes={("only", 1): {"status": "running", "heartbeat": time.time()}})
    path = runs.runs[0].path / "history.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    shown = view(runs)
    assert shown["left"] is None and shown["verdict"]["state"] == ""


def test_the_reason_of_a_failed_run_is_told(make) -> None:
    error = {"type": "NonFiniteLoss", "message": "NonFiniteLoss: loss became nan in epoch 3"}
    shown = view(make(seeds=1, changes={("weak", 1): {"status": "failed", "error": error}}))
    failed = next(run for run in shown["runs"] if run["state"] == "failed")
    assert failed["reason"] == error["message"] and not shown["running"]
