"""A classifier as a list of operations: what reads what, what it costs, and what cannot be a page."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.live import graph
from keras_suite.experiments.inspecting.live.graph import operations_of
from keras_suite.experiments.inspecting.network import Network
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net

TEN = tuple("0123456789")


def test_layers_become_operations_and_those_that_pass_on_are_left_out() -> None:
    operations = operations_of(Network(mnist_demo_net((28, 28, 1), 10, 1), TEN), "demo")
    assert [operation.name for operation in operations] == [
        *("image", "scale", "conv_1", "conv_2", "pooling", "flatten", "dense", "logits")
    ]
    assert [operation.inputs for operation in operations] == [(), *((number,) for number in range(7))]
    assert sum(array.size for each in operations[2:] for array in each.weights.values()) == 1_199_882
    expected = 26 * 26 * 9 * 32 + 24 * 24 * 9 * 32 * 64 + 9216 * 128 + 1280
    assert sum(operation.multiply_adds for operation in operations) == expected


def test_a_layer_that_is_called_twice_is_there_twice() -> None:
    images = keras.Input((6, 6, 1))
    shared = layers.Conv2D(1, 3, padding="same", name="shared")
    model = keras.Model(images, layers.Dense(2, name="logits")(layers.Flatten()(shared(shared(images)))))
    names = [operation.name for operation in operations_of(Network(model, ("a", "b")), "twice")]
    assert names[:3] == ["image", "shared", "shared:2"]


def test_what_a_page_cannot_compute_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(model: keras.Model) -> str:
        with pytest.raises(ValueError) as error:
            operations_of(Network(model, ("a", "b")), "net.keras")
        return str(error.value)

    def net(*body: layers.Layer, size: tuple[int | None, int | None, int] = (6, 6, 1)) -> keras.Model:
        return keras.Sequential([keras.Input(size), *body, layers.Dense(2, name="logits")])

    assert "the layer rows cannot be shown live (its output has the shape (6, 6))" in refused(
        net(layers.Reshape((6, 6), name="rows"), layers.LSTM(3))
    )
    assert "the layer crop cannot be shown live (layers of the kind RandomCrop)" in refused(
        net(layers.RandomCrop(6, 6, name="crop"), layers.Flatten())
    )
    assert "images of any size" in refused(net(layers.GlobalAveragePooling2D(), size=(None, None, 1)))
    monkeypatch.setattr(graph, "MOST_MULTIPLY_ADDS", 1000)
    assert "million multiply-adds an image" in refused(net(layers.Conv2D(9, 3), layers.Flatten()))
    monkeypatch.setattr(graph, "MOST_MULTIPLY_ADDS", 10**9)
    monkeypatch.setattr(graph, "MOST_WEIGHTS", 10)
    assert "million weights" in refused(net(layers.Flatten()))


def test_a_nested_network_keeps_its_names() -> None:
    block = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3, name="conv")], name="block")
    model = keras.Sequential([keras.Input((6, 6, 1)), block, layers.Flatten(), layers.Dense(2)])
    operations = operations_of(Network(model, ("a", "b")), "nested")
    assert operations[1].name == "block/conv"
    assert operations[1].weights["kernel"] == pytest.approx(np.asarray(block.layers[0].kernel))
