"""Confusions and wrong images are counted over all seeds, as a loop over the predictions counts them."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from keras_suite.reports.results.classification import (
    class_name,
    class_scores,
    confusion,
    disagreements,
    most_confidently_wrong,
)
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import examples, predictions
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


@pytest.fixture
def runs(make_runs: MakeRuns) -> tuple[RunNumbers, ...]:
    """Three completed runs of a weak classifier, and one that failed."""
    made = make_runs({"only": {}}, seeds=4, strength={"only": 1e-5}, changes={("only", 4): FAILED})
    return experiment_numbers(made).variants[0].runs


def read(run: RunNumbers) -> tuple[np.ndarray, np.ndarray]:
    assert run.source is not None
    answers = predictions(run.source)
    assert answers is not None
    return answers.labels, answers.probabilities


def test_confusion_counts_every_answer_of_every_completed_run(runs: tuple[RunNumbers, ...]) -> None:
    expected = np.zeros((10, 10), dtype=int)
    for run in runs[:3]:
        labels, probabilities = read(run)
        for label, row in zip(labels, probabilities, strict=True):
            expected[label, row.argmax()] += 1
    counts = confusion(runs, 10)
    assert np.array_equal(counts, expected)
    assert counts.sum() == 3 * 360
    assert not confusion(runs[3:], 10).any()


def test_the_most_confidently_wrong_are_those_that_all_seeds_together_are_surest_of(
    runs: tuple[RunNumbers, ...],
) -> None:
    kept: set[int] = set()
    for run in runs[:3]:
        stored = examples(run.source) if run.source else None
        assert stored is not None
        kept |= set(stored[0].tolist())
    sums: dict[int, float] = {}
    for run in runs[:3]:
        labels, probabilities = read(run)
        for index in kept:
            if probabilities[index].argmax() != labels[index]:
                sums[index] = sums.get(index, 0.0) + float(probabilities[index].max())
    expected = sorted(sums, key=lambda index: (-sums[index], index))[:8]
    assert [image.index for image in most_confidently_wrong(runs, 8)] == expected


def test_a_wrong_image_is_described_by_the_run_that_was_surest(runs: tuple[RunNumbers, ...]) -> None:
    pixels = {}
    for run in runs[:3]:
        stored = examples(run.source) if run.source else None
        assert stored is not None
        pixels |= dict(zip(stored[0].tolist(), stored[1], strict=True))
    for image in most_confidently_wrong(runs, 20):
        seen = [(p[image.index].max(), p[image.index].argmax(), y[image.index]) for y, p in map(read, runs[:3])]
        wrong = [each for each in seen if each[1] != each[2]]
        assert (image.confidence, image.predicted, image.label) == (pytest.approx(max(wrong)[0]), *max(wrong)[1:])
        assert (image.wrong, image.runs) == (len(wrong), 3)
        assert np.array_equal(image.pixels, pixels[image.index])


def test_without_examples_there_are_no_wrong_images(runs: tuple[RunNumbers, ...]) -> None:
    for run in runs[:3]:
        assert run.source is not None
        (run.source.path / "examples.npz").unlink()
    assert most_confidently_wrong(runs, 8) == []


def test_a_class_without_a_name_is_called_by_its_number() -> None:
    assert [class_name(("cat", "dog"), k) for k in (1, 2)] == ["dog", "2"]


def test_recall_and_precision_are_scikit_learns_averaged_over_seeds(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=8)
    scores = class_scores(experiment_numbers(runs).variants[0].runs, 10)
    expected = []
    for run in runs.runs:
        read = predictions(run)
        assert read is not None
        expected.append(precision_recall_fscore_support(read[0], read[1].argmax(axis=1), zero_division=np.nan)[:2])
    precision, recall = np.mean(expected, axis=0)
    assert [each.recall.mean for each in scores] == pytest.approx(list(recall))
    assert [each.precision.mean for each in scores] == pytest.approx(list(precision))
    assert sum(each.images for each in scores) == 360
    for each in scores:
        assert each.recall.interval is not None
        assert 0 <= each.recall.interval.low <= each.recall.mean <= each.recall.interval.high <= 1


@pytest.mark.parametrize(("images", "low"), [(3, None), (8, 0.6306), (100, 0.9638)])
def test_a_recall_of_few_images_is_no_certainty_though_all_were_right(images: int, low: float | None) -> None:
    labels = np.repeat([0, 1], images)
    said = {"labels": labels, "predicted": labels, "confidence": np.ones(2 * images), "places": np.arange(2 * images)}
    runs = [RunNumbers("only", seed, "completed", None, **said) for seed in (1, 2)]
    for each in class_scores(runs, 2):
        assert (each.images, each.recall.mean) == (images, 1)
        if low is None:
            assert each.recall.interval is None
        else:
            assert each.recall.interval is not None and each.recall.interval.high == 1
            assert each.recall.interval.low == pytest.approx(low, abs=1e-4)  # Clopper and Pearson


def test_a_class_that_is_never_named_has_no_precision() -> None:
    labels, predicted = np.array([0, 0, 1]), np.array([0, 0, 0], dtype=np.int32)
    said = {"labels": labels, "predicted": predicted, "confidence": np.ones(3), "places": np.arange(3)}
    [zero, one] = class_scores([RunNumbers("only", 1, "completed", None, **said)], 2)
    assert (zero.recall.mean, zero.precision.mean) == (1, pytest.approx(2 / 3))
    assert (one.recall.mean, one.precision.n) == (0, 0)


def test_without_predictions_there_are_no_classes() -> None:
    assert class_scores([RunNumbers("only", 1, "failed", None)], 2) == []


@pytest.fixture
def numbers(make_runs: MakeRuns) -> Numbers:
    return experiment_numbers(make_runs(seeds=4))


def right(runs: list[RunNumbers]) -> np.ndarray:
    return np.stack([answers[0] == answers[1] for run in runs if (answers := run.answers())])


def test_the_images_are_those_that_differ_most_often_and_have_their_own_pixels(numbers: Numbers) -> None:
    strong, weak = (list(numbers.variant(name).completed().values()) for name in ("strong", "weak"))
    images, total = disagreements(strong, weak, 6)
    gains = np.sum(right(strong) & ~right(weak), axis=0)
    losses = np.sum(~right(strong) & right(weak), axis=0)
    assert total == np.sum(gains > losses)
    kept = {}
    for run in [*strong, *weak]:
        stored = examples(run.source) if run.source else None
        assert stored is not None
        kept |= dict(zip(stored[0].tolist(), stored[1], strict=True))
    assert len(images) == 6
    most = sorted((int(gains[k] - losses[k]) for k in kept if gains[k] > losses[k]), reverse=True)[:6]
    assert [int(gains[image.index] - losses[image.index]) for image in images] == most
    for image in images:
        assert (image.seeds, image.runs) == (gains[image.index], 4)
        assert image.predicted != image.label
        assert np.array_equal(image.pixels, kept[image.index])


def test_the_other_way_round_there_are_other_images(numbers: Numbers) -> None:
    strong, weak = (list(numbers.variant(name).completed().values()) for name in ("strong", "weak"))
    there, back = disagreements(strong, weak, 50)[0], disagreements(weak, strong, 50)[0]
    assert not {image.index for image in there} & {image.index for image in back}


def test_without_paired_seeds_or_of_other_images_there_are_none(make_runs: MakeRuns, numbers: Numbers) -> None:
    runs = list(numbers.variants[0].completed().values())
    assert disagreements([], [], 8) == ([], 0)
    labels, predicted = np.zeros(3, dtype=int), np.zeros(3, dtype=np.int32)
    other = RunNumbers("other", 1, "completed", None, labels=labels, predicted=predicted, confidence=np.ones(3))
    assert disagreements(runs[:1], [other], 8) == ([], 0)
