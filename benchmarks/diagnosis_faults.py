"""What is done to a run's network or images so that it has a known fault, where no option of the suite can."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import numpy as np

from benchmarks.diagnosis_corpus import Case
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.experiments.training import prepared_run
from keras_suite.models.layers.core import ManualActivation


def _rescaled(model: keras.Model, factor: float) -> keras.Model:
    """Let the network get its pixels times a factor: 255 as they are, 1/255 scaled twice."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Rescaling):
            layer.scale *= factor
    return model


def _ending_in(activation: str) -> Callable[[keras.Model, float], keras.Model]:
    """Put an activation behind the logits, which the loss then takes for logits."""

    def change(model: keras.Model, _: float) -> keras.Model:
        end = ManualActivation(activation, dtype="float32", name="probabilities")
        return keras.Model(model.inputs, end(model.outputs[0]), name=f"{model.name}_{activation}")

    return change


def _hidden(model: keras.Model) -> list[Any]:
    return [layer for layer in model.layers if hasattr(layer, "kernel") and layer.name != "logits"]


def _scaled(model: keras.Model, factor: float) -> keras.Model:
    for layer in _hidden(model):
        layer.kernel.assign(layer.kernel * factor)
    return model


def _constant(model: keras.Model, value: float) -> keras.Model:
    for layer in _hidden(model):
        layer.kernel.assign(np.full(layer.kernel.shape, value, np.float32))
    return model


def _bias(model: keras.Model, value: float) -> keras.Model:
    for layer in _hidden(model):
        layer.bias.assign(np.full(layer.bias.shape, value, np.float32))
    return model


NETWORK: dict[str, Callable[[keras.Model, float], keras.Model]] = {
    "rescaled": _rescaled,
    "softmax": _ending_in("softmax"),
    "sigmoid": _ending_in("sigmoid"),
    "scaled": _scaled,
    "constant": _constant,
    "bias": _bias,
}
DATA: dict[str, Callable[[Dataset], Dataset]] = {
    # One picture everywhere, as where a path was joined wrongly.
    "constant": lambda data: replace(data, images=np.repeat(np.asarray(data.images[:1]), len(data.images), axis=0)),
}


@contextlib.contextmanager
def planted(case: Case) -> Iterator[None]:
    """Plant the case's fault in the runs that are prepared in this block."""
    build, load = prepared_run.PreparedRun.build_model, prepared_run.load_dataset
    network, data = case.network, case.data

    def build_model(*arguments: Any) -> keras.Model:
        model = build(*arguments)
        return model if network is None else NETWORK[network[0]](model, network[1])

    def load_dataset(*arguments: Any) -> Dataset:
        dataset = load(*arguments)
        return dataset if data is None else DATA[data](dataset)

    with (
        mock.patch.object(prepared_run.PreparedRun, "build_model", build_model),
        mock.patch.object(prepared_run, "load_dataset", load_dataset),
    ):
        yield


def draw_gratings(path: Path, classes: int = 8, count: int = 1500, tests: int = 200, side: int = 16) -> None:
    """Write images of noisy stripes of one of 8 orientations: synthetic patterns that a small CNN tells apart."""
    random = np.random.default_rng(0)
    labels = np.arange(count + tests) % classes
    angles = np.pi * labels / classes + random.normal(0, 0.05, len(labels))
    rows, columns = np.mgrid[:side, :side]
    waves = np.cos(angles)[:, None, None] * columns + np.sin(angles)[:, None, None] * rows
    phases = random.uniform(0, 2 * np.pi, len(labels))[:, None, None]
    grey = 128 + 70 * np.sin(2 * np.pi * waves / 5 + phases) + random.normal(0, 35, (len(labels), side, side))
    images = grey.clip(0, 255).astype(np.uint8)[..., None]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        images=images[:count],
        labels=labels[:count],
        test_images=images[count:],
        test_labels=labels[count:],
    )
