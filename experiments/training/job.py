"""One run that is to be done: what it trains, which run directory is its own, and whether it may be trained there."""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.experiments import registry
from keras_suite.experiments.config import Config, Part, from_json
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.initial_weights import pretrained
from keras_suite.reports import run_directory
from keras_suite.tasks import task_named

FINAL_FAILURES = ("NonFiniteLoss",)  # these would only repeat; a full disk or memory may be mended and tried again


@dataclass(frozen=True)
class Job:
    """One Config, one seed, and where its run directory goes. Plain data: it travels to worker processes."""

    experiment: str
    variant: str
    config: Config
    seed: int
    threads: int
    runs_dir: Path
    data_dir: Path | None = None
    source: str | None = None  # the experiment file, for its `measure`
    command: str = ""
    score_test: bool = True  # tuning trials never look at the test set
    tensorboard: bool = False
    checkpoint_seconds: float = 30.0
    until: int | None = None  # the epoch to stop after, for now: schedules are still sized by the Config's epochs
    parent: Path | None = None  # the run directory that it goes on from, of the same Config and seed
    keep_checkpoint: bool = False  # others are to go on from this run


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `completed`, `failed` (with the reason), or `already` completed and left alone.

    A failure is to `blame` on the run, or on the machine, as a full disk: then other runs would fail in the same way.
    """

    directory: Path
    status: str
    reason: str = ""
    blame: Literal["run", "machine"] = "run"


@functools.lru_cache(maxsize=2)  # seeds and variants of an experiment share the arrays of one warm process
def load_dataset(part: Part, data_dir: Path | None) -> Dataset:
    """The dataset of a Config; ValueError or OSError says what is wrong with the data."""
    return registry.build("dataset", part, data_dir)


@functools.lru_cache(maxsize=256)  # a run's identity is asked for often, and an experiment may have many datasets
def content_of(part: Part, data_dir: Path | None) -> tuple[str, str]:
    """The fingerprint of a Config's dataset, and what it asks for; the dataset is loaded for it once."""
    dataset = load_dataset(part, data_dir)
    return dataset.fingerprint, dataset.task


def identity(
    config: Config, fingerprint: str, threads: int, weights: str | None = None, until: int | None = None
) -> str:
    """16 hex digits that stand for all that a run's numbers depend on, but for its seed, versions and machine.

    The paths of the data and of the `weights` it starts from are left out: their contents' fingerprints say more.
    """
    given = registry.canonical(config)
    given["dataset"]["options"].pop("path", None)
    stands_for: dict[str, Any] = {"config": given, "data": fingerprint, "threads": threads}
    if weights is not None:
        del given["model"]["options"]["weights"]
        stands_for["weights"] = weights
    if until is not None:
        stands_for["until"] = until
    text = json.dumps(stands_for, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def job_identity(job: Job) -> str:
    """The identity of the job's run; loads its data, if no job before had them."""
    fingerprint, _ = content_of(job.config.dataset, job.data_dir)
    weights = pretrained(job.config, job.runs_dir)
    return identity(job.config, fingerprint, job.threads, weights.fingerprint if weights else None, job.until)


def directory_of(job: Job) -> Path:
    """Where the job's run directory is, or will be."""
    return run_directory.run_path(job.runs_dir, job.experiment, job.variant, job_identity(job), job.seed)


def ended_before(directory: Path) -> Outcome | None:
    """The outcome of a run that is not to be trained again: completed, or failed in a way that would only repeat.

    ValueError or FileNotFoundError if its directory was edited or is not whole.
    """
    if not run_directory.begun(directory):
        return None
    found = run_directory.read_run(directory)
    weights = (found.record.get("weights") or {}).get("fingerprint")
    data = found.record["data"]["fingerprint"]
    stored = identity(from_json(found.config), data, found.record["threads"], weights, found.record.get("until"))
    if stored != found.record["identity"]:
        raise ValueError(
            f"{directory / 'config.json'} was edited: it is not the config that the run was started with; restore it, "
            "or remove the directory"
        )
    if found.status == "completed":
        return Outcome(directory, "already")
    if found.status == "failed" and found.record["error"]["type"] in FINAL_FAILURES:
        return Outcome(directory, "failed", found.record["error"]["message"])
    return None


def environment(threads: int, device: str | None = None) -> dict[str, Any]:
    """What must be the same for an interrupted run to go on bit for bit; the `device` is this process's if not said."""
    return {"versions": runtime.versions(), "threads": threads, "device": device or runtime.device()}


def refuse_other_environment(job: Job, directory: Path, device: str | None = None) -> None:
    """ValueError if an interrupted run cannot go on bit for bit here, or on `device`, with what differs."""
    if not run_directory.has_checkpoint(directory):
        return
    before, now = _flat(run_directory.read_run(directory).record), _flat(environment(job.threads, device))
    differing = [f"{key} was {before.get(key)}, is {value}" for key, value in now.items() if before.get(key) != value]
    if differing:
        raise ValueError(
            f"{directory} was interrupted under other conditions ({'; '.join(differing)}) and could not end with the "
            "same numbers: restore those, or start all runs anew with --fresh"
        )


def refuse_other_tasks(found: Mapping[str, Config], data_dir: Path | None) -> None:
    """ValueError if the variants ask for different things: their test images would have no score in common."""
    tasks = {name: content_of(config.dataset, data_dir)[1] for name, config in found.items()}
    first, *others = tasks
    for name in others:
        if tasks[name] != tasks[first]:
            raise ValueError(
                f"variant {first!r} predicts {task_named(tasks[first]).target} and {name!r} "
                f"{task_named(tasks[name]).target}: they "
                "cannot be compared; make two experiments of them"
            )


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    return {**record["versions"], "threads": record["threads"], "device": record["device"]}
