"""A plain Keras script in pieces: handwritten digits, a small classifier, a fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.experiments import RecordRun

Arrays = tuple[np.ndarray, np.ndarray]
Fit = Callable[..., Path]


def digits(start: int = 0, count: int = 120) -> Arrays:
    """Images float32 0..1 (n, 64) and labels int64 (n,)."""
    images, labels = load_digits(return_X_y=True)
    return (images[start : start + count] / 16).astype("float32"), labels[start : start + count].astype("int64")


def classifier(
    outputs: int = 10, activation: str | None = "softmax", loss: Any = "sparse_categorical_crossentropy", seed: int = 1
) -> keras.Model:
    """An untrained network of a single layer, compiled with its loss and accuracy."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(outputs, activation=activation)])
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"], jit_compile=False)
    return model


def recorded(folder: Path, model: keras.Model | None = None, *, fit: Any = None, **options: Any) -> Path:
    """Fit a model with a RecordRun and return the run directory."""
    options = {"variant": "base", "seed": 1, "test": digits(1000), **options}
    record = RecordRun(folder, **options)
    images, labels = digits()
    (model or classifier()).fit(images, labels, verbose=0, callbacks=[record], **{"epochs": 2, **(fit or {})})
    return next(folder.glob(f"{options['variant']}-*/seed-{options['seed']}"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an experiment is recorded."""
    return tmp_path / "runs" / "question"
