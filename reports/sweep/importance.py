"""Which hyperparameters made the difference between the trials of a sweep, with confidence; and crowded ends of ranges.

A random forest learns the ranks of the trials from their hyperparameters. The importance of a hyperparameter is how
much worse the forest predicts held-out trials when the values of that hyperparameter are shuffled (permutation
importance, Breiman 2001; Hutter et al. 2014 ask forests the same question), as a share of what the mean square becomes
where nothing but chance is left, twice the variance: with forests that explained everything it would be the total
effect of Sobol's, from 0 to 100 %. This is repeated for many bootstrap resamples of the trials, with the trials that a
resample left out as held-out ones.

Where the forests explain nothing, importances would be chance, and are refused: of 96 simulated sweeps of 12 to 100
trials with 5 or 12 hyperparameters and scores of pure noise, none was explained by more than 0.03. Of 24 in which one
of those hyperparameters moved the scores by several times the noise, 40 trials ranked it first with its interval above
0 every time, 20 trials ranked it first every time with its interval above 0 in 58 %.

Forests are weak where trials are few: of 12 simulated sweeps of 40 trials with 5 hyperparameters, one of which
explained half of the variance of the scores, it was found in 67 % where more was better and in 33 % where the middle
was best; of 10 of 20 trials in 30 % and none. Where only the product of two explained 90 %, 8 % of 12 sweeps of 40
trials showed it: a pure interaction is not found, and the page says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.reports.sweep.hyperparameters import EPOCHS, Hyperparameter, shown
from keras_suite.reports.sweep.reading import Sweep

FEWEST_TRIALS = 12
MOST_TRIALS = 500  # drawn from more; the forests would take minutes
RESAMPLES, TREES, SHUFFLES = 40, 20, 4
EXPLAINS_NOTHING = 0.1  # of the variance of ranks
TRAINED_EPOCHS = "epochs trained"


@dataclass(frozen=True)
class Importance:
    """The share of the differences in rank that goes with a hyperparameter, from 0 to 1: mean and central 90 %."""

    name: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Importances:
    """The importances of a sweep's hyperparameters.

    Attributes:
        trials: The number of trials that they are computed from.
        explained: The share of the variance of held-out trials' ranks that the forests explain, on average.
        ranked: The most important first; empty if refused.
        refused: Why no importances can be given; None if they can.
    """

    trials: int
    explained: float
    ranked: tuple[Importance, ...]
    refused: str | None


def importances(sweep: Sweep) -> Importances:
    """Compute the importance of all hyperparameters that had more than one value, the most important first."""
    trials = [trial for trial in sweep.trials if trial.score_or_expected is not None]
    if len(trials) < FEWEST_TRIALS:
        return Importances(
            len(trials), math.nan, (), f"{len(trials)} scored trials are too few to tell; {FEWEST_TRIALS} are needed"
        )
    random = np.random.default_rng(0)
    if len(trials) > MOST_TRIALS:
        trials = [trials[k] for k in np.sort(random.choice(len(trials), MOST_TRIALS, replace=False))]
    columns = _columns(sweep.space, [trial.values for trial in trials])
    if not columns:
        return Importances(len(trials), math.nan, (), "no hyperparameter had more than one value")
    ranks = _ranks(np.array([trial.score_or_expected for trial in trials], dtype=float))
    explained, drops = _resampled(columns, ranks, random)
    if explained < EXPLAINS_NOTHING:
        refused = (
            "random forests cannot tell good from bad among trials that they have not seen, so their reasons are "
            "chance. That does not say that nothing matters: forests often miss what is best in the middle of its "
            "range, and what only matters together with another hyperparameter"
        )
        return Importances(len(trials), explained, (), refused)
    ranked = [
        Importance(name, *np.clip([values.mean(), *np.quantile(values, [0.05, 0.95])], 0.0, 1.0).tolist())
        for name, values in ((name, values / 2) for name, values in drops.items())
    ]
    return Importances(len(trials), explained, tuple(sorted(ranked, key=lambda each: -each.mean)), None)


@dataclass(frozen=True)
class _Column:
    """A hyperparameter as the forest's features: `values` float64 (trials, width), and where it was active."""

    values: np.ndarray
    active: np.ndarray


def _columns(space: Sequence[Hyperparameter], trials: Sequence[Mapping[str, Any]]) -> dict[str, _Column]:
    """Return numbers by their place on their scale; other choices as one column for each. Where inactive: the median.

    The values of two hyperparameters can change places only where both trials have one, and what switches others on
    has a column of its own: so a trial with a value in the middle is as good as one without.
    """
    columns: dict[str, _Column] = {}
    for each in space:
        active = np.array([each.name in values for values in trials])
        distinct = {values[each.name] for values in trials if each.name in values}
        if len(distinct) < 2:
            continue
        if each.ordered:
            places = np.array(
                [each.position(values[each.name]) if each.name in values else math.nan for values in trials]
            )
            coded = np.where(active, places, np.nanmedian(places))[:, None]
        else:
            coded = np.array(
                [[values.get(each.name) == choice for choice in each.choices] for values in trials], dtype=float
            )
        columns[each.name] = _Column(coded, active)
    until = np.array([values.get(EPOCHS, 1) for values in trials], dtype=float)
    if np.ptp(until) > 0:
        columns[TRAINED_EPOCHS] = _Column(np.log(until)[:, None], np.ones(len(trials), bool))
    return columns


def _resampled(
    columns: Mapping[str, _Column], ranks: np.ndarray, random: np.random.Generator
) -> tuple[float, dict[str, np.ndarray]]:
    """Return the explained share, averaged over resamples, and what each of them loses when a hyperparameter is
    shuffled.

    Both are shares of the variance of the ranks of the trials that a resample left out.
    """
    from sklearn.ensemble import RandomForestRegressor

    table = np.concatenate([column.values for column in columns.values()], axis=1)
    ends = np.cumsum([column.values.shape[1] for column in columns.values()])
    explained: list[float] = []
    drops: dict[str, list[float]] = {name: [] for name in columns}
    for resample in range(RESAMPLES):
        inside = random.integers(0, len(ranks), len(ranks))
        outside = np.setdiff1d(np.arange(len(ranks)), inside)
        if len(outside) < 3 or np.ptp(ranks[outside]) == 0:
            continue
        forest = RandomForestRegressor(
            TREES, max_features=0.5, min_samples_leaf=2, bootstrap=False, random_state=resample
        )
        forest.fit(table[inside], ranks[inside])
        tables = [table[outside]]
        for column, end in zip(columns.values(), ends, strict=True):
            tables += [_shuffled(table, outside, column, int(end), random) for _ in range(SHUFFLES)]
        predictions = forest.predict(np.concatenate(tables)).reshape(len(tables), -1)
        missed = ((predictions - ranks[outside]) ** 2).mean(axis=1) / ranks.var()
        explained.append(1 - float(missed[0]))
        for position, name in enumerate(columns):
            of_it = missed[1 + position * SHUFFLES : 1 + (position + 1) * SHUFFLES]
            drops[name].append(float(of_it.mean() - missed[0]))
    return float(np.mean(explained)), {name: np.array(values) for name, values in drops.items()}


def _shuffled(
    table: np.ndarray, rows: np.ndarray, column: _Column, end: int, random: np.random.Generator
) -> np.ndarray:
    """Return the rows of the table with this hyperparameter's values in another order, among those where it is
    active.
    """
    shuffled = table[rows]
    places = np.flatnonzero(column.active[rows])
    width = slice(end - column.values.shape[1], end)
    shuffled[places, width] = shuffled[random.permutation(places), width]
    return shuffled


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Return ranks from 0 to 1, shared by equal scores; a loss of a million is then the worst, not a million."""
    from scipy import stats

    return (stats.rankdata(scores) - 1) / (len(scores) - 1)


NEAR = 0.1  # of the range
FEWEST = 3


def edges(sweep: Sweep) -> list[str]:
    """Return a line for each number whose values in the best tenth of the trials, three at least, lie at one end."""
    best = sweep.best()[: max(FEWEST, math.ceil(len(sweep.scored()) / 10))]
    lines = []
    for each in sweep.space:
        places = [each.position(trial.values[each.name]) for trial in best if each.name in trial.values]
        if each.choices or len(places) < FEWEST or len(sweep.scored()) < 3 * FEWEST:
            continue
        for end, name, crowded in (
            (each.low, "lower", max(places) <= NEAR),
            (each.high, "upper", min(places) >= 1 - NEAR),
        ):
            if crowded:
                lines.append(
                    f"The {len(places)} best trials that have {each.name} lie at the {name} end of its range "
                    f"({shown(end)}): where values beyond it are possible, they may be better."
                )
    return lines
