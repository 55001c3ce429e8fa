"""What the page shows of how sure the answers were: the calibration curve, and the expected calibration error."""

import math
from typing import Any

import numpy as np

from keras_suite.reports.figures.curves import OVERLAID
from keras_suite.reports.figures.reliability import calibration_curves
from keras_suite.reports.page.pictures import Picture, Pictures
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import spread
from keras_suite.reports.statistics.calibration import expected_calibration_error
from keras_suite.reports.wording import points, points_interval
from keras_suite.tasks.wording.quantities import percent


def calibration_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each variant with predictions: how sure, how often right, and the error between, means over runs."""
    rows = []
    for variant in numbers.variants:
        answers = [found for run in variant.completed().values() if (found := run.answers())]
        if not answers:
            continue
        folds = [run.fold for run in variant.completed().values() if run.fold]
        each = [expected_calibration_error(said.confidence, said.labels == said.predicted) for said in answers]
        errors = spread(each, folds=folds)
        sure = float(np.mean([said.confidence.mean() for said in answers]))
        above = sure - variant.test_score.mean
        rows.append(
            {
                "variant": variant.name,
                "error": points(errors.mean, sign=False),
                "interval": points_interval(errors.interval),
                "sure": percent(sure),
                "accuracy": percent(variant.test_score.mean),
                "word": "too sure" if above > 0 else "not sure enough",
                "raw": {
                    "error": None if math.isnan(errors.mean) else errors.mean,
                    "interval": errors.interval.low if errors.interval else None,
                    "sure": sure,
                    "accuracy": variant.test_score.mean,
                },
            }
        )
    return rows


def calibration_picture(numbers: Numbers, pictures: Pictures) -> Picture | None:
    """The curves of all variants if they are few, else of the baseline and the best."""
    names, beside = [variant.name for variant in numbers.variants], None
    if len(names) > OVERLAID:
        names, beside = list(dict.fromkeys([numbers.baseline, numbers.best_first()[0].name])), numbers.baseline
    figure = calibration_curves(numbers, names, beside)
    if figure is None:
        return None
    title = "Right as often as they say? Under the line: too sure"
    return pictures.add("calibration", title, f"Accuracy against confidence of {', '.join(names)}", figure)
