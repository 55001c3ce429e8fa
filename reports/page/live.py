"""The page of `inspect live`: a network's operations and weights, and the script that carries them out."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import markupsafe
import numpy as np

from keras_suite.reports.page.rendering import render
from keras_suite.tasks.atomic_files import write_text

FITS = {
    "mnist": "scaled and centred as MNIST",
    "digits": "scaled to fill the image",
    "none": "as it is",
}
TOLERANCE = 1e-4  # of scores, for each 1 of the largest


@dataclass(frozen=True)
class LiveOperation:
    """An operation as kernels.js reads it; `text` says in a few words what it is."""

    name: str
    kind: str
    shape: tuple[int, ...]
    inputs: tuple[int, ...]
    numbers: Mapping[str, Any]
    weights: Mapping[str, np.ndarray]
    text: str


@dataclass(frozen=True)
class Example:
    """An image uint8 (height, width, channels), and what it is called."""

    pixels: np.ndarray
    title: str


@dataclass(frozen=True)
class LivePage:
    """What the page shows.

    Attributes:
        network: What the network is called.
        eyebrow: Where it comes from.
        operations: The first of them is the image.
        passing: Names of layers that pass their input on and are not shown.
        class_names: Of the outputs.
        examples: Images to choose, and `examples_heading` above them.
        checks: Images uint8 (n, height, width, channels) and Keras's scores of them float32 (n, classes).
        fit: How a drawing is placed, of `FITS`.
        multiply_adds: Of one image.
    """

    network: str
    eyebrow: str
    operations: Sequence[LiveOperation]
    passing: Sequence[str]
    class_names: Sequence[str]
    examples: Sequence[Example]
    examples_heading: str
    checks: tuple[np.ndarray, np.ndarray]
    fit: str
    multiply_adds: int


def write_live(page: LivePage, path: Path) -> None:
    """Write the page as one file, atomically."""
    write_text(path, render("live.html", {**_texts(page), **_data(page)}))


def _texts(page: LivePage) -> dict[str, Any]:
    weights = sum(array.size for operation in page.operations for array in operation.weights.values())
    passing = ", ".join(page.passing)
    channels = page.operations[0].shape[-1]
    return {
        "eyebrow": page.eyebrow,
        "question": "Draw, and see every layer",
        "answer": f"{page.network}: {weights:,} numbers and {page.multiply_adds / 1e6:,.1f} million multiply-adds turn "
        "an image into its answer, here and now, in this page.",
        "channels": channels,
        "fit": page.fit,
        "fits": [(value, text) for value, text in FITS.items() if channels == 1 or value == "none"],
        "class_names": page.class_names,
        "examples": [example.title for example in page.examples],
        "examples_heading": page.examples_heading,
        "layers": [{"name": operation.name, "text": operation.text} for operation in page.operations],
        "passing": f"Not shown, for they pass their input on when a network predicts: {passing}." if passing else "",
    }


def _data(page: LivePage) -> dict[str, markupsafe.Markup]:
    """Return the network as JSON and its weights as Base64 of float32, which the script reads."""
    arrays: list[np.ndarray] = []
    operations, first = [], 0
    for operation in page.operations:
        places = {}
        for name, array in operation.weights.items():
            places[name] = [first, array.size]
            arrays.append(array.astype("<f4").ravel())
            first += array.size
        operations.append(
            {
                "name": operation.name,
                "kind": operation.kind,
                "shape": operation.shape,
                "inputs": operation.inputs,
                "numbers": dict(operation.numbers),
                "weights": places,
            }
        )
    images, scores = page.checks
    facts = {
        "operations": operations,
        "class_names": list(page.class_names),
        "examples": [{"pixels": _base64(example.pixels), "title": example.title} for example in page.examples],
        "checks": [
            {"pixels": _base64(image), "scores": [float(score) for score in row]}
            for image, row in zip(images, scores, strict=True)
        ],
        "tolerance": TOLERANCE * max(1.0, float(np.abs(scores).max())),
    }
    weights = np.concatenate([*arrays, np.zeros(0, "<f4")])
    return {"network": _script_text(facts), "weights": markupsafe.Markup(_base64(weights))}


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _script_text(value: Any) -> markupsafe.Markup:
    """Return JSON that cannot end the element that it stands in, whatever a class is called."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return markupsafe.Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
