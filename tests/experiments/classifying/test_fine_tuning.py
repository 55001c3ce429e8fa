"""Fine-tuning starts at the fitted head, and no fold's images train, or are watched by, the run that they test."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.dataset import DRAWN, Dataset, Origin, content_fingerprint
from keras_suite.experiments.classifying.classifier import Fitted, fit
from keras_suite.experiments.classifying.fine_tuning import (
    ALL,
    FOLD,
    FineTuningRun,
    expected_minutes,
    refuse_too_few,
    runs_of,
)
from keras_suite.experiments.classifying.head import fit_head
from keras_suite.experiments.config import use
from keras_suite.experiments.training.job import RunOptions


@pytest.fixture(scope="module")
def digits() -> Dataset:
    """Twelve digits each of three kinds, of 32 pixels, two of each drawn to test; the first two are alike."""
    found = load_digits()
    rows = np.concatenate([np.flatnonzero(found.target == label)[:12] for label in (3, 8, 9)])
    images = np.kron(found.images[rows] * 15, np.ones((4, 4))).astype(np.uint8)[..., np.newaxis]
    labels = np.repeat(np.arange(3), 12)
    images[1] = images[0]
    tests = np.arange(36) % 12 > 9
    groups = np.arange(30)
    groups[1] = 0
    return Dataset(
        name="digits",
        images=images[~tests],
        labels=labels[~tests],
        test_images=images[tests],
        test_labels=labels[tests],
        class_names=("3", "8", "9"),
        fingerprint=content_fingerprint(images),
        groups=groups,
        origin=Origin(layout=DRAWN),
    )


@pytest.fixture(scope="module")
def fitted(digits: Dataset) -> Fitted:
    return fit(digits)


@pytest.fixture(scope="module")
def runs(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> list[FineTuningRun]:
    options = RunOptions(1, tmp_path_factory.mktemp("runs"))
    return list(runs_of(fitted, use("digits"), "classify-digits", options))


def test_each_image_is_tested_once_by_a_run_that_it_neither_trained_nor_watched(
    fitted: Fitted, runs: list[FineTuningRun]
) -> None:
    folds = [run for run in runs if run.job.variant == FOLD]
    tested = np.concatenate([run.split.test for run in folds if run.split.test is not None])
    assert len(folds) == 5 and sorted(tested) == list(range(36))
    for run in folds:
        sides = [run.split.train, run.split.validation, run.split.test]
        assert sorted(np.concatenate([side for side in sides if side is not None])) == list(range(36))
        assert set(run.dataset.labels[run.split.validation]) == {0, 1, 2}
        assert run.split.test is not None and len({0, 1} & set(run.split.test)) != 1  # copies are in one fold


def test_the_folds_are_those_of_the_first_repeat_of_the_head(fitted: Fitted, runs: list[FineTuningRun]) -> None:
    first = runs[0]
    assert first.split.test is not None
    others = np.setdiff1d(np.arange(36), first.split.test)
    head = fit_head(fitted.photographs.features[others], first.dataset.labels[others], fitted.head.strength)
    said = head.probabilities(fitted.photographs.features[first.split.test])
    np.testing.assert_allclose(said, fitted.validated.probabilities[0, first.split.test], atol=2e-3)


def test_the_last_run_trains_on_all_and_has_a_folder_of_its_own(runs: list[FineTuningRun]) -> None:
    last = runs[-1]
    assert last.job.variant == ALL and not last.job.score_test and last.split.test is None
    assert len(last.split.train) + len(last.split.validation) == 36
    assert len({run.directory for run in runs}) == 6 and len({run.identity for run in runs}) == 1


@pytest.mark.slow
def test_a_run_begins_with_what_the_head_says(fitted: Fitted, runs: list[FineTuningRun]) -> None:
    run = runs[0]
    logits = np.asarray(run.build_model()(run.dataset.images.astype(np.float32), training=False))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, run.start.probabilities(fitted.photographs.features), atol=1e-4)


def test_other_copies_of_the_images_are_other_runs(fitted: Fitted, runs: list[FineTuningRun], tmp_path: Path) -> None:
    dataset = dataclasses.replace(fitted.photographs.dataset, groups=None)
    alone = dataclasses.replace(fitted, photographs=dataclasses.replace(fitted.photographs, dataset=dataset))
    assert next(runs_of(alone, use("digits"), "x", RunOptions(1, tmp_path))).identity != runs[0].identity


def test_a_class_of_four_images_is_too_small(digits: Dataset) -> None:
    refuse_too_few(digits)
    few = dataclasses.replace(digits, images=digits.images[7:], labels=digits.labels[7:], groups=None)
    refuse_too_few(few)
    with pytest.raises(ValueError, match=r"needs 5 photographs or more of each class.*'3' has 4: add some"):
        refuse_too_few(dataclasses.replace(few, images=few.images[1:], labels=few.labels[1:]))


def test_the_time_grows_with_the_images(fitted: Fitted) -> None:
    few, many = (expected_minutes(fitted.model, images, 5) for images in (40, 400_000))
    assert 1 <= few < 60 and many > 20 * few
