"""What fresh seeds show of a sweep's winners.

The best of many is lucky. The confirming runs are an experiment of their own beside the sweep, scored on the test set.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_suite.reports.results.answer import sentences
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import ExperimentRuns, read_experiment
from keras_suite.reports.sweep.optimism import Confirmed
from keras_suite.reports.sweep.reading import Sweep

BASE = "base"


@dataclass(frozen=True)
class Confirmation:
    """The confirming experiment: its numbers, its answer, which names trials alone, and both scores of each variant."""

    numbers: Numbers
    answer: str
    variants: tuple[Confirmed, ...]


def confirmation_name(experiment: str, tuner: str) -> str:
    """Return the experiment that confirms the winners of this sweep; its folder lies where the experiment's does."""
    return f"{experiment}.{tuner}-confirmed"


def confirmation(sweep: Sweep) -> tuple[Confirmation | None, tuple[str, ...]]:
    """Read the confirming experiment beside a sweep.

    Returns:
        The confirmation, None where there is none of this sweep; and a warning for each problem. A damaged confirmation
        is a warning, never an exception.
    """
    name = confirmation_name(sweep.experiment, sweep.tuner)
    folder = sweep.folder.resolve().parents[1] / name
    if not (folder / "experiment.json").exists():
        return None, ()
    try:
        experiment = read_experiment(folder)
        others = _of_another_sweep(sweep, experiment)
        if others:
            return None, (f"{name} confirms trials of another sweep ({', '.join(others)}), and is left out",)
        numbers = experiment_numbers(experiment)
    except (ValueError, OSError) as error:
        return None, (f"{name} could not be read: {error}",)
    in_sweep = {trial.name: trial.score for trial in sweep.trials}
    in_sweep[BASE] = sweep.base.score if sweep.base else None
    names = [variant.name for variant in experiment.variants]
    scores = confirmed(experiment, names, in_sweep.get, int(sweep.terms.get("seeds") or 1), sweep.objective)
    return Confirmation(numbers, sentences(numbers), tuple(scores)), ()


def _of_another_sweep(sweep: Sweep, experiment: ExperimentRuns) -> list[str]:
    """Return the variants that are not trials of this sweep: their overrides are others."""
    longest = {"epochs": sweep.terms["max_epochs"]} if sweep.terms.get("max_epochs") else {}
    known: dict[str, Mapping[str, Any]] = {BASE: {}}
    known |= {trial.name: {**longest, **trial.overrides} for trial in sweep.trials}
    return [variant.name for variant in experiment.variants if known.get(variant.name) != dict(variant.overrides)]


def confirmed(
    experiment: ExperimentRuns,
    variants: Sequence[str],
    score_of: Callable[[str], float | None],
    seeds_in_sweep: int,
    objective: str,
) -> list[Confirmed]:
    """Return both scores of each variant that has them; all are validation scores, so that like is compared with
    like.
    """
    key = objective.removeprefix("val_")
    scores = []
    for variant in variants:
        in_sweep = score_of(variant)
        fresh = {
            run.seed: run.metrics["validation"][key]
            for run in experiment.runs
            if run.variant == variant and run.metrics is not None and run.metrics["validation"][key] is not None
        }
        if in_sweep is not None and fresh:
            scores.append(Confirmed(variant, in_sweep, seeds_in_sweep, fresh))
    return scores
