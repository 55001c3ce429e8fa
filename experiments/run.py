"""Trains one Config with one seed into its run directory. Reads top to bottom, from `train`."""

import errno
import functools
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from callbacks.history import History
from callbacks.non_finite import NonFiniteGuard
from callbacks.snapshot import Snapshot
from callbacks.tensorboard import tensorboard
from data_pipeline.dataset import Dataset
from data_pipeline.pipeline import evaluation_batches, steps_per_epoch, training_stream
from data_pipeline.splits import split
from experiments import catalog, parts, runtime
from experiments.config import Config, to_json
from experiments.evaluation import evaluate, most_confidently_wrong
from experiments.job import Job, Outcome, directory_of, ended_before, environment, job_identity, load_dataset
from experiments.memory import PeakMemory
from models.metrics import training_metrics
from models.saving import save_model
from reports import run_directory
from reports.files import replacing
from reports.run_directory import Checkpoint

DISK_FULL = (errno.ENOSPC, errno.EFBIG)


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
        run_directory.begin(directory, _record(job), to_json(job.config))
        run_directory.log(directory, f"started: {job.command}")
    else:
        run_directory.update(directory, status="running", error=None)
        run_directory.log(directory, f"went on after epoch {checkpoint[0]['epoch']}: {job.command}")
    return checkpoint


def _fit_and_score(job: Job, directory: Path, checkpoint: Checkpoint | None) -> dict[str, Any]:
    dataset = load_dataset(job.config.dataset, job.data_dir)
    fresh_session(job.config, job.seed)
    model, training = compiled(job.config, dataset, job.seed)
    boards = [tensorboard(directory / "tensorboard")] if job.tensorboard else []
    rows, model_epoch = fit(job, directory, checkpoint, dataset, model, training, extra_callbacks=boards)
    with replacing(run_directory.model_file(directory)) as temporary:
        save_model(model, temporary, dataset.class_names)
    metrics = _metrics(model, rows, model_epoch)
    return metrics | _score(job, directory, dataset, model) if job.score_test else metrics


def fit(
    job: Job,
    directory: Path,
    checkpoint: Checkpoint | None,
    dataset: Dataset,
    model: keras.Model,
    training: "Training",
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[list[dict[str, float]], int]:
    """Fits the model; gives the history's rows and the epoch whose weights the model has in the end."""
    config, state = job.config, checkpoint[0] if checkpoint else {"epoch": 0, "ended": False}
    history = History(
        classes=training.classes,
        write=functools.partial(run_directory.write_history, directory),
        images_per_epoch=len(training.train),
    )
    configured = [parts.build("callbacks", part) for part in config.callbacks]
    watched = [history, NonFiniteGuard(), *configured]  # the epoch that turned non-finite still gets its row
    snapshot = Snapshot(
        functools.partial(run_directory.write_checkpoint, directory),
        checkpoint,
        stateful=watched,
        epochs=config.epochs,
        every_seconds=job.checkpoint_seconds,
    )
    model.fit(
        training_batches(job, dataset, training, state["epoch"]),
        epochs=config.epochs,
        initial_epoch=config.epochs if state["ended"] else state["epoch"],  # what had stopped is not fitted again
        steps_per_epoch=training.steps,
        validation_data=evaluation_batches(
            dataset.images,
            dataset.labels,
            training.validation,
            classes=training.classes,
            batch_size=config.batch_size,
        ),
        callbacks=[*extra_callbacks, *watched, snapshot],
        shuffle=False,
        verbose=0,
    )
    restored = [callback.model_epoch for callback in configured if hasattr(callback, "model_epoch")]
    return history.rows, next((epoch for epoch in restored if epoch is not None), len(history.rows))


def _metrics(model: keras.Model, rows: list[dict[str, float]], model_epoch: int) -> dict[str, Any]:
    kept = rows[model_epoch - 1]
    return {
        "epochs": len(rows),
        "best_epoch": 1 + int(np.argmin([row["val_unpenalised_loss"] for row in rows])),
        "model_epoch": model_epoch,
        "parameters": int(model.count_params()),
        "trainable_parameters": int(sum(np.prod(variable.shape) for variable in model.trainable_variables)),
        "train_seconds": sum(row["seconds"] for row in rows),
        "images_per_second": float(np.median([row["images_per_second"] for row in rows])),
        "validation": {key.removeprefix("val_"): value for key, value in kept.items() if key.startswith("val_")},
    }


def _score(job: Job, directory: Path, dataset: Dataset, model: keras.Model) -> dict[str, Any]:
    """The run's one look at the test set."""
    found = evaluate(model, dataset, loss=parts.build("loss", job.config.loss), batch_size=job.config.batch_size)
    run_directory.write_predictions(directory, dataset.test_labels, found.probabilities)
    wrong = most_confidently_wrong(dataset.test_labels, found.probabilities)
    run_directory.write_examples(directory, wrong, np.asarray(dataset.test_images[wrong]))
    measure = catalog.load(job.source).measure if job.source else None
    if measure is not None:
        run_directory.write_measured(directory, measure(model, dataset.test_images, dataset.test_labels))
    return {"test": found.metrics}


@dataclass(frozen=True)
class Training:
    """What a Config and a seed train on: int64 indices into the dataset's images, and the sizes that follow."""

    train: np.ndarray
    validation: np.ndarray
    input_shape: tuple[int, int, int]
    classes: int
    steps: int


def fresh_session(config: Config, seed: int) -> None:
    """Makes a warm process like a new one: layer names, precision, and the seeds of what is keyed by nothing else."""
    keras.backend.clear_session()
    keras.config.set_dtype_policy(config.precision)
    keras.utils.set_random_seed(seed)


def compiled(config: Config, dataset: Dataset, seed: int) -> tuple[keras.Model, Training]:
    """The model with its loss, optimizer, schedule and metrics, and what it trains on."""
    chosen = split(dataset, seed)
    height, width, channels = dataset.images.shape[1:]
    classes = len(dataset.class_names)
    steps = steps_per_epoch(len(chosen.train), config.batch_size)
    training = Training(chosen.train, chosen.validation, (height, width, channels), classes, steps)
    model = parts.build("model", config.model, training.input_shape, classes, seed)
    loss = parts.build("loss", config.loss)
    learning_rate = parts.options("optimizer", config.optimizer)["learning_rate"]
    scheduled = parts.build("schedule", config.schedule, learning_rate, config.epochs * steps)
    optimizer = parts.build("optimizer", config.optimizer, learning_rate=scheduled)
    model.compile(optimizer, loss=loss, metrics=training_metrics(loss, classes), jit_compile=runtime.use_xla())
    return model, training


def training_batches(job: Job, dataset: Dataset, training: Training, start_epoch: int) -> tf.data.Dataset:
    """The job's endless stream of augmented batches from this epoch on."""
    augmentation = parts.build("augmentation", job.config.augmentation, training.input_shape, training.classes)
    return training_stream(
        dataset.images,
        dataset.labels,
        training.train,
        classes=training.classes,
        batch_size=job.config.batch_size,
        seed=job.seed,
        start_epoch=start_epoch,
        augment=augmentation,
    )


def _record(job: Job) -> dict[str, Any]:
    dataset = load_dataset(job.config.dataset, job.data_dir)
    chosen = split(dataset, job.seed)
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
            "class_names": list(dataset.class_names),
            "input_shape": list(dataset.images.shape[1:]),
            "train": len(chosen.train),
            "validation": len(chosen.validation),
            "test": len(dataset.test_labels),
            "notes": list(dataset.notes),
        },
    }


def _failed(directory: Path, error: Exception) -> Outcome:
    reason = f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        reason += "; make room, and the same command goes on"
    try:
        run_directory.log(directory, traceback.format_exc())
        run_directory.fail(directory, type(error).__name__, reason)
    except (OSError, ValueError) as second:  # a full disk, say: what is on it is still the last whole state
        reason = f"{reason} (nor could that be recorded: {second})"
    return Outcome(directory, "failed", reason)
