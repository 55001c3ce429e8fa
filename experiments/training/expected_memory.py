"""The peak memory of a run, by arithmetic, stated before anything is trained.

What TensorFlow takes without any network is measured in this process; the rest is counted: images, weights with what
their optimizer keeps, and what the layers put out for a batch, of which training keeps what the gradients need. The
factors below were fitted to runs; benchmarks/memory.py holds the statement beside what is then measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from keras_suite.callbacks.probing.probe import PROBE_IMAGES
from keras_suite.data_pipeline.images.file_images import are_in_files
from keras_suite.data_pipeline.pipeline import BATCHES_AHEAD, COPIED_BYTES
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.phases import phases_of, pretrained_blocks
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.hyperparameter_variables import innermost_layers
from keras_suite.models.transfer.freezing import freeze

BYTES = 4  # of a float32
LIBRARIES = 25 * 2**20  # imported with the first data and the first run
GRAPHS, GRAPH_OF_LAYER = 45 * 2**20, 2**20  # traced functions and TensorFlow's kernels: of any network, and of a layer
FURTHER_DEVICE = 50 * 2**20  # the graphs of a part of the batch, once more for each device but the first
SLOTS = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adagrad": 1}  # numbers that an optimizer keeps of a weight
MOST_SLOTS = 2  # of the others, as Adam
IN_PLACE = ("Flatten", "Reshape", "InputLayer", "Activation", "ReLU", "LeakyReLU", "Softmax")
GRADIENTS = 2.0  # of the largest output, that are held beside what is kept
FRAGMENTS = 1.1  # TensorFlow's allocator keeps freed blocks, and not all of them fit the next request


@dataclass(frozen=True)
class ExpectedMemory:
    """Bytes that a run's process is expected to hold at its peak.

    Attributes:
        process: TensorFlow, the suite, and the graphs of this network.
        images: The data set, and the batches that wait for the model.
        weights: With their gradients, the optimizer's numbers, and the copies of a checkpoint.
        activations: What the layers put out, as far as it is kept for the gradients.
    """

    process: int
    images: int
    weights: int
    activations: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.process + self.images + self.weights + self.activations


def expected_memory(run: PreparedRun, model: keras.Model) -> ExpectedMemory:
    """Compute what the run of this network, whose phases freeze it anew, is expected to take at most."""
    slots = SLOTS.get(run.config.optimizer.name, MOST_SLOTS)
    layers = list(innermost_layers(model))
    if not run.config.phases:
        weights, activations = weights_bytes(model, slots), _activations(run, layers)
    else:
        of_phases = []
        for phase in phases_of(run.config):
            freeze(model, phase, pretrained_blocks(run.config))
            first = next(number for number, layer in enumerate(layers) if layer.trainable_weights)
            of_frozen = _passed(run, layers[:first])
            of_phases.append((weights_bytes(model, slots), of_frozen + _activations(run, layers[first:])))
        weights, activations = map(max, zip(*of_phases, strict=True))
    devices = run.job.options.devices
    weights *= devices  # a copy on each
    process = runtime.memory_at_start().resident + LIBRARIES + GRAPHS + len(layers) * GRAPH_OF_LAYER
    process += (devices - 1) * FURTHER_DEVICE
    return ExpectedMemory(process, _images(run), weights, activations)


def weights_bytes(model: keras.Model, slots: int) -> int:
    """Return the bytes of a network's weights in training, of each of which the optimizer keeps `slots` numbers."""
    trained = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return BYTES * (3 * model.count_params() + (3 + 2 * slots) * trained)


def activation_bytes(layers: Sequence[keras.Layer], images: int, training: bool = True) -> int:
    """Return the bytes that a pass of so many images forward and backward takes beside the weights."""
    passes = [_numbers(layer, training) for layer in layers]
    kept, largest = sum(kept for kept, _ in passes), max((size for _, size in passes), default=0)
    return int(FRAGMENTS * BYTES * images * (kept + GRADIENTS * largest))


def _activations(run: PreparedRun, layers: Sequence[keras.Layer]) -> int:
    """Return the bytes of a step, or of the probe of the layers, which may have more images."""
    return max(activation_bytes(layers, _batch(run)), activation_bytes(layers, _probed(run), training=False))


def _passed(run: PreparedRun, layers: Sequence[keras.Layer]) -> int:
    """Return the bytes of a pass forward alone: the output of a layer and that of the one before."""
    largest = max((_numbers(layer, False)[1] for layer in layers), default=0)
    return int(FRAGMENTS * BYTES * 2 * largest * max(_batch(run), _probed(run)))


def _batch(run: PreparedRun) -> int:
    return min(run.batch_size, len(run.split.train))


def _probed(run: PreparedRun) -> int:
    return min(PROBE_IMAGES, len(run.split.train))


def _images(run: PreparedRun) -> int:
    dataset = run.dataset
    arrays = [array for array in (dataset.images, dataset.test_images) if not are_in_files(array)]
    held = sum(array.nbytes * (1 + (array.nbytes <= COPIED_BYTES)) for array in arrays)
    waiting = BATCHES_AHEAD + run.job.options.threads + 1
    return held + waiting * _batch(run) * BYTES * math.prod(dataset.image_shape)


def _numbers(layer: Any, training: bool) -> tuple[int, int]:
    """Return how many numbers of an image's pass a layer keeps for the gradients, and how many its largest array has.

    Nothing is counted where the size is open.
    """
    output = getattr(layer, "output", None)
    shapes = [each.shape[1:] for each in (output if isinstance(output, list | tuple) else [output]) if each is not None]
    size = sum(math.prod(shape) for shape in shapes if None not in shape)
    kind = type(layer).__name__.removeprefix("Manual")
    if kind in IN_PLACE or (kind == "BatchNormalization" and not training):
        return 0, size
    if kind == "MultiHeadAttention" and size:
        scores = layer.num_heads * math.prod(shapes[0][:-1]) ** 2
        return 4 * size + 2 * scores, max(size, scores)  # query, key, value and what they sum up; scores, weights
    return size, size
