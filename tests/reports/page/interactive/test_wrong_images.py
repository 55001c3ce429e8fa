"""Each run's errors in the page: its confusion matrix, and its surest wrong images, few enough for a small page."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.reports.page.interactive import wrong_images
from keras_suite.reports.page.interactive.wrong_images import OF_A_RUN, small_image, wrong_images_of
from keras_suite.reports.results.classification import confusion
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns
from tests.reports.target_runs import make_target_runs


def opened(source: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))


def test_a_runs_matrix_counts_its_own_test_images(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=2))
    errors = wrong_images_of(numbers)["errors"]
    for run, own in zip(numbers.runs(), errors, strict=True):
        counts = confusion([run], 10)
        assert own["matrix"] == counts.ravel().tolist()
        assert (own["tested"], own["wrong"]) == (360, 360 - int(np.trace(counts)))


def test_its_images_are_wrong_and_the_surest_come_first(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=2))
    told = wrong_images_of(numbers)
    images = told["errors"][2]["images"]
    assert len(images) == OF_A_RUN
    assert all(true != said for _, true, said, _ in images)
    sure = [float(text.removeprefix("> ").rstrip("% ")) for *_, text in images]
    assert sure == sorted(sure, reverse=True)
    assert opened(told["images"][images[0][0]]).size == (8, 8)
    assert len(set(told["images"])) == len(told["images"]), "an image of two runs is there once"


def test_where_there_is_not_room_for_all_every_run_keeps_its_surest(
    make_runs: MakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    monkeypatch.setattr(wrong_images, "MOST_CHARACTERS", 1500)
    told = wrong_images_of(numbers)
    assert sum(map(len, told["images"])) <= 1500
    assert all(1 <= len(own["images"]) < OF_A_RUN for own in told["errors"])


def test_of_many_classes_the_commonest_errors_are_listed(make_runs: MakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = experiment_numbers(make_runs(seeds=1))
    monkeypatch.setattr(wrong_images, "IN_A_MATRIX", 9)
    own = wrong_images_of(numbers)["errors"][1]
    counts = confusion([numbers.runs()[1]], 10)
    assert "matrix" not in own
    assert [count for *_, count in own["commonest"]] == sorted((c for *_, c in own["commonest"]), reverse=True)
    assert all(counts[true, said] == count and true != said for true, said, count in own["commonest"])


def test_a_photograph_becomes_small_and_stays_what_it_is() -> None:
    rows, columns = np.mgrid[:200, :300]
    photograph = np.stack([rows, columns // 2, (rows + columns) // 2], axis=-1).astype(np.uint8)
    small = opened(small_image(photograph)).convert("RGB")
    assert small.size == (64, 43)
    shrunk = Image.fromarray(photograph).resize(small.size)
    assert np.abs(np.asarray(small, dtype=float) - np.asarray(shrunk, dtype=float)).mean() < 6


def test_runs_that_predict_no_classes_have_no_errors_of_classes(tmp_path: Path) -> None:
    told = wrong_images_of(experiment_numbers(make_target_runs(tmp_path, "angle")))
    assert set(told["errors"]) == {None} and told["images"] == []
