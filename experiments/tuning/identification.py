"""All that identifies a sweep: its settings, and what it begins with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keras_tuner import HyperParameters

from keras_suite.experiments.config import Config, override
from keras_suite.experiments.config import to_json as config_to_json
from keras_suite.experiments.exporting import litert
from keras_suite.experiments.registry import ResolvedConfig, resolve
from keras_suite.experiments.training.identity import load_dataset
from keras_suite.experiments.tuning import budget as budgets
from keras_suite.experiments.tuning.earlier_sweeps import Starts, runs_in, starts_of
from keras_suite.experiments.tuning.objective import Objective, check_cost, check_measured, default_objective
from keras_suite.experiments.tuning.request import (
    SweepSettings,
    TuneRequest,
    refuse_other_settings,
    to_json,
    versions,
)
from keras_suite.experiments.tuning.space import space_to_json
from keras_suite.reports.sweep.costs import LATENCY
from keras_suite.tasks import task_named


@dataclass(frozen=True)
class Identified:
    """A sweep before its first trial.

    Attributes:
        settings: As its journal holds them.
        objective: What it optimizes.
        trials_base: The Config that trials override.
        starts: What it begins with.
    """

    settings: SweepSettings
    objective: Objective
    trials_base: Config
    starts: Starts


def identify(
    request: TuneRequest, base: Config, known: HyperParameters, rules: int, before: Mapping[str, Any]
) -> Identified:
    """Load the data and return all that identifies the sweep.

    Args:
        request: The command's options.
        base: The base Config.
        known: All hyperparameters.
        rules: The version of the oracles.
        before: The settings of the sweep that is there; empty if there is none.

    Raises:
        ValueError, OSError: If the sweep cannot be run, or is another one than the one that is there.
    """
    resolved = resolve(base)
    own_metrics = resolved.own_metrics
    data = load_dataset(resolved.dataset, request.options.data_dir)
    task = task_named(data.task).measuring(resolved.further_metrics)
    objective = Objective(request.objective or default_objective(task), own_metrics)
    check_measured(objective, task, len(data.class_names))
    check_cost(request.cost, task)
    if request.cost is LATENCY:
        litert.check_installed()
    settings = _settings(request, base, known, rules, resolved, objective.name, data.fingerprint, before)
    longest = settings.max_epochs
    trials_base = override(base, {"epochs": longest}) if longest else base
    if not before:
        starts = starts_of(request, known, trials_base, objective, data.task)
        settings = replace(
            settings,
            starts=starts.points,
            told=starts.told,
            given=_given(request),
            earlier=[os.path.relpath(each, request.folder) for each in request.earlier],
        )
        return Identified(settings, objective, trials_base, starts)
    as_begun: dict[str, Any] = {key: before[key] for key in ("starts", "told", "given", "earlier") if key in before}
    settings = replace(settings, **as_begun)
    refuse_other_settings(dict(before), to_json(settings), request.folder)
    _refuse_late(request, settings)
    runs = runs_in([request.folder / each for each in settings.earlier], request.cost)
    return Identified(settings, objective, trials_base, Starts(settings.starts, settings.told, runs))


def _settings(
    request: TuneRequest,
    base: Config,
    known: HyperParameters,
    rules: int,
    resolved: ResolvedConfig,
    objective: str,
    data: str,
    before: Mapping[str, Any],
) -> SweepSettings:
    """Return the settings of a sweep that begins with nothing."""
    of_tuner: dict[str, Any] = {**budgets.tuner_settings(request, base)}
    return SweepSettings(
        tuner=request.tuner,
        objective=objective,
        seed=request.seed,
        seeds=request.seeds,
        threads=request.options.threads,
        space=space_to_json(known),
        base=config_to_json(base),
        data=data,
        versions=versions(),
        rules=rules,
        sources={part.part.name: part.own.fingerprint for part in resolved.own_parts if part.own},
        stopping=budgets.stopping(request, base, before),
        cost=request.cost.key if request.cost else "",
        **of_tuner,
    )


def after_move(settings: SweepSettings, starts: Starts, folder: Path, moved: Path) -> tuple[SweepSettings, Starts]:
    """Return the settings and what the sweep begins with, once the sweep that lay in `folder` has been moved away."""
    own = os.path.relpath(folder, folder)
    earlier = [os.path.relpath(moved, folder) if each == own else each for each in settings.earlier]
    inside = os.path.join(os.path.abspath(folder), "")
    own_runs = {key: path for key, path in starts.runs.items() if os.path.abspath(path).startswith(inside)}
    after = {key: moved / os.path.relpath(path, folder) for key, path in own_runs.items()}
    return replace(settings, earlier=earlier), replace(starts, runs={**starts.runs, **after})


def _given(request: TuneRequest) -> list[str]:
    return [f"--from {each}" for each in request.earlier] + [f"--try {each}" for each in request.tries]


def _refuse_late(request: TuneRequest, settings: SweepSettings) -> None:
    """Raise ValueError if a sweep under way is to begin with something else."""
    given = _given(request)
    if given and given != settings.given:
        raise ValueError(
            f"{' '.join(given)}: the sweep in {request.folder} was begun with {' '.join(settings.given) or 'neither'}, "
            "and only a new one begins with such trials: leave that out to resume it, or add --fresh "
            f"--from {request.folder} to take its trials over into a new one"
        )
