"""Images that lie where a run took its training images from are told from others, and from its test images."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keras_suite.experiments.predicting import training_files
from keras_suite.experiments.predicting.requests import Asked
from keras_suite.experiments.predicting.training_files import among_training_files


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that says what the dataset of the completed run tmp_path/run is."""
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    for place in ("photos/train/cat", "photos/test/cat", "other/cat"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.png").touch()

    def of(name: str, path: str | None) -> Path:
        read = SimpleNamespace(config={"dataset": {"name": name, "options": {} if path is None else {"path": path}}})
        monkeypatch.setattr(training_files.run_directory, "read_run", lambda *_, **__: read)
        monkeypatch.setattr(training_files.run_directory, "is_completed", lambda _: True)
        return tmp_path / "run"

    return of


ASKED = [Asked(Path(f"{place}/a.png"), "cat") for place in ("photos/train/cat", "photos/test/cat", "other/cat")]


def test_training_images_are_found_and_those_of_the_test_folder_are_not(run: Any, tmp_path: Path) -> None:
    expected = (Path("photos"), [Path("photos/train/cat/a.png")])
    assert among_training_files(run("image_folder", "photos"), ASKED, None) == expected
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    found = among_training_files(run("image_folder", "link"), ASKED, None)
    assert found is not None and found[1] == expected[1]


def test_the_data_folder_and_the_folder_of_a_table_are_known(run: Any, tmp_path: Path) -> None:
    (tmp_path / "other" / "table.csv").touch()
    found = among_training_files(run("image_table", "table.csv"), ASKED, tmp_path / "other")
    assert found == (tmp_path / "other", [Path("other/cat/a.png")])


def test_images_of_no_known_class_and_data_that_nobody_finds_are_no_matter(run: Any) -> None:
    unscored = [Asked(each.path) for each in ASKED]
    assert among_training_files(run("image_folder", "photos"), unscored, None) is None
    assert among_training_files(run("image_folder", "gone"), ASKED, None) is None
    assert among_training_files(run("mnist", None), ASKED, None) is None
    assert among_training_files(Path("elsewhere/model-of-mine.keras"), ASKED, None) is None
