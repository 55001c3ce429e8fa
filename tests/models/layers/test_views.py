"""A network that does not train answers the mean over views of an image; one that trains sees it as it is."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.models.layers.views import COUNTS, ImageViews, MeanOfViews

IMAGES = np.random.default_rng(0).standard_normal((3, 4, 5, 2)).astype(np.float32)


def test_the_first_rows_are_the_images_and_the_next_their_mirror_images() -> None:
    seen = np.asarray(ImageViews("mirror")(IMAGES))
    np.testing.assert_array_equal(seen[:3], IMAGES)
    np.testing.assert_array_equal(seen[3:], IMAGES[:, :, ::-1])


def test_shifted_views_repeat_the_border() -> None:
    seen = np.asarray(ImageViews("mirror_and_shift")(IMAGES)).reshape(6, 3, 4, 5, 2)
    np.testing.assert_array_equal(seen[2][:, 1:, 1:], IMAGES[:, :-1, :-1])
    np.testing.assert_array_equal(seen[2][:, 0, 1:], IMAGES[:, 0, :-1])
    np.testing.assert_array_equal(seen[3][:, :-1, :-1], IMAGES[:, 1:, 1:])
    np.testing.assert_array_equal(seen[3][:, -1, :-1], IMAGES[:, -1, 1:])
    np.testing.assert_array_equal(seen[4][:, 1:, 1:], IMAGES[:, :-1, ::-1][:, :, :-1])


def test_images_that_a_mirror_would_change_are_shifted_alone() -> None:
    seen = np.asarray(ImageViews("shift")(IMAGES)).reshape(3, 3, 4, 5, 2)
    of_both = np.asarray(ImageViews("mirror_and_shift")(IMAGES)).reshape(6, 3, 4, 5, 2)
    np.testing.assert_array_equal(seen, of_both[[0, 2, 3]])


@pytest.mark.parametrize("views", ["mirror", "shift", "mirror_and_shift"])
def test_the_answer_is_the_mean_over_the_views_and_in_training_that_of_the_image(views: str, tmp_path: Path) -> None:
    inputs = keras.Input(IMAGES.shape[1:])
    body = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4)])
    model = keras.Model(inputs, MeanOfViews(COUNTS[views])(body(ImageViews(views)(inputs))))
    each = [np.asarray(body(view)) for view in np.split(np.asarray(ImageViews(views)(IMAGES)), COUNTS[views])]
    assert len(each) == COUNTS[views]
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), np.mean(each, axis=0), atol=1e-5)
    np.testing.assert_allclose(np.asarray(model(IMAGES, training=True)), each[0], atol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(np.asarray(loaded(IMAGES)), np.mean(each, axis=0), atol=1e-5)
