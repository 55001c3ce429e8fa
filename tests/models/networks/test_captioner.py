"""The captioner: where words meet the image, that no word sees a later one, and that it can be saved."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.models.layers.beside import BesideEach
from keras_suite.models.networks.captioner import captioner
from keras_suite.models.saving import load_model, save_model

IMAGE, WORDS = (16, 16, 1), 11
PLACES = ["initial_state", "every_step", "after"]
SMALL = {"filters": (4, 6), "image_units": 8, "embedding": 5, "units": 7}


def inputs() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.uniform(0, 255, (3, *IMAGE)).astype("float32"), random.integers(0, WORDS, (3, 6))


def logits(model: keras.Model, images: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.asarray(model([images, words]))


@pytest.mark.parametrize("features", PLACES)
def test_logits_of_each_next_word_are_of_the_seed_alone(features: str) -> None:
    one, again, other = (
        logits(captioner(IMAGE, WORDS, seed, features=features, **SMALL), *inputs()) for seed in (1, 1, 2)
    )
    assert one.shape == (3, 6, WORDS) and one.dtype == np.float32
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize("features", PLACES)
def test_a_word_changes_what_comes_after_it_and_nothing_before(features: str) -> None:
    model, (images, words) = captioner(IMAGE, WORDS, 1, features=features, **SMALL), inputs()
    changed = words.copy()
    changed[:, 3] = (changed[:, 3] + 1) % WORDS
    before, after = logits(model, images, words), logits(model, images, changed)
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert (np.abs(before[:, 3:] - after[:, 3:]).max(axis=(0, 2)) > 1e-4).all()
    np.testing.assert_allclose(logits(model, images, words[:, :4]), before[:, :4], atol=1e-6)  # any number of words


@pytest.mark.parametrize("features", PLACES)
def test_the_image_has_a_part_in_every_word(features: str) -> None:
    model, (images, words) = captioner(IMAGE, WORDS, 1, features=features, **SMALL), inputs()
    other = np.abs(logits(model, images, words) - logits(model, images[::-1], words))
    assert (other[0].max(axis=1) > 1e-4).all()


def test_only_before_and_beside_the_words_the_image_meets_the_lstm() -> None:
    """After it, the LSTM knows of words only: what another image changes is the same for all words."""
    images, words = inputs()
    images, words = images[[0, 1]], words[[0, 0]]
    for features, same in (("initial_state", False), ("every_step", False), ("after", True)):
        one, other = logits(captioner(IMAGE, WORDS, 1, features=features, **SMALL), images, words)
        assert np.allclose(np.diff(one - other, axis=0), 0, atol=1e-5) == same


@pytest.mark.parametrize("features", PLACES)
def test_it_learns_from_batches_and_is_the_same_after_saving(features: str, tmp_path: Path) -> None:
    model, (images, words) = captioner(IMAGE, WORDS, 1, features=features, dropout=0.1, **SMALL), inputs()
    before = [weights.copy() for weights in model.get_weights()]
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    model.fit([images, words[:, :-1]], words[:, 1:], verbose=0)
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True) if a.any())
    save_model(model, tmp_path / "model.keras", ("a", "b"))
    loaded, names = load_model(tmp_path / "model.keras")
    assert names == ("a", "b") and np.array_equal(logits(loaded, images, words), logits(model, images, words))


def test_a_vector_stands_beside_each_step() -> None:
    steps, vector = np.arange(12.0).reshape(2, 3, 2), np.array([[1.0], [2.0]])
    found = np.asarray(BesideEach()([steps, vector]))
    assert np.array_equal(found[..., :2], steps) and np.array_equal(found[..., 2], [[1] * 3, [2] * 3])
    assert BesideEach()([keras.Input((None, 2)), keras.Input((4,))]).shape == (None, None, 6)


def test_images_too_small_for_the_poolings_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"captioner was given images of 3x16 pixels, which 2 poolings leave nothing of"
    ):
        captioner((3, 16, 1), WORDS, 1, **SMALL)
