"""A sweep from the command to its last trial: it is checked, previewed and opened, then its trials are run."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import keras_tuner

from keras_suite.experiments.config import override
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.limits import check_trial_count
from keras_suite.experiments.scheduling.under_way import course_of, doing
from keras_suite.experiments.scheduling.worker_start import slower_than_one
from keras_suite.experiments.scheduling.workers import Stopped
from keras_suite.experiments.training.identity import directory_of, job_identity
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.tuning import budget as budgets
from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.artifacts import Pruner, write_hparams_of
from keras_suite.experiments.tuning.base import checked_base
from keras_suite.experiments.tuning.driver import Driver
from keras_suite.experiments.tuning.earlier_sweeps import Key, keeps_limits, take_over
from keras_suite.experiments.tuning.hopeless import ANNOUNCED
from keras_suite.experiments.tuning.identification import after_move, identify
from keras_suite.experiments.tuning.journal import BASE, TrialResult, number_of, variant_of
from keras_suite.experiments.tuning.objective import announced_of_two
from keras_suite.experiments.tuning.oracles import SweepOracle, Tuner, brackets, describe_brackets, make_oracle
from keras_suite.experiments.tuning.progress import TABLE, ProgressReporter, State, write_status
from keras_suite.experiments.tuning.racing import ANNOUNCED as ANNOUNCED_OF_SEEDS
from keras_suite.experiments.tuning.request import RULES, TuneRequest, to_json
from keras_suite.experiments.tuning.space import all_hyperparameters, checked_configs, edge_overrides
from keras_suite.experiments.tuning.space_audit import audit
from keras_suite.experiments.tuning.steps import reaching_ends
from keras_suite.reports.sweep.journal import write_table
from keras_suite.reports.sweep.pareto import in_order_of_choice
from keras_suite.reports.sweep.reading import read_sweep
from keras_suite.tasks.task import declaration

TABLE_SECONDS = 10.0


class Sweep:
    """A sweep of one command.

    The constructor checks everything and writes nothing; `open` begins or recovers the journal; `run` does the rest.

    Args:
        request: The command's options.
        before: The settings of the sweep that is there, as its journal holds them; empty if there is none.

    Raises:
        ValueError, OSError: If the sweep cannot be run, or is another one than the one that is there.
    """

    def __init__(self, request: TuneRequest, before: Mapping[str, Any]) -> None:
        self._request = request
        self._state: State = "running"
        self._table_at = 0.0
        self.base = checked_base(request)
        assert request.entry.space is not None
        self._space = request.entry.space
        self._rules = before.get("rules", 1) if before else RULES
        self._known = all_hyperparameters(self._space)
        if self._rules > 1:
            self._known = reaching_ends(self._known)
        self._audited = [] if before else audit(self._space, self._known)
        if request.tuner == "grid" and request.trials is None:
            budgets.check_grid(self._known.space)
        self._own_metrics = resolve(self.base).own_metrics
        identified = identify(request, self.base, self._known, self._rules, before)
        self._settings, self.objective = identified.settings, identified.objective
        self._trials_base, self._starts = identified.trials_base, identified.starts
        self._max_trials = budgets.max_trials(request)
        self._epochs: int | None = None
        self._seconds_per_trial: float | None = None
        self.announcement = self._preview(resumed=bool(before))
        self._driver = Driver(
            request.folder,
            SweepOracle(self._new_oracle(), self._space),
            self.objective,
            self.base,
            self._trials_base,
            request.seeds,
            request.job,
            self._may_continue,
            bool(self._settings.stopping),
            request.cost,
        )
        self._reporter = ProgressReporter(
            request.folder,
            self._driver,
            self.objective,
            self._max_trials,
            self._seconds_per_trial,
            request.seeds,
            request.workers.count,
            self._epochs,
            self._settings.told,
            request.cost,
        )
        self._running: list[Job] = []
        self._trained: dict[Key, Path] = {}  # by this process: a space may give one Config for several values
        self._latest = (self._reporter.status(self._state), time.monotonic())

    def _new_oracle(self) -> Any:
        settings = self._settings
        objective = keras_tuner.Objective(self.objective.name, self.objective.direction)
        options: dict[str, Any] = {"points": settings.points, "rules": settings.rules, "starts": settings.starts}
        options["two"] = bool(settings.cost)
        if settings.tuner == "hyperband":
            options |= {"max_epochs": settings.max_epochs, "iterations": settings.iterations}
        return make_oracle(cast(Tuner, settings.tuner), self._known, objective, settings.seed, **options)

    def _preview(self, resumed: bool) -> str:
        """Compute the budget, try the edges of the space (not again if `resumed`), and return what to announce."""
        edges = edge_overrides(self._space, self._known)
        configs = {BASE: self.base, **checked_configs(self._trials_base, edges)}  # first: the dry fit keeps it
        rounds: list[str] = []
        if self._settings.tuner == "hyperband":
            budgets.refuse_epochs(edges)
            rounds = describe_brackets(brackets(self._new_oracle()))
        budget = budgets.compute_budget(
            self._settings, self._new_oracle, self._space, self.base, configs, self._max_trials
        )
        check_trial_count(budget.trials, self._request.seeds)
        self._max_trials = budget.trials + self._settings.told  # those cost nothing
        self._epochs = budget.epochs if self._settings.tuner == "hyperband" else None
        if resumed:
            return f"The sweep is resumed: {self._request.folder}"
        warnings: list[str] = []
        workers = self._request.workers
        here = 1 if workers.scheduler else workers.count
        cost = budgets.dry_fit(configs, self._request.job, here, warnings.append)
        seconds = budgets.seconds_of_all(cost, configs, budget, self._request.seeds)
        self._seconds_per_trial = seconds / (budget.trials + 1)
        announced = budgets.announcement(self._request, budget, self.base, cost, seconds, bool(self._settings.stopping))
        stopping = [ANNOUNCED] if self._settings.stopping else []
        stopping += [ANNOUNCED_OF_SEEDS] if self._settings.stopping and self._request.seeds > 1 else []
        stopping += announced_of_two(self.objective, self._request.cost, self._request.tuner)
        slower = slower_than_one(workers, self._request.seeds * (budget.trials + 1), seconds)
        rounds += [slower] if slower is not None else []
        short = [f"Warning: {line.replace('variant', 'the trial at', 1)}" for line in warnings]
        return "\n".join(["The space:", *self._audited, *self._starts.lines, announced, *short, *stopping, *rounds])

    def open(self, moved: Path | None = None) -> None:
        """Begin the journal, or recover it and replay it into the oracle; ValueError if it cannot be resumed.

        Args:
            moved: Where the sweep that was there has been moved, in case it is one that trials are taken over from.
        """
        self._request.folder.mkdir(parents=True, exist_ok=True)
        if moved is not None:
            self._settings, self._starts = after_move(self._settings, self._starts, self._request.folder, moved)
        path = self._request.folder / journal.NAME
        events = journal.recover(path)
        if not events:
            journal.append(
                path,
                {
                    "event": "begun",
                    "schema": journal.MARKED_SINCE,
                    "terms": to_json(self._settings),
                    "question": self._request.entry.question,
                    "command": self._request.options.command,
                    **({"metrics": [declaration(metric) for metric in self._own_metrics]} if self._own_metrics else {}),
                },
            )
        self._driver.replay(events[1:])

    def run(self) -> Iterator[tuple[str, bool]]:
        """Run what is left, and yield a line for each trial that ended, and whether it failed.

        Raises:
            Stopped, OSError: If a run failed for a reason outside of it. Its trial has not ended then.
        """
        self._began = time.monotonic()
        driver = self._driver
        pruner = Pruner(self._request.folder, self._request.keep)
        self._write_hparams(driver.results.values())
        try:
            with contextlib.closing(run_all(self._tracked_jobs(), self._request.workers)) as outcomes:
                for job, outcome in outcomes:
                    self._running.remove(job)
                    if outcome.blame == "machine":  # not the trial's failure: its oracle must not learn from it
                        raise Stopped(f"{self._named(job)}: {outcome.reason}")
                    if outcome.note:
                        yield f"{self._named(job)}: {outcome.note}", False
                    if outcome.status != "failed" and job.until is None and keeps_limits(outcome.directory, job):
                        self._trained.setdefault((job_identity(job), job.seed), outcome.directory)
                    result = driver.take(job, outcome)
                    self._write_progress()
                    if result is not None:
                        self._write_hparams([result])
                        pruner.prune(driver.results, driver.best(pruner.keep), driver.resumable(), driver.front())
                        yield self._reporter.line(result, self._state), result.failed
        except BaseException as error:
            self._state = "stopped" if isinstance(error, (Stopped, OSError)) else "interrupted"
            with contextlib.suppress(OSError):  # a full disk, say
                self._write_progress()
            raise
        resumable = set() if driver.exhausted else driver.resumable()
        pruner.prune(driver.results, driver.best(pruner.keep), resumable, driver.front())
        self._state = self._state if self._state != "running" else "done"
        self._write_progress()

    def _write_hparams(self, results: Iterable[TrialResult]) -> None:
        if self._request.options.tensorboard:
            write_hparams_of(self._request.folder, self._driver.trials, results, self.objective)

    def _tracked_jobs(self) -> Iterator[Job | None]:
        for job in self._driver.jobs():
            if job is not None:
                take_over(job, self._starts.runs if job.until is not None else {**self._trained, **self._starts.runs})
                self._running.append(job)
                self._write_progress()
            yield job

    def _may_continue(self, driver: Driver) -> bool:
        """Return whether another trial is to be created."""
        request = self._request
        if self._max_trials is not None and len(driver.trials) >= self._max_trials:
            return False
        if driver.failed >= request.max_failures:
            self._state = "too many failures"
        elif request.time_limit is not None and time.monotonic() - self._began >= request.time_limit:
            self._state = "time is up"
        return self._state == "running"

    def live(self) -> str:
        """Return what is under way in one line; may be called from another thread."""
        status, at = self._latest
        jobs = list(self._running)
        courses = [course_of(directory_of(job)) for job in jobs]
        running = [doing(job, course.done) for job, course in zip(jobs, courses, strict=True)]
        if len(jobs) == 1:  # with more there is no room for settings
            running = [running[0].replace(f"{jobs[0].variant} seed {jobs[0].seed}", self._named(jobs[0]), 1)]
        under_way = {f"{job.variant} seed {job.seed}": course for job, course in zip(jobs, courses, strict=True)}
        paces = [
            course.seconds_of_all(job.until or job.config.epochs) for job, course in zip(jobs, courses, strict=True)
        ]
        projected = [each for each in paces if each is not None]
        return self._reporter.live(status, running, time.monotonic() - at, under_way, projected)

    def _named(self, job: Job) -> str:
        values = self.values_of(job.variant)
        return job.variant + (f" ({journal.in_words(values)})" if values else "") + f" seed {job.seed}"

    def _write_progress(self) -> None:
        if self._state != "running":
            self._running.clear()
        running = tuple(f"{job.variant} seed {job.seed}" for job in self._running)
        self._latest = self._reporter.status(self._state, running), time.monotonic()
        write_status(self._request.folder, self._latest[0])
        if self._state == "running" and time.monotonic() - self._table_at < TABLE_SECONDS:
            return  # all of it is rewritten, which takes longer with every trial
        write_table(self._request.folder / TABLE, journal.read(self._request.folder / journal.NAME))
        self._table_at = time.monotonic()

    def winners(self, count: int) -> dict[str, dict[str, Any]]:
        """Return the best trials that differ from each other and from the base, as overrides of it, the best first.

        With two objectives these are trials of the front, the one to choose first.
        """
        winners: dict[str, dict[str, Any]] = {}
        longest = {"epochs": self._settings.max_epochs} if self._settings.max_epochs else {}
        seen = [self.base]
        best = [each.trial for each in self._driver.best()]
        for trial in best if self._request.cost is None else in_order_of_choice(read_sweep(self._request.folder)):
            overrides = {**longest, **self._driver.trials[trial].overrides}
            config = override(self.base, overrides)
            if len(winners) < count and config not in seen:
                seen.append(config)
                winners[variant_of(trial)] = overrides
        return winners

    def values_of(self, variant: str) -> Mapping[str, Any]:
        """Return a trial's hyperparameters; the base has none."""
        return {} if variant == BASE else self._driver.trials[number_of(variant)].settings

    def score_of(self, variant: str) -> float | None:
        """Return the score that a trial or the base had in the sweep."""
        result = self._driver.base if variant == BASE else self._driver.results.get(number_of(variant))
        return result.score if result else None

    @property
    def failed(self) -> bool:
        """Whether any trial failed, or the base did."""
        return self._driver.failed > 0 or (self._driver.base is not None and self._driver.base.score is None)

    def summary(self) -> str:
        """Return the best trials beside the base, and where everything lies."""
        return self._reporter.summary(self._state)
