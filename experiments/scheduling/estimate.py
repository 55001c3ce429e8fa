"""What a plan will cost, from a dry fit: a few batches of every variant, which also finds what would fail later."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.experiments.feature_cache.frozen import features_of
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.own_parts.networks import takes_raw_pixels
from keras_suite.experiments.scheduling.cost import RECORD_BYTES, Estimate
from keras_suite.experiments.scheduling.memory_need import memory_warning
from keras_suite.experiments.training.adapted_layers import ADAPTED_TO, adapted_layers
from keras_suite.experiments.training.device_limits import device_notes, refuse_devices
from keras_suite.experiments.training.devices import distributed, mirrored, on_devices
from keras_suite.experiments.training.expected_memory import expected_memory
from keras_suite.experiments.training.fit import as_trained
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.own_code import check_own_parts, graph_source, own_faults, own_scope
from keras_suite.experiments.training.phases import PreparedPhase, phases_of, prepare_phase
from keras_suite.experiments.training.prepared_run import PreparedRun, prepare
from keras_suite.experiments.training.trusted_kernels import trust_kernels
from keras_suite.experiments.validation import check_areas, check_task
from keras_suite.tasks.wording.quantities import listed

TIMED_STEPS = 3
BESIDE_WEIGHTS = 30_000  # bytes, about: what a .keras file says of a small network, and examples of what it was shown
FORWARD_SHARE = 1 / 3  # of a training step's time that a forward pass takes, about


def estimate(jobs: Sequence[Job], processes: int = 1, warn: Callable[[str], None] = lambda line: None) -> Estimate:
    """Train each variant's model on a few batches and throw it away.

    Args:
        jobs: The runs, of all variants.
        processes: How many of them are to be trained at a time on this machine.
        warn: Is given a line on the first variant that takes more memory than there is, before it is tried.

    Raises:
        ValueError: If a variant cannot be trained; the line says which and why.
    """
    seconds, size, taken, warned = {}, 0, 0, False
    notes: dict[str, None] = {}
    by_variant: dict[str, list[Job]] = {}
    for job in jobs:
        by_variant.setdefault(job.variant, []).append(job)

    def foresee(variant: str, expected: int) -> None:
        nonlocal warned
        line = None if warned else memory_warning(variant, expected, processes)
        if line is not None:
            warned = True
            warn(line)

    for variant, jobs_of_variant in by_variant.items():
        try:
            tried = _dry_fit(jobs_of_variant[0], foresee)
        except ForeignCodeError as error:  # its line names the place
            raise ValueError(f"variant {variant!r}: {error}") from error
        except Exception as error:  # whatever a layer says of shapes that do not fit: it is the config that is wrong
            raise ValueError(f"variant {variant!r} cannot be trained: {gist(error)}") from error
        seconds[variant], taken = tried.seconds, max(taken, tried.memory)
        notes |= dict.fromkeys(tried.notes)
        size += tried.bytes * len(jobs_of_variant)
    total = sum(seconds[variant] * len(its_jobs) for variant, its_jobs in by_variant.items())
    return Estimate(total, size, seconds, tuple(notes), taken)


def gist(error: Exception) -> str:
    """Return the line that matters of TensorFlow's long messages: the last of a traced function's, else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1] if lines[0].startswith("in user code") else lines[0]


@dataclass(frozen=True)
class Tried:
    """Seconds, bytes on disk and bytes of memory of one run, and lines that its user should read before."""

    seconds: float
    bytes: int
    memory: int
    notes: list[str]


def _dry_fit(job: Job, foresee: Callable[[str, int], None]) -> Tried:
    run = prepare(job)
    with own_faults(run.config.own_parts), own_scope(run.config.own_parts):
        return _dry_fit_of(run, foresee)


def _dry_fit_of(run: PreparedRun, foresee: Callable[[str, int], None]) -> Tried:
    dataset = run.dataset
    began = time.perf_counter()
    run.fresh_session()
    check_task(run.config, run.targets)
    check_areas(run.config, dataset, run.split)
    model = run.build_model()
    check_own_parts(run, model)
    memory = expected_memory(run, model).total
    foresee(run.job.variant, memory)
    notes = trust_kernels(model)
    if run.config.model.own is not None and takes_raw_pixels(model, dataset.image_shape):
        notes.append(
            f"Note: {run.config.model.name} seems to take pixels as they are, 0 to 255, and its first outputs are "
            "large: begin it with keras.layers.Rescaling(1 / 255)"
        )
    if run.config.model.own is not None and (adapted := adapted_layers(model)):
        notes.append(
            f"Note: {listed([layer.name for layer in adapted])} adapted to training images, {ADAPTED_TO:,} at most"
        )
    seconds = time.perf_counter() - began
    devices = run.job.options.devices
    if devices > 1:
        refuse_devices(run, model)
        notes += device_notes(run, model)
    with on_devices(devices):
        trainee = mirrored(run, model) if devices > 1 else model
        for phase in phases_of(run.config):
            with as_trained(prepare_phase(run, trainee, phase), reuse=devices == 1) as (prepared, _):
                seconds += _seconds_of_phase(prepared)
    return Tried(seconds, _bytes_on_disk(run, model), memory, notes)


def _bytes_on_disk(run: PreparedRun, model: keras.Model) -> int:
    """Return what a finished run with its model takes."""
    predicted = len(run.dataset.test_labels) + (len(run.split.validation) if run.task.predicts_classes else 0)
    return RECORD_BYTES + BESIDE_WEIGHTS + 4 * (model.count_params() + math.prod(run.targets.output_shape) * predicted)


def _seconds_of_phase(phase: PreparedPhase) -> float:
    run = phase.run
    began = time.perf_counter()
    batches = iter(distributed(run.training_batches(), run.job.options.devices))
    step = _features_step(phase) if phase.cached_extractor else _image_step(phase)
    step(batches)
    set_up = time.perf_counter() - began
    of_extractor, of_step = (sum(seconds) for seconds in zip(*(step(batches) for _ in range(TIMED_STEPS)), strict=True))
    images = TIMED_STEPS * min(run.batch_size, len(run.split.train))
    images_per_epoch = len(run.split.train) + len(run.split.validation) * FORWARD_SHARE
    features_once = len(run.dataset.images) * phase.views * of_extractor / images
    return set_up + features_once + images_per_epoch * phase.epochs * of_step / images


Step = Callable[[Iterator[Any]], tuple[float, float]]  # trains on the next batch: seconds of extractor and of step


def _image_step(phase: PreparedPhase) -> Step:
    """Return a step on images as `fit` takes them, so that the first run like this one need not trace it."""
    phase.trainee.make_train_function()

    def step(batches: Iterator[Any]) -> tuple[float, float]:
        started = time.perf_counter()
        phase.trainee.train_function(batches)
        return 0.0, time.perf_counter() - started

    return step


def _features_step(phase: PreparedPhase) -> Step:
    """Return a step on the features of images, in the same way."""
    extractor = phase.cached_extractor
    assert extractor is not None
    phase.trainee.make_train_function()
    source = graph_source(phase.run)

    def step(batches: Iterator[Any]) -> tuple[float, float]:
        started = time.perf_counter()
        images, labels = next(batches)
        features = features_of(extractor, images.numpy().astype(np.uint8), source)
        computed = time.perf_counter()
        of_fit = tf.data.Dataset.from_tensor_slices((features, labels)).batch(len(features)).repeat()
        phase.trainee.train_function(iter(of_fit))
        return computed - started, time.perf_counter() - computed

    return step
