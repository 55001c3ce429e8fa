"""Whose weights a run began with, and under which licence they are given; what is not known is said to be unknown."""

from collections.abc import Mapping
from typing import Any

from keras_suite.models.transfer.imagenet_weights import IMAGENET, PACKAGED
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.run_directory.results import FITTED

IMAGENETS_TERMS = (
    "ImageNet's terms of access allow its images to be used for non-commercial research and education only; whether "
    "that reaches weights which were trained on them is not said there"
)
TRAINED_HERE = "What was trained here is its owner's to license; the licence of the training images is not known here."


def licence_lines(run: Run) -> tuple[str, ...]:
    """Say the licence of the weights that a run began with, and of what it trained."""
    weights = run.record.get("weights")
    if not isinstance(weights, Mapping):
        return ("Trained from random weights: no weights of others are in it.", TRAINED_HERE)
    source = str(weights.get("source") or "an unknown source")
    began = f"It began with weights from {source}."
    if not source.startswith("ImageNet"):
        return (f"{began} Their licence is not known here.", TRAINED_HERE)
    return (began, *_of_imagenet(_network(run)), TRAINED_HERE)


def _network(run: Run) -> str:
    network = run.config.get("network") if run.record.get("trained") == FITTED else _model(run.config).get("name")
    return str(network)


def _model(config: Mapping[str, Any]) -> Mapping[str, Any]:
    model = config.get("model")
    return model if isinstance(model, Mapping) else {}


def _of_imagenet(network: str) -> tuple[str, ...]:
    if network in PACKAGED:
        given = f"They are in the package {PACKAGED[network].requirement}, whose licence is Apache-2.0."
    elif network in IMAGENET:
        given = (
            "They are those of Keras Applications. Keras's licence is Apache-2.0; of the weights themselves its source "
            "states none: ask for that of whoever trained them."
        )
    else:
        given = "Their licence is not known here."
    return (given, f"{IMAGENETS_TERMS}.")
