"""KerasTuner's oracles as a sweep needs them: they only propose trials; the journal remembers.

Left out are their JSON files (all rewritten for every trial), their printing, and the limit on failures in a row, at
which they raise.
"""

import copy
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from keras_tuner import HyperParameters, Objective
from keras_tuner.oracles import GridSearchOracle, HyperbandOracle, RandomSearchOracle

from keras_suite.experiments.config import Space
from keras_suite.experiments.tuning.bayesian import Bayesian
from keras_suite.experiments.tuning.former_bayesian import FormerBayesian
from keras_suite.experiments.tuning.front import OfFront
from keras_suite.experiments.tuning.journal import Trial
from keras_suite.experiments.tuning.proposing import OnlyProposes
from keras_suite.experiments.tuning.request import RULES
from keras_suite.experiments.tuning.space import overrides_of, plain, read_names
from keras_suite.experiments.tuning.steps import reaching_ends
from keras_suite.tasks.wording.quantities import counted

NoTrial = Literal["wait", "exhausted"]
Tuner = Literal["random", "bayesian", "hyperband", "grid"]
MOST_TRIALS = 99_999
FOR_SEED_0 = 2**31 - 1  # to KerasTuner 0 is no seed but a request for a random one


class Random(OnlyProposes, RandomSearchOracle):
    """Samples every trial at random."""


class Hyperband(OnlyProposes, HyperbandOracle):
    """Trains many trials for few epochs, and promotes the best to more epochs."""


class Grid(OnlyProposes, GridSearchOracle):
    """Tries all combinations, beginning with the defaults."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next combination. KerasTuner's would wait for this trial's end before it returns the one after."""
        proposal = super().populate_space(trial_id)
        if proposal["status"] == "RUNNING":
            self._populate_next.append(trial_id)
        return proposal

    def update_space(self, hyperparameters: HyperParameters) -> None:
        """Refuse hyperparameters that were not known from the beginning: KerasTuner's grid fails or repeats itself."""
        for each in hyperparameters.space:
            if not self.hyperparameters._exists(each.name, each.conditions):
                raise ValueError(
                    f"space(hp) declares {each.name!r} at some values of others only: for a grid put it under "
                    "`with hp.conditional_scope(name, [values]):`"
                )


def make_oracle(
    tuner: Tuner,
    space: HyperParameters,
    objective: Objective,
    seed: int,
    *,
    max_epochs: int | None = None,
    iterations: int = 1,
    points: int | None = None,
    rules: int = RULES,
    starts: Sequence[Mapping[str, Any]] = (),
    two: bool = False,
) -> Any:
    """Return a new oracle.

    Args:
        tuner: Its kind.
        space: All hyperparameters.
        objective: The metric that is optimized.
        seed: The random seed.
        max_epochs: Hyperband's epochs of the longest runs.
        iterations: Hyperband's number of full passes over its brackets.
        points: The Bayesian oracle's limit on the trials that it is fitted to.
        rules: The version of the oracles.
        starts: Values of the first trials, for the random and the Bayesian oracle.
        two: Whether a cost is optimized, too, which the Bayesian oracle alone looks at.
    """
    options: dict[str, Any] = {
        "objective": objective,
        "hyperparameters": reaching_ends(space) if rules > 1 else copy.deepcopy(space),
        "seed": seed or FOR_SEED_0,
    }
    if tuner == "hyperband":
        oracle: Any = Hyperband(**options, max_epochs=max_epochs, hyperband_iterations=iterations)
    elif tuner == "bayesian":
        bayesian = FormerBayesian if rules == 1 else OfFront if two else Bayesian
        oracle = bayesian(**options, max_trials=MOST_TRIALS, points=points)
    else:
        oracle = {"random": Random, "grid": Grid}[tuner](**options, max_trials=MOST_TRIALS)
    oracle.verbose, oracle.rules, oracle.starts = 0, rules, starts
    return oracle


# -- Hyperband's brackets ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """A round of a bracket: `size` trials, each trained from epoch `since` to epoch `until`."""

    size: int
    since: int
    until: int


def brackets(oracle: Hyperband) -> tuple[tuple[Round, ...], ...]:
    """Return the rounds of each of Hyperband's brackets, in the order in which an iteration begins them."""
    numbers = reversed(range(oracle._get_num_brackets()))
    return tuple(tuple(_round(oracle, bracket, number) for number in range(bracket + 1)) for bracket in numbers)


def _round(oracle: Hyperband, bracket: int, number: int) -> Round:
    since = oracle._get_epochs(bracket, number - 1) if number else 0
    return Round(oracle._get_size(bracket, number), since, oracle._get_epochs(bracket, number))


def trials_in(schedule: Sequence[Sequence[Round]]) -> int:
    """Return the number of trials of one iteration; a promotion counts as a trial."""
    return sum(each.size for rounds in schedule for each in rounds)


def epochs_in(schedule: Sequence[Sequence[Round]]) -> int:
    """Return the number of epochs of one iteration; those before a promotion are not trained again."""
    return sum(each.size * (each.until - each.since) for rounds in schedule for each in rounds)


def describe_brackets(schedule: Sequence[Sequence[Round]]) -> list[str]:
    """Return a line for each bracket."""
    lines = []
    for number, rounds in enumerate(schedule, 1):
        first, *others = rounds
        line = f"bracket {number}: {counted(first.size, 'trial')} to epoch {first.until}"
        lines.append(line + "".join(f", the best {each.size} of them on to epoch {each.until}" for each in others))
    return lines


def promotable(oracle: Hyperband) -> set[int]:
    """Return the trials that may still be promoted. KerasTuner drops a bracket once its last round is full."""
    trials: set[int] = set()
    for bracket in oracle._brackets:
        rounds = bracket["rounds"]
        for number, after in enumerate(rounds[1:], 1):
            if len(after) < oracle._get_size(bracket["bracket_num"], number):
                promoted = {each["past_id"] for each in after}
                trials |= {int(each["id"]) for each in rounds[number - 1] if each["id"] not in promoted}
    return trials


# -- an oracle in a sweep ----------------------------------------------------------------------------------------------


class SweepOracle:
    """An oracle and the experiment's space; the same calls replay a journal and propose new trials.

    Args:
        oracle: From `make_oracle`. Each call changes what it will propose next.
        space: The experiment's `space(hp)`.
    """

    def __init__(self, oracle: Any, space: Space) -> None:
        self._oracle, self._space = oracle, space
        self._trials: dict[int, Any] = {}

    def create_trial(self, known: Trial | None = None) -> Trial | NoTrial:
        """Propose the next trial.

        Args:
            known: The trial that was proposed before at this point, and is to be proposed again.

        Returns:
            The trial; "wait" if it depends on the end of another one; "exhausted" if there is none.
        """
        with _quiet():
            if known is not None:
                self._oracle.remember(dict(known.values), known.fitted)
            proposed = self._oracle.create_trial(f"asked {len(self._trials)}")
        if proposed.status != "RUNNING":
            return "wait" if proposed.status == "IDLE" else "exhausted"
        with read_names(proposed.hyperparameters) as read:
            overrides = overrides_of(self._space, proposed.hyperparameters)
        found = proposed.hyperparameters  # also those that only this trial's values make active
        self._oracle.update_space(found if self._oracle.rules == 1 else reaching_ends(found))
        number = int(proposed.trial_id)
        self._trials[number] = proposed
        values = {name: plain(value) for name, value in proposed.hyperparameters.values.items()}
        unread = tuple(name for name in values if name not in read and not name.startswith("tuner/"))
        return Trial(number, values, overrides, self._oracle.fitted(), unread=unread)

    def end_trial(self, number: int, score: float | None, reason: str = "", cost: float | None = None) -> None:
        """Report how a trial ended: with a score, and a cost where that is optimized, too; or failed for a reason."""
        trial = self._trials[number]
        trial.cost = cost
        trial.status, trial.message = ("FAILED", reason) if score is None else ("COMPLETED", None)
        with _quiet():
            if score is not None:
                self._oracle.update_trial(trial.trial_id, {self._oracle.objective.name: score})
            self._oracle.end_trial(trial)

    def promotable(self) -> set[int]:
        """Return the trials that others may still resume from; only Hyperband has such."""
        return promotable(self._oracle) if isinstance(self._oracle, Hyperband) else set()


class _quiet(warnings.catch_warnings):
    """KerasTuner calls deprecated functions, and scikit-learn warns of bounds that cannot be set here."""

    def __enter__(self) -> Any:
        entered = super().__enter__()
        warnings.simplefilter("ignore")
        return entered
