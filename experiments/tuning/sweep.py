"""A sweep from the command to its last trial: what was asked, what is there, and the loop that runs it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, cast, get_args

import keras_tuner

from experiments import parts
from experiments.catalog import Entry
from experiments.checks import check
from experiments.config import Config, override, unknown
from experiments.config import to_json as config_to_json
from experiments.job import Job, load_dataset
from experiments.jobs import run_all
from experiments.tuning import brackets, journal, preview, terms
from experiments.tuning.disk import Disk
from experiments.tuning.driver import BASE, Driver, Ended, number_of, variant_of
from experiments.tuning.objective import Objective, check_classes
from experiments.tuning.oracles import Tuner, oracle
from experiments.tuning.preview import Budget
from experiments.tuning.proposer import Proposer
from experiments.tuning.space import corners, described, registered
from experiments.tuning.status import Best, State, Status, in_words, left_in_words, write_status
from experiments.tuning.terms import Terms
from reports.sweep.trials_table import write_table
from reports.wording import counted

TRIALS = 20
TABLE_SECONDS = 10.0


@dataclass(frozen=True)
class Asked:
    """What a `tune` command asks for. `time_limit` in seconds."""

    entry: Entry
    tuner: str
    trials: int | None
    seeds: int
    objective: str
    seed: int
    settings: Mapping[str, Any]
    threads: int
    workers: int
    time_limit: float | None
    max_failures: int
    keep: int
    max_epochs: int | None
    iterations: int | None
    runs_dir: Path
    data_dir: Path | None
    command: str
    checkpoint_seconds: float = 30.0

    @property
    def experiment(self) -> str:
        """The name under which the trials' run directories lie: apart from those of the experiment's variants."""
        return f"{self.entry.name}.tune/{self.tuner}"

    @property
    def folder(self) -> Path:
        """Where the sweep lies."""
        return self.runs_dir / self.experiment

    def job(self, variant: str, config: Config, seed: int) -> Job:
        """One run of a trial; it never looks at the test set."""
        return Job(
            experiment=self.experiment,
            variant=variant,
            config=config,
            seed=seed,
            threads=self.threads,
            runs_dir=self.runs_dir,
            data_dir=self.data_dir,
            command=self.command,
            score_test=False,
            checkpoint_seconds=self.checkpoint_seconds,
        )


class Sweep:
    """Made, it has checked everything and written nothing; `open` begins or recovers the journal; `run` does the rest.

    `before` are the terms of the sweep that is there, if there is one.
    """

    def __init__(self, asked: Asked, before: Mapping[str, Any]) -> None:
        self._asked = asked
        self._state: State = "running"
        self._table_at = 0.0
        if asked.tuner not in get_args(Tuner):
            raise ValueError(unknown("tuner", asked.tuner, get_args(Tuner)))
        self._tuner = cast(Tuner, asked.tuner)
        if asked.entry.space is None:
            raise ValueError(
                f"{asked.entry.name} has no search space: define space(hp) in its file, a function that returns "
                "overrides of the base"
            )
        self._objective = Objective(asked.objective)
        self._base = override(asked.entry.experiment.base, asked.settings)
        parts.check_names(self._base)
        check(self._base)
        data = load_dataset(self._base.dataset, asked.data_dir)
        check_classes(self._objective, len(data.class_names))
        self._space, self._known = asked.entry.space, registered(asked.entry.space)
        self._terms = Terms(
            tuner=self._tuner,
            objective=asked.objective,
            seed=asked.seed,
            seeds=asked.seeds,
            threads=asked.threads,
            space=described(self._known),
            base=config_to_json(self._base),
            data=data.fingerprint,
            versions=terms.versions(),
            **self._hyperband_terms(),
        )
        most = self._terms.max_epochs
        self._trials_base = override(self._base, {"epochs": most}) if most else self._base
        if before:
            terms.refuse_other_terms(dict(before), terms.to_json(self._terms), asked.folder)
        self._trials = asked.trials or (None if self._tuner == "grid" else TRIALS)
        self._plan(tried=bool(before))
        self._driver = Driver(
            asked.folder,
            Proposer(self._oracle(), self._space),
            self._objective,
            self._base,
            self._trials_base,
            asked.seeds,
            asked.job,
            self._goes_on,
        )

    def _hyperband_terms(self) -> dict[str, int]:
        asked = self._asked
        if self._tuner == "hyperband":
            if asked.trials is not None:
                raise ValueError(
                    f"--trials {asked.trials} is not Hyperband's to take: --max-epochs and --iterations set its budget"
                )
            if self._base.phases:
                raise ValueError("Hyperband cuts a run off in its epochs, and the base has phases: take another tuner")
            return {"max_epochs": asked.max_epochs or self._base.epochs, "iterations": asked.iterations or 1}
        for option, value in (("--max-epochs", asked.max_epochs), ("--iterations", asked.iterations)):
            if value is not None:
                raise ValueError(f"{option} {value} is Hyperband's: take --tuner hyperband, or --trials")
        return {}

    def _oracle(self) -> Any:
        objective = keras_tuner.Objective(self._objective.name, self._objective.direction)
        given = self._terms
        hyperband: dict[str, Any] = {}
        if self._tuner == "hyperband":
            hyperband = {"max_epochs": given.max_epochs, "iterations": given.iterations}
        return oracle(self._tuner, self._known, objective, given.seed, **hyperband)

    def _plan(self, tried: bool) -> None:
        """Foresees and tries what can be; `tried`: a sweep that goes on has been through the dry fit."""
        edges = corners(self._space, self._known)
        configs = {**preview.checked(self._trials_base, edges), BASE: self._base}
        if self._tuner == "hyperband":
            _refuse_epochs(edges)
        budget = self._budget(configs)
        self._trials = budget.trials
        self._per_trial: float | None = None
        if tried:
            self.announcement = f"The sweep goes on: {self._asked.folder}"
            return
        cost = preview.dry_fit(configs, self._asked.job)
        found = preview.preview(cost, configs, budget, self._asked.seeds, self._asked.keep)
        self._per_trial = found.seconds / (found.trials + 1)
        said = preview.announcement(found, self._asked.seeds, self._asked.workers, self._asked.threads)
        rungs = brackets.in_words(brackets.brackets(self._oracle())) if self._tuner == "hyperband" else []
        self.announcement = "\n".join([said, *rungs])

    def _budget(self, configs: Mapping[str, Config]) -> Budget:
        if self._tuner == "hyperband":
            assert self._terms.iterations is not None
            rungs, times = brackets.brackets(self._oracle()), self._terms.iterations
            return Budget(times * brackets.trials_in(rungs), times * brackets.epochs_in(rungs), exact=True)
        if self._tuner == "bayesian":
            assert self._trials is not None
            longest = max(config.epochs for config in configs.values())
            same = all(config.epochs == longest for config in configs.values())
            return Budget(self._trials, self._trials * longest, exact=same)
        ahead = preview.foreseen(Proposer(self._oracle(), self._space), self._trials)
        trials = preview.checked(self._base, {variant_of(trial.number): trial.overrides for trial in ahead})
        return Budget(len(trials), sum(config.epochs for config in trials.values()), exact=True)

    def open(self) -> None:
        """Begins the journal, or recovers it and replays it into the oracle. ValueError if it cannot go on."""
        self._asked.folder.mkdir(parents=True, exist_ok=True)
        path = self._asked.folder / journal.NAME
        events = journal.recover(path)
        if not events:
            journal.append(
                path,
                {
                    "event": "begun",
                    "terms": terms.to_json(self._terms),
                    "question": self._asked.entry.question,
                    "command": self._asked.command,
                },
            )
        self._driver.replay(events[1:])

    def run(self) -> Iterator[tuple[str, bool]]:
        """Runs what is left; yields a line for each trial that ended, and whether it failed."""
        self._began = time.monotonic()
        running: list[str] = []
        disk = Disk(self._asked.folder, self._asked.keep)
        try:
            for job, outcome in run_all(self._announced(running), self._asked.workers):
                running.remove(f"{job.variant} seed {job.seed}")
                ended = self._driver.take(job, outcome)
                self._write(running)
                if ended is not None:
                    disk.free(self._driver.ended, self._driver.best(), self._driver.awaited())
                    yield self._line(ended), ended.score is None
        except BaseException:
            self._state = "interrupted"
            self._write([])
            raise
        disk.free(self._driver.ended, self._driver.best(), set() if self._driver.exhausted else self._driver.awaited())
        self._state = self._state if self._state != "running" else "done"
        self._write([])

    def _announced(self, running: list[str]) -> Iterator[Job | None]:
        for job in self._driver.jobs():
            if job is not None:
                running.append(f"{job.variant} seed {job.seed}")
                self._write(running)
            yield job

    def _goes_on(self, driver: Driver) -> bool:
        """Whether another trial is to be created."""
        if self._trials is not None and len(driver.trials) >= self._trials:
            return False
        if driver.failed >= self._asked.max_failures:
            self._state = "too many failures"
        elif self._asked.time_limit is not None and time.monotonic() - self._began >= self._asked.time_limit:
            self._state = "time is up"
        return self._state == "running"

    def _write(self, running: list[str]) -> None:
        write_status(self._asked.folder, self._status(tuple(running)))
        if self._state == "running" and time.monotonic() - self._table_at < TABLE_SECONDS:
            return  # it is written as a whole, and that takes longer with every trial
        write_table(self._asked.folder / "trials.csv", journal.read(self._asked.folder / journal.NAME))
        self._table_at = time.monotonic()

    def _status(self, running: tuple[str, ...]) -> Status:
        driver, best = self._driver, self._driver.best()[:1]
        first = [Best(each.trial, each.score, driver.trials[each.trial].values) for each in best]  # type: ignore
        return Status(
            state=self._state,
            planned=self._trials,
            completed=len(driver.ended) - driver.failed,
            failed=driver.failed,
            running=running,
            best=first[0] if first else None,
            base_score=driver.base.score if driver.base else None,
            seconds_left=self._seconds_left(),
        )

    def _seconds_left(self) -> float | None:
        if self._trials is None or self._state != "running":
            return None
        took = [sum(run.seconds for run in each.runs) for each in self._driver.ended.values() if each.runs]
        each = fmean(took) if took else self._per_trial
        left = self._trials - len(self._driver.ended)
        return None if each is None else each * left / min(self._asked.workers, max(1, left * self._asked.seeds))

    def _line(self, ended: Ended) -> str:
        status = self._status(())
        if ended.trial is None:
            count, values = "base", "the unchanged base"
        else:
            of = f"/{self._trials}" if self._trials else ""
            count = f"[{len(self._driver.ended)}{of}] {variant_of(ended.trial)}"
            values = in_words(self._driver.trials[ended.trial].values)
        if ended.score is None:
            return f"{count} ({values}): failed, {ended.reason}{left_in_words(status.seconds_left)}"
        best = f"; best so far {variant_of(status.best.trial)}" if status.best else ""
        return f"{count} ({values}): {self._objective.in_words(ended.score)}{best}{left_in_words(status.seconds_left)}"

    def winners(self, count: int) -> dict[str, dict[str, Any]]:
        """The best trials that differ from each other and from the base, as overrides of the base, the best first."""
        found: dict[str, dict[str, Any]] = {}
        most = {"epochs": self._terms.max_epochs} if self._terms.max_epochs else {}
        seen = [self._base]
        for each in self._driver.best():
            assert each.trial is not None
            overrides = {**most, **self._driver.trials[each.trial].overrides}
            config = override(self._base, overrides)
            if len(found) < count and config not in seen:
                seen.append(config)
                found[variant_of(each.trial)] = overrides
        return found

    def score_of(self, variant: str) -> float | None:
        """What the sweep saw of a trial or of the base."""
        ended = self._driver.base if variant == BASE else self._driver.ended.get(number_of(variant))
        return ended.score if ended else None

    @property
    def base(self) -> Config:
        """The unchanged base."""
        return self._base

    @property
    def objective(self) -> Objective:
        """What the sweep made best."""
        return self._objective

    @property
    def failed(self) -> bool:
        """Whether any trial failed, or the base did."""
        return self._driver.failed > 0 or (self._driver.base is not None and self._driver.base.score is None)

    def summary(self) -> str:
        """The best trials beside the base, and where everything lies."""
        driver = self._driver
        said = {"time is up": "The time is up", "too many failures": "Too many trials failed"}.get(self._state)
        lines = [f"\n{said}; the same command with a higher limit goes on."] if said else [""]
        if driver.exhausted:
            lines.append("The oracle has no more trials: the space is exhausted.")
        for place, each in enumerate(driver.best()[:3], 1):
            assert each.score is not None and each.trial is not None
            values = in_words(driver.trials[each.trial].values)
            lines.append(f"{place}. {variant_of(each.trial)}: {self._objective.in_words(each.score)} ({values})")
        if driver.base is not None and driver.base.score is not None:
            lines.append(f"The base: {self._objective.in_words(driver.base.score)}")
        if driver.failed:
            lines.append(f"{counted(driver.failed, 'trial')} failed; the reasons are in the table.")
        lines.append(f"The table: {self._asked.folder / 'trials.csv'}")
        return "\n".join(lines)


def _refuse_epochs(edges: Mapping[str, Mapping[str, Any]]) -> None:
    for overrides in edges.values():
        for key in ("epochs", "phases"):
            if any(path.partition(".")[0] == key for path in overrides):
                raise ValueError(f"space(hp) sets {key}, and Hyperband sets the epochs: leave that out of the space")
