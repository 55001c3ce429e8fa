"""A run of the earlier version predicts kept images as it did."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments.inspecting.predict import predict_classes, predict_targets
from tests.end_to_end.typed import refused, type_here


@pytest.mark.parametrize(
    ("run", "name", "probability", "others"),
    [
        ("finished/cnn-3b51de5e", "1", 0.1030, {"6": 0.1017, "9": 0.1015}),
        ("folds/none-b999e904", "0", 0.1076, {"1": 0.1029, "4": 0.1012}),
        ("phases/frozen-a8bb573c", "8", 0.2788, {"9": 0.2779, "7": 0.2205}),
    ],
)
def test_a_class_and_its_probability(
    run: str, name: str, probability: float, others: dict[str, float], unpacked: Path
) -> None:
    image = unpacked / "images" / f"{run.partition('/')[0]}.png"
    (answer,) = predict_classes(unpacked / "runs" / run / "seed-1", [image])
    assert (answer.name, answer.probability) == (name, pytest.approx(probability, abs=1e-4))
    assert dict(answer.others) == pytest.approx(others, abs=1e-4)


def test_a_run_that_answers_word_after_word_is_not_exported(own_copy: Path) -> None:
    directory = own_copy / "runs" / "caption" / "base-40cf0d7e" / "seed-1"
    line = refused("export", directory, "--to", "litert", cwd=own_copy)
    assert re.search(r"seed-1 predicts .*, word after word, which no exported file does", line)
    assert not (directory / "export").exists()


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize("run", ["angle/squared-252379e5", "mask/base-1ddb6f94"])
def test_a_run_of_another_task_than_classes_is_exported(run: str, own_copy: Path, data_dir: Path) -> None:
    directory = own_copy / "runs" / run / "seed-1"
    done = type_here("export", directory, "--to", "litert", "--data-dir", data_dir, cwd=own_copy)
    assert done.returncode == 0, done.stderr
    assert (directory / "export" / "model.tflite").exists() and "test images" in done.stdout


@pytest.mark.parametrize(
    ("run", "numbers"),
    [
        ("angle/squared-252379e5", [1.4]),  # degrees
        ("direction/base-a6f15564", [0.125, -0.008, -3.5]),  # x, y, degrees
        ("image/base-c2d5b997", [95.3]),  # grey levels
        (
            "mask/base-1ddb6f94",
            [74.5, 1, 9.8, 5, 9.0, 3, 4.0, 8, 2.0, 0, 0.8],
        ),  # percent of ground, a digit, its percent
    ],
)
def test_numbers_and_pictures(run: str, numbers: list[float], unpacked: Path) -> None:
    name = run.partition("/")[0]
    (answer,) = predict_targets(unpacked / "runs" / run / "seed-1", [unpacked / "images" / f"{name}.png"])
    assert [float(each) for each in re.findall(r"-?\d+\.?\d*", answer.text)] == pytest.approx(numbers, abs=0.05)
    before = unpacked / "predictions" / name / f"{name}-given.png"
    assert (answer.picture is not None) == before.exists()
    if answer.picture is not None:
        difference = np.abs(np.squeeze(answer.picture).astype(int) - np.asarray(Image.open(before)).astype(int))
        assert difference.max() <= 1


def test_a_sentence(unpacked: Path) -> None:
    (answer,) = predict_targets(unpacked / "runs/caption/base-40cf0d7e/seed-1", [unpacked / "images" / "caption.png"])
    assert answer.text.split() == ["a"] * 63
