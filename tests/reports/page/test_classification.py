"""The sections on predicted classes: errors of each variant, and calibration."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.reports.figures.predictions import as_seen
from keras_suite.reports.figures.svg import Pictures
from keras_suite.reports.page.classification import (
    IN_A_TABLE,
    class_errors,
    thumbnail,
)
from keras_suite.reports.results.classification import confusion
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns, run_record

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def test_the_best_variant_stands_first_and_each_beside_what_it_is_compared_with(
    make_runs: MakeRuns, tmp_path: Path
) -> None:
    numbers = experiment_numbers(make_runs({"weak": {}, "strong": {}}, seeds=2, strength={"weak": 1e-5}))
    first, second = class_errors(numbers, Pictures(tmp_path))
    assert (first.variant, first.against) == ("strong", "weak")
    assert (second.variant, second.against) == ("weak", "strong"), "the baseline stands beside its best rival"
    assert first.confusion and first.by_class and first.wrong_picture
    assert not (second.confusion or second.by_class or second.wrong_picture), "pictures of the first alone"
    assert (first.only_one_right[0].right, first.only_one_right[0].wrong) == ("strong", "weak")
    assert all(each.total >= len(each.images) for each in first.only_one_right)


def test_the_matrix_holds_the_counts_with_right_answers_told_from_wrong_ones(
    make_runs: MakeRuns, tmp_path: Path
) -> None:
    numbers = experiment_numbers(make_runs({"only": {}}, seeds=3))
    [errors] = class_errors(numbers, Pictures(tmp_path))
    counts = confusion(numbers.variants[0].runs, 10)
    assert [[int(cell["count"] or 0) for cell in row] for row in errors.matrix] == counts.tolist()
    assert all(cell["right"] == (k == j) for k, row in enumerate(errors.matrix) for j, cell in enumerate(row))
    share = np.diag(counts) / counts.sum(axis=1)
    assert [row[k]["shade"] for k, row in enumerate(errors.matrix)] == pytest.approx(55 * share, abs=0.5)
    assert max(cell["shade"] for row in errors.matrix for cell in row if not cell["right"]) == 55


def test_the_matrix_of_many_classes_is_a_picture(make_runs: MakeRuns, tmp_path: Path) -> None:
    names = [f"class {k}" for k in range(IN_A_TABLE + 1)]
    runs = make_runs(seeds=1, data={"class_names": names})
    for errors in class_errors(experiment_numbers(runs), Pictures(tmp_path)):
        assert errors.matrix == () and errors.confusion is not None
        assert len(errors.classes) == IN_A_TABLE + 1


def test_without_predictions_there_is_nothing_to_show(make_runs: MakeRuns, tmp_path: Path) -> None:
    assert class_errors(experiment_numbers(make_runs(seeds=1, **FAILED)), Pictures(tmp_path)) == []


def test_a_variant_is_told_by_its_own_classes_and_not_set_beside_one_of_others(
    make_runs: MakeRuns, tmp_path: Path
) -> None:
    letters = {"data": {**run_record("x", "weak", 1)["data"], "class_names": list("abcdefghij")}}
    runs = make_runs(seeds=2, changes={("weak", seed): letters for seed in (1, 2)})
    errors = {each.variant: each for each in class_errors(experiment_numbers(runs), Pictures(tmp_path))}
    assert errors["weak"].class_names == tuple("abcdefghij")
    assert errors["strong"].class_names == tuple("0123456789")
    assert errors["weak"].against is None and errors["strong"].against is None


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (6, "RGB")])
def test_images_of_any_number_of_channels_are_shown(channels: int, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    shown = thumbnail(pixels)
    image = Image.open(io.BytesIO(base64.b64decode(shown["source"].partition(",")[2])))
    assert (image.mode, image.size, shown["small"]) == (mode, (7, 5), True)
    assert np.array_equal(np.asarray(image), as_seen(pixels))
