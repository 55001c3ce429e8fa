"""Convolution kernels are tested on a network's shapes before it is trained: see models/kernel_test/.

A hand-derived layer whose kernel computes wrong results takes another method; of Keras's own layers a line warns by
name. Verdicts are kept in the cache folder, for the versions, the processor and the flags that they were found with.
"""

import dataclasses
import os
from pathlib import Path

import keras
import tensorflow as tf

from keras_suite.data_pipeline.images.decoded_images import cache_folder
from keras_suite.experiments.training.runtime import device, versions
from keras_suite.models.kernel_test.convolution import (
    DEPTHWISE,
    OPS,
    ORDINARY,
    TRANSPOSED,
    Convolution,
    wrong_results,
)
from keras_suite.models.kernel_test.layers import convolutions_of
from keras_suite.models.ops.conv_primitives import adds_up
from keras_suite.tasks.files.damaged import DamagedFile, NewerSchema
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed
from keras_suite.tasks.wording.quantities import listed_or_counted

FLAGS = ("TF_", "ONEDNN_", "DNNL_", "XLA_")  # how the names of environment variables that choose kernels begin
NO_KERNEL = ("TF_CPP_MIN_LOG_LEVEL",)
RIGHT_METHODS = {ORDINARY: "im2col", DEPTHWISE: "derivation", TRANSPOSED: "derivation"}  # sums that are written out


def trust_kernels(model: keras.Model) -> list[str]:
    """Test the kernels that a network trains with; give its hand-derived layers a method that computes right.

    Returns:
        A line for each layer whose kernel computes wrong results, and one for those whose gradients lose precision.
    """
    verdicts, lines, convolutions = Verdicts(), [], list(convolutions_of(model))
    for layer, asked in convolutions:
        wrong = verdicts.of(asked)
        if not wrong:
            continue
        said = f"TensorFlow computes wrong results for the shapes of layer {layer.name} ({' and '.join(wrong)})"
        right = RIGHT_METHODS[asked.kind]
        if not asked.method:
            derived = len(asked.sizes) in OPS[asked.kind]
            other = f", or use the hand-derived Manual{type(layer).__name__}" if derived else ""
            lines.append(f"Warning: {said}: set TF_ENABLE_ONEDNN_OPTS=0{other}")
        elif asked.method != right and not verdicts.of(dataclasses.replace(asked, method=right)):
            layer.method = right
            lines.append(f"Note: {said} by method {asked.method!r}: it computes by {right!r}")
        else:
            lines.append(f"Warning: {said} by method {asked.method!r}, and there is no other")
    verdicts.keep()
    keras_own = [(layer, asked.dtype) for layer, asked in convolutions if not asked.method and asked.kind == ORDINARY]
    lossy = [(layer.name, dtype) for layer, dtype in keras_own if not adds_up(tf.as_dtype(dtype))]
    if lossy:
        named = listed_or_counted([name for name, _ in lossy], "layer")
        lines.append(
            f"Warning: on this processor TensorFlow adds up the gradients of kernels in {lossy[0][1]}, which loses "
            f"what is small beside the sum ({named}): set precision=float32, or use the hand-derived layers"
        )
    return lines


def environment() -> str:
    """Return what decides on kernels: versions, processor or GPU, flags."""
    flags = [f"{k}={v}" for k, v in sorted(os.environ.items()) if k.startswith(FLAGS) and k not in NO_KERNEL]
    return " ".join([f"tensorflow {versions()['tensorflow']}", f"keras {versions()['keras']}", device(), *flags])


class Verdicts:
    """What was found wrong with kernels in this environment, those of earlier processes among it."""

    def __init__(self) -> None:
        self._path: Path = cache_folder() / "kernels.json"
        self._environment, self._added = environment(), False
        self._wrong: dict[str, list[str]] = {}
        try:
            kept = read_sealed(self._path, "it is written anew")
            if kept["environment"] == self._environment:
                self._wrong = kept["wrong"]
        except (OSError, DamagedFile, NewerSchema, KeyError, TypeError):  # it only saves time
            pass

    def of(self, asked: Convolution) -> list[str]:
        """Return what a kernel computes wrongly; it is tested if that is not known yet."""
        key = repr(asked)
        if key not in self._wrong:
            self._wrong[key], self._added = list(wrong_results(asked)), True
        return self._wrong[key]

    def keep(self) -> None:
        """Write the verdicts, if there are new ones and the folder can be written."""
        if not self._added:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_sealed(self._path, {"environment": self._environment, "wrong": self._wrong})
        except OSError:
            return
