"""Trains one Config with one seed into its run directory. Reads top to bottom, from `train`."""

import errno
import os
import time
import traceback
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.callbacks.tensorboard import tensorboard
from keras_suite.data_pipeline.splits import images_to_test, split
from keras_suite.experiments.config import to_json
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.batches import training_of
from keras_suite.experiments.training.evaluation import score
from keras_suite.experiments.training.fit import Fitted, build_model, fit, fresh_session
from keras_suite.experiments.training.initial_weights import pretrained
from keras_suite.experiments.training.job import (
    Job,
    Outcome,
    directory_of,
    ended_before,
    environment,
    job_identity,
    load_dataset,
)
from keras_suite.experiments.training.peak_memory import PeakMemory
from keras_suite.models.saving import save_model
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Checkpoint
from keras_suite.tasks import task_named
from keras_suite.tasks.atomic_files import replacing

DISK_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def train(job: Job) -> Outcome:
    """Trains, resumes or leaves alone the job's run, so that afterwards its directory tells how it ended.

    The same (Config, seed, data, versions, machine type, threads) gives the same bits, however often it was killed.
    KeyboardInterrupt leaves the run interrupted; any other error while training is recorded as the run's failure.
    """
    directory = directory_of(job)
    with run_directory.locked(directory):
        ended = ended_before(directory)
        if ended is not None:
            return ended
        started = time.perf_counter()
        try:
            checkpoint = _begin(job, directory)
            with run_directory.heartbeat(directory), PeakMemory() as memory:
                metrics = _fit_and_score(job, directory, checkpoint)
            spent = time.perf_counter() - started
            run_directory.complete(directory, metrics, seconds=spent, peak_memory_bytes=memory.bytes)
            if not job.keep_checkpoint:
                run_directory.remove_checkpoint(directory)
            return Outcome(directory, "completed")
        except KeyboardInterrupt:
            run_directory.update(directory, status="interrupted")
            raise
        except Exception as error:
            return _failed(directory, error)


def _begin(job: Job, directory: Path) -> Checkpoint | None:
    """Starts run.json, or takes it up again where a checkpoint was left."""
    checkpoint = run_directory.read_checkpoint(directory)
    if checkpoint is None:
        run_directory.begin(directory, _record(job, directory), to_json(job.config))
        run_directory.log(directory, f"started: {job.command}")
        return _of_parent(job, directory)
    run_directory.update(directory, status="running", error=None)
    run_directory.log(directory, f"went on after epoch {checkpoint[0]['epoch']}: {job.command}")
    return checkpoint


def _of_parent(job: Job, directory: Path) -> Checkpoint | None:
    """Where the parent stopped, as if this run had been there. Without it the run ends with the same bits, later."""
    checkpoint = run_directory.read_checkpoint(job.parent) if job.parent else None
    if checkpoint is None:
        return None
    state, arrays = checkpoint
    state = {**state, "ended": state["stopped"]}  # only what had stopped by itself is over
    run_directory.write_checkpoint(directory, state, arrays)
    run_directory.log(directory, f"goes on from {job.parent}, after epoch {state['epoch']}")
    return state, arrays


def _fit_and_score(job: Job, directory: Path, checkpoint: Checkpoint | None) -> dict[str, Any]:
    dataset = load_dataset(job.config.dataset, job.data_dir)
    fresh_session(job.config, job.seed)
    training = training_of(job.config, dataset, job.seed)
    model = build_model(job, training)
    boards = [tensorboard(directory / "tensorboard")] if job.tensorboard else []
    fitted = fit(
        job, directory, checkpoint, dataset, model, training, extra_callbacks=boards, reuse=not job.tensorboard
    )
    with replacing(run_directory.model_file(directory)) as temporary:
        names = dataset.class_names if task_named(dataset.task).predicts_classes else dataset.target_names
        save_model(model, temporary, names, dataset.task)
    metrics = _metrics(model, fitted)
    return metrics | score(job, directory, dataset, model) if job.score_test else metrics


def _metrics(model: keras.Model, fitted: Fitted) -> dict[str, Any]:
    rows, kept = fitted.rows, fitted.rows[fitted.model_epoch - 1]
    return {
        "epochs": len(rows),
        "best_epoch": 1 + int(np.argmin([row["val_unpenalised_loss"] for row in rows])),
        "model_epoch": fitted.model_epoch,
        "parameters": int(model.count_params()),
        "trainable_parameters": fitted.phases[-1]["trainable_parameters"],
        "phases": fitted.phases,
        "train_seconds": sum(row["seconds"] for row in rows),
        "images_per_second": float(np.median([row["images_per_second"] for row in rows])),
        **({"found": fitted.found} if fitted.found else {}),
        "validation": {key.removeprefix("val_"): value for key, value in kept.items() if key.startswith("val_")},
    }


def _record(job: Job, directory: Path) -> dict[str, Any]:
    dataset = load_dataset(job.config.dataset, job.data_dir)
    chosen = split(dataset, job.seed)
    weights = pretrained(job.config, job.runs_dir)
    return {
        "identity": job_identity(job),
        "experiment": job.experiment,
        "variant": job.variant,
        "seed": job.seed,
        "command": job.command,
        **runtime.source_state(),
        **environment(job.threads),
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "task": dataset.task,
            "class_names": list(dataset.class_names),
            **({"target_names": list(dataset.target_names)} if dataset.target_names else {}),
            "input_shape": list(dataset.images.shape[1:]),
            "train": len(chosen.train),
            "validation": len(chosen.validation),
            "test": len(images_to_test(dataset, chosen)[1]),
            "folds": dataset.folds,
            "notes": list(dataset.notes),
        },
        **({"until": job.until} if job.until is not None else {}),
        **({"parent": os.path.relpath(job.parent, directory)} if job.parent else {}),
        **({"weights": {"source": weights.source, "fingerprint": weights.fingerprint}} if weights else {}),
    }


def _failed(directory: Path, error: Exception) -> Outcome:
    reason = f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        reason += "; make room"
    try:
        run_directory.log(directory, traceback.format_exc())
        run_directory.fail(directory, type(error).__name__, reason)
    except (OSError, ValueError) as second:  # a full disk, say: what is on it is still the last whole state
        reason = f"{reason} (nor could that be recorded: {second})"
    return Outcome(directory, "failed", reason, "machine" if isinstance(error, OSError) else "run")


def record_killed(job: Job, kind: str, reason: str) -> Outcome:
    """Records why a run has ended whose process was killed, so that it could not say so itself."""
    directory = directory_of(job)
    with run_directory.locked(directory):
        ended = ended_before(directory)
        if ended is not None:  # it was completed just before
            return ended
        if not run_directory.begun(directory):
            run_directory.begin(directory, _record(job, directory), to_json(job.config))
        run_directory.log(directory, f"killed: {reason}")
        run_directory.fail(directory, kind, reason)
    return Outcome(directory, "failed", reason)
