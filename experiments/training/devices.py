"""One run on several devices: each computes its part of every batch, and all take the same step.

tf.distribute.MirroredStrategy keeps a copy of every variable on each device, which leaves three things to do here. The
copies of a random generator's state would draw the same masks on all devices: they are told apart. What the copies
differ in, those states and the moving statistics of batch normalisation, belongs into a checkpoint once for each
device. And a network of such variables is no ordinary one: what looks at the network while it is trained, and all that
comes after the training, get a plain twin of it, with the weights of the first device.
"""

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.callbacks.probing.probe import LayerProbe, ProbeBatch, Values
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.experiments.training.trusted_kernels import trust_kernels
from keras_suite.models.hyperparameter_variables import copy_variables


@functools.cache  # one for a process: of several, TensorFlow 2.21 confuses the collective operations
def strategy(devices: int) -> tf.distribute.Strategy:
    """Return what computes on this many devices: GPUs where there are some, else logical devices of the CPU.

    Those of a CPU sum gradients on the first of them, in a fixed order and without collective operations, which need a
    thread for each device.
    """
    if tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy([f"GPU:{number}" for number in range(devices)])
    return tf.distribute.MirroredStrategy(
        [f"CPU:{number}" for number in range(devices)], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


def on_devices(devices: int) -> AbstractContextManager[Any]:
    """Return the block in which a network is built, compiled and fitted on so many devices; of one, nothing special."""
    return strategy(devices).scope() if devices > 1 else nullcontext()


def mirrored(run: PreparedRun, model: keras.Model) -> keras.Model:
    """Build the network of `model` once more, in the block of `on_devices`, with the same weights and states.

    Only the random generators of its layers go on differently on all devices but the first.
    """
    mirror = run.build_model()
    trust_kernels(mirror)  # what was found wrong for `model`, and said, holds for it as well
    copy_variables(mirror, model)
    for generator in generators(mirror):
        first, *others = generator.state.value.values
        for number, other in enumerate(others, 1):
            other.assign(np.random.SeedSequence([*map(int, first.numpy()), number]).generate_state(2, np.uint32))
    return mirror


def generators(layer: keras.Layer) -> list[keras.random.SeedGenerator]:
    """Return the random generators of a layer, and of those inside it."""
    held = [value for each in layer._flatten_layers() for value in vars(each).values()]
    return [value for value in held if isinstance(value, keras.random.SeedGenerator)]


def per_device(variables: Sequence[Any]) -> list[Any]:
    """Return variables as a checkpoint keeps them: those that each device updates by itself once for each device.

    What is trained is the same on all devices: they take the same step from the same gradients.
    """
    kept: list[Any] = []
    for variable in variables:
        copies = getattr(getattr(variable, "value", None), "values", None)
        kept += [variable] if variable.trainable or copies is None else copies
    return kept


def distributed(batches: tf.data.Dataset, devices: int) -> Any:
    """Return batches as a network on several devices takes them, each in parts; of one device, unchanged."""
    return strategy(devices).experimental_distribute_dataset(batches) if devices > 1 else batches


def parts_of_batch(images: int, devices: int) -> list[int]:
    """Return how many of a batch's images each device gets: TensorFlow rounds up, and the last get what is left."""
    most = -(-images // devices)
    return [max(0, min(most, images - most * number)) for number in range(devices)]


class TwinProbe:
    """A LayerProbe of a network's plain twin, which gets the network's weights each time: see `LayerProbe`."""

    def __init__(self, twin: keras.Model, network: keras.Model, probe: LayerProbe) -> None:
        self._twin, self._network, self._probe = twin, network, probe

    @property
    def evidence(self) -> Values:
        """What the last call showed of the network as a whole."""
        return self._probe.evidence

    def weights(self) -> list[list[np.ndarray]]:
        """Return copies of the watched layers' kernels."""
        copy_variables(self._twin, self._network)
        return self._probe.weights()

    def __call__(self, before: Any = None) -> dict[str, Values]:
        """Return the values of each layer by its name."""
        copy_variables(self._twin, self._network)
        return self._probe(before)


def twin_probe(twin: keras.Model) -> Callable[..., TwinProbe]:
    """Return what creates the LayerProbe of a network on several devices, of which `twin` is a plain copy."""

    def create(network: keras.Model, loss: Any, probe: ProbeBatch, **options: Any) -> TwinProbe:
        return TwinProbe(twin, network, LayerProbe(twin, loss, probe, **options))

    return create
