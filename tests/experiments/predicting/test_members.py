"""A folder stands for the runs of its best variant by validation images; a run for itself."""

from pathlib import Path

import pytest

from keras_suite.experiments.predicting import members as rooms
from keras_suite.experiments.predicting.members import members
from keras_suite.reports.run_directory import ExperimentRuns
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.target_runs import make_target_runs

__all__ = ["make_runs"]


def with_models(runs: ExperimentRuns) -> ExperimentRuns:
    for run in runs.runs:
        (run.path / "model.keras").write_bytes(b"a network")
    return runs


def test_a_run_and_a_file_stand_for_themselves(make_runs: MakeRuns) -> None:
    run = with_models(make_runs(seeds=1)).runs[0].path
    for path in (run, run / "model.keras"):
        assert members(path) == rooms.Members((path,))


def test_an_experiment_is_answered_by_its_best_variant_on_validation_images_and_a_variant_by_itself(
    make_runs: MakeRuns,
) -> None:
    runs = with_models(make_runs(seeds=3))  # "weak" is worse on validation images
    strong, weak = ([run.path for run in runs.runs if run.variant == name] for name in ("strong", "weak"))
    found = members(runs.folder)
    assert found.runs == tuple(strong)
    assert found.said.startswith("3 runs of strong answer together, averaged: the best of 2 variants on validation")
    assert members(weak[0].parent) == rooms.Members(tuple(weak), "3 runs of weak answer together, averaged")


def test_runs_that_have_no_model_or_are_not_completed_do_not_answer(make_runs: MakeRuns) -> None:
    failed = {("strong", 2): {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "NaN"}}}
    runs = with_models(make_runs({"strong": {}}, seeds=3, changes=failed))
    (runs.runs[0].path / "model.keras").unlink()
    assert members(runs.folder) == rooms.Members(
        (runs.runs[2].path,), f"{runs.runs[2].path.parent.name}/seed-3 answers"
    )


def test_where_no_classes_are_predicted_the_run_with_the_least_error_answers(tmp_path: Path) -> None:
    runs = with_models(make_target_runs(tmp_path, "angle", seeds=3))
    errors = {run.path: (run.metrics or {})["validation"]["degrees"] for run in runs.runs if run.variant == "learnt"}
    found = members(runs.folder)
    assert found.runs == (min(errors, key=lambda path: errors[path]),)
    assert "the best of 2 variants on validation images" in found.said and "the best of 3 runs" in found.said


@pytest.mark.parametrize("change", ["no model", "none completed", "too large"])
def test_a_folder_that_cannot_answer_is_named(
    make_runs: MakeRuns, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = {"status": "running"} if change == "none completed" else {}
    runs = make_runs({"only": {}}, seeds=2, **running)
    expected = "let its runs finish" if running else "models were left out of a copy: copy them, too, or .* --repair"
    if change == "too large":
        with_models(runs)
        monkeypatch.setattr(rooms, "LARGEST", 10)
        expected = f"give one run, for example {runs.runs[0].path}"
    with pytest.raises(ValueError, match=expected):
        members(runs.folder)
    with pytest.raises(ValueError, match=expected):
        members(runs.runs[0].path.parent)


def test_a_folder_of_experiments_says_what_it_holds(make_runs: MakeRuns) -> None:
    runs = with_models(make_runs(seeds=1))
    with pytest.raises(ValueError, match="holds 2 runs of 2 variants: give one of them"):
        members(runs.folder.parent)
