"""How many trials and epochs a sweep may have, what they will cost, and what would fail in them."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from keras_tuner.engine.hyperparameters import HyperParameter

from keras_suite.experiments.config import Config, Space
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.scheduling.cost import RECORD_BYTES, Estimate
from keras_suite.experiments.scheduling.estimate import estimate
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.tuning.journal import BASE, Trial, variant_of
from keras_suite.experiments.tuning.oracles import SweepOracle, brackets, epochs_in, trials_in
from keras_suite.experiments.tuning.request import STOPPING, SweepSettings, TuneRequest
from keras_suite.experiments.tuning.space import checked_configs
from keras_suite.tasks.wording.quantities import counted, memory, rough_duration, rough_size
from keras_suite.tasks.wording.shown import shown

TRIALS = 20
LARGEST_GRID = 9_999
MOST_FORESEEN = 10_000  # a thousand trials take a second to foresee


@dataclass(frozen=True)
class Budget:
    """The number of trials, and of all their epochs with one seed; upper limits if not `exact`."""

    trials: int
    epochs: int
    exact: bool


def max_trials(request: TuneRequest) -> int | None:
    """Return the most trials of a sweep; None where the oracle decides when it is exhausted."""
    return request.trials or (None if request.tuner in ("grid", "hyperband") else TRIALS)


def tuner_settings(request: TuneRequest, base: Config) -> dict[str, int | None]:
    """Return Hyperband's epochs and iterations, or the Bayesian's points.

    Raises:
        ValueError: If the command has options of another tuner.
    """
    for option, given in (("--from", request.earlier), ("--try", request.tries)):
        if given and request.tuner not in ("bayesian", "random"):
            raise ValueError(f"{option} is for --tuner bayesian or random: {request.tuner} has an order of its own")
    if request.points is not None and request.tuner != "bayesian":
        raise ValueError(f"--max-points {request.points} is the Bayesian oracle's: take --tuner bayesian")
    if request.tuner == "hyperband":
        if request.trials is not None:
            raise ValueError(
                f"--trials {request.trials} is not for Hyperband: --max-epochs and --iterations set its budget"
            )
        if base.phases:
            raise ValueError("Hyperband stops runs at chosen epochs, and the base has phases: take another tuner")
        return {"max_epochs": request.max_epochs or base.epochs, "iterations": request.iterations or 1}
    for option, value in (("--max-epochs", request.max_epochs), ("--iterations", request.iterations)):
        if value is not None:
            raise ValueError(f"{option} {value} is Hyperband's: take --tuner hyperband, or --trials")
    return {"points": request.points}


def stopping(request: TuneRequest, base: Config, before: Mapping[str, Any]) -> int:
    """Return the version of the rule by which a sweep stops hopeless trials, 0 for none.

    Raises:
        ValueError: If that was requested where it is not possible.
    """
    why_not = ""
    if request.tuner == "hyperband":
        why_not = "Hyperband ends trials at its own epochs"
    elif base.phases:
        why_not = "the base has phases, which are not compared"
    elif request.cost is not None:
        why_not = "with two objectives a trial may be on the front for its cost, whatever its score"
    if why_not and request.stop_hopeless:
        raise ValueError(f"--stop-hopeless: {why_not}: leave that out")
    if why_not or request.stop_hopeless is False:
        return 0
    if request.stop_hopeless is None and before:
        return int(before.get("stopping", 0))
    return STOPPING


def refuse_epochs(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ValueError if the space sets what Hyperband sets."""
    for overrides in edges.values():
        for key in ("epochs", "phases"):
            if any(path.partition(".")[0] == key for path in overrides):
                raise ValueError(f"space(hp) sets {key}, and Hyperband sets the epochs: leave that out of the space")


def compute_budget(
    settings: SweepSettings,
    oracle: Callable[[], Any],
    space: Space,
    base: Config,
    configs: Mapping[str, Config],
    trials: int | None,
) -> Budget:
    """Return what a sweep will train.

    Args:
        settings: The sweep's settings.
        oracle: Makes a new oracle.
        space: The experiment's `space(hp)`.
        base: The Config that trials override.
        configs: The Configs at the edges of the space.
        trials: The most trials, if there is a limit.
    """
    if settings.tuner == "hyperband":
        assert settings.iterations is not None
        schedule, times = brackets(oracle()), settings.iterations
        return Budget(times * trials_in(schedule), times * epochs_in(schedule), exact=True)
    if settings.tuner == "bayesian" or (trials or 0) > MOST_FORESEEN:
        assert trials is not None
        longest = max(config.epochs for config in configs.values())
        same = all(config.epochs == longest for config in configs.values())
        return Budget(trials, trials * longest, exact=same)
    proposals = foresee(SweepOracle(oracle(), space), trials)
    planned = checked_configs(base, {variant_of(trial.number): trial.overrides for trial in proposals})
    return Budget(len(planned), sum(config.epochs for config in planned.values()), exact=True)


def check_grid(known: Iterable[HyperParameter]) -> None:
    """Raise ValueError for a grid that is too large, by arithmetic: what is always active already has so many."""
    combinations = math.prod(_value_count(each) for each in known if not each.conditions)
    if combinations > LARGEST_GRID:
        raise ValueError(
            f"the grid has {shown(combinations)} trials or more, and at most {LARGEST_GRID:,} are possible: say with "
            "--trials how many to run, or give steps to the ranges in space(hp)"
        )


def _value_count(hyperparameter: Any) -> int:
    if hasattr(hyperparameter, "min_value"):
        return 10 if hyperparameter.step is None else hyperparameter._get_n_values()  # KerasTuner has no public name
    return len(tuple(hyperparameter.values)) if hasattr(hyperparameter, "values") else 1


def foresee(oracle: SweepOracle, limit: int | None) -> list[Trial]:
    """Return all trials that an oracle which needs no scores will propose; ValueError for a grid that is too large."""
    trials: list[Trial] = []
    while limit is None or len(trials) < limit:
        trial = oracle.create_trial()
        if not isinstance(trial, Trial):
            if trial == "exhausted" or not trials:
                break
            return trials
        trials.append(trial)
        if len(trials) > LARGEST_GRID:
            raise ValueError(f"the grid has more than {LARGEST_GRID:,} trials: say with --trials how many to run")
    return trials


def dry_fit(
    configs: Mapping[str, Config],
    job: Callable[[str, Config, int], Job],
    processes: int,
    warn: Callable[[str], None],
) -> Estimate:
    """Train a few batches of each Config that differs from the others in more than rates, so might fail differently.

    Args:
        configs: By name.
        job: Returns the job of a name, Config and seed.
        processes: As in `estimate`.
        warn: Is given a line if that takes more memory than there is.
    """
    different: dict[str, str] = {}
    for name, config in configs.items():
        different.setdefault(json.dumps(_without_rates(resolve(config).canonical()), sort_keys=True), name)
    try:
        return estimate([job(name, configs[name], 1) for name in different.values()], processes, warn)
    except ValueError as error:
        raise ValueError(str(error).replace("variant", "the trial at", 1)) from error


def _without_rates(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_rates(item) for k, item in value.items() if k != "epochs" and not isinstance(item, float)}
    if isinstance(value, list):
        return [_without_rates(item) for item in value]
    return value


def seconds_of_all(cost: Estimate, configs: Mapping[str, Config], budget: Budget, seeds: int) -> float:
    """Return the seconds that one process would need for all runs, from the dry fit of some Configs and the base."""
    one_epoch = fmean(seconds / configs[name].epochs for name, seconds in cost.of_variant.items())
    return seeds * (one_epoch * budget.epochs + cost.of_variant[BASE])


def announcement(
    request: TuneRequest, budget: Budget, base: Config, cost: Estimate, seconds: float, stopping: bool
) -> str:
    """Return what `tune` prints before it starts: the trials, the epochs and time of all runs, the disk space."""
    seeds, workers = request.seeds, request.workers.count
    each = f" x {counted(seeds, 'seed')}" if seeds > 1 else ""
    at_most = "" if budget.exact and not stopping else "at most "
    processes = f" in {workers} processes" if workers > 1 else ""
    runs, with_model = (seeds * (trials + 1) for trials in (budget.trials, min(request.keep, budget.trials)))
    size = with_model * cost.bytes / len(cost.of_variant) + (runs - with_model) * RECORD_BYTES
    return (
        f"{counted(budget.trials, 'trial')}{each} beside the base: "
        f"{at_most}{counted(seeds * (budget.epochs + base.epochs), 'epoch')} in all, about "
        f"{rough_duration(seconds / workers)} with {counted(request.options.threads, 'thread')} each{processes}, "
        f"about {rough_size(size)} on disk, about {memory(cost.memory)} of memory{' each' if workers > 1 else ''}"
    )
