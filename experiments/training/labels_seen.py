"""What a run keeps of images that it did not train on and whose labels its network contradicts. For classes only."""

from collections.abc import Callable

import numpy as np

from keras_suite.data_pipeline.dataset import content_fingerprint
from keras_suite.data_pipeline.datasets.options import made_wrong
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.inspection.copies import LEFT_OUT
from keras_suite.experiments.training.evaluation import most_confidently_wrong
from keras_suite.experiments.training.predictor import Predictor
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import ValidationLabels

MOST = 10_000_000  # probabilities, 40 MB; a run with more validation images or classes keeps none
SIDE = 128  # pixels of a picture's longer side


def keep_validation(run: PreparedRun, predictor: Predictor) -> None:
    """Write validation.npz: one pass over the validation images, whose outputs Keras's own passes do not give.

    The test images were predicted before: their predictions are read.
    """
    if not run.task.predicts_classes:
        return
    dataset, index = run.dataset, run.split.validation
    if len(index) * len(dataset.class_names) > MOST:
        run_directory.log(run.directory, f"no validation.npz: it would hold more than {MOST:,} probabilities")
        return
    model, batches = predictor.model, predictor.validation_batches()
    outputs = [np.asarray(model.predict_on_batch(inputs), np.float32) for inputs, _ in batches]
    probabilities = run.task.to_predictions(np.concatenate(outputs))
    if not np.isfinite(probabilities).all():
        return
    labels, groups = dataset.labels[index], dataset.groups
    worst = index[most_confidently_wrong(labels, probabilities)]
    names = _called(index, labels, probabilities, dataset.origin.name)
    test_names: dict[int, str] = {}
    tested = run_directory.predictions(run_directory.read_run(run.directory, needs=()))
    if tested is not None:
        of_test = (tested.places, tested.labels, tested.probabilities)
        if run.split.test is None:
            test_names = _called(*of_test, dataset.origin.test_name)
        else:
            names |= _called(*of_test, dataset.origin.name)
    noise = run.config.dataset.options.get("label_noise") if run.config.dataset.own is None else None
    run_directory.write_validation(
        run.directory,
        ValidationLabels(
            index=index,
            labels=labels,
            probabilities=probabilities,
            labelling=content_fingerprint(dataset.labels)[:16],
            total=len(dataset.labels) if groups is None else int(np.count_nonzero(groups != LEFT_OUT)),
            names=names,
            test_names=test_names,
            are_files=dataset.origin.sizes is not None,
            pictured=worst,
            pictures=_small(dataset.images[worst]),
            made_wrong=made_wrong(index, noise) if noise else None,
        ),
    )


def _called(
    places: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, name: Callable[[int], str]
) -> dict[int, str]:
    """Return the names of the images whose label is not the most probable class."""
    return {place: name(place) for place in places[probabilities.argmax(axis=1) != labels].tolist()}


def _small(images: np.ndarray) -> np.ndarray:
    """Return images uint8 (k, h, w, c) of at most SIDE pixels a side."""
    height, width = images.shape[1:3]
    if max(height, width) <= SIDE or not len(images):
        return np.asarray(images)
    factor = SIDE / max(height, width)
    size = max(1, round(height * factor)), max(1, round(width * factor))
    return np.stack([resize(image, size) for image in images])
