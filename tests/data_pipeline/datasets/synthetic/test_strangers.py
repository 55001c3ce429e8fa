"""Strangers: the test has those that no network was shown, and each kind is made of digits."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.synthetic.strangers import (
    KNOWN,
    NAME,
    as_noise,
    digits_and_strangers,
    in_pieces,
)

IMAGES = digits(None, image_size=(28, 28)).images[:40]


def test_quarters_change_places_and_all_of_them_stay() -> None:
    def quarters(image: np.ndarray) -> list[bytes]:
        return [image[r : r + 14, c : c + 14].tobytes() for r, c in ((0, 0), (0, 14), (14, 14), (14, 0))]

    for before, after in zip(IMAGES, in_pieces(IMAGES), strict=True):
        turned = [[*quarters(before)[k:], *quarters(before)[:k]] for k in (1, 2, 3)]
        assert quarters(after) in turned


def test_noise_has_the_pixels_of_its_digit_each_image_in_an_order_of_its_own() -> None:
    noise = as_noise(np.concatenate([IMAGES[:1]] * 2))
    for each in noise:
        np.testing.assert_array_equal(np.sort(each, axis=None), np.sort(IMAGES[0], axis=None))
    assert not np.array_equal(noise[0], noise[1])


@pytest.mark.needs_data
@pytest.mark.slow
def test_the_test_strangers_are_the_same_whatever_was_shown(data_dir: Path) -> None:
    source = mnist(data_dir)
    unseen = int(np.isin(source.test_labels, (8, 9)).sum())
    sets = [digits_and_strangers(data_dir, strangers=kind) for kind in ("digits", "pieces", "noise")]
    for each in sets:
        assert each.class_names == ("0", "1", "2", "3", "4", NAME)
        assert int((each.test_labels == len(KNOWN)).sum()) == unseen
        np.testing.assert_array_equal(each.test_images, sets[0].test_images)
        assert int((each.labels == len(KNOWN)).sum()) == round(int((each.labels < len(KNOWN)).sum()) / len(KNOWN))
    shown = {image.tobytes() for image in source.images[np.isin(source.labels, (5, 6, 7))]}
    assert all(image.tobytes() in shown for image in sets[0].images[sets[0].labels == len(KNOWN)][:500])
