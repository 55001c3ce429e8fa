"""What the page shows of each variant's mistakes: matrix, classes, wrong images, and those that another gets right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.reports import wording
from keras_suite.reports.figures.classes import accuracy_by_class
from keras_suite.reports.figures.mistakes import confusion_figure, wrong_images_figure
from keras_suite.reports.figures.style import colour
from keras_suite.reports.page.pictures import Picture, Pictures
from keras_suite.reports.page.thumbnails import thumbnail
from keras_suite.reports.results.classes import OfClass, by_class
from keras_suite.reports.results.disagreements import OnlyRight, only_right
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.mistakes import WrongImage, class_name, confusion, most_confidently_wrong
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.tasks.wording import quantities

WRONG_IMAGES = 8
IN_A_TABLE = 20  # classes; larger confusion matrices are pictures


@dataclass(frozen=True)
class OnlyOneRight:
    """Images that `right` gets right and `wrong` wrong: some of them, and how many there are."""

    right: str
    wrong: str
    total: int
    images: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Mistakes:
    """Where one variant goes wrong. The matrix is a table of up to 20 classes, else a picture."""

    variant: str
    against: str | None
    class_names: tuple[str, ...]
    matrix: tuple[tuple[dict[str, Any], ...], ...]
    confusion: Picture | None
    classes: tuple[dict[str, Any], ...]
    by_class: Picture | None
    wrong: tuple[dict[str, Any], ...]
    wrong_picture: Picture | None
    only_one_right: tuple[OnlyOneRight, ...]


def mistakes(numbers: Numbers, pictures: Pictures) -> list[Mistakes]:
    """For each variant that was tested, the one with the highest mean test accuracy first; that one with pictures."""
    tested = [v for v in numbers.variants if any(run.labels is not None for run in v.runs)]
    best_first = sorted(tested, key=lambda variant: -variant.test_score.mean)
    return [_of(numbers, variant, pictures, leads=place == 0) for place, variant in enumerate(best_first)]


def _of(numbers: Numbers, variant: VariantNumbers, pictures: Pictures, leads: bool) -> Mistakes:
    known = numbers.classes_of(variant.name)
    classes = max(len(known), *_classes(variant))
    names = tuple(class_name(known, k) for k in range(classes))
    counts, of_class = confusion(variant.runs, classes), by_class(variant.runs, classes)
    wrong = most_confidently_wrong(list(variant.completed().values()), WRONG_IMAGES)
    picture = None
    if leads and wrong:
        title = f"{variant.name}: most confidently wrong"
        picture = pictures.add(f"wrong-{variant.name}", title, title, wrong_images_figure(wrong, names))
    other = _other(numbers, variant.name)
    return Mistakes(
        variant=variant.name,
        against=other,
        class_names=names,
        matrix=_matrix(counts) if classes <= IN_A_TABLE else (),
        confusion=_confusion(variant, counts, names, pictures) if leads or classes > IN_A_TABLE else None,
        classes=tuple(_class_row(name, found) for name, found in zip(names, of_class, strict=True)),
        by_class=_by_class(numbers, variant, other, names, of_class, pictures) if leads else None,
        wrong=tuple(_wrong(image, names) for image in wrong),
        wrong_picture=picture,
        only_one_right=_only_one_right(numbers, variant.name, other, names) if other else (),
    )


def _other(numbers: Numbers, name: str) -> str | None:
    """The variant that this one is set beside: the one it is compared with, or its best rival if it is the baseline.

    None where that was asked for other classes.
    """
    partners, rivals = (
        [other for other in names if numbers.classes_of(other) == numbers.classes_of(name)]
        for names in (
            [pair.against for pair in numbers.pairs if pair.variant == name],
            [pair.variant for pair in numbers.pairs if pair.against == name],
        )
    )
    if partners:
        return partners[0]
    return max(rivals, key=lambda rival: numbers.variant(rival).test_score.mean, default=None)


def _classes(variant: VariantNumbers) -> list[int]:
    seen = [(run.labels, run.predicted) for run in variant.runs if run.labels is not None and run.predicted is not None]
    return [int(max(labels.max(), predicted.max())) + 1 for labels, predicted in seen]


def _matrix(counts: np.ndarray) -> tuple[tuple[dict[str, Any], ...], ...]:
    """Cells with a count and a shade in percent: of the row where right, of the most frequent mistake where wrong."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = share * ~np.eye(len(counts), dtype=bool)
    most = wrong.max() or 1.0
    return tuple(
        tuple(
            {
                "count": str(count) if count else "",
                "right": row == column,
                "shade": round(55 * (share[row, column] if row == column else (wrong[row, column] / most) ** 0.5)),
            }
            for column, count in enumerate(counts[row])
        )
        for row in range(len(counts))
    )


def _confusion(variant: VariantNumbers, counts: np.ndarray, names: Sequence[str], pictures: Pictures) -> Picture:
    title = f"{variant.name}: true class in rows, predicted in columns"
    right = quantities.percent(float(np.trace(counts) / max(counts.sum(), 1)))
    described = f"Confusion matrix of {variant.name}, {counts.sum():,} answers over all runs, {right} of them right"
    return pictures.add(f"confusion-{variant.name}", title, described, confusion_figure(counts, names))


def _by_class(
    numbers: Numbers,
    variant: VariantNumbers,
    other: str | None,
    names: Sequence[str],
    of_class: Sequence[OfClass],
    pictures: Pictures,
) -> Picture | None:
    shown: dict[str, Sequence[OfClass]] = {variant.name: of_class}
    if other is not None:
        shown[other] = by_class(numbers.variant(other).runs, len(names))
    figure = accuracy_by_class(shown, names, colour(numbers.position(variant.name)))
    if figure is None:
        return None
    title = f"Accuracy by class, 95 % intervals over {numbers.replicate}s"
    worst = min(range(len(of_class)), key=lambda k: of_class[k].recall.mean)
    described = f"{title}. {variant.name} is worst at {names[worst]}: {quantities.percent(of_class[worst].recall.mean)}"
    return pictures.add("by-class", title, described, figure)


def _class_row(name: str, found: OfClass) -> dict[str, Any]:
    recall, precision = found.recall, found.precision
    return {
        "name": name,
        "images": f"{found.images:,}",
        "recall": quantities.percent(recall.mean),
        "interval": wording.percent_interval(recall.interval),
        "precision": quantities.percent(precision.mean),
        "raw": {
            "images": found.images,
            "recall": None if np.isnan(recall.mean) else recall.mean,
            "interval": recall.interval.low if recall.interval else None,
            "precision": None if np.isnan(precision.mean) else precision.mean,
        },
    }


def _wrong(image: WrongImage, names: Sequence[str]) -> dict[str, Any]:
    said = f"{names[image.predicted]}, {wording.sureness(image.confidence)}"
    return _shown(image, names, said, f"{image.wrong} of {quantities.counted(image.runs, 'run')}")


def _only_one_right(numbers: Numbers, name: str, other: str, names: Sequence[str]) -> tuple[OnlyOneRight, ...]:
    ours, theirs = (numbers.variant(each).completed() for each in (name, other))
    shared = sorted(ours.keys() & theirs.keys())
    sides: Mapping[str, list[RunNumbers]] = {name: [ours[s] for s in shared], other: [theirs[s] for s in shared]}
    found = []
    for right, wrong in ((name, other), (other, name)):
        images, total = only_right(sides[right], sides[wrong], WRONG_IMAGES)
        shown = tuple(_shown(image, names, names[image.predicted], _of_seeds(image)) for image in images)
        found.append(OnlyOneRight(right, wrong, total, shown))
    return tuple(each for each in found if each.images)


def _of_seeds(image: OnlyRight) -> str:
    return f"{image.seeds} of {quantities.counted(image.runs, 'run')}"


def _shown(image: WrongImage | OnlyRight, names: Sequence[str], said: str, seeds: str) -> dict[str, Any]:
    return {**thumbnail(image.pixels), "true": names[image.label], "said": said, "seeds": seeds, "index": image.index}
