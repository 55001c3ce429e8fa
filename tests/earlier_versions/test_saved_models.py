"""Models of the earlier version load by the names that their layers were registered under, and answer the same."""

import importlib
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.models.saving import REGISTERED, load_model
from tests.earlier_versions.bits import made_here

MODELS = [
    *("activations", "average_pooling2d", "batch_normalization", "beside_each", "conv1d", "conv2d"),
    *("conv2d_of_all_kinds", "conv2d_transpose", "conv3d", "coordinates", "dense", "dropout", "expected_place"),
    *("flatten", "global_average_pooling2d", "global_max_pooling2d", "l1_l2_on_keras_dense", "locally_connected2d"),
    *("lstm", "lstm_sequence", "manual_dropout", "max_pooling2d", "maxout", "network_autoencoder"),
    *("network_captioner", "network_clip_3d", "network_mlp", "network_pattern_cnn", "network_places"),
    *("network_scratch_cnn", "network_segmenter", "network_vgg", "preprocessing", "scratch_model"),
    *("unpooling_and_add", "up_sampling2d"),
]
NOT_IN_FILES = ("optimizer_adamw",)  # a saved model holds no optimizer, and this one never could be read back


def test_every_saved_model_is_tried(unpacked: Path) -> None:
    assert sorted(path.stem for path in (unpacked / "models").glob("*.keras")) == sorted(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_a_saved_model_gives_the_same_outputs(name: str, unpacked: Path) -> None:
    model, class_names = load_model(unpacked / "models" / f"{name}.keras")
    assert class_names == ("one", "two", "three")
    with np.load(unpacked / "models" / f"{name}.npz") as kept:
        inputs = [kept[f"input_{i}"] for i in range(len(model.inputs))]
        output = np.asarray(model(inputs if len(inputs) > 1 else inputs[0], training=False))
        assert_close(output, kept["output"], exact=same_machine(unpacked))
        if "penalty" in kept:
            assert sum(float(loss) for loss in model.losses) == pytest.approx(float(kept["penalty"]), rel=1e-6)


def test_losses_metrics_and_schedules_are_read_back_by_their_old_names(unpacked: Path) -> None:
    for module in (*REGISTERED, "keras_suite.models.metrics", "keras_suite.models.optimizers"):
        importlib.import_module(module)
    for name, kept in json.loads((unpacked / "models" / "serialized.json").read_text(encoding="utf-8")).items():
        if name in NOT_IN_FILES:
            continue
        made: Any = keras.saving.deserialize_keras_object(kept["config"])
        inputs = [np.array(value, np.float32) for value in kept["inputs"]]
        if name.startswith("metric"):
            made.update_state(*inputs)
            assert float(made.result()) == pytest.approx(kept["gives"], rel=1e-6), name
        elif name.startswith("schedule"):
            assert [float(made(step)) for step in range(10)] == pytest.approx(kept["gives"], rel=1e-6), name
        else:
            assert float(made(*inputs)) == pytest.approx(kept["gives"], rel=1e-6), name


def test_every_name_that_was_registered_still_is(unpacked: Path) -> None:
    for module in (*REGISTERED, *(f"keras_suite.models.{name}" for name in ("metrics", "optimizers"))):
        importlib.import_module(module)
    known = keras.saving.get_custom_objects()
    before = json.loads((unpacked / "models" / "registered.json").read_text(encoding="utf-8"))
    assert before
    assert before.keys() <= known.keys()


def same_machine(unpacked: Path) -> bool:
    """Whether the models were saved on a processor like this one."""
    record = next((unpacked / "runs" / "finished").rglob("run.json"))
    return made_here(json.loads(record.read_text(encoding="utf-8")))


def assert_close(output: np.ndarray, expected: np.ndarray, exact: bool) -> None:
    """Up to the last bits, of which the number of threads decides, too; on another machine a little more."""
    np.testing.assert_allclose(output, expected, rtol=1e-6 if exact else 1e-4, atol=1e-6 if exact else 1e-4)
