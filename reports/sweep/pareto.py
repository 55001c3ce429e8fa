"""What a better score costs: the trials that no other beats in score and cost at once, and which of them to take."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from keras_suite.reports.sweep.costs import COSTS, Cost, unbeaten
from keras_suite.reports.sweep.hyperparameters import settings
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.resolution import images_of
from keras_suite.reports.sweep.wording import difference, metric, score
from keras_suite.tasks.wording.quantities import NONE, counted


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
    """Return the front of each cost in which trials differ, that of a sweep of two objectives first."""
    own = front_of_two(sweep)
    others = [_front(sweep, cost) for cost in COSTS if cost is not sweep.cost]
    return [front for front in (own, *others) if front is not None]


def front_of_two(sweep: Sweep) -> Front | None:
    """Return the front of a sweep of two objectives; None of one objective, or before any trial has both."""
    return None if sweep.cost is None else _front(sweep, sweep.cost)


def _front(sweep: Sweep, cost: Cost) -> Front | None:
    costs = {trial.number: value for trial in sweep.scored() if (value := _cost_of(sweep, trial, cost)) is not None}
    asked = cost is sweep.cost and len(costs) > 0
    if not asked and (len(costs) < 2 or max(costs.values()) <= cost.alike * min(costs.values())):
        return None
    known = {number: trial for trial in sweep.scored() if (number := trial.number) is not None and number in costs}
    numbers = unbeaten(
        {number: _goodness(sweep, trial) for number, trial in known.items()},
        {number: costs[number] for number in known},
    )
    return Front(cost, costs, tuple(known[number] for number in numbers))


def _cost_of(sweep: Sweep, trial: Trial, cost: Cost) -> float | None:
    """Return a trial's cost: in a sweep that optimizes it as its journal recorded it, else as its runs tell it."""
    if cost is sweep.cost:
        return trial.cost
    known = [value for run in trial.runs if (value := cost.of(run))]
    return fmean(known) if known else None


def _goodness(sweep: Sweep, trial: Trial) -> float:
    value = math.nan if trial.score is None else trial.score
    return value if sweep.direction == "max" else -value


def standard_error(sweep: Sweep, of: Trial | None = None) -> float | None:
    """Return one standard error of a trial's score, the best's by default: of its validation images or seeds, the
    larger.

    None where neither is known.
    """
    trial = of or sweep.best()[0]
    images, errors = images_of(trial), []
    if images and sweep.metric.binary and trial.score is not None:
        errors.append(math.sqrt(max(trial.score * (1 - trial.score), 0.0) / images))
    if len(trial.seed_scores) > 1:
        errors.append(stdev(trial.seed_scores) / math.sqrt(len(trial.seed_scores)))
    return max(errors, default=None)


def chosen_of(sweep: Sweep, front: Front) -> Trial | None:
    """Return the trial to take if the cost counts: the cheapest within one standard error of the best score.

    The rule is Breiman's (Breiman, Friedman, Olshen and Stone 1984, Classification and Regression Trees, 3.4.3).

    Returns:
        None where no standard error, or not the best trial's cost, is known.
    """
    best, error = sweep.best()[0], standard_error(sweep)
    if error is None or best.number not in front.costs:
        return None
    least = _goodness(sweep, best) - error
    return next(trial for trial in front.trials if _goodness(sweep, trial) >= least)


def in_order_of_choice(sweep: Sweep) -> list[int]:
    """Return the front of a sweep of two objectives as it is confirmed: the trial to take, then the best scores."""
    front = front_of_two(sweep)
    if front is None:
        return []
    chosen = chosen_of(sweep, front)
    others = [trial for trial in reversed(front.trials) if trial is not chosen]
    return [trial.number for trial in ([chosen] if chosen else []) + others if trial.number is not None]


def choice_in_words(sweep: Sweep, front: Front) -> str:
    """Say which trial to take if the cost counts, by `chosen_of`; "" where that cannot be told."""
    best, error, chosen = sweep.best()[0], standard_error(sweep), chosen_of(sweep, front)
    if error is None or chosen is None:
        return ""
    within = f"within one standard error ({difference(sweep, error)}) of the best"
    if chosen.number == best.number:
        return f"By {front.cost.name}: no cheaper trial comes {within}, {best.in_words}."
    if front.shown(chosen) == front.shown(best):
        return (
            f"By {front.cost.name}: no trial {within}, {best.in_words}, saves enough to be seen ({front.shown(best)})."
        )
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
