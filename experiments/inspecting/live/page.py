"""What the page of `inspect live` holds: a run's network, images to choose, and Keras's scores to check itself by."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.experiments.inspecting.images import images_to_show
from keras_suite.experiments.inspecting.live.graph import Operation, operations_of
from keras_suite.experiments.inspecting.network import Network, load_network
from keras_suite.reports import run_directory
from keras_suite.reports.page.live import Example, LiveOperation, LivePage

NOISE = 4  # images of noise that the page also checks itself by
_FITS = {"mnist": "mnist", "digits": "digits"}  # by dataset; what others did with their images is not known


def live_page(run: Path, images: Sequence[Path]) -> LivePage:
    """Return the page of a completed run, or of any .keras file that holds a classifier.

    Args:
        run: The run directory or file.
        images: Image files to choose on the page, else the test images that the run got most confidently wrong.

    Raises:
        ValueError, OSError: If the network cannot be shown, or an image not read.
    """
    network = load_network(run)
    operations = operations_of(network, run.name)
    record = run_directory.read_run(run, needs=()) if run.is_dir() else None
    examples = _examples(run, network, images)
    shown = {operation.name.partition("/")[0] for operation in operations}
    names = [layer.name for layer in network.model.layers if layer.name not in shown and layer.name != "images"]
    checks = _checks(network, operations[0].shape, examples)
    return LivePage(
        network=network.model.name,
        eyebrow=f"{record.experiment}, {record.variant}, seed {record.seed}" if record else run.name,
        operations=[_shown(operation) for operation in operations],
        passing=names,
        class_names=network.class_names,
        examples=examples,
        examples_heading="Your images" if images else "Test images that it got most confidently wrong",
        checks=checks,
        fit=_fit(record.config if record else {}, operations[0].shape),
        multiply_adds=sum(operation.multiply_adds for operation in operations),
    )


def _examples(run: Path, network: Network, images: Sequence[Path]) -> list[Example]:
    """Return the images to choose; none where there are none to be had."""
    if not images and not run.is_dir():
        return []
    try:
        shown = images_to_show(run, network, images)
    except ValueError:
        if images:
            raise
        return []  # none was wrong, or none was kept
    return [Example(image.pixels, image.title.replace("\n", ", ")) for image in shown]


def _checks(network: Network, shape: tuple[int, ...], examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    noise = np.random.default_rng(1).integers(0, 256, (NOISE, *shape), np.uint8)
    images = np.stack([*(example.pixels for example in examples), *noise])
    return images, network.scores(images)


def _fit(config: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    dataset = config.get("dataset") or {}
    return _FITS.get(str(dataset.get("name")), "none") if shape[-1] == 1 else "none"


def _shown(operation: Operation) -> LiveOperation:
    size = " × ".join(map(str, operation.shape))
    numbers = operation.numbers
    facts = [operation.layer or "what the network gets", size]
    if operation.kind in ("conv", "max_pooling", "average_pooling"):
        facts.insert(1, " × ".join(map(str, numbers["size"])))
        if set(numbers["strides"]) != {1}:
            facts.append(f"stride {'/'.join(map(str, dict.fromkeys(numbers['strides'])))}")
    if activation := numbers.get("activation"):
        facts.append(activation.replace("_", " "))
    return LiveOperation(
        operation.name,
        operation.kind,
        operation.shape,
        operation.inputs,
        numbers,
        operation.weights,
        ", ".join(facts),
    )
