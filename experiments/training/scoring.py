"""A run's one look at its test images, and what it keeps of them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.splits import Split, images_to_test, split
from keras_suite.data_pipeline.targets import targets_to_test
from keras_suite.experiments import catalog, registry
from keras_suite.experiments.training.evaluation import EXAMPLES, evaluate, most_confidently_wrong
from keras_suite.experiments.training.job import Job
from keras_suite.models.networks.caption_decoding import greedy
from keras_suite.reports import run_directory
from keras_suite.reports.results.measures import MEASURES, scores


def score(job: Job, directory: Path, dataset: Dataset, model: keras.Model) -> dict[str, Any]:
    """Writes what the model gave for each test image, and those it was worst at; gives the test metrics."""
    chosen = split(dataset, job.seed)
    images, labels = images_to_test(dataset, chosen)
    found = evaluate(
        model,
        images,
        targets_to_test(dataset, chosen.test),
        loss=registry.build("loss", job.config.loss),
        batch_size=job.config.batch_size,
    )
    metrics = dict(found.metrics)
    if dataset.task == "classes":
        truth = labels
        run_directory.write_predictions(directory, labels, found.given, index=chosen.test)
        worst = most_confidently_wrong(labels, found.given)
    else:
        truth = true_targets(dataset, chosen)
        given = found.given if dataset.task != "caption" else _sentences(model, images, truth)
        run_directory.write_target_predictions(directory, labels, truth, given, index=chosen.test)
        measure, of_images = MEASURES[dataset.task], scores(dataset.task, truth, given)
        metrics[measure.key] = float(of_images.mean())
        worst = np.argsort(of_images if measure.higher_is_better else -of_images, kind="stable")[:EXAMPLES]
    index = worst if chosen.test is None else chosen.test[worst]
    run_directory.write_examples(directory, index, np.asarray(images[worst]))
    own = catalog.load(job.source).measure if job.source else None
    if own is not None:
        run_directory.write_measured(directory, own(model, images, truth))
    return {"test": metrics}


def true_targets(dataset: Dataset, chosen: Split) -> np.ndarray:
    """What was to be given for each test image, of a task that is not "classes"; of captions all true ones."""
    if dataset.task == "image":
        return images_to_test(dataset, chosen)[0]
    targets = dataset.test_targets if chosen.test is None else dataset.targets
    assert targets is not None
    rows = targets if chosen.test is None else targets[chosen.test]
    return rows[:, None] if dataset.task == "caption" and rows.ndim == 2 else rows


def _sentences(model: keras.Model, images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The greedily decoded words int64 (n, T), the start word first."""
    return greedy(model, images, start=0, end=1, longest=truth.shape[-1])
