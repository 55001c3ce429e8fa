"""The loss around the weights that a run ended with, along filter-normalised random directions (Li et al. 2018)."""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.experiments.inspecting.network import Network, load_network
from keras_suite.experiments.inspecting.run_images import Part, images_of
from keras_suite.reports import run_directory
from keras_suite.reports.figures.loss_surface import Surface

BATCH = 64


@dataclass(frozen=True)
class Measured:
    """A run's network, its own loss without penalties, and some of its images with one-hot labels."""

    name: str
    network: Network
    loss: keras.losses.Loss
    images: np.ndarray
    labels: np.ndarray


def measured_pair(first: Path, second: Path, data_dir: Path | None, of: Part, count: int) -> tuple[Measured, Measured]:
    """Load both runs with `count` of their images; ValueError or OSError if they share no scale."""
    runs = [run_directory.read_run(path, needs=()) for path in (first, second)]
    losses = [run.config.get("loss") for run in runs]
    if losses[0] != losses[1]:
        names = " and ".join(str((loss or {}).get("name")) for loss in losses)
        raise ValueError(f"{first} and {second} minimised different losses ({names}), which share no scale")
    data = [(run.record.get("data") or {}).get("fingerprint") for run in runs]
    if data[0] != data[1]:
        raise ValueError(f"{first} and {second} were trained on different data: give two runs of one experiment")
    pair = _measured(runs[0], data_dir, of, count), _measured(runs[1], data_dir, of, count)
    if pair[0].network.class_names != pair[1].network.class_names:
        raise ValueError(f"{first} and {second} have different classes: give two runs with the same ones")
    return pair


def _measured(run: run_directory.Run, data_dir: Path | None, of: Part, count: int) -> Measured:
    network = load_network(run.path)
    some = images_of(run, data_dir, of, count)
    labels = np.eye(len(network.class_names), dtype=np.float32)[some.labels]
    loss = some.config.loss.build()
    return Measured(f"{run.variant}, seed {run.seed}", network, loss, some.images, labels)


def surface(measured: Measured, *, seed: int, grid: int, reach: float) -> Surface:
    """Compute the mean loss on a grid of `grid` x `grid` points, from -`reach` to `reach` along both directions.

    Dropout is off, batch normalisation uses its moving statistics, and the weights are restored afterwards.
    """
    steps = np.linspace(-reach, reach, grid)
    steps[grid // 2] = 0.0
    kernels = [variable for _, _, variable in _kernels(measured.network.model)]
    start = [np.asarray(variable) for variable in kernels]
    across, up = (directions(measured.network.model, seed, number) for number in (1, 2))
    loss_of = _mean_loss(measured)
    losses = np.empty((grid, grid))
    try:
        for row, b in enumerate(steps):
            for column, a in enumerate(steps):
                for variable, weights, one, other in zip(kernels, start, across, up, strict=True):
                    variable.assign(weights + a * one + b * other)
                losses[row, column] = loss_of()
    finally:
        for variable, weights in zip(kernels, start, strict=True):
            variable.assign(weights)
    return Surface(measured.name, len(measured.labels), steps, losses)


def directions(model: keras.Model, seed: int, number: int) -> list[np.ndarray]:
    """Return for each kernel a random direction d, filter by filter of the kernel's own norm: d_f * |w_f| / |d_f|.

    So a step means the same in every layer and network, however large its weights are: a network with ReLU whose
    weights are all doubled, or balanced otherwise between layers, has the same surface. Biases and the parameters of
    batch normalisation stay where they are. Random numbers are keyed by the seed, `number` and the layer's name.
    """
    scaled = []
    for name, kept, kernel in _kernels(model):
        weights = np.asarray(kernel, np.float64)
        random = np.random.default_rng([seed, number, zlib.crc32(name.encode())])
        direction = random.normal(size=weights.shape)
        within = tuple(axis for axis in range(weights.ndim) if axis not in kept)
        norms = [np.sqrt(np.square(each).sum(axis=within, keepdims=True)) for each in (weights, direction)]
        scaled.append((direction * norms[0] / np.maximum(norms[1], 1e-12)).astype(np.float32))
    return scaled


def _kernels(model: Any, prefix: str = "") -> Iterator[tuple[str, tuple[int, ...], Any]]:
    """Yield each kernel with its name and the axes that count its filters, also of nested models; each layer once."""
    for layer in dict.fromkeys(model.layers):
        if isinstance(layer, keras.Model):
            yield from _kernels(layer, f"{prefix}{layer.name}/")
            continue
        for name in ("kernel", "depthwise_kernel", "pointwise_kernel"):
            kernel = getattr(layer, name, None)
            if kernel is not None:
                last = len(kernel.shape) - 1
                kept: tuple[int, ...] = (last,)
                if name == "depthwise_kernel" or "Depthwise" in type(layer).__name__:
                    kept = (last - 1, last)  # one filter for each channel and multiplier
                elif "Transpose" in type(layer).__name__:
                    kept = (last - 1,)  # its kernels are (h, w, out, in)
                yield f"{prefix}{layer.name}/{name}", kept, kernel


def _mean_loss(measured: Measured) -> Any:
    model, loss = measured.network.model, measured.loss

    @tf.function(reduce_retracing=True)
    def batch(images: Any, labels: Any) -> Any:
        logits = tf.cast(model(tf.cast(images, tf.float32), training=False), tf.float32)
        return tf.reduce_sum(loss.call(labels, logits))

    batches = [
        (tf.constant(measured.images[k : k + BATCH]), tf.constant(measured.labels[k : k + BATCH]))
        for k in range(0, len(measured.labels), BATCH)
    ]
    return lambda: math.fsum(float(batch(*each)) for each in batches) / len(measured.labels)
