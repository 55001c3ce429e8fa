"""What a user says of scores that other code computed: what they measure, which way is better, in which unit."""

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from keras_suite.tasks.classes import ACCURACY
from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.task import MARGIN, Metric
from keras_suite.tasks.wording.near_names import nearest
from keras_suite.tasks.wording.shown import shown

SHARE, PERCENT = "share", "percent"
LONGEST_UNIT, LONGEST_METRIC = 20, 60
MOST_DIGITS = 8
FAR = 10  # times the largest score up to 1 may be the smallest above it, before they seem to be in different units


@dataclass(frozen=True)
class Told:
    """The options of a table of scores.

    Attributes:
        metric: The name of the scores; None for "accuracy" where they follow from answers, else "score".
        direction: Whether larger or smaller scores are better; None for larger.
        unit: "share" for scores from 0 to 1, which are shown in %; "percent" for 0 to 100; any other text, as "dB",
            stands after plain numbers. None for shares where the metric is the accuracy, else for plain numbers.
        question: What the variants are compared for; None for a question about the metric.
        first_look: Whether nobody has looked at the scores before.
        measured_on: The images that they are of, in a word.
    """

    metric: str | None = None
    direction: Literal["max", "min"] | None = None
    unit: str | None = None
    question: str | None = None
    first_look: bool = False
    measured_on: str = "test"

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be a name or a unit."""
        _check_text("--metric", self.metric, LONGEST_METRIC, "a name, as F1")
        _check_text("--unit", self.unit, LONGEST_UNIT, "share (0 to 1), percent (0 to 100), or a short unit, as dB")
        near = nearest(self.unit.lower(), (SHARE, PERCENT), 0.75) if self.unit else None
        if self.unit == "%" or near not in (None, self.unit):
            raise ValueError(
                f"--unit {shown(self.unit)} is not possible: give share for scores from 0 to 1, percent for 0 to 100, "
                "or another unit, as dB"
            )

    def name(self, answers: bool) -> str:
        """Return the metric's name; `answers` says whether the scores follow from predicted classes."""
        return self.metric or (ACCURACY.label if answers else "score")

    def bounds(self, answers: bool) -> tuple[float, float]:
        """Return the smallest and the largest possible score; `answers` as in `name`."""
        return {SHARE: (0.0, 1.0), PERCENT: (0.0, 100.0)}.get(self._unit(answers), (-math.inf, math.inf))

    def refuse_mixed_units(self, scores: Mapping[str, np.ndarray]) -> None:
        """Raise ValueError if some scores look like shares beside others in percent, unless a unit is given.

        Args:
            scores: Of each variant, by its name, float (seeds,).
        """
        every = np.concatenate([*scores.values()])
        shares, percent = every[every <= 1], every[every > 1]
        if self.unit is not None or not len(shares) or not len(percent) or every.min() <= 0 or every.max() > 100:
            return
        if percent.min() > FAR * shares.max():
            low, high = (
                next(shortened(name) for name, each in scores.items() if value in each)
                for value in (shares.max(), percent.min())
            )
            raise ValueError(
                f"{low} has a score of {shares.max():g} and {high} one of {percent.min():g}: shares beside "
                "percentages? Write all scores in one unit, or say with --unit which one they have"
            )

    @property
    def accuracy(self) -> bool | None:
        """Whether scores beside answers are accuracies; None where nothing is said of them."""
        return None if self.metric is None else self.metric.lower() == ACCURACY.label

    def _unit(self, answers: bool) -> str:
        if answers:
            return SHARE
        by_default = SHARE if self.name(answers).lower() == ACCURACY.label else ""
        return by_default if self.unit is None else self.unit

    def described(self, answers: bool, binary: bool, scores: Sequence[np.ndarray]) -> Metric:
        """Return the metric.

        Args:
            answers: As in `name`.
            binary: Whether each test image is known to be right or wrong.
            scores: Of each variant, float (seeds,): plain numbers get as many decimals as tell seeds apart.

        Raises:
            ValueError: If the score follows from answers, and is said to be something else than an accuracy.
        """
        label, unit, direction = self.name(answers), self._unit(answers), self.direction or "max"
        if answers and (direction == "min" or self.unit not in (None, SHARE, PERCENT)):
            wrong = "--direction min" if direction == "min" else f"--unit {self.unit}"
            raise ValueError(
                f"{wrong} is not possible: what follows from label and prediction is the accuracy, a share, and higher "
                "is better; leave the option out, or give a column score"
            )
        common = Metric(
            name=re.sub(r"\W+", "_", label.lower()).strip("_") or "score",
            label=label,
            direction=direction,
            bounds=self.bounds(answers),
            binary=binary,
            measured_on=self.measured_on,
        )
        if unit in (SHARE, PERCENT):
            scale = 100.0 if unit == SHARE else 1.0
            points = f"percentage points of {common.score_label}"
            return dataclasses.replace(
                common,
                unit=" %",
                scale=scale,
                difference=points,
                margin=MARGIN * 100 / scale,
                short_difference="points",
            )
        short = unit or "units"
        return dataclasses.replace(
            common,
            unit=f" {unit}" if unit and unit != "°" else unit,
            digits=_digits(scores),
            difference=f"{short} of {common.score_label}",
            short_difference=short,
            margin=0.0,
        )


def check_margin(margin: float | None, largest: float) -> None:
    """Raise ValueError unless a margin is None, or from 0 to less than `largest`, which may be infinite."""
    if margin is not None and not 0 <= margin < largest:
        below = f" up to {largest:g}" if math.isfinite(largest) else ""
        raise ValueError(f"--margin {margin:g} is not possible: give a number from 0{below}, as 0.5")


def _digits(scores: Sequence[np.ndarray]) -> int:
    """Return so many decimals that the smallest standard deviation over seeds has a digit; 2 at least."""
    spreads = [float(of_variant.std()) for of_variant in scores] + [float(np.concatenate(scores).std())]
    least = min((spread for spread in spreads if spread > 1e-12), default=1.0)
    return min(max(2, -math.floor(math.log10(least))), MOST_DIGITS)


def _check_text(option: str, text: str | None, most: int, expected: str) -> None:
    if text is not None and (not text.strip() or len(text) > most or not text.isprintable()):
        raise ValueError(f"{option} {shown(text)} is not possible: expected {expected}, of at most {most} letters")
