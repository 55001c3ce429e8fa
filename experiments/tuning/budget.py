"""How many trials and epochs a sweep may have: what `--trials` says, or with Hyperband its own options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keras_suite.experiments.config import Config, Space
from keras_suite.experiments.tuning import brackets
from keras_suite.experiments.tuning.driver import variant_of
from keras_suite.experiments.tuning.proposer import Proposer, Trial
from keras_suite.experiments.tuning.request import Asked
from keras_suite.experiments.tuning.space import checked
from keras_suite.experiments.tuning.terms import Terms

TRIALS = 20
LARGEST_GRID = 9_999


@dataclass(frozen=True)
class Budget:
    """`trials` of one seed each, and their `epochs` in all: at most, if not `exact`."""

    trials: int
    epochs: int
    exact: bool


def most_trials(asked: Asked) -> int | None:
    """The most trials; None where the oracle says when it is through."""
    return asked.trials or (None if asked.tuner in ("grid", "hyperband") else TRIALS)


def terms_of_tuner(asked: Asked, base: Config) -> dict[str, int | None]:
    """Hyperband's epochs and iterations, the Bayesian's points; ValueError for what is another tuner's."""
    if asked.points is not None and asked.tuner != "bayesian":
        raise ValueError(f"--max-points {asked.points} is the Bayesian oracle's: take --tuner bayesian")
    if asked.tuner == "hyperband":
        if asked.trials is not None:
            raise ValueError(
                f"--trials {asked.trials} is not Hyperband's to take: --max-epochs and --iterations set its budget"
            )
        if base.phases:
            raise ValueError("Hyperband cuts a run off in its epochs, and the base has phases: take another tuner")
        return {"max_epochs": asked.max_epochs or base.epochs, "iterations": asked.iterations or 1}
    for option, value in (("--max-epochs", asked.max_epochs), ("--iterations", asked.iterations)):
        if value is not None:
            raise ValueError(f"{option} {value} is Hyperband's: take --tuner hyperband, or --trials")
    return {"points": asked.points}


def refuse_epochs(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """ValueError if the space sets what Hyperband sets."""
    for overrides in edges.values():
        for key in ("epochs", "phases"):
            if any(path.partition(".")[0] == key for path in overrides):
                raise ValueError(f"space(hp) sets {key}, and Hyperband sets the epochs: leave that out of the space")


def budget(
    terms: Terms,
    oracle: Callable[[], Any],
    space: Space,
    base: Config,
    configs: Mapping[str, Config],
    trials: int | None,
) -> Budget:
    """What the sweep of these terms will train, at most `trials`; `configs` are those at the edges of the space."""
    if terms.tuner == "hyperband":
        assert terms.iterations is not None
        rungs, times = brackets.brackets(oracle()), terms.iterations
        return Budget(times * brackets.trials_in(rungs), times * brackets.epochs_in(rungs), exact=True)
    if terms.tuner == "bayesian":
        assert trials is not None
        longest = max(config.epochs for config in configs.values())
        same = all(config.epochs == longest for config in configs.values())
        return Budget(trials, trials * longest, exact=same)
    ahead = foreseen(Proposer(oracle(), space), trials)
    found = checked(base, {variant_of(trial.number): trial.overrides for trial in ahead})
    return Budget(len(found), sum(config.epochs for config in found.values()), exact=True)


def foreseen(proposer: Proposer, most: int | None) -> list[Trial]:
    """What an oracle that needs no scores is going to propose; ValueError for a grid without an end."""
    found: list[Trial] = []
    while most is None or len(found) < most:
        given = proposer.propose()
        if not isinstance(given, Trial):
            if given == "exhausted" or not found:
                break
            return found
        found.append(given)
        if len(found) > LARGEST_GRID:
            raise ValueError(f"the grid has more than {LARGEST_GRID:,} trials: say with --trials how many to run")
    return found
