"""Whether the test images are spread unevenly over the classes, and the curves of each class against the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import Spread, VariantNumbers, spread
from keras_suite.tasks.classes import CLASSES, PR_AREA, ROC_AREA
from keras_suite.tasks.classification.scores import FALSE_POSITIVES, RECALL, Curves
from keras_suite.tasks.task import Metric

EVEN = 0.5  # the smallest class has at least so many test images of the largest; accuracy then says much the same


def uneven(runs: Sequence[RunNumbers]) -> bool:
    """Return whether the smallest class has under half of the largest one's test images, of any run."""
    tests = {run.test_set: run.labels for run in runs if run.labels is not None}
    counts = [np.unique(labels, return_counts=True)[1] for labels in tests.values()]
    return any(each.min() < EVEN * each.max() for each in counts)


def alike_metrics(numbers: Numbers) -> list[Metric]:
    """Return the metrics to show in which each class counts alike: those that have values and say something."""
    return [
        metric
        for metric in numbers.task.tested
        if metric in CLASSES.on_request
        and says_something(numbers, metric)
        and any(variant.test_metrics[metric.key].n for variant in numbers.variants)
    ]


def says_something(numbers: Numbers, metric: Metric) -> bool:
    """Return whether to show a metric on request: where the classes are uneven, and where somebody asked for it."""
    return uneven(numbers.runs()) or any(asked_for(run, metric) for run in numbers.runs())


def asked_for(run: RunNumbers, metric: Metric) -> bool:
    """Return whether a run's Config names the metric, so that it has it in every epoch."""
    return run.source is not None and any(f"val_{metric.name}" in row for row in run.source.history[:1])


@dataclass(frozen=True)
class MeanCurve:
    """A curve, the mean over runs, all (points,), with its standard deviation (0 of one run), and the area under it."""

    x: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    area: Spread


@dataclass(frozen=True)
class ClassCurves:
    """The ROC curve and that of precision and recall of a variant; by class the same of its rarest classes.

    Attributes:
        of: The class that counts of two; None for the mean over more.
        share: The precision of a network that knows nothing.
        classes: The rarest, up to 8; none of two, whose curves are the first ones.
    """

    roc: MeanCurve
    precision: MeanCurve
    of: int | None
    share: float
    classes: tuple[tuple[int, MeanCurve, MeanCurve], ...]


def class_curves(variant: VariantNumbers) -> ClassCurves | None:
    """Return the curves of a variant's completed runs; None where no run has any."""
    runs = [run for run in variant.completed().values() if run.curves is not None]
    found = [run.curves for run in runs if run.curves is not None]
    if not found:
        return None
    first = found[0]
    return ClassCurves(
        roc=_mean_curve(FALSE_POSITIVES, [each.roc for each in found], _area(variant, ROC_AREA)),
        precision=_mean_curve(RECALL, [each.precision for each in found], _area(variant, PR_AREA)),
        of=first.of,
        share=float(np.mean([each.share for each in found])),
        classes=tuple(_of_class(number, found) for number in first.classes) if first.of is None else (),
    )


def _area(variant: VariantNumbers, metric: Metric) -> Spread:
    """Return an area, which may be the score that is compared."""
    return variant.test_score if variant.metric.name == metric.name else variant.test_metrics[metric.key]


def _of_class(number: int, found: Sequence[Curves]) -> tuple[int, MeanCurve, MeanCurve]:
    of = [(each, each.classes.index(number)) for each in found if number in each.classes]
    roc, precision = (
        _mean_curve(x, [each.of_classes[k][kind] for each, k in of], spread([each.areas[k][kind] for each, k in of]))
        for kind, x in enumerate((FALSE_POSITIVES, RECALL))
    )
    return number, roc, precision


def _mean_curve(x: np.ndarray, curves: Sequence[np.ndarray], area: Spread) -> MeanCurve:
    stacked = np.stack(curves)
    sd = stacked.std(axis=0, ddof=1) if len(stacked) > 1 else np.zeros(len(x))
    return MeanCurve(x, stacked.mean(axis=0), sd, area)
