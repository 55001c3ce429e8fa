"""The run directories of a classifier: a run for each repeat of the cross-validation, the first one with the model."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.likeness import likeness_of
from keras_suite.data_pipeline.inspection.findings import Inspection
from keras_suite.data_pipeline.splits import Split
from keras_suite.experiments.classifying.choice import Choice
from keras_suite.experiments.classifying.classifier import NETWORK, Fitted
from keras_suite.experiments.classifying.fine_tuning import Tuned
from keras_suite.experiments.config import Part, value_to_json
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.data_record import data_record
from keras_suite.experiments.training.evaluation import most_confidently_wrong
from keras_suite.experiments.training.identity import environment
from keras_suite.models.saving import load_model, save_model
from keras_suite.models.transfer.imagenet_weights import PACKAGED
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run, Variant
from keras_suite.reports.run_directory.layout import LISTING
from keras_suite.reports.run_directory.results import FITTED
from keras_suite.tasks.atomic_files import replacing

VARIANT, TUNED = "classifier", "fine-tuned"
MINUTES = "fine_tuning_minutes"  # in metrics.json
_VERSION = 1  # raised whenever the same images would give another classifier


def identity_of(dataset: Dataset) -> str:
    """Return 16 hex digits for the images, how they are seen, and the network."""
    seen = [dataset.fingerprint, list(dataset.images.shape[1:]), list(dataset.class_names), len(dataset.images)]
    text = json.dumps([_VERSION, seen, NETWORK, PACKAGED[NETWORK].sha256])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Recording:
    """What all runs of a classifier's folder have in common.

    Attributes:
        folder: The experiment's folder.
        dataset: What the classifier was fitted to.
        inspection: Of the dataset.
        part: The dataset as a part of a Config.
        command: As it was typed.
        threads: TensorFlow's.
    """

    folder: Path
    dataset: Dataset
    inspection: Inspection
    part: Part
    command: str
    threads: int

    def path(self, variant: str, identity: str, seed: int) -> Path:
        """Return where a run lies."""
        return run_directory.run_path(self.folder.parent, self.folder.name, variant, identity, seed)

    def list(self, *variants: Variant, against: Sequence[str] = ()) -> None:
        """Write which variants there are, the first the baseline."""
        run_directory.write_experiment(
            self.folder,
            name=self.folder.name,
            question=f"Which of {len(self.dataset.class_names)} classes does a picture show?",
            command=self.command,
            variants=variants,
            against=against,
            source=FITTED,
        )

    def list_both(self, tuned: Path) -> None:
        """Write that the head's runs are compared with this one, which was fine-tuned from it."""
        head = self.path(VARIANT, identity_of(self.dataset), 1)
        variants = (Variant(name, path.parent.name, {}) for name, path in ((VARIANT, head), (TUNED, tuned)))
        self.list(*variants, against=[f"{TUNED}={VARIANT}"])


def tuned_before(recording: Recording) -> Run | None:
    """Return the completed run that an earlier command fine-tuned from the same head and listed; None without one."""
    if not (recording.folder / LISTING).exists():
        return None
    listed = {each["name"]: each["directory"] for each in run_directory.read_listing(recording.folder)["variants"]}
    head = recording.path(VARIANT, identity_of(recording.dataset), 1).parent.name
    if TUNED not in listed or listed.get(VARIANT) != head:
        return None
    path = recording.folder / listed[TUNED] / "seed-1"
    return run_directory.read_run(path, needs=()) if run_directory.is_completed(path) else None


def record(recording: Recording, fitted: Fitted, *, seconds: float, minutes: int) -> Path:
    """Write the run directories of the head and the list of them; completed ones stay, and one fine-tuned from it.

    Args:
        recording: What the runs have in common.
        fitted: The classifier.
        seconds: That it took.
        minutes: That fine-tuning it would take.

    Returns:
        The run directory with the model.
    """
    identity = identity_of(recording.dataset)
    paths = [recording.path(VARIANT, identity, seed + 1) for seed in range(len(fitted.probabilities))]
    before = tuned_before(recording)
    if before is None:
        recording.list(Variant(VARIANT, paths[0].parent.name, {}))
    else:
        recording.list_both(before.path)
    how = (
        f"each of the {len(fitted.labels):,} images is answered by a head that was fitted to the other "
        f"{fitted.folds - 1} of {fitted.folds} folds; seeds are other folds, and the model is fitted to all images"
        if fitted.folds
        else "the test images are the folder's own"
    )
    trainable = int(fitted.head.kernel.size + fitted.head.bias.size)
    for seed, (path, probabilities) in enumerate(zip(paths, fitted.probabilities, strict=True), 1):
        entry = _entry(recording, fitted, VARIANT, identity, seed, how)
        metrics = {"trainable_parameters": trainable, "train_seconds": seconds, MINUTES: minutes}
        model = fitted.model if seed == 1 else None
        _complete(path, recording, fitted, probabilities, entry, metrics, model)
    return paths[0]


def record_tuned(recording: Recording, fitted: Fitted, tuned: Tuned, *, seconds: float) -> Path:
    """Write the run directory of the fine-tuned network, with the model where it is kept, beside those of the head.

    Returns:
        The run directory.
    """
    head, choice = identity_of(recording.dataset), tuned.choice
    identity = hashlib.sha256(f"{head} {tuned.identity}".encode()).hexdigest()[:16]
    path = recording.path(TUNED, identity, 1)
    recording.list_both(path)
    model = load_model(run_directory.model_file(tuned.run))[0] if tuned.run is not None and choice.kept else None
    entry = {**_entry(recording, fitted, TUNED, identity, 1, in_words(choice)), "kept": choice.kept}
    metrics = {"trainable_parameters": tuned.trainable_parameters, "train_seconds": seconds}
    _complete(path, recording, fitted, tuned.probabilities, entry, metrics, model)
    return path


def minutes_of(recording: Recording) -> int | None:
    """Return how long fine-tuning was said to take when the head was fitted; None if it was not yet."""
    path = recording.path(VARIANT, identity_of(recording.dataset), 1)
    if not run_directory.is_completed(path):
        return None
    found = (run_directory.read_run(path, needs=()).metrics or {}).get(MINUTES)
    return int(found) if found is not None else None


def in_words(choice: Choice) -> str:
    """Say which of the two is kept, and why."""
    return (
        f"fine-tuned in each of the folds, the network reads {choice.tuned:,} of {choice.images:,} images right and "
        f"the head alone {choice.head:,} ({choice.only_tuned:,} only the one, {choice.only_head:,} only the other; "
        f"McNemar's p {choice.p:.2g}): {'it is kept' if choice.kept else 'the head alone is kept'}"
    )


def _entry(recording: Recording, fitted: Fitted, variant: str, identity: str, seed: int, how: str) -> dict[str, Any]:
    """Return what run.json says."""
    everything = np.arange(fitted.trained, dtype=np.int64)
    data = data_record(recording.dataset, Split(everything, everything[:0]), recording.inspection)
    return {
        "identity": identity,
        "experiment": recording.folder.name,
        "variant": variant,
        "seed": seed,
        "trained": FITTED,
        "command": recording.command,
        "source": None,
        "score_test": True,
        **runtime.source_state(),
        **environment(recording.threads),
        "data": {**data, "test": len(fitted.labels), "notes": [*data["notes"], how]},
        "weights": {"source": f"ImageNet, {PACKAGED[NETWORK].name}", "fingerprint": PACKAGED[NETWORK].sha256},
    }


def _complete(
    path: Path,
    recording: Recording,
    fitted: Fitted,
    probabilities: np.ndarray,
    entry: dict[str, Any],
    metrics: dict[str, Any],
    model: keras.Model | None,
) -> None:
    """Write a run directory, with a model if it has one; a completed one stays as it is."""
    path.mkdir(parents=True, exist_ok=True)
    with run_directory.locked(path):
        if not run_directory.is_completed(path):
            _write(path, recording, fitted, probabilities, entry, metrics, model)


def _write(
    path: Path,
    recording: Recording,
    fitted: Fitted,
    probabilities: np.ndarray,
    entry: dict[str, Any],
    metrics: dict[str, Any],
    model: keras.Model | None,
) -> None:
    dataset = recording.dataset
    head = {"kind": "logistic regression", "strength": fitted.head.strength}
    config = {
        "dataset": value_to_json(recording.part),
        "network": NETWORK,
        "image_size": list(dataset.images.shape[1:3]),
        "head": head if entry["variant"] == VARIANT else {**head, "fine_tuned": "see fine-tuning"},
        "loss": {"name": "cross_entropy", "options": {}},
    }
    run_directory.begin(path, entry, config)
    run_directory.log(path, f"fitted: {entry['command']}")
    run_directory.write_predictions(path, fitted.labels, probabilities)
    worst = most_confidently_wrong(fitted.labels, probabilities)
    run_directory.write_examples(path, worst, fitted.images[worst])
    if model is not None:
        ranges = likeness_of(fitted.images, dataset.origin.sizes)
        if ranges is not None:
            run_directory.write_likeness(path, ranges.to_json())
        with replacing(run_directory.model_file(path)) as temporary:
            save_model(model, temporary, dataset.class_names)
    everything = {
        "epochs": 0,
        "best_epoch": None,
        "model_epoch": None,
        "parameters": int(fitted.model.count_params()),
        **metrics,
        "test": {"accuracy": float(np.mean(probabilities.argmax(axis=1) == fitted.labels))},
    }
    run_directory.complete(path, everything, seconds=metrics["train_seconds"])
