"""What a better score costs: the trials that no other beats in score and cost at once, and which of them to take."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from keras_suite.reports.run_directory import Run
from keras_suite.reports.sweep.hyperparameters import settings
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.resolution import images_of
from keras_suite.reports.sweep.wording import difference, metric, score
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import NONE, counted, duration


@dataclass(frozen=True)
class Cost:
    """What a trial costs.

    Attributes:
        key: Its column.
        label: Its name, as an axis has it.
        least: How a sentence says that a trial has the least of it.
        of: Returns it of a run; None where the run does not say.
        shown: Returns it with its unit.
        alike: The largest cost over the smallest up to which trials cost alike.
    """

    key: str
    label: str
    least: str
    of: Callable[[Run], float | None]
    shown: Callable[[float], str]
    alike: float


COSTS = (
    Cost(
        "parameters",
        "parameters",
        "has the fewest parameters",
        lambda run: (run.metrics or {}).get("parameters"),
        number,
        1.05,
    ),
    Cost(
        "seconds",
        "training time of a run, s",
        "is trained in the shortest time",
        lambda run: (run.metrics or {}).get("train_seconds"),
        duration,
        1.5,  # the same run takes longer beside others
    ),
)


@dataclass(frozen=True)
class Front:
    """The trials that no other beats in score and cost at once (Pareto), the cheapest first.

    Attributes:
        cost: Which cost.
        costs: That of each trial with a score, by its number.
        trials: The front. Of trials with the same score and cost the first stands for all.
    """

    cost: Cost
    costs: Mapping[int | None, float]
    trials: tuple[Trial, ...]

    def shown(self, trial: Trial) -> str:
        """Return a trial's cost with its unit."""
        value = self.costs.get(trial.number)
        return NONE if value is None else self.cost.shown(value)


def fronts(sweep: Sweep) -> list[Front]:
    """Return the front of each cost in which trials differ."""
    return [front for cost in COSTS if (front := _front(sweep, cost)) is not None]


def _front(sweep: Sweep, cost: Cost) -> Front | None:
    costs = {trial.number: value for trial in sweep.scored() if (value := _mean(trial, cost)) is not None}
    if len(costs) < 2 or max(costs.values()) <= cost.alike * min(costs.values()):
        return None
    known = [trial for trial in sweep.scored() if trial.number in costs]
    kept: list[Trial] = []
    for trial in sorted(known, key=lambda each: (costs[each.number], -_goodness(sweep, each), each.number or 0)):
        if not kept or _goodness(sweep, trial) > _goodness(sweep, kept[-1]):
            kept.append(trial)
    return Front(cost, costs, tuple(kept))


def _mean(trial: Trial, cost: Cost) -> float | None:
    known = [value for run in trial.runs if (value := cost.of(run))]
    return fmean(known) if known else None


def _goodness(sweep: Sweep, trial: Trial) -> float:
    value = math.nan if trial.score is None else trial.score
    return value if sweep.direction == "max" else -value


def standard_error(sweep: Sweep) -> float | None:
    """Return one standard error of the best trial's score: that of its validation images or seeds, the larger.

    None where neither is known.
    """
    best = sweep.best()[0]
    images, errors = images_of(best), []
    if images and sweep.metric.binary and best.score is not None:
        errors.append(math.sqrt(max(best.score * (1 - best.score), 0.0) / images))
    if len(best.seed_scores) > 1:
        errors.append(stdev(best.seed_scores) / math.sqrt(len(best.seed_scores)))
    return max(errors, default=None)


def choice_in_words(sweep: Sweep, front: Front) -> str:
    """Say which trial to take if the cost counts: the cheapest within one standard error of the best score.

    The rule is Breiman's (Breiman, Friedman, Olshen and Stone 1984, Classification and Regression Trees, 3.4.3).

    Returns:
        A sentence; "" where no standard error, or not the best trial's cost, is known.
    """
    best, error = sweep.best()[0], standard_error(sweep)
    if error is None or best.number not in front.costs:
        return ""
    least = _goodness(sweep, best) - error
    chosen = next(trial for trial in front.trials if _goodness(sweep, trial) >= least)
    within = f"within one standard error ({difference(sweep, error)}) of the best"
    if chosen.number == best.number:
        return f"By {front.cost.label.partition(',')[0]}: no cheaper trial comes {within}, {best.in_words}."
    return (
        f"Of the trials {within}, {chosen.in_words} {front.cost.least}: {front.shown(chosen)} instead of "
        f"{front.shown(best)}, at {score(sweep, chosen.score)} {metric(sweep)} instead of {score(sweep, best.score)}."
    )


def front_rows(sweep: Sweep, found: Sequence[Front]) -> list[dict[str, Any]]:
    """Return a row for each trial on any front, the best first; cells are text, `raw` the numbers behind them."""
    kept = {trial.number for front in found for trial in front.trials}
    return [
        {
            "trial": f"trial {trial.number}",
            "settings": settings(trial.values),
            "score": score(sweep, trial.score),
            **{front.cost.key: front.shown(trial) for front in found},
            "raw": {
                "score": trial.score,
                **{front.cost.key: front.costs.get(trial.number) for front in found},
            },
        }
        for trial in sweep.best()
        if trial.number in kept
    ]


def description(sweep: Sweep, front: Front) -> str:
    """Describe the picture of a front."""
    first, last = front.trials[0], front.trials[-1]
    return (
        f"{counted(len(front.costs), 'trial')}; the front goes from {score(sweep, first.score)} at "
        f"{front.shown(first)} to {score(sweep, last.score)} at {front.shown(last)}"
    )
