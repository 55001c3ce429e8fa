"""A network is looked into call by call; its classes are found by name."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.inspecting.network import Network, calls_of, computing, feature_maps, load_network
from keras_suite.models.networks.whitened_cnn import whitened_cnn


def test_probabilities_add_up_and_classes_have_names(finder: Network) -> None:
    images = np.zeros((3, 24, 24, 1), np.uint8)
    assert finder.probabilities(images).sum(axis=1) == pytest.approx(1)
    assert (finder.size, finder.channels, finder.class_index("one")) == ((24, 24), 1, 1)
    with pytest.raises(ValueError, match="did you mean 'zero'"):
        finder.class_index("zeros")


def test_every_layer_call_is_recorded_in_order_and_ends_with_the_output(finder: Network) -> None:
    images = np.random.default_rng(0).uniform(0, 255, (2, 24, 24, 1)).astype(np.float32)
    calls, outputs = calls_of(finder.model, images)
    assert np.asarray(outputs) == pytest.approx(np.asarray(finder.model(images, training=False)), abs=1e-5)
    names = [call.name for call in feature_maps(calls)]
    assert names[0] == "conv_1" and names.index("conv_1") < names.index("conv_3")
    assert [call.name for call in computing(feature_maps(calls))] == ["conv_1", "conv_2", "conv_3"]


def test_a_saved_network_is_loaded_from_its_file(finder: Network, tmp_path: Path) -> None:
    finder.model.save(tmp_path / "finder.keras")
    loaded = load_network(tmp_path / "finder.keras")
    assert loaded.class_names == ("0", "1"), "a file of Keras alone names no classes"


def test_test_time_views_are_left_out_of_what_is_shown() -> None:
    model = whitened_cnn((16, 16, 3), 3, 1, width=0.1, whitening=False, test_views="mirror_and_shift")
    images = np.random.default_rng(0).uniform(0, 255, (2, 16, 16, 3)).astype(np.float32)
    calls, outputs = calls_of(model, images)
    assert {call.output.shape[0] for call in calls} == {2}
    assert np.asarray(outputs) == pytest.approx(np.asarray(model(images, training=True)), abs=2)
