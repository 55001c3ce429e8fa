"""The network as it is exported."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

from keras_suite.experiments.exporting.network import classifier_of, prepare
from keras_suite.models.layers.core import ManualBatchNormalization
from keras_suite.models.saving import save_model
from tests.experiments.exporting.classifiers import NAMES, PIXELS, SHAPE, classifier, expected


def test_pixels_of_either_type_become_probabilities() -> None:
    network = classifier()
    for dtype in ("uint8", "float32"):
        answered = np.asarray(network.on_pixels(dtype)(PIXELS.astype(dtype))["probabilities"])  # type: ignore[arg-type]
        np.testing.assert_allclose(answered, expected(network), atol=1e-6)
        np.testing.assert_allclose(answered.sum(axis=1), 1, atol=1e-6)


def test_what_was_trained_in_half_precision_is_exported_in_single_precision(tmp_path: Path) -> None:
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        inputs = keras.Input(SHAPE)
        inner = keras.Sequential([layers.Conv2D(4, 3), layers.Flatten()])
        model = keras.Model(inputs, layers.Dense(3, dtype="float32")(inner(inputs)))
    finally:
        keras.config.set_dtype_policy(policy)
    save_model(model, tmp_path / "model.keras", NAMES)
    loaded = classifier_of(tmp_path / "model.keras", SHAPE).model
    half = np.asarray(loaded(PIXELS.astype(np.float32), training=False))
    assert "bfloat16" in {layer.compute_dtype for layer in loaded._flatten_layers()}
    prepare(loaded)
    assert {layer.compute_dtype for layer in loaded._flatten_layers()} == {"float32"}
    single = np.asarray(loaded(PIXELS.astype(np.float32), training=False))
    assert not np.array_equal(single, half)
    np.testing.assert_allclose(single, half, rtol=0.05, atol=np.abs(single).max() / 50)


def test_a_hand_derived_batch_normalisation_is_folded_into_a_product_and_a_sum() -> None:
    model = classifier(layers.Conv2D(4, 3, activation="relu"), ManualBatchNormalization(), layers.Flatten()).model
    [layer] = [each for each in model.layers if isinstance(each, ManualBatchNormalization)]
    random = np.random.default_rng(0)
    layer.set_weights([random.uniform(0.5, 2, 4) for _ in range(4)])
    pixels = PIXELS.astype(np.float32)
    before = np.asarray(model(pixels))
    prepare(model)
    np.testing.assert_allclose(np.asarray(model(pixels)), before, rtol=1e-4, atol=1e-4)
    assert not np.asarray(layer.moving_mean).any()
