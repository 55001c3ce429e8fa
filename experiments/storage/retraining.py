"""A damaged run, trained again from its own config to the same numbers. Imports TensorFlow."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keras_suite.experiments import catalog
from keras_suite.experiments.config import Config, from_json
from keras_suite.experiments.own_parts import kept_source
from keras_suite.experiments.scheduling.workers import perform
from keras_suite.experiments.training import limits, runtime
from keras_suite.experiments.training.identity import environment, job_identity
from keras_suite.experiments.training.job import Job, Outcome, RunOptions
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.reading import read_object
from keras_suite.reports.run_directory.results import FINE_TUNED, FITTED
from keras_suite.reports.run_directory.verification import source_faults
from keras_suite.reports.sweep.reading import SUFFIX

COMPARED = ("epochs", "best_epoch", "model_epoch", "validation", "test")


@dataclass(frozen=True)
class Retrained:
    """How training a damaged run again went.

    Attributes:
        outcome: How the run ended.
        kept: Where the damaged files are now.
        same: Whether its numbers are those of before; None where metrics.json was too damaged to tell.
    """

    outcome: Outcome
    kept: Path
    same: bool | None


def job_of(directory: Path, data_dir: Path | None) -> Job:
    """Return the job of a run directory, from what is whole in it and in the other seeds of its variant.

    Raises:
        ValueError: If too little is whole, or if the run could not end with the same numbers here; the line says why.
        RuntimeError: If this process computes with another number of threads or devices.
    """
    record = _record(directory)
    if record.get("trained") in (FITTED, FINE_TUNED):
        raise ValueError(f"{directory} was fitted by `classify`: move it away, and run that command again")
    if run_directory.trained_elsewhere(record):
        raise ValueError(
            f"{directory} was trained by other code, which alone can train it again: record it anew with "
            "RecordRun(…, overwrite=True), which sets the damaged one aside"
        )
    threads, devices = record["threads"], record.get("devices", 1)
    runtime.start_tensorflow(threads, devices)
    config = replace(_config(directory), root=_own_source(directory, record))
    experiment, runs_dir = _home(directory)
    options = RunOptions(threads, runs_dir, data_dir, str(record.get("command") or ""), devices=devices)
    seed = int(directory.name.removeprefix("seed-"))
    own = record if record["seed"] == seed else {}
    tuned = experiment.endswith(SUFFIX) or SUFFIX + "/" in experiment
    job = Job(
        experiment,
        record["variant"],
        config,
        seed,
        options,
        source=_source(directory, own, experiment),
        score_test=bool(own.get("score_test", not tuned)),
        until=record.get("until"),
        limits=limits.from_json(own),
        keep_checkpoint=run_directory.has_checkpoint(directory),
    )
    _refuse_other_run(directory, job, own)
    return job


def retrain(directory: Path, job: Job) -> Retrained:
    """Set a damaged run aside and train it again.

    Raises:
        BlockingIOError: If another process uses the run.
        Stopped: If training cannot begin.
    """
    before = _whole(directory / layout.METRICS, checking.METRICS)
    had_model = run_directory.model_file(directory).exists()
    with run_directory.locked(directory):
        kept = run_directory.set_run_aside(directory)
    outcome = perform(job)
    if outcome.status != "completed":
        return Retrained(outcome, kept, None)
    if not had_model and job.experiment.partition("/")[0].endswith(SUFFIX):
        run_directory.remove_model(directory)  # the sweep keeps those of its best trials only
    after = run_directory.read_run(directory).metrics or {}
    same = None if before is None else all(before.get(key) == after.get(key) for key in COMPARED)
    return Retrained(outcome, kept, same)


def _home(directory: Path) -> tuple[str, Path]:
    """Return the experiment's name as jobs have it, and the runs folder: a sweep's trials lie one folder deeper."""
    folder = directory.resolve().parents[1]
    if folder.parent.name.endswith(SUFFIX):
        return f"{folder.parent.name}/{folder.name}", folder.parents[1]
    return folder.name, folder.parent


def _whole(path: Path, fields: checking.Fields) -> dict[str, Any] | None:
    try:
        return read_object(path, fields)
    except (ValueError, OSError):
        return None


def _record(directory: Path) -> dict[str, Any]:
    for each in (directory, *run_directory.run_directories(directory.parent)):
        record = _whole(each / layout.RECORD, checking.RECORD)
        if record is not None:
            return record
    raise ValueError(f"{directory}: no run.json of this variant is whole: run the experiment's command again")


def _config(directory: Path) -> Config:
    """Return the variant's config from one of its runs: a whole one, else what is readable; the identity must fit."""
    seeds = (directory, *run_directory.run_directories(directory.parent))
    for read in (_sealed_config, _readable_config):
        for each in seeds:
            try:
                return from_json(read(each))
            except (ValueError, OSError):
                continue
    raise ValueError(f"{directory}: no config.json of this variant is whole: run the experiment's command again")


def _sealed_config(directory: Path) -> dict[str, Any]:
    return run_directory.read_run(directory, needs=()).config


def _readable_config(directory: Path) -> dict[str, Any]:
    return read_object(directory / layout.CONFIG, checking.CONFIG)


def _own_source(directory: Path, record: Mapping[str, Any]) -> str:
    """Return a copy of the kept source of a run's own parts, "" where it has none: the run itself is set aside."""
    if not record.get(kept_source.RECORD):
        return ""
    whole = next(
        (
            each
            for each in (directory, *run_directory.run_directories(directory.parent))
            if not source_faults(each, record)
        ),
        None,
    )
    if whole is None:
        raise ValueError(f"{directory}: the source of its own parts is not whole: run the experiment's command again")
    if not kept_source.is_signed(record):
        raise ValueError(
            f"{directory} needs code of its own ({kept_source.named_files(record)}), and you did not sign it on this "
            "machine: run the experiment's command again"
        )
    copy = Path(tempfile.mkdtemp(prefix="keras-suite-source-"))
    shutil.copytree(whole / kept_source.FOLDER, copy, dirs_exist_ok=True)
    return str(copy / record[kept_source.RECORD]["root"])


def _source(directory: Path, record: Mapping[str, Any], experiment: str) -> str | None:
    """Return the experiment file whose `measure` the run was measured with; None where it has none."""
    if "source" in record:
        source = record["source"]
        return str((directory / source).resolve()) if source and source.endswith(".py") else source
    if not (directory / layout.MEASURED).exists():
        return None
    if experiment in catalog.names():
        return experiment
    raise ValueError(f"{directory} was measured by an experiment file that it does not name: run that file again")


def _refuse_other_run(directory: Path, job: Job, record: Mapping[str, Any]) -> None:
    digits = job_identity(job)
    if run_directory.variant_directory(job.variant, digits) != directory.parent.name or (
        record and digits != record["identity"]
    ):
        raise ValueError(
            f"{directory}: the data, the weights or the suite are others than when it was trained: restore those "
            "(--data-dir names the data)"
        )
    now = environment(job.options.threads)
    differing = [
        f"{key} was {was}, is {now['versions'].get(key)}"
        for key, was in (record.get("versions") or {}).items()
        if was != now["versions"].get(key)
    ]
    if record.get("device") not in (None, now["device"]):
        differing.append(f"the device was {record['device']}, is {now['device']}")
    if differing:
        conditions = "; ".join(differing)
        raise ValueError(f"{directory} would not end with the same numbers here ({conditions}): restore those")
