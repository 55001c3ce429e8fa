"""What a sweep demands of a trial, so that those which can hardly become the best get no further epochs and seeds.

A function of what the journal holds when the trial is proposed: see hopeless.py for epochs, racing.py for seeds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.limits import Limits
from keras_suite.experiments.tuning.hopeless import FullCurves
from keras_suite.experiments.tuning.journal import Trial, TrialResult, TrialRun
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.racing import SeedScatter, goes_on

FIRST_SEED = 1


class Demands:
    """What is demanded of new trials, by what has become of the others.

    Args:
        objective: What is optimized.
        seeds: Runs of each trial, at most.
    """

    def __init__(self, objective: Objective, seeds: int) -> None:
        self._objective = objective
        self._curves = FullCurves(objective.direction)
        self._scatter = SeedScatter(objective.direction, seeds)

    def add(self, result: TrialResult, epochs: int | None) -> None:
        """Take a result into account, the base's too.

        Args:
            result: How a trial ended.
            epochs: How many it was to have; None for the base, or where that is no one number.
        """
        scores = [run.score for run in result.runs if run.score is not None]
        if scores:
            self._scatter.add(scores)
        for run in result.runs[:1]:  # one curve for a trial, and of the seed, or fold, that all trials have
            if epochs is not None and run.curve is not None and run.score is not None:
                self._curves.add(run.curve, run.score, epochs)

    def of(self, trial: Trial, epochs: int | None, best: float | None) -> Trial:
        """Return a new trial with what is demanded of it, the best score being that of a trial so far."""
        limits = None if epochs is None else self._curves.limits(epochs, best)
        return replace(trial, limits=limits, bars=self._scatter.bars(best))

    def asked(self, job: Job, trial: Trial) -> Job:
        """Return the job of a trial's run with the limits that it must keep: those of its first seed, as the bars are
        for the others.
        """
        if trial.limits is None or job.seed > FIRST_SEED:
            return job
        return replace(job, limits=Limits(self._objective.name, self._objective.direction, trial.limits))

    def another_seed(self, runs: Sequence[TrialRun], bars: Sequence[float]) -> bool:
        """Return whether a trial that must reach bars gets another seed after these."""
        scores = [run.score for run in runs if run.score is not None]
        return len(scores) == len(runs) and goes_on(scores, bars, self._objective.direction)

    def read(self, run: TrialRun, history: Sequence[Mapping[str, Any]], stop: Any, epochs: int) -> TrialRun:
        """Return a run with its curve; one that was stopped also with the reason and the score that it may have had.

        Args:
            run: The run, without a score.
            history: Its epochs.
            stop: Where it was stopped, as its metrics have it, or None.
            epochs: How many it was to have.
        """
        values = (row[self._objective.name] for row in history)
        curve = tuple(value if math.isfinite(value) else None for value in values)
        if not stop:
            return replace(run, curve=curve)
        value, limit = (self._objective.format(stop[key]) for key in ("value", "limit"))
        missed = "below" if self._objective.direction == "max" else "above"
        reason = (
            f"stopped after epoch {stop['epoch']} of {epochs} at {value}: {missed} {limit} there, none is expected to "
            "become the best"
        )
        return replace(run, curve=curve, reason=reason, expected=self._curves.expected(curve, epochs))
