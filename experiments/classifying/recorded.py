"""The run directories of a classifier: a run for each repeat of the cross-validation, the first one with the model."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.likeness import likeness_of
from keras_suite.data_pipeline.inspection.findings import Inspection
from keras_suite.data_pipeline.splits import Split
from keras_suite.experiments.classifying.classifier import NETWORK, Fitted
from keras_suite.experiments.config import Part, value_to_json
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.data_record import data_record
from keras_suite.experiments.training.evaluation import most_confidently_wrong
from keras_suite.experiments.training.identity import environment
from keras_suite.models.saving import save_model
from keras_suite.models.transfer.imagenet_weights import PACKAGED
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Variant
from keras_suite.reports.run_directory.results import FITTED
from keras_suite.tasks.atomic_files import replacing

VARIANT = "classifier"
_VERSION = 1  # raised whenever the same images would give another classifier


def identity_of(dataset: Dataset) -> str:
    """Return 16 hex digits for the images, how they are seen, and the network."""
    seen = [dataset.fingerprint, list(dataset.images.shape[1:]), list(dataset.class_names), len(dataset.images)]
    text = json.dumps([_VERSION, seen, NETWORK, PACKAGED[NETWORK].sha256])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def record(
    folder: Path,
    fitted: Fitted,
    dataset: Dataset,
    inspection: Inspection,
    *,
    part: Part,
    command: str,
    threads: int,
    seconds: float,
) -> Path:
    """Write the run directories and the list of them; completed ones stay as they are.

    Args:
        folder: The experiment's folder.
        fitted: The classifier.
        dataset: What it was fitted to.
        part: The dataset as a part of a Config.
        inspection: Of the dataset.
        command: As it was typed.
        threads: TensorFlow's.
        seconds: That it took.

    Returns:
        The run directory with the model.
    """
    identity = identity_of(dataset)
    paths = [
        run_directory.run_path(folder.parent, folder.name, VARIANT, identity, seed + 1)
        for seed in range(len(fitted.probabilities))
    ]
    run_directory.write_experiment(
        folder,
        name=folder.name,
        question=f"Which of {len(dataset.class_names)} classes does a picture show?",
        command=command,
        variants=[Variant(VARIANT, paths[0].parent.name, {})],
        source=FITTED,
    )
    for seed, probabilities in enumerate(fitted.probabilities, 1):
        path = paths[seed - 1]
        path.mkdir(parents=True, exist_ok=True)
        with run_directory.locked(path):
            if not run_directory.is_completed(path):
                entry = _record(folder, fitted, dataset, inspection, seed, command, threads, identity)
                _write(path, fitted, dataset, part, probabilities, entry, seconds, with_model=seed == 1)
    return paths[0]


def _record(
    folder: Path,
    fitted: Fitted,
    dataset: Dataset,
    inspection: Inspection,
    seed: int,
    command: str,
    threads: int,
    identity: str,
) -> dict[str, Any]:
    """Return what run.json says."""
    everything = np.arange(fitted.trained, dtype=np.int64)
    data = data_record(dataset, Split(everything, everything[:0]), inspection)
    how = (
        f"each of the {len(fitted.labels):,} images is answered by a head that was fitted to the other "
        f"{fitted.folds - 1} of {fitted.folds} folds; seeds are other folds, and the model is fitted to all images"
        if fitted.folds
        else "the test images are the folder's own"
    )
    return {
        "identity": identity,
        "experiment": folder.name,
        "variant": VARIANT,
        "seed": seed,
        "trained": FITTED,
        "command": command,
        "source": None,
        "score_test": True,
        **runtime.source_state(),
        **environment(threads),
        "data": {**data, "test": len(fitted.labels), "notes": [*data["notes"], how]},
        "weights": {"source": f"ImageNet, {PACKAGED[NETWORK].name}", "fingerprint": PACKAGED[NETWORK].sha256},
    }


def _write(
    path: Path,
    fitted: Fitted,
    dataset: Dataset,
    part: Part,
    probabilities: np.ndarray,
    entry: dict[str, Any],
    seconds: float,
    *,
    with_model: bool,
) -> None:
    config = {
        "dataset": value_to_json(part),
        "network": NETWORK,
        "image_size": list(dataset.images.shape[1:3]),
        "head": {"kind": "logistic regression", "strength": fitted.head.strength},
        "loss": {"name": "cross_entropy", "options": {}},
    }
    run_directory.begin(path, entry, config)
    run_directory.log(path, f"fitted: {entry['command']}")
    run_directory.write_predictions(path, fitted.labels, probabilities)
    worst = most_confidently_wrong(fitted.labels, probabilities)
    run_directory.write_examples(path, worst, fitted.images[worst])
    if with_model:
        ranges = likeness_of(fitted.images, dataset.origin.sizes)
        if ranges is not None:
            run_directory.write_likeness(path, ranges.to_json())
        with replacing(run_directory.model_file(path)) as temporary:
            save_model(fitted.model, temporary, dataset.class_names)
    parameters = int(fitted.model.count_params())
    trainable = int(fitted.head.kernel.size + fitted.head.bias.size)
    metrics = {
        "epochs": 0,
        "best_epoch": None,
        "model_epoch": None,
        "parameters": parameters,
        "trainable_parameters": trainable,
        "train_seconds": seconds,
        "test": {"accuracy": float(np.mean(probabilities.argmax(axis=1) == fitted.labels))},
    }
    run_directory.complete(path, metrics, seconds=seconds)
