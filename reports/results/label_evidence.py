"""What runs said of images that they did not train on, added up run by run: many runs need no more memory than one.

Of images that train there are two kinds of such answers: those of the fold that a run held out, and those of its
validation images (validation.npz). The latter choose the epoch where training stops early, and no weight: a mild
effect. Test images have the answers of all runs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import Run, ValidationLabels, examples, predictions, validation
from keras_suite.reports.wording import without_paths

GOOD = 1.25  # variants are asked that are wrong up to this many times as often as the best one on the same data
MOST_WRONG = 0.5  # who contradicts most labels has not learnt the classes, and says nothing of single labels
PICTURES = 200  # are kept of a data set, of the surest contradictions
PartOfData = Literal["train", "test"]
Key = tuple[Any, ...]  # of a part, and what makes images and labels the same


class Seen(NamedTuple):
    """What networks said to images that they did not train on; (n,), (n,) and (n, classes)."""

    places: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray


@dataclass
class Evidence:
    """All that was said of one part of one data set.

    Attributes:
        part: "train" or "test".
        class_names: Of the labels.
        variants: Whose runs were asked.
        others: Variants of the same data that were not, as they are wrong more often.
        runs: How many were asked.
        total: How many images there are; None where nobody recorded it.
        names: What contradicted images are called, by their places.
        are_files: Whether those are the names of files.
        pictures: (sureness, image) of contradicted images, by their places.
        made_wrong: Which of the images were given a wrong label on purpose, by their places; empty where none was.
    """

    part: PartOfData
    class_names: tuple[str, ...]
    variants: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    runs: int = 0
    total: int | None = None
    names: dict[int, str] = field(default_factory=dict)
    are_files: bool = True
    pictures: dict[int, tuple[float, np.ndarray]] = field(default_factory=dict)
    made_wrong: dict[int, bool] = field(default_factory=dict)
    _sums: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    _counts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    _labels: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, seen: Seen) -> None:
        """Add what one network said; no place may be twice in it."""
        places, labels, probabilities = seen
        if not len(places):
            return
        rows, classes = max(len(self._sums), int(places.max()) + 1), max(self._sums.shape[1], probabilities.shape[1])
        if (rows, classes) != self._sums.shape:
            missing = rows - len(self._sums)
            self._sums = np.pad(self._sums, ((0, missing), (0, classes - self._sums.shape[1])))
            self._counts, self._labels = (np.pad(each, (0, missing)) for each in (self._counts, self._labels))
        self._sums[places, : probabilities.shape[1]] += probabilities
        self._counts[places] += 1
        self._labels[places] = labels

    def add_pictures(self, pictures: Iterable[tuple[int, np.ndarray]], seen: Sequence[Seen]) -> None:
        """Keep pictures of contradicted images, those of the surest contradictions where there are many."""
        shown = dict(pictures)
        for each in seen:
            for row in np.flatnonzero(np.isin(each.places, [*shown])).tolist():
                place = int(each.places[row])
                self.pictures.setdefault(place, (float(each.probabilities[row].max()), shown[place]))
        if len(self.pictures) > 2 * PICTURES:
            surest = sorted(self.pictures.items(), key=lambda item: -item[1][0])[:PICTURES]
            self.pictures = dict(surest)

    def means(self) -> tuple[Seen, np.ndarray]:
        """Return all judged images with mean probabilities, and how many networks each was seen by, (n,)."""
        places = np.flatnonzero(self._counts)
        counts = self._counts[places]
        return Seen(places, self._labels[places], self._sums[places] / counts[:, None]), counts


def gathered(rows: Sequence[RunNumbers]) -> tuple[list[Evidence], list[str]]:
    """Return the evidence on each part of each data set, train first, and a line for each file that cannot be read.

    Only runs on the same data, with the same labels, are taken together.
    """
    usable = [row for row in rows if row.source is not None and row.source.metrics and row.task.predicts_classes]
    data_of = [_data_of(row) for row in usable]
    least_wrong = _least_wrong(usable, data_of)
    found: dict[Key, Evidence] = {}
    problems = []
    for row, data in zip(usable, data_of, strict=True):
        asked, others = least_wrong[data]
        if row.variant not in asked:
            continue
        try:
            for key, add in _told(row):
                evidence = found.setdefault(key, Evidence(key[0], key[2]))
                add(evidence)
                evidence.runs += 1
                evidence.variants += [row.variant] if row.variant not in evidence.variants else []
                evidence.others += [name for name in others if name not in evidence.others]
        except (OSError, ValueError) as problem:
            problems.append(f"labels are judged without {row.variant}/seed-{row.seed}: {without_paths(str(problem))}")
    return sorted(found.values(), key=lambda evidence: evidence.part != "train"), problems


def _data_of(row: RunNumbers) -> Key:
    """Return what is the same for runs whose variants may be compared by how often they are wrong."""
    assert row.source is not None
    data, config = row.source.record.get("data") or {}, row.source.config
    return data.get("fingerprint"), repr(config.get("dataset"))


def _least_wrong(rows: Sequence[RunNumbers], data_of: Sequence[Key]) -> dict[Key, tuple[list[str], list[str]]]:
    """Return the variants to ask and the others, by their data: by their mean validation accuracies.

    Of networks that are wrong more often than right none is asked.
    """
    errors: dict[Key, dict[str, list[float]]] = {}
    for row, data in zip(rows, data_of, strict=True):
        right = row.validation_score if row.validation_score is not None else row.test_score
        errors.setdefault(data, {}).setdefault(row.variant, []).append(1 - (0.0 if right is None else right))
    chosen = {}
    for data, of_variants in errors.items():
        means = {variant: float(np.mean(of_runs)) for variant, of_runs in of_variants.items()}
        most = min(MOST_WRONG, GOOD * min(means.values()))
        asked = [variant for variant, error in means.items() if error <= most]
        chosen[data] = asked, [variant for variant in means if variant not in asked]
    return chosen


class _Adds(NamedTuple):
    """What one run tells of one part."""

    seen: tuple[Seen, ...]
    names: Mapping[int, str]
    pictures: tuple[tuple[int, np.ndarray], ...]
    kept: ValidationLabels | None
    total: int | None

    def __call__(self, evidence: Evidence) -> None:
        for each in self.seen:
            evidence.add(each)
        evidence.names |= {place: name for place, name in self.names.items() if place not in evidence.names}
        evidence.add_pictures(self.pictures, self.seen)
        evidence.total = evidence.total if self.total is None else self.total
        evidence.are_files &= bool(self.kept and self.kept.are_files)
        if evidence.part == "train" and self.kept is not None and self.kept.made_wrong is not None:
            evidence.made_wrong |= dict(zip(self.kept.index.tolist(), self.kept.made_wrong.tolist(), strict=True))


def _told(row: RunNumbers) -> Iterator[tuple[Key, _Adds]]:
    """Yield what one run tells, by part and by what makes data the same."""
    run = row.source
    assert run is not None
    kept, tested = validation(run), predictions(run)
    data = run.record.get("data") or {}
    same = (data.get("fingerprint"), tuple(map(str, data.get("class_names") or ())))
    of_test = () if tested is None else (Seen(tested.places, tested.labels, tested.probabilities),)
    held_out = of_test if data.get("folds") is not None else ()
    of_train = (*((Seen(kept.index, kept.labels, kept.probabilities),) if kept else ()), *held_out)
    if of_train:
        pictures = (*(_pairs(kept.pictured, kept.pictures) if kept else ()), *(_kept_examples(run) if held_out else ()))
        labelling, total = (kept.labelling, kept.total) if kept else (None, None)
        yield ("train", *same, labelling), _Adds(of_train, kept.names if kept else {}, pictures, kept, total)
    if of_test and not held_out:
        names, total = kept.test_names if kept else {}, len(of_test[0].labels)
        yield ("test", *same, row.test_set), _Adds(of_test, names, _kept_examples(run), kept, total)


def _kept_examples(run: Run) -> tuple[tuple[int, np.ndarray], ...]:
    stored = examples(run)
    return () if stored is None else _pairs(*stored)


def _pairs(places: np.ndarray, images: np.ndarray) -> tuple[tuple[int, np.ndarray], ...]:
    return tuple(zip(places.tolist(), images, strict=True))
