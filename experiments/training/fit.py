"""Fits a run's model, phase by phase: the whole network, or a frozen front's features and what is behind it."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.callbacks.history import History, Row
from keras_suite.callbacks.non_finite import NonFiniteGuard
from keras_suite.callbacks.probing.diagnosis import Diagnosis, DiagnosisRow
from keras_suite.callbacks.probing.probe import Look, Probe
from keras_suite.callbacks.probing.sharpness import Sharpness
from keras_suite.callbacks.snapshot import Snapshot
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.experiments import registry
from keras_suite.experiments.config import Config
from keras_suite.experiments.training.batches import (
    Training,
    feature_batches_of,
    frozen_views,
    image_batches,
    probe_of,
    validation_batches,
)
from keras_suite.experiments.training.graph_reuse import traced
from keras_suite.experiments.training.initial_weights import pretrained
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.phases import Stage, described, in_words, phases_of, stage
from keras_suite.experiments.validation import check_outputs
from keras_suite.models.metrics import metric_names
from keras_suite.models.scratch_model import ScratchModel
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Checkpoint


@dataclass(frozen=True)
class Fitted:
    """The history, the epoch whose weights the model has in the end, what each phase trained, and what the configured
    callbacks found, by their names."""

    rows: list[Row]
    model_epoch: int
    phases: list[dict[str, Any]]
    found: dict[str, Any]


def fresh_session(config: Config, seed: int) -> None:
    """Makes a warm process like a new one: layer names, precision, and the seeds of what is keyed by nothing else."""
    keras.backend.clear_session()
    keras.config.set_dtype_policy(config.precision)
    keras.utils.set_random_seed(seed)


def build_model(job: Job, training: Training) -> keras.Model:
    """The network with its initial weights; ValueError if it does not give what the data ask for."""
    weights = pretrained(job.config, job.runs_dir)
    taken = {"weights": weights.weights} if weights else {}
    model = registry.build("model", job.config.model, training.input_shape, training.targets.outputs, job.seed, **taken)
    check_outputs(job.config.model.name, model, training.targets)
    return model


def fit(
    job: Job,
    directory: Path,
    checkpoint: Checkpoint | None,
    dataset: Dataset,
    model: keras.Model,
    training: Training,
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
    reuse: bool = False,
) -> Fitted:
    """Fits the model through all phases, from the checkpoint on where there is one.

    With `reuse` it may be trained with an earlier one's graphs, and later ones with its own: see graph_reuse.py.
    """
    phases = phases_of(job.config)
    went_on_in = checkpoint[0].get("phase", 1) if checkpoint else 1
    rows: list[Row] = []
    looks: list[DiagnosisRow] = []
    model_epoch, phases_fitted = 0, []
    found: dict[str, Any] = {}
    for number, phase in enumerate(phases, 1):
        ready = stage(job.config, model, training, phase)
        phases_fitted.append(described(ready))
        if number < went_on_in:
            continue
        resumed = checkpoint if number == went_on_in else None
        if job.config.phases:
            run_directory.log(directory, f"phase {number} of {len(phases)}: {in_words(ready, model)}")
        with trained_in(ready, model, reuse and not job.config.phases) as (ready, whole, look):
            rows, looks, model_epoch, found = _fit_phase(
                job, directory, resumed, dataset, whole, training, ready, look, number, rows, looks, extra_callbacks
            )
    return Fitted(rows, model_epoch, phases_fitted, found)


@contextlib.contextmanager
def trained_in(
    ready: Stage, model: keras.Model, reuse: bool
) -> Iterator[tuple[Stage, keras.Model, Callable[..., Look]]]:
    """The stage and the whole model that are trained in place of these, and what makes their Look."""
    if not reuse:
        yield ready, model, Look
        return
    with traced(model) as warm:
        yield replace(ready, trainee=warm.model), warm.model, warm.look


def _fit_phase(
    job: Job,
    directory: Path,
    checkpoint: Checkpoint | None,
    dataset: Dataset,
    model: keras.Model,
    training: Training,
    ready: Stage,
    look: Callable[..., Look],
    number: int,
    rows: list[Row],
    looks: list[DiagnosisRow],
    extra_callbacks: Sequence[keras.callbacks.Callback],
) -> tuple[list[Row], list[DiagnosisRow], int, dict[str, Any]]:
    """Fits one phase; gives all rows so far, the epoch whose weights the model has now, and what callbacks found."""
    state: dict[str, Any] = checkpoint[0] if checkpoint else {"epoch": len(rows), "began": len(rows), "ended": False}
    assert ready.phase.epochs is not None
    last = min(state.get("began", 0) + ready.phase.epochs, job.until or sys.maxsize)
    history = History(
        metrics=metric_names(training.targets.task, training.targets.outputs),
        write=functools.partial(run_directory.write_history, directory),
        images_per_epoch=len(training.train),
        phase=number,
        rows=rows,
    )
    batches, validation, probe = _batches(job, directory, dataset, training, ready, state["epoch"])
    diagnosis = Diagnosis(
        ready.network,
        probe,
        functools.partial(run_directory.write_diagnosis, directory),
        len(training.train),
        phase=number,
        began=state.get("began", 0),
        rows=looks,
        autodiff=not isinstance(model, ScratchModel),
        look=look,
    )
    configured = [registry.build("callbacks", part) for part in job.config.callbacks]
    for callback in configured:
        if isinstance(callback, Sharpness):
            callback.probe = probe_of(dataset, training, count=callback.images)
    watched = [history, NonFiniteGuard(), diagnosis, *configured]  # the epoch that turned non-finite still gets its row
    snapshot = Snapshot(
        functools.partial(run_directory.write_checkpoint, directory),
        checkpoint,
        variables=model.variables,
        stateful=watched,
        position={"phase": number, "began": state.get("began", 0)},
        epochs=last,
        every_seconds=job.checkpoint_seconds,
    )
    ready.trainee.fit(
        batches,
        epochs=last,
        initial_epoch=last if state["ended"] else state["epoch"],  # what had stopped is not fitted again
        steps_per_epoch=training.steps,
        validation_data=validation.repeat(),
        validation_steps=len(validation),  # told the number, Keras makes one iterator for a pass, and else two
        callbacks=[*extra_callbacks, *watched, snapshot],
        shuffle=False,
        verbose=0,
    )
    restored = [callback.model_epoch for callback in configured if hasattr(callback, "model_epoch")]
    model_epoch = next((epoch for epoch in restored if epoch is not None), len(history.rows))
    named = zip(job.config.callbacks, configured, strict=True)
    found = {part.name: callback.found() for part, callback in named if hasattr(callback, "found")}
    return history.rows, diagnosis.rows, model_epoch, found


def _batches(
    job: Job, directory: Path, dataset: Dataset, training: Training, ready: Stage, start_epoch: int
) -> tuple[tf.data.Dataset, tf.data.Dataset, Probe]:
    """What the phase is trained and validated on, and what its network is looked into with."""
    if not ready.front or not ready.views:
        images = image_batches(job, dataset, training, start_epoch)
        probe = probe_of(dataset, training)
        if ready.front:
            probe = replace(probe, inputs=np.asarray(ready.front(probe.inputs, training=False)))
        return images, validation_batches(job, dataset, training), probe
    views = frozen_views(job, dataset, training, ready.front, ready.views)
    run_directory.log(directory, f"features: {views.computed:,} computed, the others were in the cache")
    for note in views.notes:
        run_directory.log(directory, note)
    return *feature_batches_of(job, dataset, training, views, start_epoch), probe_of(dataset, training, views.train[0])
