"""What a `tune` command requests, and the settings that identify a sweep: with others it would be another sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.reports.sweep.costs import BY_KEY, LATENCY, Cost

_IN_WORDS = {
    "data": "data",
    "base": "base Config",
    "space": "space",
    "versions": "versions",
    "sources": "source",
    "seed": "--seed",
    "seeds": "--seeds",
    "tuner": "--tuner",
    "objective": "--objective",
    "cost": "second --objective",
    "threads": "--threads",
    "max_epochs": "--max-epochs",
    "iterations": "--iterations",
    "points": "--max-points",
    "rules": "version of the oracles",
    "starts": "first trials",
    "told": "trials taken over",
    "given": "--from and --try",
    "earlier": "--from",
    "stopping": "--stop-hopeless",
}
# 1: KerasTuner's Bayesian oracle after three random trials for each hyperparameter, and its steps, whose rounding can
# miss the end of a range. 2: the suite's Gaussian process (bayesian.py), and steps that reach their ends (steps.py).
RULES = 2
STOPPING = 1  # the version of the rule by which trials are stopped (hopeless.py); 0 stops none


@dataclass(frozen=True)
class TuneRequest:
    """The options of a `tune` command.

    Attributes:
        entry: The experiment whose `space(hp)` is searched.
        tuner: The oracle: random, bayesian, hyperband or grid.
        trials: The number of trials; None for the tuner's usual number.
        seeds: Runs of each trial.
        objectives: What to optimize: a validation metric (without one the task's usual one), a cost, or both.
        seed: The oracle's seed.
        overrides: Changes of the base, from --set.
        options: What all runs have in common.
        workers: The processes that train.
        time_limit: Seconds after which no trial is started.
        max_failures: Failed trials after which no other is started.
        keep: Best trials whose models are kept.
        max_epochs: Hyperband's epochs of the longest runs.
        iterations: Hyperband's number of full passes over its brackets.
        points: Trials that the Bayesian oracle's Gaussian process is fitted to, at most.
        earlier: Folders of sweeps whose trials are taken over.
        tries: Trials that were picked by hand, as typed.
        stop_hopeless: Whether trials that can hardly become the best are stopped; None for as the sweep was begun, or
            the default.
    """

    entry: Entry
    tuner: str
    options: RunOptions
    workers: Workers
    trials: int | None = None
    seeds: int = 1
    objectives: Sequence[str] = ()
    seed: int = 1
    overrides: Mapping[str, Any] = field(default_factory=dict)
    time_limit: float | None = None
    max_failures: int = 10
    keep: int = 3
    max_epochs: int | None = None
    iterations: int | None = None
    points: int | None = None
    earlier: Sequence[Path] = ()
    tries: Sequence[str] = ()
    stop_hopeless: bool | None = None

    @property
    def experiment(self) -> str:
        """The name under which run directories of trials lie, apart from those of the experiment's variants."""
        return f"{self.entry.name}.tune/{self.tuner}"

    @property
    def folder(self) -> Path:
        """The sweep's folder."""
        return self.options.runs_dir / self.experiment

    @property
    def objective(self) -> str | None:
        """The validation metric to optimize; None for the task's usual one."""
        return next((name for name in self.objectives if name not in BY_KEY), None)

    @property
    def cost(self) -> Cost | None:
        """What is to be low beside it; None for nothing."""
        return next((BY_KEY[name] for name in self.objectives if name in BY_KEY), None)

    def job(self, variant: str, config: Config, seed: int) -> Job:
        """Return one run of a trial, which never looks at the test set."""
        return Job(self.experiment, variant, config, seed, self.options, score_test=False, latency=self.cost is LATENCY)


@dataclass(frozen=True)
class SweepSettings:
    """All that decides which trials a sweep proposes and what they score; JSON values throughout.

    Attributes:
        space: The hyperparameters' configs.
        base: The base Config as JSON.
        data: The fingerprint of the dataset's content.
        versions: Versions by package.
        sources: The fingerprints of the source of the base's own parts, by their names.
        rules: The version of the oracles; a sweep that is resumed keeps the one that it was begun with.
        starts: The values of the trials that it begins with, before the oracle proposes any.
        told: How many of those are trials of earlier sweeps.
        given: What was typed for them.
        earlier: The earlier sweeps' folders, relative to this one's.
        stopping: The version of the rule by which hopeless trials are stopped; 0 for none.
        cost: What is to be low beside the objective; "" for nothing.
    """

    tuner: str
    objective: str
    seed: int
    seeds: int
    threads: int
    space: list[dict[str, Any]]
    base: dict[str, Any]
    data: str
    versions: dict[str, str]
    max_epochs: int | None = None
    iterations: int | None = None
    points: int | None = None
    sources: dict[str, str] = field(default_factory=dict)
    rules: int = 1
    starts: list[dict[str, Any]] = field(default_factory=list)
    told: int = 0
    given: list[str] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    stopping: int = 0
    cost: str = ""


def to_json(settings: SweepSettings) -> dict[str, Any]:
    """Return the settings as the journal's first line holds them; what a sweep does not use as it was held before."""
    unused: dict[str, Any] = {"sources": {}, "rules": 1, "starts": [], "told": 0, "given": [], "earlier": []}
    unused |= {"stopping": 0, "cost": ""}
    return {key: value for key, value in asdict(settings).items() if key not in unused or value != unused[key]}


def versions() -> dict[str, str]:
    """Return the versions that trials and proposals depend on."""
    return {**runtime.versions(), **{name: metadata.version(name) for name in ("keras-tuner", "scikit-learn", "scipy")}}


def refuse_other_settings(before: dict[str, Any], now: dict[str, Any], folder: object) -> None:
    """Raise ValueError, with all differences, if the sweep in `folder` has other settings than the requested one."""
    unheld = {"stopping": 0, "cost": ""}  # these are held as no entry
    held = {key: value for key, value in unheld.items() if key in before or key in now}
    before, now = {**held, **before}, {**held, **now}
    differing = [_difference(key, before.get(key), now[key]) for key in now if before.get(key) != now[key]]
    if differing:
        raise ValueError(
            f"the sweep in {folder} has other settings ({'; '.join(differing)}): restore those, or set it aside and "
            f"start another one with --fresh (--fresh --from {folder} takes its trials over)"
        )


def _difference(key: str, before: Any, now: Any) -> str:
    if key == "space":
        names = sorted(_differing(_by_name(before), _by_name(now)))
        return f"another space: {', '.join(names) or 'another order'}"
    if isinstance(now, dict) and isinstance(before, dict):
        return f"another {_IN_WORDS[key]}: " + ", ".join(
            f"{name} was {before.get(name)}, is {now.get(name)}" for name in sorted(_differing(before, now))
        )
    return f"{_IN_WORDS[key]} was {'none' if before == '' else before}, is {'none' if now == '' else now}"


def _by_name(space: Any) -> dict[str, Any]:
    return {each["config"]["name"]: each for each in space or []}


def _differing(before: dict[str, Any], now: dict[str, Any]) -> set[str]:
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
