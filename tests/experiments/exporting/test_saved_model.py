"""SavedModels, read by TensorFlow alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.experiments.exporting import saved_model
from keras_suite.experiments.exporting.target import Target
from tests.experiments.exporting.classifiers import NAMES, PIXELS, classifier, expected


def test_tensorflow_alone_reads_names_and_answers_of_raw_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, folder = classifier(), tmp_path / "saved"
    saved_model.write(network, folder)
    saved_model.add_description(folder, NAMES, {"input": "images"})
    np.testing.assert_allclose(saved_model.ask(folder, 1)(PIXELS), expected(network), atol=1e-6)
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {"pixels": PIXELS[0]}
    exec(Target("savedmodel").reading(folder), scope)
    np.testing.assert_allclose(scope["probabilities"], expected(network)[0], atol=1e-6)
    assert tuple(scope["names"]) == NAMES


def test_weights_are_written_once(tmp_path: Path) -> None:
    network = classifier()
    saved_model.write(network, tmp_path / "saved")
    found = tf.train.list_variables(str(tmp_path / "saved" / "variables" / "variables"))
    assert sum(np.prod(shape, dtype=int) for _, shape in found if shape) == network.model.count_params()
