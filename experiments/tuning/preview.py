"""What a sweep is going to do and to cost, and what would fail in it, before it starts."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from keras_suite.experiments.config import Config
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.scheduling.cost import Estimate
from keras_suite.experiments.scheduling.estimate import estimate
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.tuning.budget import Budget
from keras_suite.experiments.tuning.driver import BASE
from keras_suite.tasks.wording.quantities import counted, rough_duration


@dataclass(frozen=True)
class Preview:
    """`trials` and `epochs` in all, seeds and the base counted in epochs; `exact` if no proposal depends on scores.

    `seconds` is what one process would need; `bytes` what the models take on disk that are kept.
    """

    trials: int
    epochs: int
    exact: bool
    seconds: float
    bytes: int


def dry_fit(configs: Mapping[str, Config], job: Callable[[str, Config, int], Job]) -> Estimate:
    """Trains a few batches of those that could fail each in its own way: they differ in more than rates."""
    different: dict[str, str] = {}
    for name, config in configs.items():
        different.setdefault(json.dumps(_without_rates(resolve(config).canonical()), sort_keys=True), name)
    try:
        return estimate([job(name, configs[name], 1) for name in different.values()])
    except ValueError as error:
        raise ValueError(str(error).replace("variant", "the trial at", 1)) from error


def _without_rates(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_rates(item) for k, item in value.items() if k != "epochs" and not isinstance(item, float)}
    if isinstance(value, list):
        return [_without_rates(item) for item in value]
    return value


def preview(cost: Estimate, configs: Mapping[str, Config], budget: Budget, seeds: int, keep: int) -> Preview:
    """From the dry fit of some `configs`, the base's among them, to the whole."""
    one_epoch = fmean(seconds / configs[name].epochs for name, seconds in cost.of_variant.items())
    seconds = seeds * (one_epoch * budget.epochs + cost.of_variant[BASE])
    epochs = seeds * (budget.epochs + configs[BASE].epochs)
    models = seeds * (min(keep, budget.trials) + 1)
    return Preview(budget.trials, epochs, budget.exact, seconds, models * cost.bytes // len(cost.of_variant))


def announcement(found: Preview, seeds: int, workers: int, threads: int) -> str:
    """What `tune` says before it starts."""
    each = f" x {counted(seeds, 'seed')}" if seeds > 1 else ""
    most = "" if found.exact else "at most "
    side = f" in {workers} processes" if workers > 1 else ""
    return (
        f"{counted(found.trials, 'trial')}{each} beside the base: {most}{counted(found.epochs, 'epoch')} in all, about "
        f"{rough_duration(found.seconds / workers)} with {counted(threads, 'thread')} each{side}, "
        f"about {found.bytes / 1e6:.1f} MB on disk"
    )
