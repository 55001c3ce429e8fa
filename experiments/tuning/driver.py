"""The loop of a sweep: which job comes next, and what is recorded when one ends, in the journal before elsewhere."""

import math
from bisect import insort
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from keras_suite.experiments.config import Config, override
from keras_suite.experiments.scheduling.cost import seconds_of
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.demands import Demands
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
from keras_suite.reports.sweep.costs import Cost, unbeaten


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
        stopping: Whether trials that can hardly become the best get no further epochs and seeds.
        cost: What is to be low beside the score; None for nothing.

    Attributes:
        trials: All trials by number.
        results: Those that have ended, in the order of their ends.
        base: How the base ended, if it has.
        exhausted: Whether the oracle has no more trials.
        failed: How many trials failed.
        stopped: How many were stopped.
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
        stopping: bool = False,
        cost: Cost | None = None,
    ) -> None:
        self.trials: dict[int, Trial] = {}
        self.results: dict[int, TrialResult] = {}
        self.base: TrialResult | None = None
        self.exhausted = False
        self.failed = self.stopped = self.epochs = self.inherited = 0
        self.seconds = 0.0
        # Updated with each result: ranking all of 5,000 trials again after each took most of the time.
        self._ranked: list[tuple[float, int]] = []
        self._under_way: set[int] = set()
        self._folder, self._journal = folder, folder / journal.NAME
        self._oracle, self._objective, self._seeds = oracle, objective, range(1, seeds + 1)
        self._base, self._trials_base = base, trials_base
        self._job, self._may_continue = job, may_continue
        self._runs: dict[int | None, list[TrialRun]] = {}
        self._asked: Counter[int | None] = Counter()  # runs of trials under way that were yielded
        self._due: deque[int] = deque()  # trials under way whose next seed may begin
        self._demands = Demands(objective, seeds) if stopping else None
        self._cost = cost

    def replay(self, events: Iterable[Event]) -> None:
        """Replay a journal, which brings a new oracle to the same state; ValueError if it proposes other trials."""
        for event in events:
            kind = event["event"]
            if kind == "created":
                trial = Trial.from_event(event)
                proposed = self._oracle.create_trial(trial)
                if isinstance(proposed, Trial):
                    proposed = replace(proposed, limits=trial.limits, bars=trial.bars, unread=trial.unread)
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
        while True:
            if self._due:
                number = self._due.popleft()
                yield self._run_of(number, len(self._runs[number]) + 1)
            elif not self.exhausted and self._may_continue(self):
                yield from self._proposed()
            elif any(self.trials[number].bars is not None for number in self._under_way):
                yield None  # whether there is another seed is known when one of these has ended
            else:
                return

    def _proposed(self) -> Iterator[Job | None]:
        """Yield the first jobs of the trial that the oracle proposes, if it does."""
        proposed = self._oracle.create_trial()
        if isinstance(proposed, Trial):
            if self._demands is not None:
                best = next((self.results[number].score for _, number in self._ranked), None)
                proposed = self._demands.of(proposed, self._epochs(proposed), best)
            journal.append(self._journal, proposed.to_event())
            self._add(proposed)
            yield from self._jobs_of(proposed.number)
            return
        journal.append(self._journal, {"event": "waited" if proposed == "wait" else proposed})
        self.exhausted = proposed == "exhausted"
        if proposed == "wait":
            yield None

    def _jobs_of(self, number: int | None) -> Iterator[Job]:
        """Yield the runs of a trial, or the base for None; of one that must reach bars the first alone."""
        try:
            check(self._config(number))
        except ValueError as error:
            self._end(number, (), str(error))
            return
        self._runs[number], self._asked[number] = [], 0
        raced = number is not None and self.trials[number].bars is not None
        for seed in self._seeds[:1] if raced else self._seeds:
            if any(run.expected is not None for run in self._runs[number]):  # no other seed makes up for it
                return
            yield self._run_of(number, seed)

    def _config(self, number: int | None) -> Config:
        return self._base if number is None else override(self._trials_base, self.trials[number].overrides)

    def _run_of(self, number: int | None, seed: int) -> Job:
        self._asked[number] += 1
        job = self._job(variant_of(number), self._config(number), seed)
        if number is None:
            return job
        trial = self.trials[number]
        job = self._resumable(job, trial)
        return job if self._demands is None else self._demands.asked(job, trial)

    def _resumable(self, job: Job, trial: Trial) -> Job:
        """Return the job with Hyperband's last epoch, and with the run that a promoted trial resumes from."""
        if trial.until is None:
            return job
        parents = self.results[trial.parent].runs if trial.parent is not None else ()
        parent = next((self._folder / run.directory for run in parents if run.seed == job.seed), None)
        return replace(job, until=trial.until, parent=parent, keep_checkpoint=trial.until < job.config.epochs)

    def _epochs(self, trial: Trial) -> int | None:
        """Return how many epochs a trial is to have; None where phases count them, or its settings are none."""
        try:
            config = override(self._trials_base, trial.overrides)
        except ValueError:
            return None
        return None if config.phases else config.epochs

    def take(self, job: Job, outcome: Outcome) -> TrialResult | None:
        """Record how a run ended, and return the trial's result if it was the last of its seeds."""
        number = None if job.variant == BASE else number_of(job.variant)
        runs = self._runs[number]
        runs.append(self._read(job, outcome))
        stopped = any(run.expected is not None for run in runs)
        bars = None if number is None else self.trials[number].bars
        if bars is not None and number is not None:
            assert self._demands is not None
            if len(runs) < len(self._seeds) and self._demands.another_seed(runs, bars):
                self._due.append(number)
                return None
        elif len(runs) < (self._asked[number] if stopped else len(self._seeds)):
            return None
        runs.sort(key=lambda run: run.seed)
        failures = [f"seed {run.seed}: {run.reason}" for run in runs if run.reason]
        reason = runs[0].reason if stopped and len(self._seeds) == 1 else "; ".join(failures)
        return self._end(number, tuple(runs), reason)

    def _read(self, job: Job, outcome: Outcome) -> TrialRun:
        directory = str(outcome.directory.relative_to(self._folder))
        run = run_directory.read_run(outcome.directory, needs=())
        read = TrialRun(job.seed, None, "", len(run.history), seconds_of(run), directory)
        if outcome.status == "failed" or run.metrics is None:
            return replace(read, reason=outcome.reason or "it was not completed")
        if self._demands is not None:
            read = self._demands.read(read, run.history, run.metrics.get("stopped"), job.config.epochs)
            if read.expected is not None:
                return read
        score = run.metrics["validation"].get(self._objective.name.removeprefix("val_"))
        if score is None or not math.isfinite(score):
            return replace(read, reason=f"{self._objective.name} is {'no finite number' if score is None else score}")
        cost = None if self._cost is None else self._cost.of(run)
        if self._cost is not None and cost is None:
            return replace(read, reason=f"its {self._cost.name} is not known")
        return replace(read, score=score, cost=cost)

    def _end(self, number: int | None, runs: tuple[TrialRun, ...], reason: str) -> TrialResult:
        score = None if reason else fmean(run.score for run in runs if run.score is not None)
        failed = any(run.score is None and run.expected is None for run in runs)
        first = next((run for run in runs if run.expected is not None), None)
        expected = None if failed or first is None else first.expected
        costs = [run.cost for run in runs if run.cost is not None]
        cost = fmean(costs) if costs and score is not None else None
        result = TrialResult(number, score, reason, runs, expected, cost)
        journal.append(self._journal, result.to_event())
        self._record(result)
        return result

    def _add(self, trial: Trial) -> None:
        self.trials[trial.number] = trial
        self._under_way.add(trial.number)

    def _record(self, result: TrialResult) -> None:
        if self._demands is not None:
            self._demands.add(result, None if result.trial is None else self._epochs(self.trials[result.trial]))
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
            self.failed += result.failed
            self.stopped += not result.failed
        else:
            insort(self._ranked, (-result.score if self._objective.direction == "max" else result.score, result.trial))
        told = result.expected if result.score is None else result.score
        self._oracle.end_trial(result.trial, told, result.reason, result.cost)

    def resumable(self) -> set[int]:
        """Return the trials that others resume from, or may later."""
        parents = {self.trials[number].parent for number in self._under_way}
        return self._oracle.promotable() | {parent for parent in parents if parent is not None}

    def front(self) -> list[ScoredTrial]:
        """Return the trials that no other beats in score and cost at once, the cheapest first; empty without a cost."""
        costs = {number: each.cost for number, each in self.results.items() if each.cost is not None}
        goodness = {number: -rank for rank, number in self._ranked if number in costs}
        scores = {number: self.results[number].score for number in unbeaten(goodness, costs)}
        return [ScoredTrial(n, score, self.trials[n].settings) for n, score in scores.items() if score is not None]

    def best(self, count: int | None = None) -> list[ScoredTrial]:
        """Return the `count` best of the trials with a score, or all; the best first, of equal ones the earlier."""
        numbers = [number for _, number in self._ranked[:count]]
        scores = {number: self.results[number].score for number in numbers}
        return [
            ScoredTrial(number, score, self.trials[number].settings)
            for number, score in scores.items()
            if score is not None
        ]
