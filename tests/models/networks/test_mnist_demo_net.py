"""The network of Keras's MNIST demo, layer for layer, and its twin with hand-derived backward passes."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net, mnist_manual_net
from keras_suite.models.ops import activations, convolution, core, pooling
from keras_suite.models.ops.op import Op
from keras_suite.models.optimizers import adam


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_it_has_the_parameters_of_the_demo():
    assert mnist_demo_net((28, 28, 1), 10, 1).count_params() == 1_199_882


def test_it_is_the_demo_layer_for_layer():
    model = mnist_demo_net((28, 28, 1), 10, 1)
    assert kinds(model) == [
        "InputLayer",
        "Rescaling",
        "Conv2D",
        "Conv2D",
        "MaxPooling2D",
        "Dropout",
        "Flatten",
        "Dense",
        "Dropout",
        "Dense",
    ]
    _, scale, conv_1, conv_2, pooling, dropout, _, dense, dense_dropout, logits = model.layers
    assert scale.scale == pytest.approx(1 / 255)
    assert (conv_1.filters, conv_1.kernel_size, conv_1.padding) == (32, (3, 3), "valid")
    assert (conv_2.filters, conv_2.kernel_size, conv_2.padding) == (64, (3, 3), "valid")
    assert (pooling.pool_size, pooling.strides) == ((2, 2), (2, 2))
    assert (dropout.rate, dense.units, dense_dropout.rate, logits.units) == (0.25, 128, 0.5, 10)
    assert [layer.activation.__name__ for layer in (conv_1, conv_2, dense, logits)] == ["relu"] * 3 + ["linear"]
    assert model.output_shape == (None, 10)


def test_plain_pixels_are_scaled_inside_the_network():
    model = mnist_demo_net((8, 8, 1), 10, 1)
    scaled = keras.Model(model.input, model.get_layer("scale").output)
    assert np.asarray(scaled(np.array([0, 51, 255], np.float32).repeat(64).reshape(3, 8, 8, 1))).max(
        axis=(1, 2, 3)
    ) == pytest.approx([0, 0.2, 1])


@pytest.mark.parametrize(
    ("placement", "before", "after"),
    [("before_pooling", "conv_2", "pooling"), ("after_pooling", "pooling", "dropout")],
)
def test_batch_normalisation_stands_next_to_the_pooling(placement, before, after):
    names = [layer.name for layer in mnist_demo_net((8, 8, 1), 10, 1, batch_normalization=placement).layers]
    place = names.index("normalization")
    assert (names[place - 1], names[place + 1]) == (before, after)


def test_batch_normalisation_before_every_activation_replaces_the_biases():
    model = mnist_demo_net((8, 8, 1), 10, 1, batch_normalization="before_activation")
    assert kinds(model).count("BatchNormalization") == 3
    names = [layer.name for layer in model.layers]
    for name in ("conv_1", "conv_2", "dense"):
        place = names.index(name)
        assert names[place : place + 3] == [name, f"{name}_normalization", f"{name}_activation"]
        assert not model.get_layer(name).use_bias
        assert model.get_layer(name).activation is keras.activations.linear


def test_a_dropout_rate_of_0_leaves_the_layer_out():
    model = mnist_demo_net((8, 8, 1), 10, 1, dropout=0.0, dense_dropout=0.0)
    assert not any(isinstance(layer, layers.Dropout) for layer in model.layers)


def test_the_dropout_rates_are_those_requested():
    model = mnist_demo_net((8, 8, 1), 10, 1, dropout=0.1, dense_dropout=0.2)
    assert (model.get_layer("dropout").rate, model.get_layer("dense_dropout").rate) == (0.1, 0.2)


def test_the_smallest_image_works_and_a_smaller_one_is_refused():
    assert mnist_demo_net((6, 9, 3), 2, 1).output_shape == (None, 2)
    with pytest.raises(ValueError, match=r"images of 5x28 pixels and needs at least 6x6: set dataset.image_size"):
        mnist_demo_net((5, 28, 1), 10, 1)


def test_it_learns_real_digits(digits):
    images, labels = digits
    keras.utils.set_random_seed(1)
    model = mnist_demo_net((8, 8, 1), 10, 1, batch_normalization="before_pooling", l2=1e-5)
    model.compile(adam(learning_rate=3e-3), cross_entropy(), metrics=["accuracy"], jit_compile=False)
    model.fit(images[:1400], labels[:1400], epochs=10, batch_size=64, verbose=0)
    assert model.evaluate(images[1400:], labels[1400:], verbose=0)[1] > 0.85


def losses(network: Any, mnist: tuple[np.ndarray, np.ndarray], steps: int, **options: Any) -> np.ndarray:
    """The loss of each step of plain SGD on batches of 64."""
    images, labels = mnist
    model = network((28, 28, 1), 10, 1, **options)
    # The rate is small: at 0.05 rounding alone (im2col against TensorFlow's kernels) grows to 5 % in 100 steps.
    model.compile(keras.optimizers.SGD(0.01), cross_entropy(), jit_compile=False)
    values = []
    for step in range(steps):
        batch = slice(64 * step, 64 * (step + 1))
        model.reset_metrics()
        values.append(model.train_on_batch(images[batch], labels[batch]))
    return np.array(values)


@pytest.fixture(scope="module")
def mnist(data_dir: Any) -> tuple[np.ndarray, np.ndarray]:
    """6,400 real training images float32 0..255 and one-hot labels."""
    with np.load(data_dir / "mnist.npz") as arrays:
        images, labels = arrays["x_train"][:6400], arrays["y_train"][:6400]
    return images[..., None].astype("float32"), np.eye(10, dtype="float32")[labels]


def test_it_has_the_demo_nets_layers_names_and_initial_weights() -> None:
    ours, theirs = mnist_manual_net((28, 28, 1), 10, 7), mnist_demo_net((28, 28, 1), 10, 7)
    assert ours.count_params() == 1_199_882
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True))
    by_hand = [layer for layer in ours.layers if type(layer).__name__.startswith("Manual")]
    assert len(by_hand) == len(ours.layers) - 2  # all but the input and its scaling


RATES = {"dropout": 0.0, "dense_dropout": 0.0}


@pytest.fixture(scope="module")
def built_in(mnist: tuple[np.ndarray, np.ndarray]) -> Callable[[int], np.ndarray]:
    """The built-in net's loss at each of so many steps."""
    return functools.cache(lambda steps: losses(mnist_demo_net, mnist, steps, **RATES))


@pytest.mark.needs_data
@pytest.mark.parametrize("steps", [20, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "method", ["primitive", *(pytest.param(m, marks=pytest.mark.slow) for m in ("derivation", "im2col"))]
)
def test_it_follows_the_built_in_nets_loss_step_by_step(
    method: str, steps: int, mnist: tuple[np.ndarray, np.ndarray], built_in: Callable[[int], np.ndarray]
) -> None:
    ours, theirs = losses(mnist_manual_net, mnist, steps, method=method, **RATES), built_in(steps)
    assert theirs[-1] < (0.8 if steps == 100 else 1.0) * theirs[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)


@pytest.fixture(scope="module")
def whole(mnist: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The loss at each of 20 steps with every backward pass as it is."""
    return losses(mnist_manual_net, mnist, 20)


@pytest.mark.needs_data
@pytest.mark.parametrize(
    "op",
    [
        convolution.conv2d,
        *(
            pytest.param(op, marks=pytest.mark.slow)
            for op in (activations.relu, pooling.max_pooling2d, core.flatten, core.dense, core.dropout)
        ),
    ],
    ids=lambda op: op.name,
)
def test_a_backward_pass_that_returns_zeros_changes_the_curve(
    op: Op, mnist: tuple[np.ndarray, np.ndarray], whole: np.ndarray
) -> None:
    backward = op.backward

    def zeros(dy: tf.Tensor, cache: Any) -> Any:
        return tuple(None if g is None else tf.zeros_like(g) for g in backward(dy, cache))

    object.__setattr__(op, "backward", zeros)
    try:
        after = losses(mnist_manual_net, mnist, 20)
    finally:
        object.__setattr__(op, "backward", backward)
    assert after[0] == whole[0]
    assert abs(after[-1] - whole[-1]) > 1e-3 * whole[-1]
