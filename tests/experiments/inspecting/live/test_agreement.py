"""The demo network on 100 test images: the page's scores are Keras's."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.experiments.inspecting.network import Network
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net
from tests.experiments.inspecting.live.conftest import OpenLive

COUNT = 100


@pytest.mark.slow
@pytest.mark.needs_chromium
def test_the_demo_network_agrees_with_keras_on_100_test_images(open_live: OpenLive, tmp_path: Path) -> None:
    data = digits(None, image_size=(28, 28), limit=None)
    model = mnist_demo_net((28, 28, 1), 10, 1)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    model.fit(np.asarray(data.images), data.labels, batch_size=32, epochs=1, verbose=0)
    page = open_live(model)
    images = np.asarray(data.test_images[:COUNT])
    pixels = json.dumps(images.reshape(COUNT, -1).tolist())
    ours = np.array(page.evaluate(f"{pixels}.map((image) => live.scores(image))"))
    theirs = Network(model, tuple("0123456789")).scores(images)
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert (theirs.argmax(axis=1) == data.test_labels[:COUNT]).mean() > 0.7, "it has learnt to read"
    assert page.errors == []
