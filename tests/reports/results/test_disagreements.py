"""Images that one side gets right and the other wrong are counted by paired seeds, and shown where a run kept them."""

import numpy as np
import pytest

from keras_suite.reports.results.disagreements import only_right
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import examples
from tests.reports.conftest import MakeRuns


@pytest.fixture
def numbers(make_runs: MakeRuns) -> Numbers:
    return experiment_numbers(make_runs(seeds=4))


def right(runs: list[RunNumbers]) -> np.ndarray:
    return np.stack([found[0] == found[1] for run in runs if (found := run.answers())])


def test_the_images_are_those_that_differ_most_often_and_have_their_own_pixels(numbers: Numbers) -> None:
    strong, weak = (list(numbers.variant(name).completed().values()) for name in ("strong", "weak"))
    images, total = only_right(strong, weak, 6)
    gains = np.sum(right(strong) & ~right(weak), axis=0)
    losses = np.sum(~right(strong) & right(weak), axis=0)
    assert total == np.sum(gains > losses)
    kept = {}
    for run in [*strong, *weak]:
        found = examples(run.source) if run.source else None
        assert found is not None
        kept |= dict(zip(found[0].tolist(), found[1], strict=True))
    assert len(images) == 6
    most = sorted((int(gains[k] - losses[k]) for k in kept if gains[k] > losses[k]), reverse=True)[:6]
    assert [int(gains[image.index] - losses[image.index]) for image in images] == most
    for image in images:
        assert (image.seeds, image.runs) == (gains[image.index], 4)
        assert image.predicted != image.label
        assert np.array_equal(image.pixels, kept[image.index])


def test_the_other_way_round_there_are_other_images(numbers: Numbers) -> None:
    strong, weak = (list(numbers.variant(name).completed().values()) for name in ("strong", "weak"))
    there, back = only_right(strong, weak, 50)[0], only_right(weak, strong, 50)[0]
    assert not {image.index for image in there} & {image.index for image in back}


def test_without_paired_seeds_or_of_other_images_there_are_none(make_runs: MakeRuns, numbers: Numbers) -> None:
    runs = list(numbers.variants[0].completed().values())
    assert only_right([], [], 8) == ([], 0)
    labels, predicted = np.zeros(3, dtype=int), np.zeros(3, dtype=np.int32)
    other = RunNumbers("other", 1, "completed", None, labels=labels, predicted=predicted, confidence=np.ones(3))
    assert only_right(runs[:1], [other], 8) == ([], 0)
