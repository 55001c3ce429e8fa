"""A file is read as it was written, or named with what to do about it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.tasks.files.damaged import DamagedFile
from keras_suite.tasks.files.sealed_json import write_sealed


@pytest.mark.parametrize("name", ["config.json", "history.csv", "predictions.npz"])
def test_a_file_that_was_edited_or_removed_since_is_named(completed: Path, name: str) -> None:
    with (completed / name).open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(DamagedFile, match=f"{name} is not the file that the run was completed with: restore it"):
        run_directory.read_run(completed)
    (completed / name).unlink()
    with pytest.raises((DamagedFile, FileNotFoundError), match=name):
        run_directory.read_run(completed)


def test_damaged_predictions_are_named(completed: Path) -> None:
    run = replace(run_directory.read_run(completed), seals={})  # as runs of before seals
    path = completed / "predictions.npz"
    whole = path.read_bytes()
    with (completed / "bare.npy").open("wb") as file:
        np.save(file, np.arange(3))
    for damaged in (whole[:-50], b"no archive at all", b"", (completed / "bare.npy").read_bytes()):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"predictions\.npz is damaged: expected a whole \.npz archive of arrays"):
            run_directory.predictions(run)
    path.write_bytes(whole.replace(b"labels", b"babels"))
    with pytest.raises(ValueError, match=r"predictions\.npz is damaged: it lacks labels"):
        run_directory.predictions(run)


def test_arrays_with_any_byte_changed_are_read_or_named(completed: Path) -> None:
    run = replace(run_directory.read_run(completed), verified=frozenset())
    path = completed / "predictions.npz"
    whole, named = path.read_bytes(), 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        for held in (run, replace(run, seals={})):
            try:
                run_directory.predictions(held)
            except DamagedFile as error:
                named += held is run
                assert str(error).startswith(str(path))
                assert "\n" not in str(error)
    assert named == len(whole)


def test_reports_do_without_a_model_and_whoever_needs_it_is_told(completed: Path) -> None:
    (completed / "model.keras").unlink()
    assert run_directory.read_run(completed).status == "completed"
    with pytest.raises(FileNotFoundError, match=r"model\.keras is not there, and only predicting .* need it: copy it"):
        run_directory.whole_model(completed)
    run_directory.remove_model(completed)
    with pytest.raises(FileNotFoundError, match=r"model\.keras was not kept, as of all trials of a sweep but its best"):
        run_directory.whole_model(completed)


@pytest.mark.parametrize("of_the_run", [True, False], ids=["run", "file"])
def test_another_model_of_the_same_size_is_not_used(completed: Path, of_the_run: bool) -> None:
    path = completed / "model.keras"
    given = completed if of_the_run else path
    assert run_directory.whole_model(given) == path
    path.write_text("WEIGHTS", encoding="utf-8")
    with pytest.raises(DamagedFile, match=r"model\.keras is not the file that the run was completed with: restore it"):
        run_directory.whole_model(given)


def test_a_model_outside_of_a_run_directory_is_nobodys_business(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_text("anything", encoding="utf-8")
    assert run_directory.whole_model(path) == path


def test_metrics_that_were_emptied_are_not_those_of_an_older_version(completed: Path) -> None:
    (completed / "metrics.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DamagedFile, match=r"metrics\.json is damaged: its checksum is missing"):
        run_directory.read_run(completed)


def test_seals_that_are_none_are_named(completed: Path) -> None:
    write_sealed(completed / "metrics.json", {"files": {"history.csv": 7}})
    with pytest.raises(DamagedFile, match=r"metrics\.json is damaged: expected a JSON object, found 7"):
        run_directory.read_run(completed)
