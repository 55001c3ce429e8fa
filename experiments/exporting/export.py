"""Export a run's network: write it, run the written file on the run's images, and only then give it its name."""

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.experiments.exporting import litert, onnx_file, saved_model
from keras_suite.experiments.exporting.agreement import Agreement, agreement
from keras_suite.experiments.exporting.facts import Exported, Written, about, facts
from keras_suite.experiments.exporting.images import Images, RunImages, images_of_files, images_of_run
from keras_suite.experiments.exporting.network import Classifier, classifier_of, prepare, refuse_sentences
from keras_suite.experiments.exporting.running import Ask, answers, latency
from keras_suite.experiments.exporting.target import Target, facts_path
from keras_suite.experiments.exporting.task_agreement import (
    TaskAgreement,
    measurable,
    putting_out,
    task_agreement,
)
from keras_suite.experiments.predicting.stream import asker, images_at_a_time
from keras_suite.experiments.training.runtime import available_cores
from keras_suite.tasks.atomic_files import replacing, replacing_folder, write_json
from keras_suite.tasks.task import Task

MARGIN = 0.005  # half a point of accuracy
CALIBRATION = 100  # training images that say what range of numbers each layer's int8 stands for
_MODULES: dict[str, Any] = {"litert": litert, "onnx": onnx_file, "savedmodel": saved_model}


def export(
    directory: Path, target: Target, path: Path, margin: float | None, data_dir: Path | None, on: str | None = None
) -> Exported:
    """Write the network of a run to a file, with what was measured of the file beside it.

    Args:
        directory: The run directory.
        target: What is written.
        path: Where to; whatever is there is replaced.
        margin: The largest difference of the score, as it is printed, that does not matter; None for the usual one.
        data_dir: The folder of downloaded data.
        on: Image files to measure on instead of the run's, see `images_of_files`.

    Raises:
        ValueError, OSError: If the run cannot be used or exported; nothing is written then.
    """
    if target.to != "savedmodel":
        _MODULES[target.to].check_installed()
    refuse_sentences(directory)
    images = images_of_run(directory, data_dir)
    classifier = classifier_of(directory, images.shape)
    if classifier.class_names != images.class_names:
        raise ValueError(f"{directory} has other classes than its data now: restore the data")
    task = classifier.task
    _refuse_what_is_of_classes(directory, task, target, on)
    if on is not None:
        measured = images_of_files(directory, on, classifier.model, classifier.class_names)
        images = dataclasses.replace(images, measured=measured)
    images = dataclasses.replace(images, measured=measurable(images.measured, classifier.model.output_shape[1:]))
    network = answers(asker(classifier.model, putting_out(task)), images.measured, images_at_a_time(*images.shape[:2]))
    prepare(classifier.model)
    with _replacing(target, path) as temporary:
        whole, float32 = _write(classifier, target, temporary, images)
        found = _written(target, temporary, images.measured)
        file = answers(_ask(target, temporary, available_cores()), images.measured)
        agreed = _agreement(network, file, images.measured, task, margin)
    calibration = min(CALIBRATION, len(images.training)) if target.int8 else 0
    exported = Exported(path, target, classifier, images.measured, agreed, found, float32, whole, calibration)
    write_json(facts_path(path), facts(exported))
    return exported


def _refuse_what_is_of_classes(directory: Path, task: Task, target: Target, on: str | None) -> None:
    """Raise ValueError if something was asked for that only classifiers have."""
    for asked, option in ((target.int8, "--int8"), (on is not None, "--on")):
        if asked and not task.predicts_classes:
            raise ValueError(f"{directory} predicts {task.target}, and {option} goes with classifiers: leave it out")


def _agreement(
    network: np.ndarray, file: np.ndarray, measured: Images, task: Task, margin: float | None
) -> Agreement | TaskAgreement:
    if task.predicts_classes:
        return agreement(network, file, measured.truth, MARGIN if margin is None else margin / task.score.scale)
    usual = task.score.margin if margin is None else margin / task.score.scale
    return task_agreement(network, file, measured.truth, task, usual)


@contextlib.contextmanager
def _replacing(target: Target, path: Path) -> Iterator[Path]:
    with replacing_folder(path) if target.to == "savedmodel" else replacing(path) as temporary:
        yield temporary


def _write(classifier: Classifier, target: Target, path: Path, images: RunImages) -> tuple[bool, Written | None]:
    """Write the file; return whether all of it is int8, and the float32 file to compare an int8 one with."""
    whole, float32 = True, None
    module = _MODULES[target.to]
    if target.int8:
        with tempfile.TemporaryDirectory() as folder:
            beside = Path(folder) / f"float32{path.suffix}"
            litert.write_float32(classifier, beside)
            float32 = _written(Target("litert"), beside, images.measured)
        whole = litert.write_int8(classifier, path, images.training.some(CALIBRATION, seed=1))
    elif target.to == "litert":
        litert.write_float32(classifier, path)
    else:
        module.write(classifier, path)
    module.add_description(path, classifier.class_names, about(classifier, target))
    return whole, float32


def _ask(target: Target, path: Path, threads: int) -> Ask:
    ask: Ask = _MODULES[target.to].ask(path, threads)
    return ask


def _written(target: Target, path: Path, images: Images) -> Written:
    threads = available_cores() if target.to == "savedmodel" else 1
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    size = sum(each.stat().st_size for each in files)
    return Written(size, latency(_ask(target, path, threads), images, threads))
