"""A LiteRT file (.tflite): in float32, or in int8 from the first layer to the last; run by ai-edge-litert.

The class names and what else a reader has to know lie in a ZIP archive behind the model, as the files that belong to a
LiteRT model do: interpreters do not see it, and any ZIP reader opens it.
"""

import importlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.network import INPUT, Classifier
from keras_suite.experiments.training.runtime import quiet_stderr
from keras_suite.tasks.reading.files import reason

LABELS, ABOUT = "labels.txt", "about.json"
STEP = 1 / 256  # of a probability in uint8: LiteRT's softmax has no other


def check_installed() -> None:
    """Raise ValueError unless what runs the file is there."""
    try:
        importlib.import_module("ai_edge_litert.interpreter")
    except ImportError as error:
        raise ValueError(
            f"litert needs ai-edge-litert to run the file, which cannot be imported ({reason(error)}): pip install "
            "ai-edge-litert"
        ) from error


def write_float32(classifier: Classifier, path: Path) -> None:
    """Write the network with its weights as they are, from pixels uint8 to probabilities, or values, float32.

    Raises:
        ValueError: If LiteRT lacks an op that the network needs.
    """
    _convert(classifier, "uint8", path, [tf.lite.OpsSet.TFLITE_BUILTINS])


def write_int8(classifier: Classifier, path: Path, samples: Images) -> bool:
    """Write the network in int8, from pixels uint8 to probabilities uint8 in steps of 1/256.

    Args:
        classifier: The network.
        path: The file to write, ending in .tflite.
        samples: Training images, whose activations say what range of numbers each layer's int8 stands for.

    Returns:
        Whether all of it is int8: layers that LiteRT has no int8 form of stay in float32, and some preprocessing does.

    Raises:
        ValueError: If LiteRT lacks an op that the network needs.
    """
    options = {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "representative_dataset": lambda: _calibration(samples),
        "inference_input_type": tf.uint8,
        "inference_output_type": tf.uint8,
    }
    only, also = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8], tf.lite.OpsSet.TFLITE_BUILTINS
    try:
        _convert(classifier, "float32", path, only, options)
    except ValueError:
        _convert(classifier, "float32", path, [*only, also], options)
        only = []
    if not _reads_pixels_as_they_are(path):
        # The first op has another range, as a mean taken off, and LiteRT gave it to the pixels: they are cast inside.
        options["representative_dataset"] = lambda: _calibration(samples, np.uint8)
        _convert(classifier, "uint8", path, [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, also], options)
        only = []
    return bool(only)


def _reads_pixels_as_they_are(path: Path) -> bool:
    """Return whether uint8 stands for 0..255 in a file from float32 pixels."""
    scale, zero = _details(path)[0]["quantization"]
    return round(scale, 6) == 1 and zero == 0


def _calibration(samples: Images, dtype: Any = np.float32) -> Iterator[list[np.ndarray]]:
    """Yield images (1, h, w, c); the first has a black and a white corner, so that uint8 stands for 0..255."""
    for number, batch in enumerate(samples.batches()):
        image = batch.astype(dtype)
        if number == 0:
            image[:, 0, 0], image[:, -1, -1] = 0, 255
        yield [image]


def _convert(
    classifier: Classifier, pixels: Any, path: Path, ops: list[Any], options: Mapping[str, Any] | None = None
) -> None:
    network = classifier.on_pixels(pixels)
    try:
        with quiet_stderr(shown_after_errors=False):
            network.export(
                str(path), format="litert", verbose=False, target_spec={"supported_ops": ops}, **(options or {})
            )
    except Exception as error:  # the converter's own kind, or whatever tracing the network raises
        how = " in int8" if options else ""
        raise ValueError(f"{classifier.run} cannot be exported to LiteRT{how}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    text = str(error)
    missing = re.search(r"(?:Select|Custom|custom) ops: ([\w, ]+)", text) or re.search(r"'(tf\.\w+)' op", text)
    if missing:
        return f"it has no op for {missing[1].strip()}"
    return " ".join(text.split())[:200] or type(error).__name__


def add_description(path: Path, class_names: tuple[str, ...], about: Mapping[str, Any]) -> None:
    """Put the class names, one a line, and a description in JSON into the file."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(LABELS, "".join(f"{' '.join(name.splitlines())}\n" for name in class_names))
        archive.writestr(ABOUT, json.dumps(dict(about), ensure_ascii=False, indent=2))


def ask(path: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from one image uint8 (1, h, w, c) to its probabilities, or values, float32 (1, ...)."""
    interpreter = _interpreter(path, threads)
    scale, zero = interpreter.get_output_details()[0]["quantization"]
    run = interpreter.get_signature_runner()

    def answer(image: np.ndarray) -> np.ndarray:
        [found] = run(**{INPUT: image}).values()
        return np.asarray(found if scale == 0 else (found.astype(np.float32) - zero) * scale)

    return answer


def _details(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    interpreter = _interpreter(path, 1)
    return interpreter.get_input_details()[0], interpreter.get_output_details()[0]


def _interpreter(path: Path, threads: int) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    with quiet_stderr():
        interpreter = Interpreter(str(path), num_threads=threads)
        interpreter.allocate_tensors()
    return interpreter
