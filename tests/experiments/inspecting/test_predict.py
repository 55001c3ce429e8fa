"""Predictions of image files with a saved model; tests/end_to_end holds them against a run's own."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.predict import (
    OTHER,
    Refused,
    predict_classes,
    predictor,
    reader_of,
    task_of_run,
)
from keras_suite.models.saving import save_model
from tests.experiments.inspecting.conftest import digit_in


@pytest.fixture
def saved(finder: Network, tmp_path: Path) -> Path:
    save_model(finder.model, tmp_path / "finder.keras", finder.class_names)
    return tmp_path / "finder.keras"


@pytest.fixture
def one(zeros_and_ones: dict[int, np.ndarray], tmp_path: Path) -> Path:
    Image.fromarray(digit_in(zeros_and_ones[1][:1], 4, 9)[0, ..., 0]).save(tmp_path / "one.png")
    return tmp_path / "one.png"


def test_the_class_comes_with_its_probability_and_the_next_ones(saved: Path, one: Path) -> None:
    [prediction] = predict_classes(saved, [one])
    assert prediction.name == "one" and prediction.probability > 0.5
    assert prediction.others == (("zero", pytest.approx(1 - prediction.probability, abs=1e-6)),)
    assert task_of_run(saved).predicts_classes


def test_below_the_rejected_probability_the_class_is_other(saved: Path, one: Path) -> None:
    [prediction] = predict_classes(saved, [one], reject=1.0)
    assert prediction.name == OTHER and prediction.others[0][0] == "one"


def test_images_are_read_in_the_models_size_and_channels(saved: Path, finder: Network, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((50, 20, 4), np.uint8), "RGBA").save(tmp_path / "clear.png")
    assert reader_of(saved, finder.model)(tmp_path / "clear.png").pixels.shape == (24, 24, 1)


def test_a_bad_file_is_named_among_the_answers_or_raised(saved: Path, one: Path, tmp_path: Path) -> None:
    (tmp_path / "page.jpg").write_text("<html>")
    good, bad = predictor(saved).classes([one, tmp_path / "page.jpg"])
    assert not isinstance(good, Refused) and good.name == "one"
    assert isinstance(bad, Refused) and "page.jpg is no readable image" in bad.problem
    with pytest.raises(ValueError, match=r"page\.jpg is no readable image"):
        list(predict_classes(saved, [one, tmp_path / "page.jpg"]))


def test_the_most_probable_class_is_known_where_it_is_not_answered(saved: Path, one: Path) -> None:
    [rejected] = predict_classes(saved, [one], reject=1.0)
    [answered] = predict_classes(saved, [one])
    assert rejected.most_probable == answered.most_probable == answered.name == "one"


def test_a_file_apart_from_its_run_has_no_ranges_of_training_images(saved: Path) -> None:
    assert predictor(saved).likeness is None


def test_several_runs_answer_with_the_mean_of_their_probabilities(
    saved: Path, finder: Network, one: Path, tmp_path: Path
) -> None:
    other = keras.models.clone_model(finder.model)
    other.set_weights([0.5 * weight for weight in finder.model.get_weights()])
    second = tmp_path / "second.keras"
    save_model(other, second, ("zero", "one"))
    [first], [unsure] = (list(predict_classes(path, [one])) for path in (saved, second))
    [mean] = predictor(saved, second).classes([one])
    assert not isinstance(mean, Refused) and first.probability > unsure.probability
    assert mean.probability == pytest.approx((first.probability + unsure.probability) / 2)
    [cooler] = predictor(saved, temperature=2.0).classes([one])
    odds = (first.probability / (1 - first.probability)) ** 0.5
    assert not isinstance(cooler, Refused) and cooler.probability == pytest.approx(odds / (1 + odds), rel=1e-4)


def test_runs_of_other_classes_do_not_answer_together(saved: Path, finder: Network, tmp_path: Path) -> None:
    save_model(finder.model, tmp_path / "renamed.keras", ("o", "i"))
    with pytest.raises(ValueError, match="predict other classes, or of other images: give one of them alone"):
        predictor(saved, tmp_path / "renamed.keras")
