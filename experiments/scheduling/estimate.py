"""What a plan will cost, from a dry fit: a few batches of every variant, which also finds what would fail later."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.experiments.scheduling.cost import Estimate
from keras_suite.experiments.training.batches import Training, image_batches, training_of
from keras_suite.experiments.training.fit import build_model, fresh_session, trained_in
from keras_suite.experiments.training.job import Job, load_dataset
from keras_suite.experiments.training.phases import Stage, phases_of, stage
from keras_suite.experiments.validation import check_task

TIMED = 3


def estimate(jobs: Sequence[Job]) -> Estimate:
    """Builds each variant's model and trains it on a few batches, thrown away; ValueError says which one cannot."""
    seconds, size = {}, 0
    by_variant: dict[str, list[Job]] = {}
    for job in jobs:
        by_variant.setdefault(job.variant, []).append(job)
    for variant, same in by_variant.items():
        try:
            run_seconds, run_bytes = _dry_fit(same[0])
        except Exception as error:  # whatever a layer says of shapes that do not fit: it is the config that is wrong
            raise ValueError(f"variant {variant!r} cannot be trained: {gist(error)}") from error
        seconds[variant] = run_seconds
        size += run_bytes * len(same)
    total = sum(seconds[variant] * len(same) for variant, same in by_variant.items())
    return Estimate(total, size, seconds)


def gist(error: Exception) -> str:
    """The line that matters of TensorFlow's long messages: the last of a traced function's, else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1] if lines[0].startswith("in user code") else lines[0]


def _dry_fit(job: Job) -> tuple[float, int]:
    """Seconds and bytes of one run."""
    dataset = load_dataset(job.config.dataset, job.data_dir)
    began = time.perf_counter()
    fresh_session(job.config, job.seed)
    training = training_of(job.config, dataset, job.seed)
    check_task(job.config, training.targets)
    model = build_model(job, training)
    seconds = time.perf_counter() - began
    for phase in phases_of(job.config):
        ready = stage(job.config, model, training, phase)
        with trained_in(ready, model, reuse=not job.config.phases) as (used, _, _):
            seconds += _of_phase(job, dataset, training, used)
    return seconds, 4 * model.count_params() + 4 * math.prod(training.targets.output_shape) * len(dataset.test_labels)


def _of_phase(job: Job, dataset: Dataset, training: Training, ready: Stage) -> float:
    began = time.perf_counter()
    batches = iter(image_batches(job, dataset, training, start_epoch=0))
    step = _features_step(ready) if ready.front and ready.views else _image_step(ready)
    step(batches)
    set_up = time.perf_counter() - began
    of_front, of_step = (sum(seconds) for seconds in zip(*(step(batches) for _ in range(TIMED)), strict=True))
    seen = TIMED * min(job.config.batch_size, len(training.train))
    assert ready.phase.epochs is not None
    looked_at = len(training.train) + len(training.validation) / 3  # a forward pass costs about a third of a step
    once = len(dataset.images) * ready.views * of_front / seen
    return set_up + once + looked_at * ready.phase.epochs * of_step / seen


Step = Callable[[Iterator[Any]], tuple[float, float]]  # trains on the next batch: seconds of the front and of the step


def _image_step(ready: Stage) -> Step:
    """A step as `fit` makes them, so that the first run like this one need not trace it."""
    ready.trainee.make_train_function()

    def step(batches: Iterator[Any]) -> tuple[float, float]:
        started = time.perf_counter()
        ready.trainee.train_function(batches)
        return 0.0, time.perf_counter() - started

    return step


def _features_step(ready: Stage) -> Step:
    def step(batches: Iterator[Any]) -> tuple[float, float]:
        started = time.perf_counter()
        images, labels = next(batches)
        assert ready.front is not None
        features = ready.front(images, training=False)
        computed = time.perf_counter()
        ready.trainee.train_on_batch(features, labels)
        return computed - started, time.perf_counter() - computed

    return step
