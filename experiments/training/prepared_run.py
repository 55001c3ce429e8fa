"""A run, prepared once: everything that follows from its job, for the fit, the evaluation and run.json."""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.callbacks.probing.probe import PROBE_IMAGES, ProbeBatch
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.imbalance.balanced_sampling import BalancedOrder
from keras_suite.data_pipeline.imbalance.class_weights import balanced_class_weights, with_class_weights
from keras_suite.data_pipeline.pipeline import (
    BatchAugmentation,
    Order,
    evaluation_batches,
    gatherer,
    steps_per_epoch,
    training_stream,
)
from keras_suite.data_pipeline.splits import Split, split
from keras_suite.data_pipeline.targets import Targets, targets_of
from keras_suite.experiments.registry import ResolvedConfig, resolve
from keras_suite.experiments.training import limits, runtime
from keras_suite.experiments.training.adapted_layers import ADAPTED_TO, adapt_layers
from keras_suite.experiments.training.data_record import data_record, inspection_of
from keras_suite.experiments.training.identity import directory_of, environment, identity_with, load_dataset
from keras_suite.experiments.training.initial_weights import Pretrained, pretrained
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.model_size import check_model_fits
from keras_suite.reports.run_directory import relative_source
from keras_suite.tasks import task_named
from keras_suite.tasks.task import Task, declaration


@dataclass(frozen=True)
class PreparedRun:
    """A job with all that follows from it. What comes of the images is computed with its first use, and kept.

    Attributes:
        job: What is to be done.
        config: The job's Config with the options of every part.
        weights: The weights that the run starts from; None for random ones.
        identity: 16 hex digits, see identity.py.
        directory: The run directory.
    """

    job: Job
    config: ResolvedConfig
    weights: Pretrained | None
    identity: str
    directory: Path

    @functools.cached_property
    def dataset(self) -> Dataset:
        """The Config's dataset."""
        return load_dataset(self.config.dataset, self.job.options.data_dir)

    @functools.cached_property
    def task(self) -> Task:
        """What is predicted, with the metrics that the Config names among those that are measured."""
        return task_named(self.dataset.task).measuring(self.config.further_metrics)

    @functools.cached_property
    def split(self) -> Split:
        """The split that belongs to the seed."""
        return split(self.dataset, self.job.seed)

    @functools.cached_property
    def targets(self) -> Targets:
        """The targets of all the dataset's images."""
        return replace(targets_of(self.dataset), task=self.task)

    def own_metrics(self) -> list[keras.metrics.Metric]:
        """Create the user's own metrics, to be passed a batch's targets and a network's outputs."""
        return [part.build() for part in self.config.metrics if part.own]

    @functools.cached_property
    def augmentation(self) -> BatchAugmentation | None:
        """What changes training images; None where nothing does."""
        return self.config.augmentation.build(self.dataset.image_shape, self.targets.outputs)

    @property
    def batch_size(self) -> int:
        """Images per step."""
        return self.job.config.batch_size

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return steps_per_epoch(len(self.split.train), self.batch_size)

    @property
    def output_names(self) -> Sequence[str]:
        """The names of what a network's outputs stand for."""
        return self.dataset.class_names if self.task.predicts_classes else self.dataset.target_names

    @property
    def label(self) -> str:
        """What a checkpoint is marked with: the identity and the seed."""
        return f"{self.identity}-{self.job.seed}"

    def fresh_session(self) -> None:
        """Make a warm process like a new one: its layer names, precision and global seeds."""
        keras.backend.clear_session()
        keras.config.set_dtype_policy(self.job.config.precision)
        keras.utils.set_random_seed(self.job.seed)

    def build_model(self) -> keras.Model:
        """Build the network with its initial weights; ValueError if its output has not the target's shape.

        Layers that wait for it are adapted to training images, see adapted_layers.py.
        """
        weights = {"weights": self.weights.weights} if self.weights else {}
        context = self.dataset.image_shape, self.targets.outputs, self.job.seed
        build = functools.partial(self.config.model.build, *context, **weights)
        options = self.config.model.part.options
        images = min(self.batch_size, len(self.split.train))
        if check_model_fits(build, options, self.dataset.image_shape, images, self.config.model.name):
            self.fresh_session()  # else Keras would create the weights that were only counted
        model = build()
        _check_output_shape(self.config.model.name, model, self.targets)
        adapt_layers(model, self._plain_inputs)
        return model

    def _plain_inputs(self) -> Iterator[Any]:
        """Yield training images in batches, as they are and as the network takes them."""
        indices = self.probe_indices(ADAPTED_TO)
        for inputs, _ in evaluation_batches(self.dataset.images, self.targets, indices, batch_size=self.batch_size):
            yield inputs

    def training_batches(self, start_epoch: int = 0, start_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of augmented batches from this epoch, and this batch of it, on."""
        job, indices = self.job, self.split.train

        def stream() -> tf.data.Dataset:
            return training_stream(
                self.dataset.images,
                self.targets,
                indices,
                batch_size=self.batch_size,
                seed=job.seed,
                start_epoch=start_epoch,
                start_step=start_step,
                augment=self.augmentation,
                order=self.sampling_order,
            )

        how = (self.config.augmentation, job.config.sampling)
        key = (indices.tobytes(), self.batch_size, job.seed, start_epoch, start_step, *how)
        return _latest("training", self.dataset, key, stream)

    @functools.cached_property
    def sampling_order(self) -> Order | None:
        """Which training images an epoch shows, where each class is to be shown as often; None for each image once."""
        if not self.job.config.sampling:
            return None
        return BalancedOrder(self.targets.array, self.split.train, self.job.seed)

    def weighted(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Return training batches with a weight for each image where classes are weighted; else as they are."""
        if not self.job.config.class_weight:
            return batches
        labels = self.targets.array[self.split.train]
        return with_class_weights(batches, balanced_class_weights(labels, self.targets.outputs))

    def validation_batches(self) -> tf.data.Dataset:
        """Return the validation images, once."""
        indices = self.split.validation

        def batches() -> tf.data.Dataset:
            return evaluation_batches(self.dataset.images, self.targets, indices, batch_size=self.batch_size)

        return _latest("validation", self.dataset, (indices.tobytes(), self.batch_size), batches)

    def probe_indices(self, count: int) -> np.ndarray:
        """Return the indices int64 of `count` training images, or all: spread over the split, always the same."""
        positions = np.linspace(0, len(self.split.train) - 1, min(count, len(self.split.train))).astype(int)
        return self.split.train[positions]

    def probe(self, count: int = PROBE_IMAGES) -> ProbeBatch:
        """Return `count` training images as they are, or all where there are fewer, and their targets."""
        indices = self.probe_indices(count)
        targets = replace(self.targets, array=self.targets.array[indices])
        pixels, rows = tf.constant(self.dataset.images[indices]), tf.range(len(indices), dtype=tf.int64)
        inputs = targets.inputs(gatherer)(tf.cast(pixels, tf.float32), rows)
        return ProbeBatch(inputs, targets.tensors(gatherer)(pixels, rows))

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the run from its start on."""
        job, dataset = self.job, self.dataset
        parent = {"parent": os.path.relpath(job.parent, self.directory)} if job.parent else {}
        weights = {"source": self.weights.source, "fingerprint": self.weights.fingerprint} if self.weights else None
        return {
            "identity": self.identity,
            "experiment": job.experiment,
            "variant": job.variant,
            "seed": job.seed,
            "command": job.options.command,
            "source": relative_source(job.source, self.directory),
            "score_test": job.score_test,
            **runtime.source_state(),
            **environment(job.options.threads),
            **({"devices": job.options.devices} if job.options.devices > 1 else {}),
            "data": data_record(dataset, self.split, inspection_of(self.config.dataset, job.options.data_dir)),
            **({"metrics": [declaration(metric) for metric in self.task.own_metrics]} if self.task.own_metrics else {}),
            **({"until": job.until} if job.until is not None else {}),
            **limits.to_json(job.limits),
            **parent,
            **({"weights": weights} if weights else {}),
        }


def prepare(job: Job) -> PreparedRun:
    """Resolve a job's Config, its initial weights and its directory; ValueError or OSError says what is wrong."""
    weights = pretrained(job.config, job.options.runs_dir)
    identity = identity_with(job, weights)
    return PreparedRun(job, resolve(job.config), weights, identity, directory_of(job, identity))


def _check_output_shape(name: str, model: keras.Model, targets: Targets) -> None:
    given, expected = tuple(model.output_shape[1:]), targets.output_shape
    if len(given) == len(expected) and all(size in (None, other) for size, other in zip(given, expected, strict=True)):
        return
    raise ValueError(
        f"model {name!r} has an output of shape {given} for an image, and the target is {targets.task.target}, of "
        f"shape {expected}: choose a model with that output"
    )


_streams: dict[str, tuple[Dataset, tuple[Any, ...], tf.data.Dataset]] = {}


def _latest(
    kind: str, dataset: Dataset, key: tuple[Any, ...], create: Callable[[], tf.data.Dataset]
) -> tf.data.Dataset:
    """Return the latest batches of this kind if they are of the same data: their graphs need not be traced again."""
    if kind in _streams and _streams[kind][0] is dataset and _streams[kind][1] == key:
        return _streams[kind][2]
    _streams.pop(kind, None)  # first: it may hold a copy of the images
    _streams[kind] = (dataset, key, create())
    return _streams[kind][2]
