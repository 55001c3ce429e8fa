"""What a run's numbers depend on: its identity, its directory, and whether it is finished or can be resumed here."""

import copy
import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.experiments.config import Config, from_json
from keras_suite.experiments.own_parts import kept_source
from keras_suite.experiments.registry import ResolvedConfig, ResolvedPart, canonical_of, resolve
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.initial_weights import Pretrained, pretrained
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.reading import mend_of
from keras_suite.tasks import task_named
from keras_suite.tasks.files.damaged import NewerSchema

FINAL_FAILURES = ("NonFiniteLoss",)  # these would only repeat; a full disk or memory may be mended and tried again


@functools.lru_cache(maxsize=2)  # seeds and variants of an experiment share the arrays of one warm process
def load_dataset(dataset: ResolvedPart, data_dir: Path | None) -> Dataset:
    """Load the dataset of a Config; ValueError or OSError says what is wrong with the data."""
    return dataset.build(data_dir)


def dataset_of(run: Run, dataset: ResolvedPart, data_dir: Path | None) -> Dataset:
    """Load the dataset that trained a run; ValueError if other data are there now."""
    loaded = load_dataset(dataset, data_dir)
    if loaded.fingerprint != (run.record.get("data") or {}).get("fingerprint"):
        raise ValueError(
            f"{run.path} was trained on other data than are there now: give --data-dir, or restore the data"
        )
    return loaded


@functools.lru_cache(maxsize=256)  # a run's identity is asked for often, and an experiment may have many datasets
def content_of(dataset: ResolvedPart, data_dir: Path | None) -> tuple[str, str]:
    """Return the fingerprint of a Config's dataset and the name of its task; it is loaded for that once."""
    loaded = load_dataset(dataset, data_dir)
    return loaded.fingerprint, loaded.task


def identity(
    config: ResolvedConfig,
    fingerprint: str,
    threads: int,
    weights: str | None = None,
    until: int | None = None,
    devices: int = 1,
) -> str:
    """Compute 16 hex digits that stand for all that a run's numbers depend on, but its seed, versions and machine.

    Args:
        config: What is trained. The paths of data and weights are left out: fingerprints of their contents say more.
        fingerprint: Of the dataset's content.
        threads: TensorFlow's.
        weights: The fingerprint of the initial weights; None for random ones.
        until: The epoch that the run stops after; None for the Config's last one.
        devices: The number that the run is trained on: the gradients of the parts of a batch are summed.
    """
    return identity_of(config.canonical(), fingerprint, threads, weights, until, devices)


def identity_of(
    canonical: dict[str, Any],
    fingerprint: str,
    threads: int,
    weights: str | None = None,
    until: int | None = None,
    devices: int = 1,
) -> str:
    """Compute what `identity` computes, from the canonical form of a Config."""
    given = copy.deepcopy(canonical)
    for option in ("path", "skip", "other", "cache"):  # where things lie; the fingerprint is of what is read
        given["dataset"]["options"].pop(option, None)
    stands_for: dict[str, Any] = {"config": given, "data": fingerprint, "threads": threads}
    if weights is not None:
        given["model"]["options"].pop("weights", None)
        stands_for["weights"] = weights
    if until is not None:
        stands_for["until"] = until
    if devices > 1:
        stands_for["devices"] = devices
    text = json.dumps(stands_for, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def identity_with(job: Job, weights: Pretrained | None) -> str:
    """Compute the identity of the job's run, which starts from these weights. Loads its data, if no job before did."""
    config, options = resolve(job.config), job.options
    fingerprint, _ = content_of(config.dataset, options.data_dir)
    start = weights.fingerprint if weights else None
    return identity(config, fingerprint, options.threads, start, job.until, options.devices)


def job_identity(job: Job) -> str:
    """Compute the identity of the job's run."""
    return identity_with(job, pretrained(job.config, job.options.runs_dir))


def directory_of(job: Job, identity: str | None = None) -> Path:
    """Return where the job's run directory is, or will be; `identity` is the job's, where it is known already."""
    digits = identity or job_identity(job)
    return run_directory.run_path(job.options.runs_dir, job.experiment, job.variant, digits, job.seed)


def already_finished(directory: Path) -> Outcome | None:
    """Return the outcome of a run that must not be trained again; None if it is to be trained, or resumed.

    That is a completed run, and one that failed in a way that would only repeat. A damaged run that was not completed
    is to be trained anew: nothing is lost with it.

    Raises:
        ValueError, FileNotFoundError: If a completed run was edited, or lacks a file that its report needs.
        NewerSchema: If a newer version wrote it.
    """
    if not run_directory.begun(directory):
        return None
    try:
        run = read_own_run(directory)
    except NewerSchema:
        raise
    except (ValueError, FileNotFoundError):
        if run_directory.is_completed(directory):
            raise
        return None
    if run.status == "completed":
        return Outcome(directory, "already")
    error = run.record.get("error") or {}
    if run.status == "failed" and error.get("type") in FINAL_FAILURES:
        return Outcome(directory, "failed", str(error.get("message")))
    return None


def read_own_run(directory: Path) -> Run:
    """Read a run whose config must be the one that its identity stands for.

    Raises:
        ValueError, FileNotFoundError: With what is damaged, missing or edited.
    """
    run = run_directory.read_run(directory)
    weights = (run.record.get("weights") or {}).get("fingerprint")
    fingerprint = (run.record.get("data") or {}).get("fingerprint") or ""
    record = run.record
    canonical = canonical_of(from_json(run.config), kept_source.fingerprints(record))
    until, devices = record.get("until"), record.get("devices", 1)
    if identity_of(canonical, fingerprint, record["threads"], weights, until, devices) != record["identity"]:
        raise ValueError(
            f"{directory / 'config.json'} is not the config that the run was started with: {mend_of(directory)}"
        )
    return run


def environment(threads: int, device: str | None = None) -> dict[str, Any]:
    """Return what must be the same for an interrupted run to be resumed bit for bit.

    Args:
        threads: TensorFlow's.
        device: What the run is trained on; None for this process's device.
    """
    return {"versions": runtime.versions(), "threads": threads, "device": device or runtime.device()}


def refuse_other_environment(job: Job, directory: Path, device: str | None = None) -> None:
    """Raise ValueError with what differs if an interrupted run cannot be resumed bit for bit here, or on `device`."""
    if not run_directory.has_checkpoint(directory):
        return
    try:
        before = _flat(read_own_run(directory).record)
    except (ValueError, FileNotFoundError):  # it is trained anew
        return
    now = _flat(environment(job.options.threads, device))
    differing = [f"{key} was {before.get(key)}, is {value}" for key, value in now.items() if before.get(key) != value]
    if differing:
        raise ValueError(
            f"{directory} was interrupted under other conditions ({'; '.join(differing)}) and could not end with the "
            "same numbers: restore those, or start all runs anew with --fresh"
        )


def refuse_other_tasks(configs: Mapping[str, Config], data_dir: Path | None) -> None:
    """Raise ValueError if the variants have different tasks: their test images would have no score in common."""
    tasks = {name: content_of(resolve(config).dataset, data_dir)[1] for name, config in configs.items()}
    first, *others = tasks
    for name in others:
        if tasks[name] != tasks[first]:
            raise ValueError(
                f"variant {first!r} predicts {task_named(tasks[first]).target} and {name!r} "
                f"{task_named(tasks[name]).target}: they cannot be compared; make two experiments of them"
            )


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    return {**(record.get("versions") or {}), "threads": record["threads"], "device": record.get("device")}
