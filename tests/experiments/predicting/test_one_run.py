"""Where a command takes one run, a folder of many is answered with what it holds."""

from pathlib import Path

import pytest

from keras_suite.experiments.predicting.one_run import check_one_run, run_directory_of
from tests.reports.conftest import MakeRuns, make_runs

__all__ = ["make_runs"]  # a fixture


def test_a_run_directory_and_a_file_are_taken(make_runs: MakeRuns, tmp_path: Path) -> None:
    check_one_run(make_runs(seeds=1).runs[0].path)
    (tmp_path / "model.keras").write_bytes(b"")
    check_one_run(tmp_path / "model.keras")


def test_folders_above_runs_are_answered_with_what_they_hold_and_one_of_them(make_runs: MakeRuns) -> None:
    runs = make_runs({"a": {}, "b": {}, "c": {}}, seeds=2)
    first = sorted(run.path for run in runs.runs)[0]
    for folder, said in (
        (first.parent, "holds 2 runs of 1 variant"),
        (runs.folder, "holds 6 runs of 3 variants"),
        (runs.folder.parent, "holds 6 runs of 3 variants"),
    ):
        with pytest.raises(ValueError) as error:
            check_one_run(folder)
        assert str(error.value) == f"{folder} {said}: give one of them, for example {first}"
        assert "remove" not in str(error.value)


def test_a_completed_run_is_the_example(make_runs: MakeRuns) -> None:
    runs = make_runs({"a": {}}, seeds=2)
    (runs.runs[0].path / "metrics.json").unlink()
    with pytest.raises(ValueError, match=f"for example {runs.runs[1].path}"):
        check_one_run(runs.folder)


def test_what_holds_no_run_or_is_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no run"):
        check_one_run(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no model file nowhere"):
        check_one_run(Path("nowhere"))
    with pytest.raises(ValueError, match="no regular file"):
        check_one_run(Path("/dev/null"))


def test_a_damaged_run_directory_is_left_to_what_reads_it(make_runs: MakeRuns) -> None:
    run = make_runs(seeds=1).runs[0].path
    (run / "run.json").unlink()
    check_one_run(run)


def test_a_model_file_outside_of_a_run_has_no_images_to_be_measured_on(tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(b"")
    with pytest.raises(ValueError, match="lies in no run directory"):
        run_directory_of(tmp_path / "model.keras")
    assert run_directory_of(tmp_path) == tmp_path
