"""Which job comes next in a sweep, and what is noted when one has ended: in the journal first, then everywhere else."""

import math
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean

from keras_suite.experiments.config import Config
from keras_suite.experiments.scheduling.cost import seconds_of
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.journal import Event
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.proposer import Proposer, Trial
from keras_suite.experiments.tuning.space import config_of
from keras_suite.experiments.tuning.status import Best
from keras_suite.experiments.validation import check
from keras_suite.reports import run_directory

BASE = "base"


@dataclass(frozen=True)
class TrialRun:
    """One seed of a trial: its score, or why it has none. `directory` is relative to the sweep's folder."""

    seed: int
    score: float | None
    reason: str
    epochs: int
    seconds: float
    directory: str


@dataclass(frozen=True)
class Ended:
    """A trial that is over, None being the unchanged base: the mean score of its seeds, or why it failed."""

    trial: int | None
    score: float | None
    reason: str
    runs: tuple[TrialRun, ...]


class Driver:
    """A sweep under way: the trials that its journal tells of, and those that its oracle proposes from now on.

    `base` is run beside the trials, whose overrides are those of `trials_base`. `job(variant, config, seed)` makes the
    job of one run. `goes_on` is asked before each new trial.
    """

    def __init__(
        self,
        folder: Path,
        proposer: Proposer,
        objective: Objective,
        base: Config,
        trials_base: Config,
        seeds: int,
        job: Callable[[str, Config, int], Job],
        goes_on: Callable[["Driver"], bool],
    ) -> None:
        self.trials: dict[int, Trial] = {}
        self.ended: dict[int, Ended] = {}
        self.base: Ended | None = None
        self.exhausted = False
        self.failed = 0  # of the trials that ended
        self.seconds = 0.0  # that the runs of all trials that ended took
        self.epochs = 0  # that they have,
        self.inherited = 0  # and those of them that a promoted run has from its parent
        # Kept as it goes: to count and to rank anew for each of 5,000 trials took more time than all else.
        self._ranked: list[tuple[float, int]] = []
        self._under_way: set[int] = set()
        self._folder, self._journal = folder, folder / journal.NAME
        self._proposer, self._objective, self._seeds = proposer, objective, range(1, seeds + 1)
        self._base, self._trials_base = base, trials_base
        self._job, self._goes_on = job, goes_on
        self._runs: dict[int | None, list[TrialRun]] = {}

    def replay(self, events: Iterable[Event]) -> None:
        """Tells a fresh oracle all that happened, after which it is where it was. ValueError if it differs."""
        for event in events:
            kind = event["event"]
            if kind == "created":
                given = self._proposer.propose(_from_event(event))
                if given != _from_event(event):
                    raise ValueError(
                        f"{self._journal} has trial {event['trial']} with {event['overrides']}, and the oracle "
                        f"proposes {given.overrides if isinstance(given, Trial) else given}: space(hp) gives other "
                        "overrides than it did; restore it, or start anew with --fresh"
                    )
                self._created(_from_event(event))
            elif kind in ("waited", "exhausted"):
                self._proposer.propose()
                self.exhausted = kind == "exhausted"
            elif kind == "ended":
                runs = tuple(TrialRun(**run) for run in event["runs"])
                self._note(Ended(event["trial"], event["score"], event["reason"], runs))

    def jobs(self) -> Iterator[Job | None]:
        """What is to be done next, as `run_all` takes it: first the base and what was created and has not ended."""
        if self.base is None:
            yield from self._jobs_of(None)
        for number in sorted(self._under_way):
            yield from self._jobs_of(number)
        while not self.exhausted and self._goes_on(self):
            given = self._proposer.propose()
            if isinstance(given, Trial):
                journal.append(self._journal, _as_event(given))
                self._created(given)
                yield from self._jobs_of(given.number)
            else:
                journal.append(self._journal, {"event": "waited" if given == "wait" else given})
                self.exhausted = given == "exhausted"
                if given == "wait":
                    yield None

    def _jobs_of(self, number: int | None) -> Iterator[Job]:
        try:
            config = self._base if number is None else config_of(self._trials_base, self.trials[number].overrides)
            check(config)
        except ValueError as error:
            self._end(number, (), str(error))
            return
        self._runs[number] = []
        for seed in self._seeds:
            job = self._job(variant_of(number), config, seed)
            yield job if number is None else self._from_rung_to_rung(job, self.trials[number])

    def _from_rung_to_rung(self, job: Job, trial: Trial) -> Job:
        """Hyperband's trials stop at their rung, and those promoted go on from where their parent stopped."""
        if trial.until is None:
            return job
        parents = self.ended[trial.parent].runs if trial.parent is not None else ()
        parent = next((self._folder / run.directory for run in parents if run.seed == job.seed), None)
        return replace(job, until=trial.until, parent=parent, keep_checkpoint=trial.until < job.config.epochs)

    def take(self, job: Job, outcome: Outcome) -> Ended | None:
        """Notes how a run ended; the trial's end if it was the last of its seeds."""
        number = None if job.variant == BASE else number_of(job.variant)
        runs = self._runs[number]
        runs.append(self._read(job, outcome))
        if len(runs) < len(self._seeds):
            return None
        runs.sort(key=lambda run: run.seed)
        failures = [f"seed {run.seed}: {run.reason}" for run in runs if run.reason]
        return self._end(number, tuple(runs), "; ".join(failures))

    def _read(self, job: Job, outcome: Outcome) -> TrialRun:
        directory = str(outcome.directory.relative_to(self._folder))
        found = run_directory.read_run(outcome.directory)
        epochs, seconds = len(found.history), seconds_of(found)
        if outcome.status == "failed" or found.metrics is None:
            return TrialRun(job.seed, None, outcome.reason or "it was not completed", epochs, seconds, directory)
        score = found.metrics["validation"][self._objective.name.removeprefix("val_")]
        if not math.isfinite(score):
            return TrialRun(job.seed, None, f"{self._objective.name} is {score}", epochs, seconds, directory)
        return TrialRun(job.seed, score, "", epochs, seconds, directory)

    def _end(self, number: int | None, runs: tuple[TrialRun, ...], reason: str) -> Ended:
        score = None if reason else fmean(run.score for run in runs if run.score is not None)
        ended = Ended(number, score, reason, runs)
        journal.append(self._journal, {"event": "ended", **asdict(ended)})
        self._note(ended)
        return ended

    def _created(self, trial: Trial) -> None:
        self.trials[trial.number] = trial
        self._under_way.add(trial.number)

    def _note(self, ended: Ended) -> None:
        if ended.trial is None:
            self.base = ended
            return
        self.ended[ended.trial] = ended
        self._under_way.discard(ended.trial)
        self.seconds += sum(run.seconds for run in ended.runs)
        self.epochs += sum(run.epochs for run in ended.runs)
        parent = self.trials[ended.trial].parent
        before = {run.seed: run.epochs for run in self.ended[parent].runs} if parent in self.ended else {}
        self.inherited += sum(before.get(run.seed, 0) for run in ended.runs)
        if ended.score is None:
            self.failed += 1
        else:
            insort(self._ranked, (-ended.score if self._objective.direction == "max" else ended.score, ended.trial))
        self._proposer.tell(ended.trial, ended.score, ended.reason)

    def awaited(self) -> set[int]:
        """The trials that others go on from, or may yet."""
        parents = {self.trials[number].parent for number in self._under_way}
        return self._proposer.promotable() | {parent for parent in parents if parent is not None}

    def best(self, count: int | None = None) -> list[Best]:
        """The `count` best of the trials that have a score, or all, the best first; of equal ones the earlier."""
        numbers = [number for _, number in self._ranked[:count]]
        scores = {number: self.ended[number].score for number in numbers}
        return [
            Best(number, score, self.trials[number].values) for number, score in scores.items() if score is not None
        ]


def variant_of(number: int | None) -> str:
    """A trial's name in paths and on the terminal; the base's for None."""
    return BASE if number is None else f"trial-{number:04d}"


def number_of(variant: str) -> int:
    """The trial that `variant_of` named."""
    return int(variant.removeprefix("trial-"))


def _as_event(trial: Trial) -> Event:
    event = {"event": "created", "trial": trial.number, "values": trial.values, "overrides": trial.overrides}
    return event if trial.fitted is None else {**event, "fitted": trial.fitted}


def _from_event(event: Event) -> Trial:
    return Trial(event["trial"], event["values"], event["overrides"], event.get("fitted"))
