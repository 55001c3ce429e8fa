"""The loop of a sweep: which job comes next, and what is recorded when one ends, in the journal before elsewhere."""

import math
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from keras_suite.experiments.config import Config, override
from keras_suite.experiments.scheduling.cost import seconds_of
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.journal import (
    BASE,
    Event,
    ScoredTrial,
    Trial,
    TrialResult,
    TrialRun,
    number_of,
    variant_of,
)
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.oracles import SweepOracle
from keras_suite.experiments.validation import check
from keras_suite.reports import run_directory


class Driver:
    """A sweep under way: the trials in its journal, and those that its oracle proposes from now on.

    Args:
        folder: The sweep's folder.
        oracle: What proposes trials.
        objective: What their score is.
        base: The Config that is run beside the trials.
        trials_base: The Config that trials override.
        seeds: Runs of each trial.
        job: Makes the job of one run from a variant's name, its Config and a seed.
        may_continue: Called before each new trial; False ends the sweep.

    Attributes:
        trials: All trials by number.
        results: Those that have ended, in the order of their ends.
        base: How the base ended, if it has.
        exhausted: Whether the oracle has no more trials.
        failed: How many trials failed.
        seconds: What the runs of all ended trials took.
        epochs: How many epochs those runs have.
        inherited: How many of these epochs promoted runs have from their parents.
    """

    def __init__(
        self,
        folder: Path,
        oracle: SweepOracle,
        objective: Objective,
        base: Config,
        trials_base: Config,
        seeds: int,
        job: Callable[[str, Config, int], Job],
        may_continue: Callable[["Driver"], bool],
    ) -> None:
        self.trials: dict[int, Trial] = {}
        self.results: dict[int, TrialResult] = {}
        self.base: TrialResult | None = None
        self.exhausted = False
        self.failed = self.epochs = self.inherited = 0
        self.seconds = 0.0
        # Updated with each result: ranking all of 5,000 trials again after each took most of the time.
        self._ranked: list[tuple[float, int]] = []
        self._under_way: set[int] = set()
        self._folder, self._journal = folder, folder / journal.NAME
        self._oracle, self._objective, self._seeds = oracle, objective, range(1, seeds + 1)
        self._base, self._trials_base = base, trials_base
        self._job, self._may_continue = job, may_continue
        self._runs: dict[int | None, list[TrialRun]] = {}

    def replay(self, events: Iterable[Event]) -> None:
        """Replay a journal, which brings a new oracle to the same state; ValueError if it proposes other trials."""
        for event in events:
            kind = event["event"]
            if kind == "created":
                trial = Trial.from_event(event)
                proposed = self._oracle.create_trial(trial)
                if proposed != trial:
                    raise ValueError(
                        f"{self._journal} has trial {event['trial']} with {event['overrides']}, and the oracle "
                        f"proposes {proposed.overrides if isinstance(proposed, Trial) else proposed}: space(hp) has "
                        "changed; restore it, or start again with --fresh"
                    )
                self._add(trial)
            elif kind in ("waited", "exhausted"):
                self._oracle.create_trial()
                self.exhausted = kind == "exhausted"
            elif kind == "ended":
                self._record(TrialResult.from_event(event))

    def jobs(self) -> Iterator[Job | None]:
        """Yield the next jobs as `run_all` takes them, first those of the base and of trials that have not ended."""
        if self.base is None:
            yield from self._jobs_of(None)
        for number in sorted(self._under_way):
            yield from self._jobs_of(number)
        while not self.exhausted and self._may_continue(self):
            proposed = self._oracle.create_trial()
            if isinstance(proposed, Trial):
                journal.append(self._journal, proposed.to_event())
                self._add(proposed)
                yield from self._jobs_of(proposed.number)
            else:
                journal.append(self._journal, {"event": "waited" if proposed == "wait" else proposed})
                self.exhausted = proposed == "exhausted"
                if proposed == "wait":
                    yield None

    def _jobs_of(self, number: int | None) -> Iterator[Job]:
        try:
            config = self._base if number is None else override(self._trials_base, self.trials[number].overrides)
            check(config)
        except ValueError as error:
            self._end(number, (), str(error))
            return
        self._runs[number] = []
        for seed in self._seeds:
            job = self._job(variant_of(number), config, seed)
            yield job if number is None else self._resumable(job, self.trials[number])

    def _resumable(self, job: Job, trial: Trial) -> Job:
        """Return the job with Hyperband's last epoch, and with the run that a promoted trial resumes from."""
        if trial.until is None:
            return job
        parents = self.results[trial.parent].runs if trial.parent is not None else ()
        parent = next((self._folder / run.directory for run in parents if run.seed == job.seed), None)
        return replace(job, until=trial.until, parent=parent, keep_checkpoint=trial.until < job.config.epochs)

    def take(self, job: Job, outcome: Outcome) -> TrialResult | None:
        """Record how a run ended, and return the trial's result if it was the last of its seeds."""
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
        run = run_directory.read_run(outcome.directory, needs=())
        epochs, seconds = len(run.history), seconds_of(run)
        if outcome.status == "failed" or run.metrics is None:
            return TrialRun(job.seed, None, outcome.reason or "it was not completed", epochs, seconds, directory)
        score = run.metrics["validation"].get(self._objective.name.removeprefix("val_"))
        if score is None or not math.isfinite(score):
            reason = f"{self._objective.name} is {'no finite number' if score is None else score}"
            return TrialRun(job.seed, None, reason, epochs, seconds, directory)
        return TrialRun(job.seed, score, "", epochs, seconds, directory)

    def _end(self, number: int | None, runs: tuple[TrialRun, ...], reason: str) -> TrialResult:
        score = None if reason else fmean(run.score for run in runs if run.score is not None)
        result = TrialResult(number, score, reason, runs)
        journal.append(self._journal, result.to_event())
        self._record(result)
        return result

    def _add(self, trial: Trial) -> None:
        self.trials[trial.number] = trial
        self._under_way.add(trial.number)

    def _record(self, result: TrialResult) -> None:
        if result.trial is None:
            self.base = result
            return
        self.results[result.trial] = result
        self._under_way.discard(result.trial)
        self.seconds += sum(run.seconds for run in result.runs)
        self.epochs += sum(run.epochs for run in result.runs)
        parent = self.trials[result.trial].parent
        before = {run.seed: run.epochs for run in self.results[parent].runs} if parent in self.results else {}
        self.inherited += sum(before.get(run.seed, 0) for run in result.runs)
        if result.score is None:
            self.failed += 1
        else:
            insort(self._ranked, (-result.score if self._objective.direction == "max" else result.score, result.trial))
        self._oracle.end_trial(result.trial, result.score, result.reason)

    def resumable(self) -> set[int]:
        """Return the trials that others resume from, or may later."""
        parents = {self.trials[number].parent for number in self._under_way}
        return self._oracle.promotable() | {parent for parent in parents if parent is not None}

    def best(self, count: int | None = None) -> list[ScoredTrial]:
        """Return the `count` best of the trials with a score, or all; the best first, of equal ones the earlier."""
        numbers = [number for _, number in self._ranked[:count]]
        scores = {number: self.results[number].score for number in numbers}
        return [
            ScoredTrial(number, score, self.trials[number].values)
            for number, score in scores.items()
            if score is not None
        ]
