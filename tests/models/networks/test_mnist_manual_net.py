"""The demo net in hand-derived layers: the same network, the same training, and every backward pass in use."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net
from keras_suite.models.networks.mnist_manual_net import mnist_manual_net
from keras_suite.models.ops import activations, convolution, dense, dropout, pooling, reshaping
from keras_suite.models.ops.op import Op


def losses(network: Any, mnist: tuple[np.ndarray, np.ndarray], steps: int, **options: Any) -> np.ndarray:
    """The loss of each step of plain SGD on batches of 64."""
    images, labels = mnist
    model = network((28, 28, 1), 10, 1, **options)
    # The rate is small: at 0.05 rounding alone (im2col against TensorFlow's kernels) grows to 5 % in 100 steps.
    model.compile(keras.optimizers.SGD(0.01), cross_entropy(), jit_compile=False)
    found = []
    for step in range(steps):
        batch = slice(64 * step, 64 * (step + 1))
        model.reset_metrics()
        found.append(model.train_on_batch(images[batch], labels[batch]))
    return np.array(found)


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


@pytest.mark.needs_data
@pytest.mark.parametrize("method", ["primitive", "derivation", "im2col"])
def test_it_follows_the_built_in_nets_loss_for_100_steps(method: str, mnist: tuple[np.ndarray, np.ndarray]) -> None:
    rates = {"dropout": 0.0, "dense_dropout": 0.0}
    ours, theirs = (
        losses(mnist_manual_net, mnist, 100, method=method, **rates),
        losses(mnist_demo_net, mnist, 100, **rates),
    )
    assert theirs[-1] < 0.8 * theirs[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)


@pytest.mark.needs_data
@pytest.mark.parametrize(
    "op",
    [convolution.conv2d, activations.relu, pooling.max_pooling2d, reshaping.flatten, dense.dense, dropout.dropout],
    ids=lambda op: op.name,
)
def test_a_backward_pass_that_returns_zeros_changes_the_curve(op: Op, mnist: tuple[np.ndarray, np.ndarray]) -> None:
    before = losses(mnist_manual_net, mnist, 20)
    backward = op.backward

    def zeros(dy: tf.Tensor, cache: Any) -> Any:
        return tuple(None if g is None else tf.zeros_like(g) for g in backward(dy, cache))

    object.__setattr__(op, "backward", zeros)
    try:
        after = losses(mnist_manual_net, mnist, 20)
    finally:
        object.__setattr__(op, "backward", backward)
    assert after[0] == before[0]
    assert abs(after[-1] - before[-1]) > 1e-3 * before[-1]
