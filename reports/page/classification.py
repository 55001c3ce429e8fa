"""The report's section on predicted classes: errors of each variant."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.reports import wording
from keras_suite.reports.figures.classification import accuracy_by_class, confusion_figure
from keras_suite.reports.figures.predictions import as_seen, wrong_images_figure
from keras_suite.reports.figures.style import colour
from keras_suite.reports.figures.svg import Picture, Pictures
from keras_suite.reports.page.pictures import png_url
from keras_suite.reports.results.classification import (
    ClassScores,
    Disagreement,
    WrongImage,
    class_name,
    class_scores,
    confusion,
    disagreements,
    most_confidently_wrong,
)
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.tasks.wording import quantities

WRONG_IMAGES = 8
IN_A_TABLE = 20  # classes; larger confusion matrices are pictures
SMALL = 96  # pixels; smaller images are shown with hard edges


@dataclass(frozen=True)
class OnlyOneRight:
    """Images that variant `right` classifies correctly and `wrong` does not: some of them, and their total number."""

    right: str
    wrong: str
    total: int
    images: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class ClassErrors:
    """The errors of one variant. The confusion matrix is a table of up to 20 classes, else a picture."""

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


def class_errors(numbers: Numbers, pictures: Pictures) -> list[ClassErrors]:
    """Return the errors of each tested variant, the best first, and plot figures of that one."""
    tested = [v for v in numbers.variants if any(run.labels is not None for run in v.runs)]
    best_first = sorted(tested, key=lambda variant: -variant.test_score.mean)
    return [_errors_of(numbers, variant, pictures, plot=rank == 0) for rank, variant in enumerate(best_first)]


def _errors_of(numbers: Numbers, variant: VariantNumbers, pictures: Pictures, plot: bool) -> ClassErrors:
    known = numbers.classes_of(variant.name)
    classes = max(len(known), *_numbers_of_classes(variant))
    names = tuple(class_name(known, k) for k in range(classes))
    counts, of_class = confusion(variant.runs, classes), class_scores(variant.runs, classes)
    wrong = most_confidently_wrong(list(variant.completed().values()), WRONG_IMAGES)
    picture = None
    if plot and wrong:
        title = f"{variant.name}: wrong predictions with the highest confidence"
        picture = pictures.add(f"wrong-{variant.name}", title, title, wrong_images_figure(wrong, names))
    other = _compared_with(numbers, variant.name)
    return ClassErrors(
        variant=variant.name,
        against=other,
        class_names=names,
        matrix=_matrix(counts) if classes <= IN_A_TABLE else (),
        confusion=_confusion(variant, counts, names, pictures) if plot or classes > IN_A_TABLE else None,
        classes=tuple(_class_row(name, result) for name, result in zip(names, of_class, strict=True)),
        by_class=_by_class(numbers, variant, other, names, of_class, pictures) if plot else None,
        wrong=tuple(_wrong(image, names) for image in wrong),
        wrong_picture=picture,
        only_one_right=_only_one_right(numbers, variant.name, other, names) if other else (),
    )


def _compared_with(numbers: Numbers, name: str) -> str | None:
    """Return the variant whose errors are compared: the baseline, or for the baseline the best other variant.

    None where it was trained for other classes.
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


def _numbers_of_classes(variant: VariantNumbers) -> list[int]:
    tested = [
        (run.labels, run.predicted) for run in variant.runs if run.labels is not None and run.predicted is not None
    ]
    return [int(max(labels.max(), predicted.max())) + 1 for labels, predicted in tested]


def _matrix(counts: np.ndarray) -> tuple[tuple[dict[str, Any], ...], ...]:
    """Return cells with a count and a shade in percent, relative to the row if right, to the commonest error if not."""
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
    title = f"{variant.name}: confusion matrix, true classes in rows, predictions in columns"
    right = quantities.percent(float(np.trace(counts) / max(counts.sum(), 1)))
    described = f"Confusion matrix of {variant.name}, {counts.sum():,} predictions over all runs, {right} of them right"
    return pictures.add(f"confusion-{variant.name}", title, described, confusion_figure(counts, names))


def _by_class(
    numbers: Numbers,
    variant: VariantNumbers,
    other: str | None,
    names: Sequence[str],
    of_class: Sequence[ClassScores],
    pictures: Pictures,
) -> Picture | None:
    shown: dict[str, Sequence[ClassScores]] = {variant.name: of_class}
    if other is not None:
        shown[other] = class_scores(numbers.variant(other).runs, len(names))
    figure = accuracy_by_class(shown, names, colour(numbers.position(variant.name)))
    if figure is None:
        return None
    over = f"over {numbers.replicate}s" + ("" if numbers.replicate == "fold" else " and images")
    title = f"Recall by class, 95 % intervals {over}"
    worst = min(range(len(of_class)), key=lambda k: of_class[k].recall.mean)
    described = (
        f"{title}. {variant.name} is lowest for {names[worst]}: {quantities.percent(of_class[worst].recall.mean)}"
    )
    return pictures.add("by-class", title, described, figure)


def _class_row(name: str, result: ClassScores) -> dict[str, Any]:
    recall, precision = result.recall, result.precision
    return {
        "name": name,
        "images": f"{result.images:,}",
        "recall": quantities.percent(recall.mean),
        "interval": wording.percent_interval(recall.interval),
        "precision": quantities.percent(precision.mean),
        "raw": {
            "images": result.images,
            "recall": None if np.isnan(recall.mean) else recall.mean,
            "interval": recall.interval.low if recall.interval else None,
            "precision": None if np.isnan(precision.mean) else precision.mean,
        },
    }


def _wrong(image: WrongImage, names: Sequence[str]) -> dict[str, Any]:
    return _shown(image, names, f"{wording.sureness(image.confidence)}, {_of_runs(image.wrong, image.runs)}")


def _only_one_right(numbers: Numbers, name: str, other: str, names: Sequence[str]) -> tuple[OnlyOneRight, ...]:
    ours, theirs = (numbers.variant(each).completed() for each in (name, other))
    shared = sorted(ours.keys() & theirs.keys())
    sides: Mapping[str, list[RunNumbers]] = {name: [ours[s] for s in shared], other: [theirs[s] for s in shared]}
    sections = []
    for right, wrong in ((name, other), (other, name)):
        images, total = disagreements(sides[right], sides[wrong], WRONG_IMAGES)
        shown = tuple(_shown(image, names, _of_runs(image.seeds, image.runs)) for image in images)
        sections.append(OnlyOneRight(right, wrong, total, shown))
    return tuple(each for each in sections if each.images)


def _of_runs(count: int, runs: int) -> str:
    return f"{count} of {quantities.counted(runs, 'run')}"


def _shown(image: WrongImage | Disagreement, names: Sequence[str], note: str) -> dict[str, Any]:
    return {
        **thumbnail(image.pixels),
        "true": names[image.label],
        "predicted": names[image.predicted],
        "note": note,
        "index": image.index,
    }


def thumbnail(pixels: np.ndarray) -> dict[str, Any]:
    """Return an image uint8 (h, w, channels) as a data URL, `source`, and whether it is `small`."""
    from PIL import Image

    shown = np.ascontiguousarray(as_seen(pixels))
    content = io.BytesIO()
    Image.fromarray(shown).save(content, format="PNG")
    return {"source": png_url(content.getvalue()), "small": max(shown.shape[:2]) < SMALL}
