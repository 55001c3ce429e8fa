"""The Config that a sweep's trials start from: checked, and measuring what is to be optimized."""

from dataclasses import replace
from typing import get_args

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.own_parts.metrics import ON_REQUEST, further_metrics
from keras_suite.experiments.registry import check_names
from keras_suite.experiments.tuning.objective import check_objectives
from keras_suite.experiments.tuning.oracles import Tuner
from keras_suite.experiments.tuning.request import TuneRequest
from keras_suite.experiments.validation import check
from keras_suite.tasks.wording.near_names import unknown


def checked_base(request: TuneRequest) -> Config:
    """Return the base Config; ValueError if it, or an option whose check needs no data, is wrong."""
    if request.tuner not in get_args(Tuner):
        raise ValueError(unknown("tuner", request.tuner, get_args(Tuner)))
    if request.entry.space is None:
        raise ValueError(
            f"{request.entry.name} has no search space: define space(hp) in its file, a function that returns "
            "overrides of the base"
        )
    base = override(request.entry.experiment.base, request.overrides)
    check_names(base)
    if request.objectives:
        own = [metric for metric in further_metrics((part.name, part.options) for part in base.metrics) if metric.own]
        check_objectives(request.objectives, tuple(own))
    if request.cost is not None and request.tuner == "hyperband":
        raise ValueError(
            f"--objective {request.cost.key}: Hyperband promotes trials by one number: take --tuner bayesian, random "
            "or grid"
        )
    if request.objective is not None:
        base = _measuring(base, request.objective.removeprefix("val_"))
    check(base)
    return base


def _measuring(base: Config, objective: str) -> Config:
    """Return the base with the objective among its metrics, where it is measured on request only."""
    if objective not in ON_REQUEST or objective in [part.name for part in base.metrics]:
        return base
    return replace(base, metrics=(*base.metrics, use(objective)))
