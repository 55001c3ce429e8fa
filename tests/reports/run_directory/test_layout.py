"""Where run directories lie."""

from pathlib import Path

import pytest

from keras_suite.reports.run_directory.layout import as_typed, run_path, variant_directory


def test_a_run_lies_below_its_experiment_its_variant_with_identity_and_its_seed() -> None:
    path = run_path(Path("runs"), "question", "base", "0123456789abcdef", 3)
    assert path == Path("runs/question/base-01234567/seed-3")
    assert path.parent.name == variant_directory("base", "0123456789abcdef")


def test_a_path_is_typed_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "here" / "moved" / "cnn-0123abcd" / "seed-1"
    run.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert as_typed(run) == as_typed(Path("moved/cnn-0123abcd/seed-1")) == "moved/cnn-0123abcd/seed-1"
    monkeypatch.chdir(tmp_path / "here" / "moved")
    assert as_typed(run) == "cnn-0123abcd/seed-1"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert as_typed(run) == "here/moved/cnn-0123abcd/seed-1"
    assert as_typed(run, levels=3) == "moved/cnn-0123abcd/seed-1"
