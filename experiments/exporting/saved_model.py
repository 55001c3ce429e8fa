"""A SavedModel, TensorFlow's own format: a folder with the endpoint `serve`; run by TensorFlow."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.experiments.exporting.litert import ABOUT, LABELS
from keras_suite.experiments.exporting.network import INPUT, Classifier
from keras_suite.experiments.training.runtime import quiet_stderr

GRAPH = "saved_model.pb"  # by which a folder is known as one
_EXTRA = "assets.extra"  # where TensorFlow looks for nothing of its own


def write(classifier: Classifier, folder: Path) -> None:
    """Write the network, from pixels uint8 to probabilities float32.

    Not by Keras's `model.export`: version 3.15 writes each variable twice.

    Raises:
        ValueError: If the network cannot be traced.
    """
    network = classifier.on_pixels("uint8")
    images = tf.TensorSpec((None, *classifier.shape), tf.uint8, INPUT)
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]  # what it holds is saved with it
    module.serve = tf.function(lambda images: network(images, training=False), [images], autograph=False)
    try:
        with quiet_stderr(shown_after_errors=False):
            tf.saved_model.save(module, str(folder), {"serving_default": module.serve})
    except Exception as error:  # whatever tracing the network raises
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{classifier.run} cannot be exported as a SavedModel: {reason}") from error


def add_description(folder: Path, class_names: tuple[str, ...], about: Mapping[str, Any]) -> None:
    """Put the class names, one a line, and a description in JSON into the folder."""
    (folder / _EXTRA).mkdir(exist_ok=True)
    labels = "".join(f"{' '.join(name.splitlines())}\n" for name in class_names)
    (folder / _EXTRA / LABELS).write_text(labels, encoding="utf-8", newline="\n")
    (folder / _EXTRA / ABOUT).write_text(json.dumps(dict(about), ensure_ascii=False, indent=2), encoding="utf-8")


def ask(folder: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from images uint8 (b, h, w, c) to their probabilities, or values, float32 (b, ...).

    TensorFlow computes with the threads that this process has, whatever is asked for.
    """
    loaded = tf.saved_model.load(str(folder))  # its functions live as long as it does

    def answer(images: np.ndarray) -> np.ndarray:
        [found] = loaded.serve(images).values()
        return np.asarray(found)

    return answer
