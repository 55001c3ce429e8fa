"""Which labels are suspect: what the runs said of images that they did not train on, judged by statistics/label_errors.

Test labels are listed apart: they make scores wrong, and nothing may be chosen by them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from keras_suite.reports.results.classification import class_name
from keras_suite.reports.results.label_evidence import Evidence, PartOfData, Seen, gathered
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.statistics.label_errors import LabelErrors, label_errors


@dataclass(frozen=True)
class Suspect:
    """A label that is more probably wrong than right.

    Attributes:
        place: The image's place among those that may train or validate, or in the test set.
        name: What it is called; None where no run kept that.
        given: Its label.
        suggested: The class that the runs give the highest probability, `probability`, their mean.
        margin: The label's probability less that of the suggested class.
        chance: How probable it is that the label is wrong.
        runs: How many networks saw it.
        pixels: uint8 (h, w, c); None where no run kept it.
        on_purpose: Whether `label_noise` made the label wrong; None where there is none, or nobody knows.
    """

    place: int
    name: str | None
    given: str
    suggested: str
    probability: float
    margin: float
    chance: float
    runs: int
    pixels: np.ndarray | None = field(repr=False, compare=False)
    on_purpose: bool | None = None


@dataclass(frozen=True)
class Suspects:
    """The labels of one part of one data set that are probably wrong.

    Attributes:
        part: What the labels are of.
        variants: Whose runs were asked.
        others: The variants of the same data whose runs were not, as they are wrong more often.
        runs: How many were.
        judged: How many images some of them did not train on.
        total: How many images there are; None where nobody recorded it.
        errors: What their predictions say.
        listed: The labels that are more probably wrong than right, the surest first.
        planted: Of the judged labels that `label_noise` made wrong, how many are listed, and how many there are.
        are_files: Whether the images' names are those of files.
        seen: The judged images, with the mean probabilities of all networks that did not train on them.
    """

    part: PartOfData
    variants: tuple[str, ...]
    others: tuple[str, ...]
    runs: int
    judged: int
    total: int | None
    errors: LabelErrors = field(repr=False, compare=False)
    listed: tuple[Suspect, ...]
    planted: tuple[int, int] | None
    are_files: bool
    seen: Seen = field(repr=False, compare=False)


def suspects(rows: Sequence[RunNumbers]) -> tuple[list[Suspects], list[str]]:
    """Return the suspect labels of each part and data set, and a line for each file that could not be read."""
    evidence, problems = gathered(rows)
    return [_judged(each) for each in evidence], problems


def _judged(evidence: Evidence) -> Suspects:
    seen, counts = evidence.means()
    errors = label_errors(seen.labels, seen.probabilities)
    listed = tuple(_suspect(row, seen, int(counts[row]), errors, evidence) for row in errors.ranked.tolist())
    planted = sum(evidence.made_wrong.values())
    return Suspects(
        part=evidence.part,
        variants=tuple(evidence.variants),
        others=tuple(evidence.others),
        runs=evidence.runs,
        judged=len(seen.places),
        total=evidence.total,
        errors=errors,
        listed=listed,
        planted=(sum(bool(each.on_purpose) for each in listed), planted) if evidence.made_wrong else None,
        are_files=evidence.are_files,
        seen=seen,
    )


def _suspect(row: int, seen: Seen, runs: int, errors: LabelErrors, evidence: Evidence) -> Suspect:
    place, suggested = int(seen.places[row]), int(seen.probabilities[row].argmax())
    return Suspect(
        place=place,
        name=evidence.names.get(place),
        given=class_name(evidence.class_names, int(seen.labels[row])),
        suggested=class_name(evidence.class_names, suggested),
        probability=float(seen.probabilities[row, suggested]),
        margin=float(errors.margins[row]),
        chance=float(errors.chances[row]),
        runs=runs,
        pixels=evidence.pictures[place][1] if place in evidence.pictures else None,
        on_purpose=evidence.made_wrong.get(place),
    )
