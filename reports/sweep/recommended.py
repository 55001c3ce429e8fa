"""The settings that a reader of a sweep may go on with: what they reach, what they cost, and how their run is asked."""

import dataclasses
import shlex
from statistics import fmean

from keras_suite.reports.page.recommended import Recommended, recommended
from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.layout import MODEL, as_typed
from keras_suite.reports.sweep.answer import with_settings
from keras_suite.reports.sweep.confirmation import Confirmation
from keras_suite.reports.sweep.costs import COSTS, Cost
from keras_suite.reports.sweep.front_in_words import cheapest_confirmed
from keras_suite.reports.sweep.hyperparameters import settings
from keras_suite.reports.sweep.pareto import chosen_of, front_of_two
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import metric, score
from keras_suite.tasks.wording.quantities import counted

UNCHANGED = "nothing: the base as it is"


def recommended_settings(sweep: Sweep, confirmation: Confirmation | None) -> Recommended | None:
    """Return what to go on with: by the verdict on fresh seeds where there is one, else the best on validation images.

    None before any trial has a score. A trial that does not beat the base recommends the base.
    """
    if sweep.cost is not None:
        return _of_front(sweep, confirmation)
    by_fresh_seeds = recommended(confirmation.numbers) if confirmation is not None else None
    if by_fresh_seeds is not None:
        return _named(sweep, by_fresh_seeds)
    best, base = next(iter(sweep.best()), None), sweep.base
    if best is None:
        return None
    unbeaten = base is not None and base.score is not None and not _beats(sweep, best, base.score)
    chosen = base if unbeaten and base is not None else best
    return _recommend(sweep, chosen, _why(sweep, unbeaten))


def _of_front(sweep: Sweep, confirmation: Confirmation | None) -> Recommended | None:
    """Return the trial of the front to take, by fresh seeds where they were trained; the base where that beats it."""
    front = front_of_two(sweep)
    if front is None:
        return None
    chosen = chosen_of(sweep, front) or sweep.best()[0]
    why = "The cheapest within one standard error of the best score; the best of many flatters itself"
    found = cheapest_confirmed(sweep, confirmation) if confirmation is not None else None
    if found is not None:
        chosen = next(trial for trial in sweep.trials if trial.name == found[0].variant)
        why = "The cheapest that fresh seeds do not show to be worse than the best of them"
    elif chosen_of(sweep, front) is None:
        why = "The best score, as no standard error is known by which a cheaper one could be as good"
    base = sweep.base
    if base is not None and _beaten_by(sweep, chosen, base):
        return _recommend(sweep, base, "No trial that would be taken is better in score or cost.")
    return _recommend(sweep, chosen, f"{why}.")


def _beaten_by(sweep: Sweep, trial: Trial, base: Trial) -> bool:
    """Return whether the base is no worse in score and cost."""
    if base.score is None or base.cost is None or trial.cost is None:
        return False
    return not _beats(sweep, trial, base.score) and base.cost <= trial.cost


def _recommend(sweep: Sweep, chosen: Trial, why: str) -> Recommended:
    base = sweep.base
    other = base if base is not None and chosen is not base and base.score is not None else None
    run = _run_with_a_model(sweep, chosen)
    folder = shlex.quote(as_typed(sweep.folder.joinpath(*run.path.parts[-2:]), levels=5)) if run else ""
    return Recommended(
        variant=_title(chosen),
        why=why,
        facts=_facts(sweep, chosen, other),
        run="" if run is None else _run_in_words(sweep, run),
        folder=folder,
        command=f"keras-suite predict {folder} IMAGE.png" if folder else "",
    )


def _named(sweep: Sweep, choice: Recommended) -> Recommended:
    """Return what the confirmation recommends, with settings in the place of the trial's folder's name."""
    trial = next((each for each in sweep.trials if each.name == choice.variant), None)
    chosen = ("Settings", settings(trial.values) if trial is not None else UNCHANGED)
    return dataclasses.replace(
        choice,
        variant="the base" if trial is None else _title(trial),
        why=with_settings(sweep, choice.why),
        facts=(chosen, *choice.facts),
    )


def _title(trial: Trial) -> str:
    return "the base" if trial.number is None else f"trial {trial.number}"


def _why(sweep: Sweep, unbeaten: bool) -> str:
    scored = counted(len(sweep.scored()), "scored trial")
    if unbeaten:
        return f"None of {scored} beats it."
    return f"The best of {scored} on validation images, which flatters it; fresh seeds were not trained yet."


def _beats(sweep: Sweep, trial: Trial, base: float) -> bool:
    return trial.score is not None and (trial.score > base if sweep.direction == "max" else trial.score < base)


def _facts(sweep: Sweep, trial: Trial, base: Trial | None) -> tuple[tuple[str, str], ...]:
    """Return the settings, the absolute score and each cost that is known, beside those of the base."""

    def beside(text: str) -> str:
        return f"; the base: {text}" if base is not None and text else ""

    facts = [("Settings", settings(trial.values) if trial.number is not None else UNCHANGED)]
    reached = metric(sweep)
    facts.append(
        (
            reached[:1].upper() + reached[1:],
            score(sweep, trial.score) + beside(score(sweep, base.score) if base is not None else ""),
        )
    )
    for cost in COSTS:
        known = _cost(trial, cost)
        if known:
            name = cost.name[:1].upper() + cost.name[1:]
            facts.append((name, known + beside(_cost(base, cost) if base is not None else "")))
    return tuple(facts)


def _cost(trial: Trial, cost: Cost) -> str:
    known = [value for run in trial.runs if (value := cost.of(run))]
    return cost.shown(fmean(known)) if known else ""


def _run_with_a_model(sweep: Sweep, trial: Trial) -> Run | None:
    """Return the completed run of a trial with the best score, of those whose model lies in its folder."""
    usable = [run for run in trial.runs if (run.path / MODEL).exists() and _reached(sweep, run) is not None]
    sign = 1 if sweep.direction == "max" else -1
    return max(usable, key=lambda run: sign * (_reached(sweep, run) or 0.0), default=None)


def _reached(sweep: Sweep, run: Run) -> float | None:
    value = ((run.metrics or {}).get("validation") or {}).get(sweep.objective.removeprefix("val_"))
    return None if value is None else float(value)


def _run_in_words(sweep: Sweep, run: Run) -> str:
    reached = f"{score(sweep, _reached(sweep, run))} {metric(sweep)}"
    return f"{'fold' if sweep.folds else 'seed'} {run.seed}: {reached}"
