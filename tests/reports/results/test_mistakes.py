"""Confusions and wrong images are counted over all seeds, as a loop over the predictions counts them."""

import numpy as np
import pytest

from keras_suite.reports.results.experiment_numbers import RunNumbers, experiment_numbers
from keras_suite.reports.results.mistakes import class_name, confusion, most_confidently_wrong
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
    found = predictions(run.source)
    assert found is not None
    return found.labels, found.probabilities


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
        found = examples(run.source) if run.source else None
        assert found is not None
        kept |= set(found[0].tolist())
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
        found = examples(run.source) if run.source else None
        assert found is not None
        pixels |= dict(zip(found[0].tolist(), found[1], strict=True))
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
