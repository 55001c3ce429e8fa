"""Training on images that stay in their files: the same runs as with stored images; a changed file is named."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.callbacks.snapshot import Snapshot
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train
from tests.end_to_end.training_process import result


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A small network on a folder of digits, augmented."""
    digits = load_digits(n_class=2)
    for number, (image, label) in enumerate(zip(digits.images[:80], digits.target, strict=False)):
        folder = tmp_path / "digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 255 / 16).astype(np.uint8)).save(folder / f"{number}.png")
    return Config(
        dataset=use("image_folder", path=str(tmp_path / "digits"), image_size=[12, 16], cache=False),
        model=use("mlp", units=[8], dropout=0.1),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        batch_size=16,
        epochs=3,
    )


def test_a_run_is_the_same_run_whether_its_images_are_stored_or_in_files(config: Config, tmp_path: Path) -> None:
    stored = override(config, {"dataset.cache": True})
    jobs = [
        Job("files", "only", each, 1, RunOptions(2, tmp_path / name))
        for name, each in (("in_files", config), ("stored", stored))
    ]
    assert [train(job).status for job in jobs] == ["completed", "completed"]
    in_files, elsewhere = map(directory_of, jobs)
    assert in_files.parts[-2:] == elsewhere.parts[-2:]
    assert result(in_files) == result(elsewhere)
    assert train(Job("files", "only", stored, 1, RunOptions(2, tmp_path / "in_files"))).status == "already"


def test_a_file_that_changes_while_it_is_trained_on_is_named_and_no_fault_of_the_run(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Snapshot.on_epoch_end

    def change(self: Snapshot, epoch: int, logs: Any = None) -> None:
        for path in Path(config.dataset.options["path"]).rglob("*.png"):
            path.write_bytes(path.read_bytes() + b" ")
        real(self, epoch, logs)

    monkeypatch.setattr(Snapshot, "on_epoch_end", change)
    outcome = train(Job("files", "only", override(config, {"epochs": 8}), 1, RunOptions(2, tmp_path / "runs")))
    assert (outcome.status, outcome.blame) == ("failed", "machine")
    assert outcome.reason.startswith("ChangedFile: ") and outcome.reason.endswith(
        ".png has changed since the data were first read: restore it, or start again"
    )
