"""From run directories to numbers: a row per run, a summary per variant, a line for each thing that does not fit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.comparability import loss_in_words, unlike, unlike_tests
from reports.run_directory import ExperimentRuns, Run, Status, Variant
from reports.run_numbers import RunNumbers, run_numbers
from reports.statistics import MARGIN, Comparison, Interval, compare, t_interval
from reports.wording import without_paths


@dataclass(frozen=True)
class Spread:
    """Some runs' values of one number: n, mean, sd (n - 1), the mean's 95 % t-interval; NaN, None where undefined."""

    n: int
    mean: float
    sd: float
    interval: Interval | None


@dataclass(frozen=True)
class VariantNumbers:
    """All runs of one variant, by seed; the spreads are over its completed runs that have the number.

    Loss values of variants that differ in `loss` must not be compared; it is None where no run is completed.
    """

    name: str
    overrides: dict[str, Any]
    runs: tuple[RunNumbers, ...]
    test_accuracy: Spread
    test_loss: Spread
    validation_accuracy: Spread
    validation_loss: Spread
    best_epoch: Spread
    seconds: Spread
    peak_memory_bytes: Spread
    parameters: int | None
    loss: str | None

    def count(self, status: Status) -> int:
        """How many runs have this status."""
        return sum(run.status == status for run in self.runs)

    def completed(self) -> dict[int, RunNumbers]:
        """The completed runs with a test accuracy, by seed."""
        return {run.seed: run for run in self.runs if run.status == "completed" and run.test_accuracy is not None}


@dataclass(frozen=True)
class Numbers:
    """Everything a report says about an experiment, before any of it is drawn or worded.

    `variants` in the experiment's order, the baseline first; `comparisons` by variant name, without the baseline.
    """

    name: str
    question: str
    command: str
    baseline: str
    variants: tuple[VariantNumbers, ...]
    comparisons: dict[str, Comparison]
    class_names: tuple[str, ...]
    test_images: int | None
    problems: tuple[str, ...]
    left_out: tuple[str, ...]

    def variant(self, name: str) -> VariantNumbers:
        """The variant of this name."""
        return next(variant for variant in self.variants if variant.name == name)

    def runs(self) -> list[RunNumbers]:
        """All runs, variant by variant."""
        return [run for variant in self.variants for run in variant.runs]

    def one_loss(self) -> bool:
        """Whether the variants' loss values are of the same loss."""
        return len({variant.loss for variant in self.variants if variant.loss}) < 2


def experiment_numbers(experiment: ExperimentRuns, margin: float | None = None) -> Numbers:
    """The numbers of an experiment's current variants.

    `margin`: the largest difference in test accuracy that does not matter, a share from 0 to 1; by default the larger
    of 0.002 (0.2 percentage points) and one test image.
    """
    if margin is not None and not 0 <= margin < 1:
        raise ValueError(f"margin={margin} is not possible: expected a share of the test images from 0 up to 1")
    problems = list(experiment.problems)
    rows = {}
    for run in experiment.runs:
        rows[run.path], found = run_numbers(run)
        problems += found
    variants = tuple(
        variant_numbers(
            variant, [rows[run.path] for run in experiment.runs if run.path.parent.name == variant.directory]
        )
        for variant in _baseline_first(experiment)
    )
    test_sets = [row.labels for row in rows.values() if row.labels is not None]
    return Numbers(
        name=experiment.name,
        question=without_paths(experiment.question),
        command=without_paths(experiment.command),
        baseline=variants[0].name,
        variants=variants,
        comparisons=_comparisons(variants, margin),
        class_names=_class_names(experiment.runs, test_sets),
        test_images=max((len(labels) for labels in test_sets), default=None),
        problems=tuple(without_paths(line) for line in [*problems, *unlike(experiment.runs), *unlike_tests(test_sets)]),
        left_out=experiment.left_out,
    )


def _baseline_first(experiment: ExperimentRuns) -> list[Variant]:
    return sorted(experiment.variants, key=lambda variant: variant.name != experiment.baseline)


def spread(values: Sequence[float | None], bounds: tuple[float, float] = (-math.inf, math.inf)) -> Spread:
    """n, mean, sd and 95 % t-interval of the values that are not None; the interval is cut to what is possible."""
    known = np.array([value for value in values if value is not None], dtype=float)
    if not known.size:
        return Spread(0, math.nan, math.nan, None)
    interval = t_interval(known)
    if interval is not None:
        interval = Interval(max(interval.low, bounds[0]), min(interval.high, bounds[1]), interval.level)
    sd = float(known.std(ddof=1)) if known.size > 1 else math.nan
    return Spread(known.size, float(known.mean()), sd, interval)


def variant_numbers(variant: Variant, runs: Sequence[RunNumbers]) -> VariantNumbers:
    """The variant's runs by seed, and their spreads."""
    runs = sorted(runs, key=lambda run: run.seed)
    done = [run for run in runs if run.status == "completed"]
    parameters = {run.parameters for run in done if run.parameters is not None}
    return VariantNumbers(
        name=variant.name,
        overrides=variant.overrides,
        runs=tuple(runs),
        test_accuracy=spread([run.test_accuracy for run in done], (0, 1)),
        test_loss=spread([run.test_loss for run in done]),
        validation_accuracy=spread([run.validation_accuracy for run in done], (0, 1)),
        validation_loss=spread([run.validation_loss for run in done]),
        best_epoch=spread([run.best_epoch for run in done]),
        seconds=spread([run.seconds for run in done], (0, math.inf)),
        peak_memory_bytes=spread([run.peak_memory_bytes for run in done], (0, math.inf)),
        parameters=max(parameters, default=None),
        loss=next((loss_in_words(run.source.config) for run in done if run.source), None),
    )


def _comparisons(variants: Sequence[VariantNumbers], margin: float | None) -> dict[str, Comparison]:
    if len(variants) < 2:
        return {}
    baseline = variants[0].completed()
    pairs, margins = [], []
    for variant in variants[1:]:
        other = variant.completed()
        shared = sorted(baseline.keys() & other.keys())
        pairs.append(tuple(np.array([runs[seed].test_accuracy for seed in shared]) for runs in (other, baseline)))
        images = [len(labels) for seed in shared if (labels := baseline[seed].labels) is not None]
        margins.append(max([MARGIN, *(1 / count for count in images)]) if margin is None else margin)
    found = compare(pairs, margins)  # type: ignore[arg-type]
    return {variant.name: comparison for variant, comparison in zip(variants[1:], found, strict=True)}


def _class_names(runs: Sequence[Run], test_sets: Sequence[np.ndarray]) -> tuple[str, ...]:
    for run in runs:
        names = (run.record.get("data") or {}).get("class_names")
        if names:
            return tuple(str(name) for name in names)
    return tuple(str(number) for number in range(max((int(labels.max()) + 1 for labels in test_sets), default=0)))
