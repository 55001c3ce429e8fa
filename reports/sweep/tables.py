"""The tables of a sweep's report: cells are text for readers, `raw` the numbers behind them to sort by."""

import math
from typing import Any

from keras_suite.reports.page.tables import verdict_rows
from keras_suite.reports.sweep.answer import optimism_of
from keras_suite.reports.sweep.confirmation import BASE, Confirmation
from keras_suite.reports.sweep.hyperparameters import Hyperparameter, settings, shown
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.rungs import rungs
from keras_suite.reports.sweep.wording import difference_interval, score, signed_difference
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.wording.quantities import NONE, counted, duration

BEST = 5


def best_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return a row for each of the five best trials, and one for the base."""
    first = sweep.best()[:BEST]
    return [_best_row(sweep, trial) for trial in [*first, *([sweep.base] if sweep.base else [])]]


def _best_row(sweep: Sweep, trial: Trial) -> dict[str, Any]:
    base = sweep.base.score if sweep.base else None
    ahead = None if base is None or trial.score is None or trial.number is None else trial.score - base
    epochs = max((len(run.history) for run in trial.runs), default=0)
    return {
        "trial": _label(trial) + (", taken over" if sweep.taken_over(trial) else ""),
        "score": score(sweep, trial.score),
        "ahead": NONE if ahead is None else signed_difference(sweep, ahead),
        "epochs": epochs or NONE,
        "settings": settings(trial.values) if trial.number is not None else "nothing: the base as it is",
        "raw": {"score": trial.score, "ahead": ahead, "epochs": epochs or None},
    }


def _label(trial: Trial | None) -> str:
    return "base" if trial is None or trial.number is None else f"trial {trial.number}"


def confirmed_rows(sweep: Sweep, confirmation: Confirmation) -> list[dict[str, Any]]:
    """Return a row for each variant on fresh seeds: the sweep's score, theirs, the optimism, and the verdict."""
    verdicts = {row["variant"]: row for row in verdict_rows(confirmation.numbers)}
    trials = {trial.name: trial for trial in sweep.trials}
    rows = []
    for each in confirmation.variants:
        verdict = verdicts.get(each.variant, {})
        tested = confirmation.numbers.variant(each.variant).test_score.mean
        extra = optimism_of(sweep, confirmation, each)
        rows.append(
            {
                "variant": _label(trials.get(each.variant)),
                "settings": settings(trials[each.variant].values) if each.variant in trials else "",
                "in_sweep": score(sweep, each.in_sweep),
                "fresh": score(sweep, each.on_fresh_seeds),
                "optimism": signed_difference(sweep, extra.value),
                "optimism_interval": difference_interval(sweep, extra.interval),
                "seeds": each.seeds,
                "test": confirmation.numbers.metric.format(tested),
                "word": verdict.get("word", "baseline" if each.variant == BASE else NONE),
                "symbol": verdict.get("symbol", ""),
                "difference": verdict.get("difference", NONE),
                "interval": verdict.get("interval", NONE),
                "note": verdict.get("note", ""),
                "raw": {
                    "in_sweep": each.in_sweep,
                    "fresh": each.on_fresh_seeds,
                    "optimism": extra.value,
                    "optimism_interval": extra.interval.low if extra.interval else None,
                    "seeds": each.seeds,
                    "test": None if math.isnan(tested) else tested,
                    "difference": verdict.get("raw", {}).get("difference"),
                    "interval": verdict.get("raw", {}).get("interval"),
                },
            }
        )
    return rows


def trial_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return a row for each run of each trial, the base's first; one without a seed for a trial that has no run."""
    return [
        _trial_row(sweep, trial, run)
        for trial in [*([sweep.base] if sweep.base else []), *sweep.trials]
        for run in (trial.runs or (None,))
    ]


def _trial_row(sweep: Sweep, trial: Trial, run: Any) -> dict[str, Any]:
    key = sweep.objective.removeprefix("val_")
    own = run.metrics["validation"].get(key) if run is not None and run.metrics is not None else None
    seconds = (run.metrics or {}).get("train_seconds") if run is not None else None
    return {
        "trial": "base" if trial.number is None else trial.number,
        "seed": run.seed if run is not None else NONE,
        "status": (run.status if run is not None else trial.status)
        + (", taken over" if sweep.taken_over(trial) else ""),
        "score": score(sweep, own),
        "mean": score(sweep, trial.score),
        "epochs": len(run.history) if run is not None else NONE,
        "seconds": duration(seconds),
        "values": [_cell(each, trial) for each in sweep.space],
        "raw": {
            "trial": -1 if trial.number is None else trial.number,
            "seed": run.seed if run is not None else None,
            "score": own,
            "mean": trial.score,
            "epochs": len(run.history) if run is not None else None,
            "seconds": seconds,
        },
    }


def _cell(hyperparameter: Hyperparameter, trial: Trial) -> dict[str, Any]:
    value = trial.values.get(hyperparameter.name)
    known = hyperparameter.name in trial.values
    return {"shown": shown(value) if known else NONE, "raw": value if known and hyperparameter.ordered else None}


def failures(sweep: Sweep) -> list[tuple[str, str, str]]:
    """Return (trial, reason, settings) of each that failed, the base's among them."""
    everyone = [*([sweep.base] if sweep.base else []), *sweep.trials]
    return [
        (_label(trial), without_paths(trial.reason), settings(trial.values))
        for trial in everyone
        if trial.status == "failed"
    ]


def stopped(sweep: Sweep) -> list[tuple[str, str, str]]:
    """Return (trial, when and why, settings) of each that was stopped early."""
    return [
        (_label(trial), trial.reason.removeprefix("stopped "), settings(trial.values))
        for trial in sweep.trials
        if trial.status == "stopped"
    ]


def saved_epochs(sweep: Sweep) -> float:
    """Return the share of the epochs of all trials that those which were stopped did not train."""
    runs = [run for trial in sweep.trials for run in trial.runs]
    stopped_runs = [run for run in runs if (run.metrics or {}).get("stopped")]
    left = sum(int(run.config["epochs"]) - len(run.history) for run in stopped_runs)
    trained = sum(len(run.history) for run in runs)
    return left / (left + trained) if left else 0.0


def fewer_seeds(sweep: Sweep) -> str:
    """Return a sentence on the trials that got fewer seeds than the others; "" where all got all."""
    seeds = int(sweep.terms.get("seeds") or 1)
    fewer = [trial for trial in sweep.scored() if len(trial.seed_scores) < seeds]
    if not fewer:
        return ""
    left = sum(seeds - len(trial.seed_scores) for trial in fewer)
    return (
        f"{counted(len(fewer), 'trial')} got fewer than {seeds} seeds, since the mean of all could hardly become the "
        f"best: {counted(left, 'run')} were not needed. Their score is the mean of those that they got."
    )


def rung_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return a row for each rung of each of Hyperband's brackets."""
    rows = []
    for rung in rungs(sweep):
        scores = [trial.score for trial in rung.trials if trial.score is not None]
        best = (max if sweep.direction == "max" else min)(scores) if scores else None
        failed = sum(trial.status == "failed" for trial in rung.trials)
        rows.append(
            {
                "bracket": rung.bracket,
                "until": rung.until,
                "trials": len(rung.trials),
                "promoted": rung.promoted,
                "failed": failed,
                "best": score(sweep, best),
                "raw": {
                    "bracket": rung.bracket,
                    "until": rung.until,
                    "trials": len(rung.trials),
                    "promoted": rung.promoted,
                    "failed": failed,
                    "best": best,
                },
            }
        )
    return rows
