"""A run keeps how its network saw the images that validated it, and what the contradicted ones are called."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.splits import split
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training import labels_seen
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run, ValidationLabels, validation

CONFIG = Config(dataset=use("digits", limit=300, test_limit=60), model=use("mlp", units=[8]), batch_size=32, epochs=1)


def trained(folder: Path, **changes: Any) -> Run:
    outcome = train(Job("seen", "only", override(CONFIG, changes), 1, RunOptions(2, folder)))
    return run_directory.read_run(outcome.directory)


def kept(run: Run) -> ValidationLabels:
    seen = validation(run)
    assert seen is not None
    return seen


def test_it_is_what_the_validation_metrics_were_measured_on(tmp_path: Path) -> None:
    run = trained(tmp_path)
    seen, chosen = kept(run), split(digits(None, limit=300), 1)
    assert np.array_equal(seen.index, chosen.validation)
    assert np.array_equal(seen.labels, digits(None).labels[seen.index])
    assert run.metrics is not None
    right = seen.probabilities.argmax(axis=1) == seen.labels
    assert run.metrics["validation"]["accuracy"] == pytest.approx(right.mean())
    assert [*seen.names] == seen.index[~right].tolist() and seen.names[int(seen.index[~right][0])].startswith("image ")
    assert len(seen.pictured) == min(24, (~right).sum()) and not seen.are_files
    assert np.array_equal(seen.pictures[0], digits(None).images[seen.pictured[0]])
    assert seen.test_names and seen.made_wrong is None and seen.total == 1437


def test_a_fold_names_its_contradicted_test_images_too(tmp_path: Path) -> None:
    run = trained(tmp_path, **{"dataset.folds": 3, "dataset.test_limit": None})
    seen, tested = kept(run), run_directory.predictions(run)
    assert tested is not None
    wrong = tested.places[tested.probabilities.argmax(axis=1) != tested.labels]
    assert {*wrong.tolist()} <= {*seen.names} and not seen.test_names


def test_labels_that_were_made_wrong_on_purpose_are_marked(tmp_path: Path) -> None:
    seen = kept(trained(tmp_path, **{"dataset.label_noise": 0.3}))
    assert seen.made_wrong is not None
    assert np.array_equal(seen.made_wrong, seen.labels != digits(None).labels[seen.index])
    assert seen.labelling != kept(trained(tmp_path)).labelling


@pytest.mark.slow
def test_too_many_probabilities_are_not_kept_and_other_tasks_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels_seen, "MOST", 100)
    run = trained(tmp_path)
    assert validation(run) is None and "no validation.npz" in (run.path / "log.txt").read_text()
    monkeypatch.undo()
    network = use("autoencoder", filters=[4], code=2)
    run = trained(tmp_path, **{"dataset.task": "image", "model": network, "loss": use("squared_error")})
    assert run.status == "completed" and validation(run) is None


def test_large_pictures_are_kept_small() -> None:
    assert labels_seen._small(np.zeros((2, 300, 100, 3), np.uint8)).shape == (2, 128, 43, 3)
    assert labels_seen._small(np.zeros((2, 28, 28, 1), np.uint8)).shape == (2, 28, 28, 1)
