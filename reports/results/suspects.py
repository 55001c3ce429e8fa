"""Which labels the runs contradict, by networks that did not train on the images: see statistics/label_errors.py.

Of images that train there are two kinds of such predictions: those of the fold that a run held out, and those of its
validation images (validation.npz). The latter choose the epoch where training stops early, and no weight: a mild
effect. Test labels are judged by the predictions of all runs, and listed apart: they make scores wrong, and nothing may
be chosen by them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_suite.reports.results.classification import class_name
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import Run, ValidationLabels, examples, predictions, validation
from keras_suite.reports.statistics.label_errors import LabelErrors, label_errors
from keras_suite.reports.wording import without_paths

GOOD = 1.25  # variants are asked whose share of contradicted labels is up to this many times the least one

PartOfData = Literal["train", "test"]


class Seen(NamedTuple):
    """What networks said to images that they did not train on; (n,), (n,) and (n, classes)."""

    places: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray


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
        runs: How many runs saw it.
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
        others: The variants of the same data whose runs were not, as they contradict more.
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


@dataclass(frozen=True)
class _Evidence:
    """One run's: what it saw of one part, and what it kept of names and pictures."""

    variant: str
    seen: tuple[Seen, ...]
    names: Mapping[int, str]
    pixels: Mapping[int, np.ndarray]
    class_names: tuple[str, ...]
    total: int | None
    are_files: bool
    made_wrong: Mapping[int, bool] | None


def suspects(rows: Sequence[RunNumbers]) -> tuple[list[Suspects], list[str]]:
    """Return the suspect labels of each data set and part, and a line for each file that could not be read.

    Only runs on the same data, with the same labels, are taken together.
    """
    groups: dict[tuple[Any, ...], list[_Evidence]] = {}
    problems = []
    for row in rows:
        if row.source is None or row.source.metrics is None or not row.task.predicts_classes:
            continue
        try:
            found = _evidence(row.source, row)
        except (OSError, ValueError) as problem:
            problems.append(f"labels are judged without {row.variant}/seed-{row.seed}: {without_paths(str(problem))}")
            continue
        for key, evidence in found.items():
            groups.setdefault(key, []).append(evidence)
    train_first = sorted(groups.items(), key=lambda pair: pair[0][0] != "train")
    return [_judged(key[0], group) for key, group in train_first], problems


def _evidence(run: Run, row: RunNumbers) -> dict[tuple[Any, ...], _Evidence]:
    """Return what one run tells, by part and by what makes data the same."""
    kept, tested = validation(run), predictions(run)
    data = run.record.get("data") or {}
    class_names = tuple(map(str, data.get("class_names") or ()))
    same = (data.get("fingerprint"), class_names)
    held_out = data.get("folds") is not None
    pictures = _by_place(examples(run) or ((), ()))
    of_train = [Seen(kept.index, kept.labels, kept.probabilities)] if kept else []
    found: dict[tuple[Any, ...], _Evidence] = {}
    if tested is not None and held_out:
        of_train.append(Seen(tested.places, tested.labels, tested.probabilities))
    elif tested is not None:
        found["test", *same, row.test_set] = _Evidence(
            variant=run.variant,
            seen=(Seen(tested.places, tested.labels, tested.probabilities),),
            names=kept.test_names if kept else {},
            pixels=pictures,
            class_names=class_names,
            total=len(tested.labels),
            are_files=bool(kept and kept.are_files),
            made_wrong=None,
        )
    if of_train:
        found["train", *same, kept.labelling if kept else None] = _Evidence(
            variant=run.variant,
            seen=tuple(of_train),
            names=kept.names if kept else {},
            pixels={**(pictures if held_out else {}), **(_by_place((kept.pictured, kept.pictures)) if kept else {})},
            class_names=class_names,
            total=kept.total if kept else None,
            are_files=bool(kept and kept.are_files),
            made_wrong=_on_purpose(kept),
        )
    return found


def _by_place(pair: tuple[Any, Any]) -> dict[int, np.ndarray]:
    return {int(place): image for place, image in zip(*pair, strict=True)}


def _on_purpose(kept: ValidationLabels | None) -> dict[int, bool] | None:
    if kept is None or kept.made_wrong is None:
        return None
    return dict(zip(kept.index.tolist(), kept.made_wrong.tolist(), strict=True))


def _judged(part: PartOfData, group: Sequence[_Evidence]) -> Suspects:
    """Judge the labels of one part of one data set, by the runs of the variants that contradict few of them."""
    asked, others = _least_contradicting(group)
    chosen = [evidence for evidence in group if evidence.variant in asked]
    seen, counts = _means([each for evidence in chosen for each in evidence.seen])
    errors = label_errors(seen.labels, seen.probabilities)
    purpose: dict[int, bool] = {}
    for evidence in chosen:
        purpose |= evidence.made_wrong or {}
    listed = tuple(_suspect(row, seen, counts, errors, chosen, purpose) for row in errors.ranked.tolist())
    return Suspects(
        part=part,
        variants=asked,
        others=others,
        runs=len(chosen),
        judged=len(seen.places),
        total=next((evidence.total for evidence in chosen if evidence.total is not None), None),
        errors=errors,
        listed=listed,
        planted=(sum(bool(each.on_purpose) for each in listed), sum(purpose.values())) if purpose else None,
        are_files=all(evidence.are_files for evidence in chosen),
        seen=seen,
    )


def _least_contradicting(group: Sequence[_Evidence]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the variants whose runs are asked, and the others."""
    contradicted: dict[str, list[float]] = {}
    for evidence in group:
        wrong = [each.probabilities.argmax(axis=1) != each.labels for each in evidence.seen]
        contradicted.setdefault(evidence.variant, []).append(float(np.concatenate(wrong).mean()))
    shares = {variant: float(np.mean(of_runs)) for variant, of_runs in contradicted.items()}
    asked = tuple(variant for variant, share in shares.items() if share <= GOOD * min(shares.values()))
    return asked, tuple(variant for variant in shares if variant not in asked)


def _means(seen: Sequence[Seen]) -> tuple[Seen, np.ndarray]:
    """Return all images in the order of their places with mean probabilities, and of how many networks (n,)."""
    classes = max(each.probabilities.shape[1] for each in seen)
    places, rows = np.unique(np.concatenate([each.places for each in seen]), return_inverse=True)
    labels = np.empty(len(places), np.int64)
    sums, counts = np.zeros((len(places), classes)), np.bincount(rows, minlength=len(places))
    begin = 0
    for each in seen:  # a place is in each of them once
        own = rows[begin : begin + len(each.places)]
        sums[own, : each.probabilities.shape[1]] += each.probabilities
        labels[own] = each.labels
        begin += len(each.places)
    return Seen(places, labels, sums / counts[:, None]), counts


def _suspect(
    row: int,
    seen: Seen,
    counts: np.ndarray,
    errors: LabelErrors,
    group: Sequence[_Evidence],
    purpose: Mapping[int, bool],
) -> Suspect:
    place, suggested, names = int(seen.places[row]), int(seen.probabilities[row].argmax()), group[0].class_names
    return Suspect(
        place=place,
        name=next((evidence.names[place] for evidence in group if place in evidence.names), None),
        given=class_name(names, int(seen.labels[row])),
        suggested=class_name(names, suggested),
        probability=float(seen.probabilities[row, suggested]),
        margin=float(errors.margins[row]),
        chance=float(errors.chances[row]),
        runs=int(counts[row]),
        pixels=next((evidence.pixels[place] for evidence in group if place in evidence.pixels), None),
        on_purpose=purpose.get(place),
    )
