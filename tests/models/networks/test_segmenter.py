"""The segmenter: its contexts at equal parameters, how far each sees, and what is refused."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.models.networks.segmenter import segmenter
from keras_suite.models.saving import load_model, save_model

SHAPE = (48, 48, 1)
CONTEXTS: dict[str, dict[str, Any]] = {
    "plain": {"context": "plain"},
    "dilated": {"context": "dilated"},
    "down_and_up": {"context": "down_and_up"},
    "skips": {"context": "down_and_up", "skips": True},
}


def test_all_contexts_have_the_same_parameters_and_initial_weights() -> None:
    first, *others = (segmenter(SHAPE, 11, 1, **options).get_weights() for options in CONTEXTS.values())
    for other in others:
        assert all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert not np.array_equal(first[0], segmenter(SHAPE, 11, 2).get_weights()[0])


@pytest.mark.parametrize(
    ("name", "sees"), [("plain", (13,)), ("dilated", (33,)), ("down_and_up", (30, 34)), ("skips", (30, 34))]
)
def test_the_receptive_field_of_a_pixels_logits_is_as_documented(name: str, sees: tuple[int, ...]) -> None:
    """Which pixels change the logits in the middle, with positive weights that let nothing cancel."""
    model = segmenter(SHAPE, 3, 1, filters=2, activation="leaky_relu", **CONTEXTS[name])
    model.set_weights([np.abs(weight) + 0.1 for weight in model.get_weights()])
    images = np.zeros((48, *SHAPE), "float32")
    images[np.arange(48), np.arange(48)] = 255  # in image i row i is lit
    answers = np.asarray(model(images))
    dark = np.asarray(model(np.zeros((1, *SHAPE), "float32")))[0]
    seen = [np.flatnonzero(np.abs(answers[:, row, 24] - dark[row, 24]).max(axis=-1) > 1e-4) for row in range(22, 26)]
    assert {int(np.ptp(rows)) + 1 for rows in seen} == set(sees)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTEXTS)
def test_it_learns_which_half_is_bright_and_is_loaded_as_it_was(name: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    masks = np.zeros((64, 16, 16), np.int64)
    for mask, column in zip(masks, random.integers(2, 14, 64), strict=True):
        mask[:, column:] = 1
    images = (masks[..., None] * 100 + random.normal(100, 20, (64, 16, 16, 1))).astype("float32")
    model = segmenter((16, 16, 1), 2, 1, filters=8, **CONTEXTS[name])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"], jit_compile=False)
    model.fit(images, masks, batch_size=16, epochs=12, verbose=0)
    assert model.evaluate(images, masks, verbose=0)[1] > 0.9
    save_model(model, tmp_path / "model.keras", ("left", "right"))
    loaded, _ = load_model(tmp_path / "model.keras")
    assert np.array_equal(np.asarray(model(images[:9])), np.asarray(loaded(images[:9])))


def test_half_precision_gives_logits_in_float32(mixed_precision: str) -> None:
    for options in CONTEXTS.values():
        logits = segmenter((8, 12, 3), 5, 1, **options)(np.full((2, 8, 12, 3), 255, "float32"))
        assert logits.shape == (2, 8, 12, 5) and logits.dtype == "float32"


def test_what_cannot_be_built_is_refused() -> None:
    with pytest.raises(ValueError, match=r"images of 30x28 pixels, which model.context=down_and_up cannot halve twice"):
        segmenter((30, 28, 1), 11, 1, context="down_and_up")
    assert segmenter((30, 27, 1), 11, 1, context="dilated").output.shape == (None, 30, 27, 11)
    with pytest.raises(ValueError, match=r"model.skips=true needs model.context=down_and_up, and was given with plain"):
        segmenter((28, 28, 1), 11, 1, context="plain", skips=True)
