"""The report's sections on probabilities: calibration, answers that are kept back, and ensembles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.reports.figures.curves import OVERLAID
from keras_suite.reports.figures.probabilities import reliability_diagram, risk_coverage_figure
from keras_suite.reports.figures.style import GREY, colour
from keras_suite.reports.figures.svg import Picture, Pictures
from keras_suite.reports.page.tables import SYMBOLS
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.probabilities import (
    ERROR_RATES,
    VariantProbabilities,
    variant_probabilities,
)
from keras_suite.reports.results.variant_numbers import Spread, spread
from keras_suite.reports.statistics.calibration import expected_calibration_error
from keras_suite.reports.statistics.selective import error_at
from keras_suite.reports.wording import points, points_interval
from keras_suite.tasks.classes import ACCURACY
from keras_suite.tasks.wording.quantities import counted, percent

COVERAGES = (1.0, 0.9, 0.8, 0.5)  # shares of the images that are answered


@dataclass(frozen=True)
class ProbabilitySections:
    """The rows of three tables and their pictures; each table is empty where there is nothing to say.

    Attributes:
        calibration: Confidence, accuracy and calibration error of each variant, as it is and with a temperature.
        scales: Whether any variant has a temperature.
        selective: The error rate of the surest answers of each variant.
        error_rates: Those that thresholds were chosen for.
        ensembles: The averaged runs of each variant beside one run.
        pictures: Reliability and risk-coverage diagrams.
        problems: A line for each run whose validation answers cannot be read.
    """

    calibration: tuple[dict[str, Any], ...]
    scales: bool
    selective: tuple[dict[str, Any], ...]
    coverages: tuple[str, ...]
    error_rates: tuple[str, ...]
    ensembles: tuple[dict[str, Any], ...]
    pictures: tuple[Picture, ...]
    problems: tuple[str, ...]

    @property
    def coverage_headings(self) -> list[str]:
        """The headings of the columns on the surest answers."""
        return [f"surest {each}: wrong" if each != "100 %" else "all: wrong" for each in self.coverages]

    @property
    def rate_headings(self) -> list[str]:
        """The headings of the columns on thresholds."""
        return [f"for {each}: answered; wrong" for each in self.error_rates]


def probability_sections(numbers: Numbers, shown: Numbers, pictures: Pictures) -> ProbabilitySections | None:
    """Return the sections of an experiment, with pictures of the shown variants; None without probabilities."""
    found = variant_probabilities(numbers)
    if not found:
        return None
    return ProbabilitySections(
        calibration=tuple(_calibration_row(numbers, each) for each in found),
        scales=any(run.temperature is not None for each in found for run in each.runs),
        selective=tuple(_selective_row(numbers, each) for each in found),
        coverages=tuple(f"{100 * coverage:g} %" for coverage in COVERAGES),
        error_rates=tuple(f"{100 * rate:g} %" for rate in ERROR_RATES),
        ensembles=tuple(row for each in found if (row := _ensemble_row(numbers, each)) is not None),
        pictures=tuple(_pictures(shown, found, pictures)),
        problems=tuple(run.problem for each in found for run in each.runs if run.problem),
    )


def _spread(numbers: Numbers, variant: str, values: Sequence[float]) -> Spread:
    folds = [run.fold for run in numbers.variant(variant).completed().values() if run.fold]
    return spread(values, (0, 1), folds if len(folds) == len(values) else ())


def _calibration_row(numbers: Numbers, found: VariantProbabilities) -> dict[str, Any]:
    """Return means over runs of confidence, accuracy and calibration error, before and after scaling."""
    variant = numbers.variant(found.variant)
    errors = _spread(
        numbers, found.variant, [expected_calibration_error(run.confidence, run.right) for run in found.runs]
    )
    confidence = float(np.mean([run.confidence.mean() for run in found.runs]))
    scaled = [run for run in found.runs if run.scaled_confidence is not None]
    after = _spread(
        numbers,
        found.variant,
        [
            expected_calibration_error(run.scaled_confidence, run.right)
            for run in scaled
            if run.scaled_confidence is not None
        ],
    )
    temperature = float(np.mean([run.temperature for run in scaled])) if scaled else math.nan
    losses = [run.loss for run in found.runs if run.loss is not None]
    loss = float(np.mean(losses)) if losses else math.nan
    scaled_loss = float(np.mean([run.scaled_loss for run in scaled])) if scaled else math.nan
    return {
        "variant": found.variant,
        "confidence": percent(confidence),
        "accuracy": percent(variant.test_score.mean),
        "word": "overconfident" if confidence > variant.test_score.mean else "underconfident",
        "error": points(errors.mean, sign=False),
        "interval": points_interval(errors.interval),
        "temperature": "" if math.isnan(temperature) else f"{temperature:.2f}",
        "after": points(after.mean, sign=False) if scaled else "",
        "loss": "" if math.isnan(loss) else f"{loss:.4f}",
        "loss_after": "" if math.isnan(scaled_loss) else f"{scaled_loss:.4f}",
        "raw": _numbers_of(
            confidence=confidence,
            accuracy=variant.test_score.mean,
            error=errors.mean,
            interval=errors.interval.low if errors.interval else math.nan,
            temperature=temperature,
            after=after.mean if scaled else math.nan,
            loss=loss,
            loss_after=scaled_loss,
        ),
    }


def _selective_row(numbers: Numbers, found: VariantProbabilities) -> dict[str, Any]:
    """Return the error rates at each coverage, and what each threshold does to the test images; means over runs."""
    row: dict[str, Any] = {"variant": found.variant, "raw": {}}
    at = np.mean([error_at(run.sure, run.right, COVERAGES) for run in found.runs], axis=0)
    for k, error in enumerate(at):
        row[f"at_{k}"], row["raw"][f"at_{k}"] = percent(float(error)), float(error)
    for k in range(len(ERROR_RATES)):
        cuts = [run.cuts[k] for run in found.runs if run.cuts]
        errors = [cut.error for cut in cuts if cut.error is not None]
        if not errors:
            row[f"cut_{k}"] = "none" if cuts else ""
            continue
        answered = float(np.mean([cut.answered for cut in cuts]))
        row[f"cut_{k}"] = f"{percent(answered)}; {percent(float(np.mean(errors)))}"
        row["raw"][f"cut_{k}"] = answered
    return row


def _ensemble_row(numbers: Numbers, found: VariantProbabilities) -> dict[str, Any] | None:
    ensemble = found.ensemble
    if ensemble is None:
        return None
    one = numbers.variant(found.variant).test_score.mean
    one_loss = float(np.mean([run.loss for run in found.runs if run.loss is not None]))
    one_error = float(np.mean([expected_calibration_error(run.confidence, run.right) for run in found.runs]))
    return {
        "variant": found.variant,
        "word": ensemble.gain.word,
        "symbol": SYMBOLS[ensemble.gain.word],
        "note": "",
        "runs": counted(ensemble.runs, "run"),
        "one": ACCURACY.format(one),
        "all": ACCURACY.format(ensemble.accuracy),
        "gain": points(ensemble.gain.mean),
        "interval": points_interval(ensemble.gain.interval),
        "one_loss": f"{one_loss:.4f}",
        "loss": f"{ensemble.loss:.4f}",
        "one_error": points(one_error, sign=False),
        "error": points(ensemble.calibration_error, sign=False),
        "raw": {
            "one": one,
            "all": ensemble.accuracy,
            "gain": ensemble.gain.mean,
            "interval": ensemble.gain.interval.low,
            "one_loss": one_loss,
            "loss": ensemble.loss,
            "one_error": one_error,
            "error": ensemble.calibration_error,
        },
    }


def _numbers_of(**values: float) -> dict[str, float | None]:
    return {key: None if math.isnan(value) else value for key, value in values.items()}


def _pictures(shown: Numbers, found: Sequence[VariantProbabilities], pictures: Pictures) -> list[Picture]:
    """Plot diagrams of all variants if they are few, else of the baseline and the best."""
    names, grey = [variant.name for variant in shown.variants], None
    if len(names) > OVERLAID:
        names, grey = list(dict.fromkeys([shown.baseline, shown.best_first()[0].name])), shown.baseline
    plotted = {
        each.variant: (each.runs, GREY if each.variant == grey else colour(shown.position(each.variant)))
        for each in found
        if each.variant in names
    }
    drawn = []
    reliability = reliability_diagram(plotted)
    if reliability is not None:
        dashed = (
            "; dashed: with a temperature" if any(r.temperature for runs, _ in plotted.values() for r in runs) else ""
        )
        title = f"Reliability diagram; below the diagonal: overconfident{dashed}"
        described = f"Accuracy against confidence of {', '.join(plotted)}"
        drawn.append(pictures.add("calibration", title, described, reliability))
    risk = risk_coverage_figure(plotted)
    if risk is not None:
        title = "Error rate of the surest answers, by the share of images that is answered"
        drawn.append(pictures.add("risk-coverage", title, f"{title}: {', '.join(plotted)}", risk))
    return drawn
