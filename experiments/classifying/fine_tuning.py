"""Train the last blocks of a classifier's network, from the fitted head on: once without each fold, once on all.

Each is a run of the suite's training path, with its history, diagnosis and checkpoints, so that a killed one is resumed
with the same bits. A fold's images choose nothing: neither the number of epochs nor any rate follows from them.
"""

import functools
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.splits import Split, with_validation
from keras_suite.experiments.classifying.choice import Choice, choose, right_when_chosen_by_others
from keras_suite.experiments.classifying.classifier import NETWORK, Fitted, put_head
from keras_suite.experiments.classifying.expected import Expected, expected_share
from keras_suite.experiments.classifying.head import FOLDS, Head, fit_head, partition
from keras_suite.experiments.config import Config, Part, use
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.identity import directory_of, identity
from keras_suite.experiments.training.initial_weights import Pretrained
from keras_suite.experiments.training.initial_weights import pretrained as weights_of
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.experiments.training.run import train_prepared
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run, Variant
from keras_suite.reports.run_directory.results import FINE_TUNED

BLOCKS, VIEWS, EPOCHS, BATCH, RATE = 2, 4, 15, 32, 3e-4
WATCHED = 0.05  # of the images that train, at least one of each class: only their loss is followed
FOLD, ALL = "fold", "all"  # variants
_CUT = "block5c_add"  # what the last blocks are given
# In units of a pass of an image through the last blocks: one through the frozen ones, a step of training. Measured.
_PASS, _STEP, _RUN_SECONDS = 4.0, 1.4, 10.0
_VERSION = 1  # raised whenever the same photographs would give another network


@dataclass(frozen=True)
class FineTuningRun(PreparedRun):
    """A run that starts from a fitted head, and whose split is that of the head's cross-validation.

    Attributes:
        photographs: In place of the Config's dataset: its images and labels as the head is fitted to them.
        rows: Which of them train, validate and test.
        start: The head.
    """

    photographs: Dataset
    rows: Split
    start: Head

    @functools.cached_property
    def dataset(self) -> Dataset:
        """The photographs."""
        return self.photographs

    @functools.cached_property
    def split(self) -> Split:
        """The rows."""
        return self.rows

    def build_model(self) -> keras.Model:
        """Build the network with its initial weights and the fitted head."""
        model = super().build_model()
        put_head(self.start, model)
        return model

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the run from its start on."""
        return {**super().record(), "trained": FINE_TUNED}


def refuse_too_few(dataset: Dataset) -> None:
    """Raise ValueError if a class has too few photographs for each fold to hold one."""
    drawn = dataset.test_labels if dataset.origin.tests_are_drawn else dataset.test_labels[:0]
    counts = np.bincount(np.concatenate([dataset.labels, drawn]), minlength=len(dataset.class_names))
    least = int(counts.argmin())
    if counts[least] < FOLDS:
        raise ValueError(
            f"--fine-tune needs {FOLDS} photographs or more of each class, one to answer in each fold, and "
            f"{dataset.class_names[least]!r} has {counts[least]}: add some, or leave --fine-tune out"
        )


def expected_minutes(model: keras.Model, images: int, folds: int) -> int:
    """Return about how many minutes `fine_tune` takes here, by the time that the network's last blocks take now.

    Args:
        model: The network.
        images: How many train.
        folds: Of the cross-validation.
    """
    cut = model.get_layer(_CUT).output
    last_blocks = keras.Model(cut, model.output)
    batch = np.zeros((BATCH, *cut.shape[1:]), np.float32)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        last_blocks(batch, training=False)
        seconds.append((time.perf_counter() - began) / BATCH)
    shown = (VIEWS + 1) * _PASS + folds * EPOCHS * _STEP
    return max(1, round((images * min(seconds) * shown + (folds + 1) * _RUN_SECONDS) / 60))


def config_of(part: Part) -> Config:
    """Return how the last blocks are trained, on a dataset as a part of a Config."""
    return Config(
        dataset=part,
        model=use(NETWORK, weights="imagenet"),
        augmentation=use("standard", shift=0.05, zoom=0.1, brightness=0.1, contrast=0.1),
        optimizer=use("adam", learning_rate=RATE),
        schedule=use("one_cycle"),  # from a 25th of the rate on: Adam's first steps are as large in every weight
        phases=(use("last_blocks", blocks=BLOCKS, cached_views=VIEWS),),
        batch_size=BATCH,
        epochs=EPOCHS,
    )


def runs_of(fitted: Fitted, part: Part, name: str, options: RunOptions) -> Iterator[FineTuningRun]:
    """Yield the run of each fold, seed 1 for the first, and then that on all photographs, which tests none of them.

    Args:
        fitted: The classifier with its head.
        part: Its dataset as a part of a Config.
        name: Of the experiment's folder.
        options: For all runs.
    """
    photographs, config = fitted.photographs, config_of(part)
    dataset = replace(photographs.dataset, folds=fitted.validated.folds, validation_fraction=WATCHED)
    weights, resolved = _start(fitted, config, options.runs_dir), resolve(config)
    digits = identity(resolved, dataset.fingerprint, options.threads, weights.fingerprint)

    def run(variant: str, seed: int, data: Dataset, train: np.ndarray, test: np.ndarray | None) -> FineTuningRun:
        folder = f"{name}/fine-tuning" if variant == FOLD else f"{name}/fine-tuning-{ALL}"
        score = test is not None or len(data.test_labels) > 0
        job = Job(folder, variant, config, seed, options, score_test=score)
        rows = _watched(data, train, seed, test)
        head = fit_head(photographs.features[rows.train], data.labels[rows.train], fitted.head.strength)
        return FineTuningRun(job, resolved, weights, digits, directory_of(job, digits), data, rows, head)

    for seed, (train, test) in enumerate(partition(dataset.labels, dataset.groups, fitted.validated.folds), 1):
        yield run(FOLD, seed, dataset, train, test)
    yield run(ALL, 1, replace(dataset, folds=None), np.arange(len(dataset.labels)), None)


@dataclass(frozen=True)
class Tuned:
    """What fine-tuning came to.

    Attributes:
        choice: Whether it is kept, by the answers of the folds.
        probabilities: float32 (n, classes), its answers to the images that `Fitted` has those of the head to.
        expected: What share of new images whichever of the two is kept reads right.
        run: The run on all photographs; None where it was not needed.
        identity: Of the runs.
        trainable_parameters: Of the network.
    """

    choice: Choice
    probabilities: np.ndarray
    expected: Expected
    run: Path | None
    identity: str
    trainable_parameters: int


def fine_tune(fitted: Fitted, part: Part, name: str, options: RunOptions) -> Tuned:
    """Fine-tune a classifier's network in each fold, choose, and train the chosen network on all photographs.

    Where the user set test images apart, both networks answer those, which had no part in the choice.

    Args:
        fitted: The classifier with its head.
        part: Its dataset as a part of a Config.
        name: Of the experiment's folder.
        options: For all runs.
    """
    runs = runs_of(fitted, part, name, options)
    labels, validated = fitted.photographs.dataset.labels, fitted.validated
    answers, fold_of, last = _out_of_fold(runs, len(labels), validated.probabilities.shape[-1], validated.folds)
    head, tuned = validated.probabilities.argmax(axis=-1) == labels, answers.argmax(axis=-1) == labels
    choice = choose(head[0], tuned)
    run = trained(next(runs)) if choice.kept or fitted.folds is None else None
    expected = expected_share(right_when_chosen_by_others(head, tuned, fold_of))
    if run is not None and fitted.folds is None:
        found = run_directory.predictions(run_directory.read_run(run))
        assert found is not None  # the test images are the user's own
        answers = found.probabilities
        right = (answers.argmax(axis=-1) == fitted.labels)[np.newaxis]
        expected = expected_share(right) if choice.kept else fitted.expected
    trainable = int((last.metrics or {})["trainable_parameters"])
    return Tuned(choice, answers, expected, run, str(last.record["identity"]), trainable)


def _out_of_fold(
    runs: Iterator[FineTuningRun], images: int, classes: int, folds: int
) -> tuple[np.ndarray, np.ndarray, Run]:
    """Train the runs of the folds, as far as they are not trained already.

    Returns:
        What each image is answered by the run that it did not train, float32 (n, classes), its fold, int64 (n,), and
        the last of the runs.
    """
    probabilities, fold_of = np.zeros((images, classes), np.float32), np.zeros(images, np.int64)
    for fold in range(folds):
        run = next(runs)
        if not fold:
            _list(run)
        done = run_directory.read_run(trained(run))
        found = run_directory.predictions(done)
        assert found is not None  # its test images are the fold
        probabilities[found.places], fold_of[found.places] = found.probabilities, fold
    return probabilities, fold_of, done


def trained(run: FineTuningRun) -> Path:
    """Train a run, resume it or leave it alone; ValueError says why it failed."""
    outcome = train_prepared(run)
    if outcome.status == "failed":
        what = f"fold {run.job.seed}" if run.job.variant == FOLD else "all photographs"
        raise ValueError(f"fine-tuning on {what} failed: {outcome.reason}; {run.directory}/log.txt says more")
    return outcome.directory


def _list(run: FineTuningRun) -> None:
    """Record the experiment of the folds, so that `report` reads it."""
    run_directory.write_experiment(
        run.directory.parents[1],
        name=run.job.experiment,
        question="What does the fine-tuned network say of the fold that it was not trained on?",
        command=run.job.options.command,
        variants=[Variant(FOLD, run.directory.parent.name, {})],
    )


def _start(fitted: Fitted, config: Config, runs_dir: Path) -> Pretrained:
    """Return what the runs start from: ImageNet's weights, and the heads that follow from what is hashed here."""
    found = weights_of(config, runs_dir)
    assert found is not None  # they are ImageNet's
    data, head = fitted.photographs.dataset, fitted.head
    digest = hashlib.sha256(f"{_VERSION} {found.fingerprint} {head.strength} {fitted.validated.folds}".encode())
    arrays = (head.kernel, head.bias, data.labels, *(() if data.groups is None else (data.groups,)))
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return Pretrained(f"{found.source}, with a head fitted to its features", found.weights, digest.hexdigest()[:16])


def _watched(dataset: Dataset, train: np.ndarray, seed: int, test: np.ndarray | None) -> Split:
    """Take a few of the rows that train to validate on."""
    missing = np.setdiff1d(np.arange(len(dataset.class_names)), dataset.labels[train])
    if len(missing):
        raise ValueError(
            f"--fine-tune: without one of the folds no photograph of {dataset.class_names[missing[0]]!r} is left, as "
            "copies of an image are in one fold: add others, or leave --fine-tune out"
        )
    return with_validation(dataset, train, seed, test)
