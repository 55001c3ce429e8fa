"""Trains one Config with one seed into its run directory. Reads top to bottom, from `train`."""

import errno
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.callbacks.snapshot import UnusableCheckpoint, progress
from keras_suite.callbacks.tensorboard import tensorboard
from keras_suite.data_pipeline.numpy_calls import original
from keras_suite.experiments.config import to_json
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.own_parts import kept_source
from keras_suite.experiments.training.devices import mirrored, on_devices, twin_probe
from keras_suite.experiments.training.evaluation import in_json, score
from keras_suite.experiments.training.expected_memory import expected_memory
from keras_suite.experiments.training.exported_latency import exported_latency
from keras_suite.experiments.training.fit import Fitted, fit
from keras_suite.experiments.training.identity import already_finished
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.experiments.training.known_images import training_likeness
from keras_suite.experiments.training.labels_seen import keep_validation
from keras_suite.experiments.training.limits import stop_of
from keras_suite.experiments.training.own_code import own_faults, own_scope
from keras_suite.experiments.training.predictor import trained_predictor
from keras_suite.experiments.training.prepared_run import PreparedRun, prepare
from keras_suite.experiments.training.recovery import (
    parents_checkpoint,
    recovered_checkpoint,
    set_aside,
    set_damaged_aside,
    set_other_limits_aside,
)
from keras_suite.experiments.training.runtime import PeakMemory
from keras_suite.experiments.training.trusted_kernels import trust_kernels
from keras_suite.models.hyperparameter_variables import copy_variables
from keras_suite.models.saving import save_model
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Checkpoint
from keras_suite.reports.sweep.costs import LATENCY_MS
from keras_suite.tasks.atomic_files import remove_temporaries, replacing

DISK_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def train(job: Job) -> Outcome:
    """Train, resume or leave alone the job's run, so that afterwards its directory says how it ended.

    The same (Config, seed, data, versions, machine type, threads) gives the same bits, however often it was killed.
    KeyboardInterrupt leaves the run interrupted; any other error while training is recorded as the run's failure.

    Raises:
        BlockingIOError: If another process trains this run.
        ValueError, OSError: If something is wrong before it can begin, as with data that are gone.
    """
    return train_prepared(prepare(job))


def train_prepared(run: PreparedRun) -> Outcome:
    """Do what `train` does with a run that is prepared already."""
    job, directory = run.job, run.directory
    with run_directory.locked(directory):
        set_other_limits_aside(run)
        finished = already_finished(directory)
        if finished is not None:
            return finished
        parts = run.config.own_parts
        started = time.perf_counter()
        try:
            checkpoint, note = _begin(run)
            with run_directory.heartbeat(directory), PeakMemory() as memory, own_faults(parts), own_scope(parts):
                try:
                    metrics = _fit_and_score(run, checkpoint, memory)
                except UnusableCheckpoint as error:
                    note = set_aside(directory, error)
                    metrics = _fit_and_score(run, None, memory)
            if job.latency:  # apart from the training, whose memory is measured
                with run_directory.heartbeat(directory), own_faults(parts), own_scope(parts):
                    metrics |= {LATENCY_MS: exported_latency(run)}
            seconds = time.perf_counter() - started
            run_directory.complete(
                directory,
                metrics,
                seconds=seconds,
                peak_memory_bytes=memory.bytes,
                expected_memory_bytes=memory.expected,
            )
            if not job.keep_checkpoint:
                run_directory.remove_checkpoint(directory)
            return Outcome(directory, "completed", note=note)
        except KeyboardInterrupt:
            run_directory.interrupt(directory)
            raise
        except Exception as error:
            return _failed(directory, original(error))


def _begin(run: PreparedRun) -> tuple[Checkpoint | None, str]:
    """Begin run.json, or take it up again where a usable checkpoint was left.

    Returns:
        The checkpoint, None if there is none, and a sentence on what was damaged, or "".
    """
    directory, command = run.directory, run.job.options.command
    remove_temporaries(directory)
    checkpoint, note = recovered_checkpoint(run)
    own_parts = _keep_source(run)
    if checkpoint is None:
        run_directory.begin(directory, {**run.record(), **own_parts}, to_json(run.job.config))
        run_directory.log(directory, f"started: {command}")
        if note:
            run_directory.log(directory, note)
        return _of_parent(run), note
    run_directory.resume(directory, **own_parts)
    run_directory.log(directory, f"resumed after {_reached(checkpoint)}: {command}")
    return checkpoint, note


def _reached(checkpoint: Checkpoint) -> str:
    epochs, steps = progress(checkpoint[0])
    return f"epoch {epochs}" if not steps else f"step {steps:,} of epoch {epochs + 1}"


def _keep_source(run: PreparedRun) -> dict[str, Any]:
    return kept_source.keep(run.directory, [part.own for part in run.config.own_parts if part.own])


def _of_parent(run: PreparedRun) -> Checkpoint | None:
    """Return where the parent stopped, as if this run had been there. Without it the run ends with the same bits."""
    parent, directory = run.job.parent, run.directory
    checkpoint = parents_checkpoint(parent) if parent else None
    if checkpoint is None:
        return None
    state, arrays = checkpoint
    state = {**state, "ended": state["stopped"], "run": run.label}  # only what had stopped by itself is over
    run_directory.write_checkpoint(directory, state, arrays)
    run_directory.log(directory, f"resumes from {parent}, after {_reached(checkpoint)}")
    return state, arrays


def _fit_and_score(run: PreparedRun, checkpoint: Checkpoint | None, memory: PeakMemory) -> dict[str, Any]:
    """Train the model, write it, and return all of metrics.json but the checksums; `memory` learns what is expected."""
    tensorboard_wanted = run.job.options.tensorboard
    run.fresh_session()
    model = run.build_model()
    memory.expected = expected_memory(run, model).total
    for line in trust_kernels(model):
        run_directory.log(run.directory, line)
    extra = [tensorboard(run.directory / "tensorboard")] if tensorboard_wanted else []
    if run.job.options.devices == 1:
        fitted = fit(run, model, checkpoint, extra_callbacks=extra, reuse=not tensorboard_wanted)
    else:
        fitted = _fit_on_devices(run, model, checkpoint, extra)
    with replacing(run_directory.model_file(run.directory)) as temporary:
        save_model(model, temporary, run.output_names, run.dataset.task)
    metrics = _metrics(run, model, fitted)
    if not run.job.score_test:
        return metrics
    ranges = training_likeness(run.dataset)
    if ranges is not None:
        run_directory.write_likeness(run.directory, ranges.to_json())
    with trained_predictor(run, model, fitted) as predictor:
        metrics |= score(run, model, predictor)
        keep_validation(run, predictor)
    return metrics


def _fit_on_devices(
    run: PreparedRun, model: keras.Model, checkpoint: Checkpoint | None, extra: list[keras.callbacks.Callback]
) -> Fitted:
    """Fit on several devices; `model`, which is a plain network, gets the weights. No graph of it can be reused."""
    with on_devices(run.job.options.devices):
        mirror = mirrored(run, model)
        fitted = fit(run, mirror, checkpoint, extra_callbacks=extra, layer_probe=twin_probe(model))
        copy_variables(model, mirror)
    return fitted


def _metrics(run: PreparedRun, model: keras.Model, fitted: Fitted) -> dict[str, Any]:
    rows, of_model = fitted.rows, fitted.rows[fitted.model_epoch - 1]
    stop = stop_of(rows, run.job.limits)
    validation = {key.removeprefix("val_"): value for key, value in of_model.items() if key.startswith("val_")}
    return {
        "epochs": len(rows),
        "best_epoch": 1 + int(np.argmin([row["val_unpenalised_loss"] for row in rows])),
        "model_epoch": fitted.model_epoch,
        "parameters": int(model.count_params()),
        "trainable_parameters": fitted.phases[-1]["trainable_parameters"],
        "phases": fitted.phases,
        "train_seconds": sum(row["seconds"] for row in rows),
        "images_per_second": float(np.median([row["images_per_second"] for row in rows])),
        **({"found": fitted.results} if fitted.results else {}),
        **({"stopped": asdict(stop)} if stop is not None else {}),
        "validation": in_json(validation, run.task),
    }


def _failed(directory: Path, error: Exception) -> Outcome:
    """Record the failure, where the disk allows it."""
    named = isinstance(error, ForeignCodeError)  # its line says the type of the error itself
    reason = str(error) if named else f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        reason += "; make room"
    try:
        run_directory.log(directory, traceback.format_exc())
        run_directory.fail(directory, type(error).__name__, reason)
    except (OSError, ValueError) as second:  # a full disk, say: what is on it is still the last complete state
        reason = f"{reason} (nor could that be recorded: {second})"
    return Outcome(directory, "failed", reason, "machine" if isinstance(error, OSError) else "run")


def record_killed(job: Job, kind: str, reason: str) -> Outcome:
    """Record why a run has failed whose process was killed, so that it could not do so itself."""
    run = prepare(job)
    directory = run.directory
    with run_directory.locked(directory):
        finished = already_finished(directory)
        if finished is not None:  # it was completed just before
            return finished
        note = set_damaged_aside(directory)
        if not run_directory.begun(directory):
            run_directory.begin(directory, {**run.record(), **_keep_source(run)}, to_json(job.config))
        run_directory.log(directory, f"killed: {reason}")
        run_directory.fail(directory, kind, reason)
    return Outcome(directory, "failed", reason, note=note)
