"""Reads a sweep's folder: its journal, how far it says it is, and the run directories of its trials."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run, typed_today
from keras_suite.reports.run_directory.experiment_folder import problem
from keras_suite.reports.sweep import journal
from keras_suite.reports.sweep.costs import BY_KEY, Cost
from keras_suite.reports.sweep.hyperparameters import EPOCHS, Hyperparameter, hyperparameters, shown
from keras_suite.reports.sweep.journal import Event, status_of
from keras_suite.reports.wording import MOST_SETTINGS
from keras_suite.tasks import training_metrics
from keras_suite.tasks.files.sealed_json import read_sealed
from keras_suite.tasks.task import Metric, own_metric

SUFFIX = ".tune"
STATUS = "status.json"


def objectives(own: Iterable[Metric] = ()) -> dict[str, Metric]:
    """Return what a sweep can optimize: the validation metrics of all tasks, and own ones, by their history names."""
    known = training_metrics() | {metric.name: metric for metric in own}  # of runs of before an own one may be so named
    return {f"val_{name}": metric for name, metric in known.items()}


def own_metrics_of(begun: Event) -> tuple[Metric, ...]:
    """Return the user's own metrics, which a journal's first event declares."""
    return tuple(map(own_metric, begun.get("metrics") or ()))


@dataclass(frozen=True)
class Trial:
    """A trial, or the unchanged base.

    Attributes:
        number: From 0; None for the base.
        values: The hyperparameters, by name.
        overrides: What they change in the Config.
        score: The mean of the objective over the trial's seeds; None while it has none.
        reason: Why it failed or was stopped; empty if neither.
        expected: The score that a trial which was stopped would probably have had; None for the others.
        cost: The mean cost of its runs, in a sweep that optimizes that, too.
    """

    number: int | None
    values: Mapping[str, Any]
    overrides: Mapping[str, Any]
    status: Literal["completed", "failed", "stopped", "not ended"]
    score: float | None
    seed_scores: tuple[float, ...]
    reason: str
    runs: tuple[Run, ...]
    expected: float | None = None
    cost: float | None = None

    @property
    def name(self) -> str:
        """As its folder and the terminal name it: "trial-0012", or "base"."""
        return "base" if self.number is None else f"trial-{self.number:04d}"

    @property
    def in_words(self) -> str:
        """The trial for sentences: "learning_rate 0.003, dropout 0.2 (trial 12)", of many "trial 12 (13 settings)"."""
        if self.number is None:
            return "the base"
        settings = [f"{name} {shown(value)}" for name, value in self.values.items() if not name.startswith("tuner/")]
        if len(settings) > MOST_SETTINGS:
            return f"trial {self.number} ({len(settings)} settings)"
        return f"{', '.join(settings)} (trial {self.number})" if settings else f"trial {self.number}"

    @property
    def score_or_expected(self) -> float | None:
        """The score; of a trial that was stopped the one that it would probably have had."""
        return self.expected if self.score is None else self.score

    @property
    def until(self) -> int | None:
        """The epoch until which Hyperband trained it; None for other tuners."""
        return self.values.get(EPOCHS)

    @property
    def parent(self) -> int | None:
        """The trial that Hyperband continued with this one; None without."""
        parent = self.values.get("tuner/trial_id")
        return None if parent is None else int(parent)


@dataclass(frozen=True)
class Sweep:
    """A sweep as its files describe it; it may still be running.

    Attributes:
        terms: The settings that identify the sweep.
        planned: The number of trials that was requested.
        reported_ended: How many trials have ended according to status.json: more than a damaged journal has.
        problems: A warning for each file that does not fit.
        own_metrics: The user's own, beside those of the task.
    """

    folder: Path
    experiment: str
    question: str
    command: str
    terms: Mapping[str, Any]
    space: tuple[Hyperparameter, ...]
    base: Trial | None
    trials: tuple[Trial, ...]
    events: tuple[Event, ...]
    planned: int | None
    reported_ended: int
    state: str
    problems: tuple[str, ...]
    own_metrics: tuple[Metric, ...] = ()

    @property
    def tuner(self) -> str:
        """random, bayesian, hyperband or grid."""
        return str(self.terms["tuner"])

    @property
    def folds(self) -> int | None:
        """In how many folds each trial is validated; None for validation images of the dataset's own."""
        return (((self.terms.get("base") or {}).get("dataset") or {}).get("options") or {}).get("validation_folds")

    @property
    def told(self) -> int:
        """How many trials, the first ones, were taken over from earlier sweeps."""
        return int(self.terms.get("told") or 0)

    def taken_over(self, trial: Trial) -> bool:
        """Return whether a trial was taken over from an earlier sweep."""
        return trial.number is not None and trial.number < self.told

    @property
    def objective(self) -> str:
        """The validation metric, as the history names it."""
        return str(self.terms["objective"])

    @property
    def cost(self) -> Cost | None:
        """What is to be low beside the objective; None in a sweep of one objective."""
        return BY_KEY[self.terms["cost"]] if self.terms.get("cost") else None

    @property
    def metric(self) -> Metric:
        """The objective as a metric."""
        return objectives(self.own_metrics)[self.objective]

    @property
    def direction(self) -> Literal["min", "max"]:
        """Whether the objective is to rise or to fall."""
        return self.metric.direction

    def scored(self) -> list[Trial]:
        """Return the trials that have a score, in the order of their numbers."""
        return [trial for trial in self.trials if trial.score is not None]

    def best(self) -> list[Trial]:
        """Return the trials that have a score, the best first; of equal ones the earlier."""
        sign = -1 if self.direction == "max" else 1
        return sorted(self.scored(), key=lambda trial: sign * (trial.score or 0.0))

    def count(self, status: str) -> int:
        """Return how many trials have this status."""
        return sum(trial.status == status for trial in self.trials)

    @property
    def finished(self) -> bool:
        """Whether all planned trials have ended."""
        ended = len(self.trials) - self.count("not ended")
        return self.state == "done" and ended == len(self.trials) and ended >= self.reported_ended


def sweep_folders(path: Path) -> list[Path]:
    """Return the folders of sweeps at `path` or below it: a sweep's own, an experiment's .tune folder, or a runs
    folder.
    """
    if (path / journal.NAME).exists():
        return [path]
    within = [*path.glob(f"*/{journal.NAME}"), *path.glob(f"*{SUFFIX}/*/{journal.NAME}")]
    return sorted(journal_file.parent for journal_file in within if not journal_file.parent.parent.name.startswith("."))


def read_sweep(folder: Path, question: str = "") -> Sweep:
    """Read a sweep; FileNotFoundError or ValueError says what is wrong with its journal.

    `question` is said of a sweep whose journal names none.
    """
    events = journal.read(folder / journal.NAME)
    if not events or events[0]["event"] != "begun":
        raise ValueError(f"{folder / journal.NAME} does not say how the sweep began: restore it from a copy")
    begun = events[0]
    problems: list[str] = []
    try:
        own_metrics = own_metrics_of(begun)
        if begun["terms"]["objective"] not in objectives(own_metrics):
            raise ValueError(f"it names an unknown objective, {begun['terms']['objective']}")
        if begun["terms"].get("cost") and begun["terms"]["cost"] not in BY_KEY:
            raise ValueError(f"it names an unknown cost, {begun['terms']['cost']}")
        space = hyperparameters(begun["terms"]["space"], begun["terms"].get("rules", 1))
        created = {event["trial"]: event for event in events if event["event"] == "created"}
        ended = {event["trial"]: event for event in events if event["event"] == "ended"}
        base = _trial(folder, None, {}, ended[None], problems) if None in ended else None
        trials = tuple(_trial(folder, key, created[key], ended.get(key), problems) for key in sorted(created))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{folder / journal.NAME} is damaged ({error}): restore it from a copy") from None
    status = _status(folder)
    return Sweep(
        folder=folder,
        experiment=folder.resolve().parent.name.removesuffix(SUFFIX),
        question=begun.get("question") or question,
        command=typed_today(begun.get("command") or ""),
        terms=begun["terms"],
        space=space,
        base=base,
        trials=trials,
        events=tuple(events),
        planned=status.get("planned"),
        reported_ended=int(status.get("completed") or 0) + int(status.get("failed") or 0),
        state=_state(status, trials),
        problems=tuple(problems),
        own_metrics=own_metrics,
    )


def _trial(
    folder: Path, number: int | None, created: Mapping[str, Any], ended: Event | None, problems: list[str]
) -> Trial:
    runs = []
    if ended is None:  # the journal names its run directories only once it has ended
        directories = sorted(folder.glob(f"trial-{number:04d}-*/seed-*"))
    else:
        directories = [folder / each["directory"] for each in ended["runs"]]
    for directory in directories:
        try:
            runs.append(run_directory.read_run(directory))
        except (ValueError, OSError) as error:
            problems.append(problem(error, folder))
    score = ended["score"] if ended else None
    return Trial(
        number=number,
        values=journal.read_values(created),
        overrides=created.get("overrides", {}),
        status=status_of(ended),
        score=score,
        expected=ended.get("expected") if ended else None,
        cost=ended.get("cost") if ended else None,
        seed_scores=tuple(each["score"] for each in (ended["runs"] if ended else ()) if each.get("score") is not None),
        reason=ended["reason"] if ended else "",
        runs=tuple(runs),
    )


def _status(folder: Path) -> Mapping[str, Any]:
    """Return what status.json says; it is there for readers only, so that nothing is lost with it."""
    with contextlib.suppress(ValueError, OSError):
        status = read_sealed(folder / STATUS, "")
        return status if isinstance(status, dict) else {}
    return {}


def _state(status: Mapping[str, Any], trials: tuple[Trial, ...]) -> str:
    state = str(status.get("state") or "interrupted")
    running = any(run.status == "running" for trial in trials for run in trial.runs)
    return "interrupted" if state == "running" and not running else state
