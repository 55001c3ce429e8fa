"""What a run is trained on, batch by batch: the images of its split, or features of them that were computed once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.callbacks.probing.probe import PROBE_IMAGES, Probe
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.feature_stream import View, feature_batches, feature_stream
from keras_suite.data_pipeline.pipeline import (
    BatchAugmentation,
    evaluation_batches,
    gatherer,
    steps_per_epoch,
    training_stream,
)
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import Targets, targets_of
from keras_suite.experiments import registry
from keras_suite.experiments.config import Config
from keras_suite.experiments.feature_cache.frozen import frozen_features, refuse_mixing
from keras_suite.experiments.training.job import Job


@dataclass(frozen=True)
class Training:
    """What a Config and a seed train on: int64 indices into the dataset's images, and what follows from the data.

    `targets` are those of all the dataset's images.
    """

    train: np.ndarray
    validation: np.ndarray
    input_shape: tuple[int, int, int]
    targets: Targets
    steps: int


@dataclass(frozen=True)
class FrozenViews:
    """Features of a frozen front: `train`, one view for each augmented copy, and `validation`, of images as they are.

    `computed` rows were not in the cache; `notes` are lines about damage found and mended there.
    """

    train: tuple[View, ...]
    validation: View
    computed: int
    notes: tuple[str, ...]


def training_of(config: Config, dataset: Dataset, seed: int) -> Training:
    """The split that belongs to the seed."""
    chosen = split(dataset, seed)
    steps = steps_per_epoch(len(chosen.train), config.batch_size)
    return Training(chosen.train, chosen.validation, dataset.image_shape, targets_of(dataset), steps)


def augmentation(config: Config, training: Training) -> BatchAugmentation | None:
    """What changes training images; None where nothing does."""
    return registry.build("augmentation", config.augmentation, training.input_shape, training.targets.outputs)


def image_batches(job: Job, dataset: Dataset, training: Training, start_epoch: int) -> tf.data.Dataset:
    """The job's endless stream of augmented batches from this epoch on."""

    def made() -> tf.data.Dataset:
        return training_stream(
            dataset.images,
            training.targets,
            training.train,
            batch_size=job.config.batch_size,
            seed=job.seed,
            start_epoch=start_epoch,
            augment=augmentation(job.config, training),
        )

    of_job = (training.train.tobytes(), job.config.batch_size, job.seed, start_epoch, job.config.augmentation)
    return _last_or("training", dataset, of_job, made)


def validation_batches(job: Job, dataset: Dataset, training: Training) -> tf.data.Dataset:
    """The validation images, once."""

    def made() -> tf.data.Dataset:
        return evaluation_batches(
            dataset.images,
            training.targets,
            training.validation,
            batch_size=job.config.batch_size,
        )

    return _last_or("validation", dataset, (training.validation.tobytes(), job.config.batch_size), made)


_last: dict[str, tuple[Dataset, tuple[Any, ...], tf.data.Dataset]] = {}


def _last_or(kind: str, dataset: Dataset, key: tuple[Any, ...], made: Callable[[], tf.data.Dataset]) -> tf.data.Dataset:
    """What was made last of this kind, if it was from the same: the graphs inside need not be traced for each run."""
    if kind in _last and _last[kind][0] is dataset and _last[kind][1] == key:
        return _last[kind][2]
    _last.pop(kind, None)  # first: it may hold a copy of the images
    _last[kind] = (dataset, key, made())
    return _last[kind][2]


def probe_of(dataset: Dataset, training: Training, features: View | None = None, count: int = PROBE_IMAGES) -> Probe:
    """A few training images as they are, or their features: spread over the split, the same whenever it is asked."""
    places = np.linspace(0, len(training.train) - 1, min(count, len(training.train))).astype(int)
    index = training.train[places]
    those = replace(training.targets, array=training.targets.array[index])
    pixels, everything = tf.constant(dataset.images[index]), tf.range(len(index), dtype=tf.int64)
    wanted = those.wanted(gatherer)(pixels, everything)
    if features is None:
        return Probe(those.inputs(gatherer)(tf.cast(pixels, tf.float32), everything), wanted)
    array, rows = features
    return Probe(np.take(array, rows[index], axis=0).astype(np.float32), wanted)


def frozen_views(job: Job, dataset: Dataset, training: Training, front: keras.Model, views: int) -> FrozenViews:
    """Features of the job's images, from the cache or computed now: `views` copies where something augments."""
    augment = augmentation(job.config, training)
    if augment is None:
        everything = np.concatenate([training.train, training.validation])
        found = [frozen_features(front, dataset.images, indices=everything)]
        plain = found[0]
    else:
        refuse_mixing(augment)
        plain = frozen_features(front, dataset.images, indices=training.validation)
        key = json.dumps(registry.canonical(job.config)["augmentation"], sort_keys=True)
        found = [
            frozen_features(
                front, dataset.images, indices=training.train, augment=augment, augmentation_key=key, view=view
            )
            for view in range(views)
        ]
    asked = found if augment is None else [*found, plain]
    return FrozenViews(
        train=tuple((features.array, features.rows) for features in found),
        validation=(plain.array, plain.rows),
        computed=sum(features.computed for features in asked),
        notes=tuple(note for features in asked for note in features.notes),
    )


def feature_batches_of(
    job: Job, dataset: Dataset, training: Training, views: FrozenViews, start_epoch: int
) -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """What `image_batches` and `validation_batches` give, with features in place of the images."""
    size = job.config.batch_size
    stream = feature_stream(
        views.train, training.targets, training.train, batch_size=size, seed=job.seed, start_epoch=start_epoch
    )
    return stream, feature_batches(views.validation, training.targets, training.validation, batch_size=size)
