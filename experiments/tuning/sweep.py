"""A sweep from the command to its last trial: what is there is checked and tried, then the loop runs it."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast, get_args

import keras_tuner

from keras_suite.experiments.config import override
from keras_suite.experiments.config import to_json as config_to_json
from keras_suite.experiments.registry import check_names, resolve
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.progress import doing, epochs_of
from keras_suite.experiments.scheduling.workers import Stopped
from keras_suite.experiments.training.identity import directory_of, load_dataset
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.tuning import brackets, journal, preview, terms
from keras_suite.experiments.tuning.budget import budget, most_trials, refuse_epochs, terms_of_tuner
from keras_suite.experiments.tuning.driver import BASE, Driver, Ended, number_of, variant_of
from keras_suite.experiments.tuning.objective import Objective, check_measured, default_objective
from keras_suite.experiments.tuning.oracles import Tuner, oracle
from keras_suite.experiments.tuning.progress import TABLE, Telling
from keras_suite.experiments.tuning.proposer import Proposer
from keras_suite.experiments.tuning.pruning import Disk
from keras_suite.experiments.tuning.request import Asked
from keras_suite.experiments.tuning.space import checked, corners, described, registered
from keras_suite.experiments.tuning.status import State, write_status
from keras_suite.experiments.tuning.tensorboard_hparams import write_boards
from keras_suite.experiments.tuning.terms import Terms
from keras_suite.experiments.validation import check
from keras_suite.reports.sweep.trials_table import write_table
from keras_suite.tasks import task_named
from keras_suite.tasks.wording.near_names import unknown

TABLE_SECONDS = 10.0


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
        if asked.entry.space is None:
            raise ValueError(
                f"{asked.entry.name} has no search space: define space(hp) in its file, a function that returns "
                "overrides of the base"
            )
        if asked.objective is not None:
            Objective(asked.objective)  # a wrong name is answered before the data are loaded
        self.base = override(asked.entry.experiment.base, asked.settings)
        check_names(self.base)
        check(self.base)
        data = load_dataset(resolve(self.base).dataset, asked.options.data_dir)
        self.objective = Objective(asked.objective or default_objective(task_named(data.task)))
        check_measured(self.objective, task_named(data.task), len(data.class_names))
        self._space, self._known = asked.entry.space, registered(asked.entry.space)
        self._terms = Terms(
            tuner=asked.tuner,
            objective=self.objective.name,
            seed=asked.seed,
            seeds=asked.seeds,
            threads=asked.options.threads,
            space=described(self._known),
            base=config_to_json(self.base),
            data=data.fingerprint,
            versions=terms.versions(),
            **terms_of_tuner(asked, self.base),
        )
        most = self._terms.max_epochs
        self._trials_base = override(self.base, {"epochs": most}) if most else self.base
        if before:
            terms.refuse_other_terms(dict(before), terms.to_json(self._terms), asked.folder)
        self._trials = most_trials(asked)
        self._per_trial: float | None = None
        self.announcement = self._plan(tried=bool(before))
        self._driver = Driver(
            asked.folder,
            Proposer(self._oracle(), self._space),
            self.objective,
            self.base,
            self._trials_base,
            asked.seeds,
            asked.job,
            self._goes_on,
        )
        self._telling = Telling(
            asked.folder,
            self._driver,
            self.objective,
            self._trials,
            self._per_trial,
            asked.seeds,
            asked.workers.count,
            self._epochs,
        )
        self._running: list[Job] = []
        self._noted = (self._telling.status(self._state), time.monotonic())

    def _oracle(self) -> Any:
        objective = keras_tuner.Objective(self.objective.name, self.objective.direction)
        given = self._terms
        options: dict[str, Any] = {"points": given.points}
        if given.tuner == "hyperband":
            options |= {"max_epochs": given.max_epochs, "iterations": given.iterations}
        return oracle(cast(Tuner, given.tuner), self._known, objective, given.seed, **options)

    def _plan(self, tried: bool) -> str:
        """Foresees and tries what can be, and says so; `tried`: a sweep that goes on has been through the dry fit."""
        edges = corners(self._space, self._known)
        configs = {BASE: self.base, **checked(self._trials_base, edges)}  # first: the dry fit keeps it
        rungs: list[str] = []
        if self._terms.tuner == "hyperband":
            refuse_epochs(edges)
            rungs = brackets.in_words(brackets.brackets(self._oracle()))
        planned = budget(self._terms, self._oracle, self._space, self.base, configs, self._trials)
        self._trials = planned.trials
        self._epochs = planned.epochs if self._terms.tuner == "hyperband" else None
        if tried:
            return f"The sweep goes on: {self._asked.folder}"
        cost = preview.dry_fit(configs, self._asked.job)
        found = preview.preview(cost, configs, planned, self._asked.seeds, self._asked.keep)
        self._per_trial = found.seconds / (found.trials + 1)
        said = preview.announcement(found, self._asked.seeds, self._asked.workers.count, self._asked.options.threads)
        return "\n".join([said, *rungs])

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
                    "command": self._asked.options.command,
                },
            )
        self._driver.replay(events[1:])

    def run(self) -> Iterator[tuple[str, bool]]:
        """Runs what is left; yields a line for each trial that ended, and whether it failed.

        Stopped or OSError if a run failed for what is not its own fault; its trial has not ended then.
        """
        self._began = time.monotonic()
        disk = Disk(self._asked.folder, self._asked.keep)
        self._write_boards(self._driver.ended.values())
        try:
            with contextlib.closing(run_all(self._announced(), self._asked.workers)) as ending:
                for job, outcome in ending:
                    self._running.remove(job)
                    if outcome.blame == "machine":  # not the trial's failure: its oracle must not learn from it
                        raise Stopped(f"{job.variant} seed {job.seed}: {outcome.reason}")
                    ended = self._driver.take(job, outcome)
                    self._write()
                    if ended is not None:
                        self._write_boards([ended])
                        disk.free(self._driver.ended, self._driver.best(disk.keep), self._driver.awaited())
                        yield self._telling.line(ended, self._state), ended.score is None
        except BaseException as error:
            self._state = "stopped" if isinstance(error, (Stopped, OSError)) else "interrupted"
            with contextlib.suppress(OSError):  # a full disk, say
                self._write()
            raise
        disk.free(
            self._driver.ended,
            self._driver.best(disk.keep),
            set() if self._driver.exhausted else self._driver.awaited(),
        )
        self._state = self._state if self._state != "running" else "done"
        self._write()

    def _write_boards(self, ended: Iterable[Ended]) -> None:
        if self._asked.options.tensorboard:
            write_boards(self._asked.folder, self._driver.trials, ended, self.objective)

    def _announced(self) -> Iterator[Job | None]:
        for job in self._driver.jobs():
            if job is not None:
                self._running.append(job)
                self._write()
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

    def live(self) -> str:
        """The line of a terminal while it runs, asked for from another thread."""
        status, at = self._noted
        running = [doing(job, len(epochs_of(directory_of(job), 0.0)[0])) for job in list(self._running)]
        return self._telling.live(status, running, time.monotonic() - at)

    def _write(self) -> None:
        if self._state != "running":
            self._running.clear()
        running = tuple(f"{job.variant} seed {job.seed}" for job in self._running)
        self._noted = self._telling.status(self._state, running), time.monotonic()
        write_status(self._asked.folder, self._noted[0])
        if self._state == "running" and time.monotonic() - self._table_at < TABLE_SECONDS:
            return  # it is written as a whole, and that takes longer with every trial
        write_table(self._asked.folder / TABLE, journal.read(self._asked.folder / journal.NAME))
        self._table_at = time.monotonic()

    def winners(self, count: int) -> dict[str, dict[str, Any]]:
        """The best trials that differ from each other and from the base, as overrides of the base, the best first."""
        found: dict[str, dict[str, Any]] = {}
        most = {"epochs": self._terms.max_epochs} if self._terms.max_epochs else {}
        seen = [self.base]
        for each in self._driver.best():
            overrides = {**most, **self._driver.trials[each.trial].overrides}
            config = override(self.base, overrides)
            if len(found) < count and config not in seen:
                seen.append(config)
                found[variant_of(each.trial)] = overrides
        return found

    def score_of(self, variant: str) -> float | None:
        """What the sweep saw of a trial or of the base."""
        ended = self._driver.base if variant == BASE else self._driver.ended.get(number_of(variant))
        return ended.score if ended else None

    @property
    def failed(self) -> bool:
        """Whether any trial failed, or the base did."""
        return self._driver.failed > 0 or (self._driver.base is not None and self._driver.base.score is None)

    def summary(self) -> str:
        """The best trials beside the base, and where everything lies."""
        return self._telling.summary(self._state)
