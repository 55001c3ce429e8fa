"""The report's table of scores in which each class counts alike, and its ROC and precision-recall curves."""

import math
from collections.abc import Sequence
from typing import Any

from keras_suite.reports.figures.class_curves import Line, precision_recall_figure, roc_figure, with_area
from keras_suite.reports.figures.curves import OVERLAID
from keras_suite.reports.figures.style import GREY, colour
from keras_suite.reports.figures.svg import Picture, Pictures
from keras_suite.reports.results.class_balance import ClassCurves, alike_metrics, class_curves, says_something
from keras_suite.reports.results.classification import class_name
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.tasks.classes import ROC_AREA

KINDS = (("roc", "ROC curve"), ("precision-recall", "Precision and recall"))


def alike_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """Return a row for each variant: the mean of each of `alike_metrics` and its interval over runs."""
    rows = []
    for variant in numbers.variants:
        row: dict[str, Any] = {"variant": variant.name, "raw": {}}
        for metric in alike_metrics(numbers):
            spread = variant.test_metrics[metric.key]
            low = spread.interval.low if spread.interval else None
            row[metric.key], row[f"{metric.key}_interval"] = (
                metric.format(spread.mean),
                metric.format_interval(spread.interval),
            )
            row["raw"] |= {metric.key: None if math.isnan(spread.mean) else spread.mean, f"{metric.key}_interval": low}
        rows.append(row)
    return rows


def class_curve_pictures(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    """Plot the curves of all variants if they are few, else of the baseline and the best, and by class of the best one.

    Those by class are left out where the classes are even and nobody asked for areas.
    """
    names = [variant.name for variant in numbers.best_first()]
    best = next((name for name in names if class_curves(numbers.variant(name))), None)
    if best is None:
        return []
    few = len(names) <= OVERLAID
    overlaid = [v.name for v in numbers.variants] if few else list(dict.fromkeys([numbers.baseline, best]))
    of = {name: curves for name in overlaid if (curves := class_curves(numbers.variant(name)))}
    shades = {name: GREY if not few and name != best else colour(numbers.position(name)) for name in of}
    shown = _of_variants(numbers, of, shades, pictures)
    if of[best].classes and says_something(numbers, ROC_AREA):
        shown += _by_class(numbers, best, of[best], pictures)
    return shown


def _of_variants(
    numbers: Numbers, of: dict[str, ClassCurves], shades: dict[str, str], pictures: Pictures
) -> list[Picture]:
    first = next(iter(of))
    known = numbers.classes_of(first)
    counted = of[first].of
    what = "mean of the classes" if counted is None else class_name(known, counted)
    shares = {round(curves.share, 9) for curves in of.values()}
    roc = [Line(name, shades[name], curves.roc) for name, curves in of.items()]
    precision = [Line(name, shades[name], curves.precision) for name, curves in of.items()]
    figures = (roc_figure(roc), precision_recall_figure(precision, shares.pop() if len(shares) == 1 else None))
    return [
        pictures.add(name, f"{title}, {what}", _described(f"{title}, {what}", lines), figure)
        for (name, title), lines, figure in zip(KINDS, (roc, precision), figures, strict=True)
    ]


def _by_class(numbers: Numbers, best: str, curves: ClassCurves, pictures: Pictures) -> list[Picture]:
    known = numbers.classes_of(best)
    named = [(class_name(known, number), colour(k)) for k, (number, _, _) in enumerate(curves.classes)]
    rarest = "" if len(known) <= len(named) else f", its {len(named)} rarest classes"
    shown = []
    for kind, ((name, title), figure) in enumerate(zip(KINDS, (roc_figure, precision_recall_figure), strict=True), 1):
        lines = [Line(*each, of[kind]) for each, of in zip(named, curves.classes, strict=True)]  # type: ignore[arg-type]
        full = f"{best}: {title[0].lower() if title[1].islower() else title[0]}{title[1:]} by class{rarest}"
        shown.append(pictures.add(f"{name}-by-class", full, _described(full, lines), figure(lines)))
    return shown


def _described(title: str, lines: Sequence[Line]) -> str:
    return f"{title}; areas: {', '.join(with_area(line.name, line.curve.area) for line in lines)}"
