"""A folder as a user has one: a network with an own layer, an own loss and callbacks, and a question about them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run

LAYERS = '''"""A layer with a gradient that was derived by hand."""

import keras
import tensorflow as tf


@tf.custom_gradient
def square(x):
    def gradient(dy):
        return dy * 2 * x

    return x * x, gradient


class Square(keras.Layer):
    """x * x."""

    def call(self, x):
        return square(x)
'''
WRONG = ("dy * 2 * x", "dy * x")

NET = '''"""My network."""

import keras

from models.layers_of_mine import Square


def my_net(input_shape, classes, *, width: int = 8, dropout=0.1):
    """A dense layer, its squares, logits."""
    images = keras.Input(input_shape)
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    x = Square()(keras.layers.Dense(width)(x))
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(images, keras.layers.Dense(classes)(x))


class Subclassed(keras.Model):
    """The same, as a class."""

    def __init__(self, classes, width=8):
        super().__init__()
        self.scale, self.flatten = keras.layers.Rescaling(1 / 255), keras.layers.Flatten()
        self.hidden, self.square = keras.layers.Dense(width), Square()
        self.logits = keras.layers.Dense(classes)

    def call(self, images):
        return self.logits(self.square(self.hidden(self.flatten(self.scale(images)))))


def sequential(classes):
    return keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(classes)])
'''

PARTS = '''"""A loss, callbacks, an optimizer, a schedule and augmentations of my own."""

import keras
import tensorflow as tf
from keras import ops


def focal(y_true, y_pred, *, gamma=2.0):
    """Lin et al. 2017."""
    chances = ops.softmax(y_pred)
    return -ops.sum(y_true * (1 - chances) ** gamma * ops.log(chances + 1e-7), axis=-1)


class Focal(keras.losses.Loss):
    def __init__(self, gamma=2.0):
        super().__init__(name="focal")
        self.gamma = gamma

    def call(self, y_true, y_pred):
        return focal(y_true, y_pred, gamma=self.gamma)


class Silent(keras.callbacks.Callback):
    """Keeps nothing."""


class Warming(keras.callbacks.Callback):
    """Raises the rate by a factor in each of the first epochs, and hands over how many there were."""

    def __init__(self, factor=1.5, epochs=3):
        super().__init__()
        self.factor, self.epochs, self.count = factor, epochs, 0

    def on_epoch_end(self, epoch, logs=None):
        self.count += 1
        if self.count < self.epochs:
            rate = self.model.optimizer.learning_rate
            rate.assign(rate * self.factor)

    def get_state(self):
        return {"count": self.count}

    def set_state(self, state):
        self.count = state["count"]


class Forgetful(keras.callbacks.Callback):
    """Keeps a count that it does not hand over."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def on_epoch_end(self, epoch, logs=None):
        self.count += 1


class Slow(keras.optimizers.SGD):
    def __init__(self, learning_rate=0.05, *, momentum=0.5, **config):
        super().__init__(learning_rate, momentum=momentum, **config)


def falling(learning_rate, steps, *, to=0.1):
    return keras.optimizers.schedules.PolynomialDecay(learning_rate, steps, learning_rate * to)


def grainy(images, keys, *, amount=8.0):
    """Noise that is keyed by the batch's first image."""
    noise = tf.random.stateless_normal(tf.shape(images), keys[0])
    return tf.clip_by_value(tf.cast(images, tf.float32) + amount * noise, 0, 255)


def turned(*, rotation=0.05):
    return [keras.layers.RandomRotation(rotation), keras.layers.RandomTranslation(0.1, 0.1)]
'''

QUESTION = '''"""Is my network better when it is wider?"""

from keras_suite.experiments import Config, Experiment, use
from models.net import my_net

from my_parts import Silent, Warming, focal

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=300, test_limit=100),
        model=use(my_net, width=8),
        loss=use(focal, gamma=1.5),
        callbacks=[use(Silent), use(Warming, factor=1.2)],
        augmentation=use("my_parts.py:grainy"),
        batch_size=32,
        epochs=3,
    ),
    variants={"narrow": {}, "wide": {"model.width": 32}},
    seeds=1,
)


def space(hp):
    return {"optimizer.learning_rate": hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")}
'''


def write_folder(folder: Path, package: str = "nets") -> Path:
    """Write it, and return the experiment's file.

    Args:
        folder: Where to.
        package: The name of the network's folder. "models" is for processes of their own: in those of the tests, that
            is the suite's.
    """
    (folder / package).mkdir(parents=True, exist_ok=True)
    files = {
        f"{package}/layers_of_mine.py": LAYERS,
        f"{package}/net.py": NET,
        "my_parts.py": PARTS,
        "my_question.py": QUESTION,
    }
    for name, text in files.items():
        (folder / name).write_text(text.replace("from models.", f"from {package}."), encoding="utf-8")
    return folder / "my_question.py"


def edit(folder: Path, name: str, before: str, after: str) -> None:
    """Replace a text in one of the files."""
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")


def runs_of(folder: Path, name: str = "my_question") -> dict[str, Run]:
    """The runs of the experiment, by variant and seed."""
    read = run_directory.read_experiment(folder / "runs" / name)
    assert not read.problems
    return {f"{run.variant}-{run.seed}": run for run in read.runs}


def content(run: Run) -> dict[str, Any]:
    """What a run came to, without times."""
    rows = [{key: row[key] for key in row if "second" not in key} for row in run.history]
    assert run.metrics is not None
    kept = {key: run.metrics[key] for key in ("validation", "test", "model_epoch", "parameters")}
    return {"rows": rows, **kept, "identity": run.record["identity"]}


def kill_after_three_epochs(command: Sequence[str], folder: Path, packages: Path | None = None) -> None:
    """Start a command in a process of its own, and kill it once a run has had three epochs.

    Args:
        command: What is typed after `keras-suite`.
        folder: Where it is typed.
        packages: The folder in which the suite is installed; None for this checkout.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "keras_suite.experiments", *command],
        cwd=folder,
        env={**os.environ, **({"PYTHONPATH": str(packages)} if packages else {})},
    )
    deadline = time.monotonic() + 120
    while not any(len(path.read_text().splitlines()) > 3 for path in folder.glob("runs/*/*/seed-1/history.csv")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
