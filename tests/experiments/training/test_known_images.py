"""The ranges of a dataset's images are measured once for all runs on it."""

import dataclasses

import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.experiments.training import known_images
from keras_suite.experiments.training.known_images import training_likeness


def test_the_same_data_are_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    measure = known_images.likeness_of
    monkeypatch.setattr(known_images, "likeness_of", lambda *images: calls.append(1) or measure(*images))
    dataset = digits(None)
    first = training_likeness(dataset)
    assert first is not None and training_likeness(dataset) is first
    training_likeness(dataclasses.replace(dataset, limit=100))
    assert len(calls) == 2
