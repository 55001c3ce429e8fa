"""A run that several devices cannot train is refused in one line, and what differs from one device is named."""

import re
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training.device_limits import device_notes, refuse_devices
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import PreparedRun, prepare

CONFIG = Config(
    dataset=use("digits", image_size=[8, 8], limit=100, test_limit=50, validation_fraction=0.2),
    model=use("mlp", units=[4]),
    batch_size=32,
    epochs=1,
)


def prepared(tmp_path: Path, devices: int = 2, **changes: Any) -> tuple[PreparedRun, keras.Model]:
    """A run that is to be trained on several devices, and its network."""
    config = override(CONFIG, {key.replace("__", "."): value for key, value in changes.items()})
    run = prepare(Job("shared", "only", config, 1, RunOptions(2, tmp_path, devices=devices)))
    return run, run.build_model()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"batch_size": 33}, "batch_size 33 cannot be shared equally by 2 devices: give a multiple of 2"),
        ({"batch_size": 79, "devices": 79}, "the last batch of 80 training images has 1, which leaves one of 79"),
        (
            {"dataset__limit": 101, "batch_size": 20},
            "the last batch of 81 training images has 1, which leaves one of 2",
        ),
        ({"phases": [use("head")]}, "it has phases, whose frozen features are computed on one device"),
        ({"precision": "mixed_float16"}, "precision mixed_float16 scales the loss anew"),
        ({"callbacks": [use("sharpness")]}, "callback sharpness measures a network on one device"),
        ({"model": use("scratch_cnn")}, "its ScratchModel has a training step of its own"),
    ],
)
def test_what_several_devices_cannot_train_is_refused(tmp_path: Path, changes: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        refuse_devices(*prepared(tmp_path, **changes))


def test_what_differs_from_one_device_is_named_before_training(tmp_path: Path) -> None:
    network = use("pattern_cnn", blocks=1, filters=4, units=4, batch_normalization="before_pooling", dropout=0.2)
    run, model = prepared(tmp_path, dataset__limit=101, batch_size=28, model=network)
    refuse_devices(run, model)
    [line] = [line for line in device_notes(run, model) if "does not end as on one" in line]
    assert line.startswith("Note: on 2 devices variant 'only' does not end as on one: ")
    assert re.search(r": normalised by each device's own part of a batch: \w*normalization\w*; ", line)
    assert re.search(r"; other random numbers on each device: \w*dropout\w*; ", line)
    assert "the epoch's last batch of 25 images is shared unequally (13 and 12)" in line


def test_a_network_that_ends_as_on_one_device_has_no_note_but_that_a_cpu_gains_nothing(tmp_path: Path) -> None:
    lines = device_notes(*prepared(tmp_path))
    assert len(lines) == (0 if tf.config.list_physical_devices("GPU") else 1)
    assert all("which brings no speed" in line for line in lines)
