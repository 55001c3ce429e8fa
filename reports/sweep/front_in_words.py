"""A sweep of two objectives in words: its front, which trial of it to take, and what fresh seeds say of that."""

import math
from collections.abc import Mapping
from statistics import fmean, stdev
from typing import Any

from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.sweep.confirmation import BASE, Confirmation
from keras_suite.reports.sweep.hyperparameters import settings
from keras_suite.reports.sweep.optimism import Confirmed
from keras_suite.reports.sweep.pareto import Front, choice_in_words, chosen_of, front_of_two, standard_error
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import difference, difference_interval, metric, score, signed_difference
from keras_suite.tasks.wording.quantities import NONE, counted

MOST_NAMED = 5
RULE = (
    "The trial to take is the cheapest whose score is within one standard error of the best score (Breiman and others, "
    "1984): by these validation images, or seeds, it is not shown to be worse"
)


def front_answer(sweep: Sweep, confirmation: Confirmation | None) -> str:
    """Return the front and the trial to take, as settings; "" for a sweep of one objective."""
    front = front_of_two(sweep)
    if front is None:
        return ""
    scored = counted(len(front.costs), "scored trial")
    named = [trial for trial in front.trials if trial in _named(sweep, front)]
    each = "; ".join(
        f"{trial.in_words}: {score(sweep, trial.score)} at {front.cost.in_words(front.costs[trial.number])}"
        for trial in named
    )
    more = f"; and {len(front.trials) - len(named)} more" if len(named) < len(front.trials) else ""
    are = "is 1 that no other beats" if len(front.trials) == 1 else f"are {len(front.trials)} that no other beats"
    lines = [f"Of {scored} there {are} in both {metric(sweep)} and {front.cost.name}: {each}{more}."]
    lines.append(choice_in_words(sweep, front) or unchoosable(sweep))
    lines.append(_beside_base(sweep, front))
    if confirmation is None:
        lines.append("But the best of many are lucky: what these reach, only fresh seeds can say.")
    else:
        lines.append(_on_fresh_seeds(sweep, confirmation))
    return " ".join(line for line in lines if line)


def unchoosable(sweep: Sweep) -> str:
    """Say why no trial is chosen, where a score has no standard error; "" where it has one."""
    if not sweep.scored() or standard_error(sweep) is not None:
        return ""
    return (
        f"Which cheaper one is as good as the best cannot be told: one seed of {metric(sweep)} has no standard error; "
        "with --seeds 3 it has."
    )


def _named(sweep: Sweep, front: Front) -> tuple[Trial, ...]:
    """Return the trials of the front that a sentence names: all, or both ends, the one to take and those beside it."""
    if len(front.trials) <= MOST_NAMED:
        return front.trials
    chosen = chosen_of(sweep, front)
    place = front.trials.index(chosen) if chosen is not None else 0
    around = [k for k in (place - 1, place, place + 1) if 0 <= k < len(front.trials)]
    return tuple(front.trials[k] for k in sorted({0, *around, len(front.trials) - 1}))


def _beside_base(sweep: Sweep, front: Front) -> str:
    base = sweep.base
    if base is None or base.score is None or base.cost is None:
        return ""
    sign = 1 if sweep.direction == "max" else -1
    beating = [
        trial
        for trial in front.trials
        if sign * (trial.score or 0.0) >= sign * base.score and front.costs[trial.number] <= base.cost
    ]
    said = f"The unchanged base has {score(sweep, base.score)} at {front.cost.in_words(base.cost)}"
    if not beating:
        return f"{said}, which none of them beats in both."
    return f"{said}, no better in either than {len(beating)} of them."


def cheapest_confirmed(sweep: Sweep, confirmation: Confirmation) -> tuple[Confirmed, Confirmed, Interval] | None:
    """Return the cheapest confirmed trial that fresh seeds do not show to be worse than the best of them, and that one.

    With them the 95 % interval of how far the first is behind (Student's, paired by seed). None without two trials.
    """
    from scipy import stats

    costs = {trial.name: trial.cost for trial in sweep.trials if trial.cost is not None}
    found = [each for each in confirmation.variants if each.variant != BASE and each.variant in costs]
    sign = 1 if sweep.direction == "max" else -1
    best = max(found, key=lambda each: sign * each.on_fresh_seeds, default=None)
    if best is None or len(found) < 2:
        return None
    for each in sorted(found, key=lambda one: costs[one.variant]):
        shared = sorted(each.fresh.keys() & best.fresh.keys())
        behind = [sign * (best.fresh[seed] - each.fresh[seed]) for seed in shared]
        if len(behind) < 2:
            continue
        half = float(stats.t.isf(0.025, len(behind) - 1)) * stdev(behind) / math.sqrt(len(behind))
        interval = Interval(fmean(behind) - half, fmean(behind) + half, 0.95)
        if interval.low <= 0:
            return each, best, interval
    return None


def _on_fresh_seeds(sweep: Sweep, confirmation: Confirmation) -> str:
    found = cheapest_confirmed(sweep, confirmation)
    if found is None:
        return ""
    chosen, best, interval = found
    trials = {trial.name: trial for trial in sweep.trials}
    first, other = trials[chosen.variant], trials[best.variant]
    if first is other:
        return f"Of those on fresh seeds every cheaper one is shown to be worse than {first.in_words}."
    front = front_of_two(sweep)
    assert front is not None
    behind = difference(sweep, abs(best.on_fresh_seeds - chosen.on_fresh_seeds))
    cost = front.cost.in_words(front.costs[first.number])
    cost += "" if front.shown(first) == front.shown(other) else f" instead of {front.shown(other)}"
    return (
        f"Of those on fresh seeds the cheapest that is not shown to be worse than the best of them, {other.in_words}, "
        f"is {first.in_words}: {cost}, {behind} behind (95 % interval {difference_interval(sweep, interval)})."
    )


def two_rows(sweep: Sweep, front: Front) -> list[dict[str, Any]]:
    """Return a row for each trial of the front, the cheapest first, and one for the base; `raw` has the numbers."""
    chosen = chosen_of(sweep, front)
    rows = [_row(sweep, front, trial, settings(trial.values), trial is chosen) for trial in front.trials]
    if sweep.base is not None and sweep.base.score is not None:
        rows.append(_row(sweep, front, sweep.base, "nothing: the base as it is", False))
    return rows


def _row(sweep: Sweep, front: Front, trial: Trial, named: str, chosen: bool) -> dict[str, Any]:
    error = standard_error(sweep, trial)
    cost = front.costs.get(trial.number, trial.cost)
    raw: Mapping[str, float | None] = {"score": trial.score, "error": error, "cost": cost}
    return {
        "settings": named,
        "trial": "base" if trial.number is None else f"trial {trial.number}",
        "score": score(sweep, trial.score),
        "error": NONE if error is None else signed_difference(sweep, error, sign=False),
        "cost": NONE if cost is None else front.cost.shown(cost),
        "chosen": chosen,
        "raw": raw,
    }
