"""An ONNX file, by tf2onnx; run by onnxruntime. Both are the extra `onnx`."""

import json
import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.data_pipeline.datasets.libraries import library
from keras_suite.experiments.exporting.network import INPUT, Classifier
from keras_suite.experiments.training.runtime import quiet_stderr

EXTRA = "onnx"  # its name in pyproject.toml
_PACKAGES = (("tf2onnx", "convert"), ("onnx", "ModelProto"), ("onnxruntime", "InferenceSession"))


def check_installed() -> None:
    """Raise ValueError unless all packages that writing and running take are there."""
    for package, proof in _PACKAGES:
        library(package, proof, EXTRA, package)


def write(classifier: Classifier, path: Path) -> None:
    """Write the network, from pixels uint8 to probabilities float32.

    Raises:
        ValueError: If ONNX lacks an op that the network needs.
    """
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    network = classifier.on_pixels("uint8")
    signature = [keras.InputSpec(shape=(None, *classifier.shape), dtype="uint8", name=INPUT)]
    try:
        with quiet_stderr(shown_after_errors=False), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras makes tf2onnx go with numpy 2, not without a word
            network.export(str(path), format="onnx", verbose=False, input_signature=signature)
    except Exception as error:  # whatever tracing the network or the converter raises
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{classifier.run} cannot be exported to ONNX: {reason}") from error


def add_description(path: Path, class_names: tuple[str, ...], about: Mapping[str, Any]) -> None:
    """Put the class names and a description into the file's metadata, and name its output as that does."""
    import onnx

    model = onnx.load(str(path))
    _rename(model.graph, model.graph.output[0].name, str(about["output"]).partition(":")[0])
    texts = {**about, "class_names": list(class_names)}
    onnx.helper.set_model_props(
        model,
        {key: each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for key, each in texts.items()},
    )
    onnx.save(model, str(path))


def _rename(graph: Any, old: str, new: str) -> None:
    """Give a value of the graph another name wherever it stands."""
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == old:
                    names[place] = new
    for value in graph.output:
        if value.name == old:
            value.name = new


def ask(path: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from images uint8 (b, h, w, c) to their probabilities, or values, float32 (b, ...)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda images: np.asarray(session.run(None, {INPUT: images})[0])
