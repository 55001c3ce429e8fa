"""One variant's numbers: its runs by seed, their spreads, and what each phase trained."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

import numpy as np

from keras_suite.reports.results.comparability import loss_in_words
from keras_suite.reports.results.run_numbers import RunNumbers, other_metrics
from keras_suite.reports.run_directory import Run, Status, Variant
from keras_suite.reports.statistics.cross_validation import Fold, interval_of
from keras_suite.reports.statistics.image_noise import share_interval, two_way_mean
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.wording import number, setting
from keras_suite.tasks.task import Metric, Task

TRIAL = re.compile(r"trial-\d{4,}")


@dataclass(frozen=True)
class Spread:
    """n, mean, sd (n - 1) and the mean's 95 % t-interval of one number over runs; NaN, None where undefined."""

    n: int
    mean: float
    sd: float
    interval: Interval | None


@dataclass(frozen=True)
class VariantNumbers:
    """The runs of a variant by seed; spreads are over its completed runs that have the number.

    Attributes:
        test_score: In the `metric` of the task; where the scores of single test images are known, its interval is that
            of the mean over other seeds and other images.
        expected: The range for a further run on very many other images like these; None below two runs.
        test_metrics: The task's other metrics, by their keys.
        loss: The loss with its options, None where no run is completed; values of different losses are not comparable.
    """

    name: str
    overrides: dict[str, Any]
    runs: tuple[RunNumbers, ...]
    task: Task
    test_score: Spread
    expected: Interval | None
    test_metrics: dict[str, Spread]
    test_loss: Spread
    validation_score: Spread
    validation_loss: Spread
    best_epoch: Spread
    seconds: Spread
    peak_memory_bytes: Spread
    parameters: int | None
    loss: str | None

    @property
    def metric(self) -> Metric:
        """The metric of the test images."""
        return self.task.score

    @property
    def trial_settings(self) -> str:
        """The settings of a sweep's trial, which its name does not say: "batch_size = 32, epochs = 9"; "" otherwise."""
        if not TRIAL.fullmatch(self.name):
            return ""
        return ", ".join(f"{key} = {_rounded(value)}" for key, value in self.overrides.items())

    def count(self, status: Status) -> int:
        """Return how many runs have this status."""
        return sum(run.status == status for run in self.runs)

    def completed(self) -> dict[int, RunNumbers]:
        """Return the completed runs with a test score, by seed."""
        return {run.seed: run for run in self.runs if run.status == "completed" and run.test_score is not None}


def _rounded(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else setting(value)


def spread(
    values: Sequence[float | None], bounds: tuple[float, float] = (-math.inf, math.inf), folds: Sequence[Fold] = ()
) -> Spread:
    """Return n, mean, sd and 95 % t-interval of the values that are not None, cut to what is possible.

    There is no interval where it would say nothing: see `saying`; and where all values are equal, as when each of a few
    images is right, for no width is no certainty.

    Args:
        values: One for each run.
        bounds: The least and the largest that is possible.
        folds: Those that the values are of, in cross-validation; the interval is corrected for what they share.
    """
    known = np.array([value for value in values if value is not None], dtype=float)
    if not known.size:
        return Spread(0, math.nan, math.nan, None)
    interval = saying(interval_of(known, folds), bounds) if np.ptp(known) > 0 else None
    sd = float(known.std(ddof=1)) if known.size > 1 else math.nan
    return Spread(known.size, float(known.mean()), sd, interval)


def variant_numbers(variant: Variant, runs: Sequence[RunNumbers], task: Task) -> VariantNumbers:
    """Return the variant's runs by seed, and their spreads; `task` is that of the experiment, for there may be no
    run.
    """
    runs = sorted(runs, key=lambda run: run.seed)
    done = [run for run in runs if run.status == "completed"]
    folds = [run.fold for run in done if run.fold]
    metric = task.score
    parameters = {run.parameters for run in done if run.parameters is not None}
    return VariantNumbers(
        name=variant.name,
        overrides=variant.overrides,
        runs=tuple(runs),
        task=task,
        test_score=_test_spread(done, metric, folds),
        expected=saying(_on_other_images(done, metric, further_run=True), metric.bounds),
        test_metrics={
            other.key: spread([run.test_metrics.get(other.key) for run in done], other.bounds, folds)
            for other in other_metrics(task)
        },
        test_loss=spread([run.test_loss for run in done], folds=folds),
        validation_score=spread([run.validation_score for run in done], metric.bounds, folds),
        validation_loss=spread([run.validation_loss for run in done], folds=folds),
        best_epoch=spread([run.best_epoch for run in done]),
        seconds=spread([run.seconds for run in done], (0, math.inf)),
        peak_memory_bytes=spread([run.peak_memory_bytes for run in done], (0, math.inf)),
        parameters=max(parameters, default=None),
        loss=next((loss_in_words(run.source.config) for run in done if run.source), None),
    )


def _test_spread(runs: Sequence[RunNumbers], metric: Metric, folds: Sequence[Fold]) -> Spread:
    scores = [run.test_score for run in runs]
    return replace(spread(scores, metric.bounds, folds), interval=_test_interval(runs, scores, metric, folds))


def _test_interval(
    runs: Sequence[RunNumbers], scores: Sequence[float | None], metric: Metric, folds: Sequence[Fold]
) -> Interval | None:
    known = np.array([score for score in scores if score is not None], dtype=float)
    alone, with_images = interval_of(known, folds), _on_other_images(runs, metric)
    if with_images is None and known.size and np.ptp(known) == 0:
        return None
    return saying(joined(alone, with_images), metric.bounds)


def joined(one: Interval | None, other: Interval | None) -> Interval | None:
    """Return the interval from the lower end of two to the higher one; the one that there is, if only one is."""
    if one is None or other is None:
        return one or other
    return Interval(min(one.low, other.low), max(one.high, other.high), one.level)


def _on_other_images(runs: Sequence[RunNumbers], metric: Metric, further_run: bool = False) -> Interval | None:
    """Return the range of the score over other seeds and other images; None where single images are not known."""
    scores = [run.scores for run in runs if run.test_score is not None and run.scores is not None and not run.fold]
    scored = sum(run.test_score is not None for run in runs)
    if len(scores) < max(2, scored) or len({run.test_set for run in runs if run.scores is not None}) > 1:
        return None
    of_images = np.stack(scores)
    if metric.binary:
        return share_interval(of_images, further_run=further_run)
    return two_way_mean(of_images).interval(0.95, further_run)


def saying(interval: Interval | None, bounds: tuple[float, float]) -> Interval | None:
    """Return the interval cut to what is possible; None where it says nothing, being wider than half of that."""
    if interval is None:
        return None
    low, high = bounds
    interval = Interval(max(interval.low, low), min(interval.high, high), interval.level)
    return None if interval.high - interval.low > (high - low) / 2 else interval


WHOLE = "whole"


def phase_rows(variants: Sequence[VariantNumbers]) -> list[dict[str, Any]]:
    """Return a row for each phase of each variant with a completed run; none at all where nothing was ever frozen.

    `epochs` is the mean over the variant's completed runs, which may have stopped early; `parameters` are those that
    the phase trained, and `features` says whether it trained on features that are computed once.
    """
    rows = []
    for variant in variants:
        runs = [row.source for row in variant.runs if row.status == "completed" and row.source]
        phases = (runs[0].metrics or {}).get("phases") if runs else None
        for k, phase in enumerate(phases or (), 1):
            rows.append(
                {
                    "variant": variant.name,
                    "number": k,
                    "trained": phase["trained"],
                    "parameters": number(phase["trainable_parameters"]),
                    "learning_rate": number(phase["learning_rate"]),
                    "epochs": number(round(mean(_epochs(run, k) for run in runs), 1), 3),
                    "features": _features(phase["cached_views"]),
                }
            )
    return rows if any(row["trained"] != WHOLE for row in rows) else []


def _epochs(run: Run, phase: int) -> int:
    return sum(row.get("phase", 1) == phase for row in run.history)


def _features(views: int) -> str:
    return {0: "no", 1: "yes"}.get(views, f"yes, of {views} augmented copies")
