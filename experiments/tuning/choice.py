"""Which oracle a sweep has where the command names none, and why, in one line. Imports no TensorFlow."""

from dataclasses import dataclass
from pathlib import Path

from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.request import RULES

# The Bayesian oracle's trials before its first fit. On the development tasks of benchmarks/trials_needed.py 2, 3, 4
# and 7 were alike: regret after 20 trials 4.3, 5.2, 4.9, 4.7 points, standard error 0.5; 7.0 for 14 (12 repetitions).
START = 4
# A proposal after so many trials takes 1 to 3 s, after 400 5 to 18 s (7 and 25 hyperparameters; 2 cores).
MOST_FITTED = 200
_WAYS = {
    "bayesian": f"{START} trials spread evenly over the space, then each where a Gaussian process of the scores sees "
    "most promise",
    "random": "each trial is drawn from the whole space",
    "hyperband": "many short trials, of which the best are trained on",
    "grid": "all combinations, the defaults first",
}
_FORMER = "as it was begun, three random trials for each hyperparameter, then KerasTuner's Gaussian process"


@dataclass(frozen=True)
class ChosenTuner:
    """An oracle, and why it was chosen."""

    tuner: str
    why: str

    def line(self, rules: int = RULES) -> str:
        """Return what is printed before the sweep; `rules` is the version of the oracles that it has."""
        ways = _WAYS if rules > 1 else {**_WAYS, "bayesian": _FORMER}
        return f"Tuner: {self.tuner}, {self.why}: {ways.get(self.tuner, 'unknown')}"


def choose(
    requested: str | None, folder: Path, *, trials: int | None = None, points: int | None = None, fresh: bool = False
) -> ChosenTuner:
    """Return the oracle of a sweep.

    Args:
        requested: From the command; None for the one that suits the budget.
        folder: Where the sweeps of the experiment lie, each in a folder with its tuner's name.
        trials: How many are requested; None for the usual number.
        points: The most trials that a Gaussian process is to be fitted to, if that was requested.
        fresh: Whether the sweep that is there is set aside.
    """
    if requested is not None:
        tuner, why = requested, "as requested"
    elif not fresh and (there := _there(folder)):
        tuner, why = there, "as in the sweep that is there"
    elif points is None and (trials or 0) > MOST_FITTED:
        tuner = "random"
        bound = f"--tuner bayesian --max-points {MOST_FITTED} bounds that"
        why = f"as {trials:,} trials take a Gaussian process long ({bound})"
    else:
        tuner, why = "bayesian", f"the default up to {MOST_FITTED} trials"
    return ChosenTuner(tuner, why)


def _there(folder: Path) -> str | None:
    """Return the tuner of the sweep that a command without --tuner began; random was the default once."""
    return next((name for name in ("bayesian", "random") if (folder / name / journal.NAME).is_file()), None)
