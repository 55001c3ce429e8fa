"""A table of scores as runs: none twice, none missing, and all on the same test images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from keras_suite.reports.elsewhere.columns import Columns, read_columns
from keras_suite.reports.elsewhere.pairing import Key, named, number_of_folds, require_all_seeds, require_several
from keras_suite.tasks.reading.text import shortened

MOST_CLASSES = 1_000
SAME = 0.005  # by how much a rounded score may differ from the share of right answers that it stands for


@dataclass(frozen=True)
class TableRun:
    """What the table says of one run; arrays are None where it says nothing.

    Attributes:
        score: Its score.
        scores: That of each test image (images,): bool where it is right or wrong.
        predicted: The numbers of the predicted classes int64 (images,).
    """

    key: Key
    score: float
    scores: np.ndarray | None = field(default=None, compare=False)
    predicted: np.ndarray | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Table:
    """A table of scores.

    Attributes:
        variants: In the order of the table.
        runs: Every variant has the same seeds.
        images: The names of the test images, empty where it names none.
        labels: The numbers of their classes int64 (images,); None without.
        classes: The names of the classes.
        answers: Whether the scores follow from label and prediction.
        rows: How many it has.
        folds: How many folds each cross-validation has; 0 where runs are of seeds.
        against: The pairs that their experiment compares, as "variant=other"; none for each with the first.
    """

    variants: tuple[str, ...]
    runs: tuple[TableRun, ...]
    images: tuple[str, ...]
    labels: np.ndarray | None
    classes: tuple[str, ...]
    answers: bool
    rows: int
    folds: int = 0
    against: tuple[str, ...] = ()

    def scores(self) -> list[np.ndarray]:
        """Return the scores of each variant's runs, float (seeds,)."""
        return [np.array([run.score for run in self.runs if run.key.variant == name]) for name in self.variants]

    @property
    def binary(self) -> bool:
        """Whether each test image is known to be right or wrong."""
        return all(run.scores is not None and run.scores.dtype == bool for run in self.runs)


def read_table(path: Path, bounds: Callable[[bool], tuple[float, float]], accuracy: bool | None = None) -> Table:
    """Read a table of scores and check that its runs can be compared.

    Args:
        path: A CSV file.
        bounds: As in `read_columns`.
        accuracy: Whether scores beside answers are accuracies, which must agree with those; None if they look so.

    Raises:
        ValueError, OSError: With what is wrong, in one line.
    """
    columns = read_columns(path, bounds)
    variants = tuple(dict.fromkeys(columns.variants))
    require_several(str(path), variants)
    places: dict[tuple[str, int, int | None], list[int]] = {}
    folds: Sequence[int | None] = columns.folds or [None] * len(columns.rows)
    for place, key in enumerate(zip(columns.variants, columns.seeds, folds, strict=True)):
        places.setdefault(key, []).append(place)
    rows_of = {Key(*key): rows for key, rows in places.items()}
    require_all_seeds(str(path), variants, rows_of)
    if columns.images is None:
        runs, count = tuple(_runs(columns, rows_of)), number_of_folds(str(path), rows_of)
        return Table(variants, runs, (), None, (), False, len(columns.rows), count)
    return _with_images(columns, variants, rows_of, accuracy)


def _runs(columns: Columns, rows_of: dict[Key, list[int]]) -> list[TableRun]:
    """Return the runs of a table without images."""
    assert columns.scores is not None
    for key, places in rows_of.items():
        if len(places) > 1:
            raise _twice(columns, str(key), places[0], places[1])
    return [TableRun(key, columns.scores[place]) for key, (place,) in rows_of.items()]


def _with_images(
    columns: Columns, variants: tuple[str, ...], rows_of: dict[Key, list[int]], accuracy: bool | None
) -> Table:
    """Return a table whose rows are of test images: either the score of each, or what was answered to each."""
    assert columns.images is not None
    images = tuple(dict.fromkeys(columns.images))
    place_of = {image: place for place, image in enumerate(images)}
    at = {key: _ordered(columns, key, rows, place_of) for key, rows in rows_of.items()}
    if columns.labels is not None and columns.predictions is not None:
        return _with_answers(columns, variants, images, at, accuracy)
    assert columns.scores is not None
    of_images = np.array(columns.scores)
    if np.isin(of_images, (0, 1)).all():
        of_images = of_images.astype(bool)
    runs = tuple(TableRun(key, float(of_images[rows].mean()), of_images[rows]) for key, rows in at.items())
    return Table(variants, runs, images, None, (), False, len(columns.rows))


def _with_answers(
    columns: Columns,
    variants: tuple[str, ...],
    images: tuple[str, ...],
    at: dict[Key, np.ndarray],
    accuracy: bool | None,
) -> Table:
    """Return a table of answers, `at` these rows for each run. A score beside them is the accuracy, or another one.

    Only of an accuracy is it known what each image adds to it.
    """
    classes = _classes(columns)
    number_of = {name: number for number, name in enumerate(classes)}
    of_rows, predicted = (
        np.array([number_of[name] for name in names]) for names in (columns.labels or (), columns.predictions or ())
    )
    first = next(iter(at.values()))
    labels = of_rows[first]
    for rows in at.values():
        _require_labels(columns, images, of_rows, rows, first)
    right = {key: predicted[rows] == labels for key, rows in at.items()}
    given = None if columns.scores is None else {key: _one_score(columns, key, rows) for key, rows in at.items()}
    if given is not None and accuracy is None:
        accuracy = not any(_is_off(given[key], right[key]) for key in at)
    elif given is not None and accuracy:
        _require_accuracy(columns, given, right)
    if given is None or accuracy:
        runs = tuple(TableRun(key, float(right[key].mean()), right[key], predicted[rows]) for key, rows in at.items())
    else:
        runs = tuple(TableRun(key, given[key], None, predicted[rows]) for key, rows in at.items())
    return Table(variants, runs, images, labels, classes, given is None or bool(accuracy), len(of_rows))


def _ordered(columns: Columns, key: Key, rows: Sequence[int], place_of: dict[str, int]) -> np.ndarray:
    """Return a run's rows in the order of the images int64 (images,); ValueError unless it has each of them once."""
    assert columns.images is not None
    at = np.full(len(place_of), -1)
    for row in rows:
        place = place_of[columns.images[row]]
        if at[place] >= 0:
            raise _twice(columns, f"{key}, image {shortened(columns.images[row])}", int(at[place]), row)
        at[place] = row
    if (at < 0).any():
        names = list(place_of)
        missing = named("image", [shortened(names[place]) for place in np.flatnonzero(at < 0)])
        raise ValueError(
            f"{columns.path}: {key}, lacks {missing}, which other runs were tested on: give all runs the same test "
            "images, or, where each seed has others, one score for each run and no column image"
        )
    return at


def _classes(columns: Columns) -> tuple[str, ...]:
    """Return the names of the classes, numbers by size."""
    names = {*(columns.labels or ()), *(columns.predictions or ())}
    if len(names) > MOST_CLASSES:
        raise ValueError(
            f"{columns.path}: label and prediction have {len(names):,} different values, and expected are classes, "
            f"at most {MOST_CLASSES:,}: where something else is predicted, give the score of each image"
        )
    numbers = all(name.lstrip("-").isdecimal() for name in names)
    return tuple(sorted(names, key=int) if numbers else sorted(names))


def _require_labels(
    columns: Columns, images: Sequence[str], labels: np.ndarray, rows: np.ndarray, first: np.ndarray
) -> None:
    """Raise ValueError unless `labels`, those of all rows, are in a run's rows what they are in the first run's."""
    other = np.flatnonzero(labels[rows] != labels[first])
    if other.size:
        place = int(other[0])
        assert columns.labels is not None
        both = (int(first[place]), int(rows[place]))
        one, another = (f"{shortened(columns.labels[row])} in row {columns.rows[row]}" for row in both)
        raise ValueError(
            f"{columns.path}: the label of image {shortened(images[place])} is {one} and {another}: correct one"
        )


def _one_score(columns: Columns, key: Key, rows: np.ndarray) -> float:
    """Return the score that stands in each of a run's rows."""
    assert columns.scores is not None
    first = columns.scores[rows[0]]
    for row in rows:
        if columns.scores[row] != first:
            raise ValueError(
                f"{columns.path}, row {columns.rows[row]}: beside label and prediction, score is that of the run, and "
                f"{key}, has {first:g} before and {columns.scores[row]:g} here: repeat one score, or leave it out"
            )
    return first


def _require_accuracy(columns: Columns, given: dict[Key, float], right: dict[Key, np.ndarray]) -> None:
    for key, score in given.items():
        if _is_off(score, right[key]):
            raise ValueError(
                f"{columns.path}: the accuracy of {key}, is {score:g} by its score and {right[key].mean():.4f} by its "
                "predictions: leave out the column score, or name what it measures with --metric"
            )


def _is_off(score: float, right: np.ndarray) -> bool:
    """Return whether a score is not the share of right answers, rounded, nor that in percent."""
    share = float(right.mean())
    return min(abs(score - share), abs(score / 100 - share)) > SAME


def _twice(columns: Columns, what: str, first: int, again: int) -> ValueError:
    return ValueError(f"{columns.path}, row {columns.rows[again]}: {what} stood in row {columns.rows[first]} already")
