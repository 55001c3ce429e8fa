"""Which labels are wrong: the report's list beside cleanlab's, on planted wrong labels.

    python benchmarks/suspect_labels.py [--quick] [--runs-dir RUNS]

A tenth of the labels of real images is made wrong: each other class equally likely ("any"), or that of a similar class
("similar"); or none is. Networks are trained by `run`, once with five folds and once with eight seeds, and both sides
get the same mean probabilities of networks that did not train on an image. Precision at k: of the first k of the list,
how many were made wrong, where k is the number of those that were, and half of it; then average precision over the
whole list. The intervals are of 1,000 bootstrap draws of the images. What was wrong in the data before counts as right.

cleanlab's list is `get_label_quality_scores` by default, which is self-confidence, and by its normalised margin; the
numbers are `num_label_issues` and what `find_label_issues` finds, both by default.
"""

import argparse
import io
import os
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.paired import json_line, paired_ratio

SHARE, SEEDS, FOLDS = 0.1, 8, 5
DRAWS = 1_000
SIMILAR = {  # the class that each is taken for
    "mnist": (6, 7, 7, 5, 9, 3, 0, 1, 3, 4),
    "photographs": (3, 2, 1, 0),  # airplane and ship, automobile and horse
}
PHOTOGRAPHED = ("airplane", "automobile", "horse", "ship")  # of CIFAR-10
KINDS = ("any", "none", "similar")


@dataclass(frozen=True)
class Images:
    """Real images to train on and to test on, with right labels."""

    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


@dataclass(frozen=True)
class Case:
    """Labels with planted wrong ones, as the runs judge them; see `Suspects`."""

    name: str
    labels: np.ndarray
    probabilities: np.ndarray
    wrong: np.ndarray
    listed: np.ndarray
    number: tuple[float, float, float] | None


def mnist(data_dir: Path, count: int) -> Images:
    """Return the first digits of MNIST."""
    with np.load(data_dir / "mnist.npz") as data:
        test = data["x_test"][:1000], data["y_test"][:1000].astype(int)
        return Images(data["x_train"][:count], data["y_train"][:count].astype(int), *test)


def photographs(data_dir: Path, count: int) -> Images:
    """Return the first photographs of four classes of CIFAR-10."""
    from PIL import Image

    found: dict[tuple[str, str], list[np.ndarray]] = {}
    with tarfile.open(data_dir / "cifar10_jpeg.tar.gz") as archive:
        for member in archive:
            *_, part, name, _ = ("", "", *member.name.split("/"))
            of_class = found.setdefault((part, name), [])
            if member.isfile() and name in PHOTOGRAPHED and len(of_class) < (count if part == "train" else 1000) // 4:
                file = archive.extractfile(member)
                assert file is not None
                of_class.append(np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB")))
    train, test = ([np.stack(found[part, name]) for name in PHOTOGRAPHED] for part in ("train", "test"))
    labels = [np.repeat(np.arange(4), [len(each) for each in part]) for part in (train, test)]
    return Images(np.concatenate(train), labels[0], np.concatenate(test), labels[1])


def with_wrong_labels(labels: np.ndarray, kind: str, similar: tuple[int, ...]) -> np.ndarray:
    """Make a tenth of the labels wrong."""
    random, noisy = np.random.default_rng(0), labels.copy()
    if kind == "none":
        return noisy
    rows = random.permutation(len(labels))[: round(SHARE * len(labels))]
    other = (labels[rows] + random.integers(1, len(similar), len(rows))) % len(similar)
    noisy[rows] = other if kind == "any" else np.array(similar)[labels[rows]]
    return noisy


def judged(name: str, kind: str, data: Images, how: str, folder: Path, quick: bool) -> Case:
    """Train the networks and return what they say of the labels."""
    from keras_suite.experiments import Config, Experiment, run, use
    from keras_suite.reports.results.suspects import suspects

    labels, path = with_wrong_labels(data.labels, kind, SIMILAR[name]), folder / f"{name}-{kind}.npz"
    test_images, test_labels = data.test_images, data.test_labels
    np.savez(path, images=data.images, labels=labels, test_images=test_images, test_labels=test_labels)
    split = {"folds": FOLDS} if how == "folds" else {"validation_fraction": 0.2}
    filters = [8, 16] if name == "mnist" else [16, 32]
    config = Config(
        dataset=use("arrays", path=str(path), **split),
        model=use("mlp", units=[64])
        if quick
        else use("pattern_cnn", blocks=2, filters=filters, units=64, dropout=0.1, dense_dropout=0.3),
        optimizer=use("adam", learning_rate=3e-3),
        callbacks=(use("early_stopping", patience=4),),
        batch_size=100 if name == "mnist" else 50,
        epochs=5 if name == "mnist" else 8,
    )
    seeds = FOLDS if how == "folds" else SEEDS
    done = run(Experiment(config, {"base": {}}), name=f"{name}-{kind}-{how}", seeds=seeds, threads=1, runs_dir=folder)
    (found,) = (each for each in suspects(done.numbers.runs())[0] if each.part == "train")
    places, given, probabilities = found.seen
    number, interval = found.errors.number, found.errors.interval
    return Case(
        name=f"{name}, {kind}, {how}",
        labels=given,
        probabilities=probabilities,
        wrong=given != data.labels[places],
        listed=found.errors.ranked,
        number=None if number is None or interval is None else (number, interval.low, interval.high),
    )


Score = Callable[[np.ndarray, np.ndarray], np.ndarray]


def ours(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the report's ranking, the most suspect lowest."""
    from keras_suite.reports.statistics.label_errors import label_errors

    return -label_errors(labels, probabilities).odds


def cleanlab(method: str) -> Score:
    """Return cleanlab's scores of labels by one of its methods, the most suspect lowest."""
    from cleanlab.rank import get_label_quality_scores

    return lambda labels, probabilities: get_label_quality_scores(labels, probabilities, method=method)


def measures(scores: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Return precision at k and at k / 2, and average precision; k is the number of wrong labels."""
    hits = np.cumsum(wrong[np.argsort(scores, kind="stable")])
    k = int(hits[-1])
    at = np.flatnonzero(np.diff(hits, prepend=0))
    return np.array([hits[k - 1] / k, hits[k // 2 - 1] / (k // 2), np.mean(hits[at] / (at + 1))])


def compare(case: Case, sides: dict[str, Score], draws: int) -> dict[str, np.ndarray]:
    """Print the measures of each side with intervals, and return them."""
    scores = {side: score(case.labels, case.probabilities) for side, score in sides.items()}
    random, found = np.random.default_rng(1), {}
    rows = [random.integers(0, len(case.wrong), len(case.wrong)) for _ in range(draws)]
    for side, of_all in scores.items():
        found[side] = measures(of_all, case.wrong)
        low, high = np.quantile([measures(of_all[row], case.wrong[row]) for row in rows], [0.025, 0.975], axis=0)
        cells = "  ".join(f"{m:.3f} ({a:.3f} to {b:.3f})" for m, a, b in zip(found[side], low, high, strict=True))
        print(f"{case.name:28}  {side:26}  {cells}", flush=True)
    return found


def numbers(case: Case) -> str:
    """Return how many wrong labels each side counts, and how many of those on the lists are."""
    from cleanlab.count import num_label_issues
    from cleanlab.filter import find_label_issues

    theirs = find_label_issues(case.labels, case.probabilities)
    counted = num_label_issues(case.labels, case.probabilities)
    said = "too unsure" if case.number is None else "{:.0f} ({:.0f} to {:.0f})".format(*case.number)

    def precision(rows: np.ndarray) -> str:
        return f"{len(rows)}, of them wrong {100 * case.wrong[rows].mean():.0f} %" if len(rows) else "0"

    return (
        f"{case.name:28}  made wrong {case.wrong.sum()} of {len(case.wrong)}; said {said}, "
        f"listed {precision(case.listed)}; cleanlab {counted}, listed {precision(np.flatnonzero(theirs))}"
    )


def main() -> int:
    """Print the tables and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 digits, five folds, one kind of mistake")
    parser.add_argument("--runs-dir", type=Path, help="keeps the runs, which are then not trained again")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    arguments = parser.parse_args()
    quick, data_dir = arguments.quick, Path(arguments.data_dir or ".")
    try:
        data = {"mnist": mnist(data_dir, 1000 if quick else 5000)}
        if not quick:
            data["photographs"] = photographs(data_dir, 2400)
    except OSError as error:
        print(f"error: {error}: give --data-dir", file=sys.stderr)
        return 2
    kinds, ways = (("any",), ("folds",)) if quick else (KINDS, ("folds", "seeds"))
    sides = {"report": ours, "cleanlab, default": cleanlab("self_confidence")}
    sides |= {"cleanlab, normalised margin": cleanlab("normalized_margin")}
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.runs_dir or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        cases = [
            judged(name, kind, images, how, folder, quick)
            for name, images in data.items()
            for kind in kinds
            for how in ways
        ]
    print(f"\n{'':56}  precision at k, at k / 2, average precision")
    found = [compare(case, sides, 100 if quick else DRAWS) for case in cases if case.wrong.any()]
    print()
    for case in cases:
        print(numbers(case))
    report, theirs = ([float(each[side][0]) for each in found] for side in ("report", "cleanlab, default"))
    described = f"{len(found)} cases of {' and '.join(data)}, 10 % wrong labels"
    ratio = paired_ratio(report, theirs)
    print(json_line("suspect_labels", ratio, sum(report) / len(report), sum(theirs) / len(theirs), described))
    return 0


if __name__ == "__main__":
    sys.exit(main())
