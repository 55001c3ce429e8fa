"""Training by hand-written backward passes alone: no tape is opened, and the gradients are those of a tape."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.losses import cross_entropy, hinge, kl, mse
from keras_suite.models.metrics import training_metrics
from keras_suite.models.networks.mnist_demo_net import mnist_manual_net
from keras_suite.models.networks.scratch_cnn import scratch_cnn
from keras_suite.models.optimizers import momentum
from keras_suite.models.scratch_model import ScratchModel, loss_gradient

DIGITS = (8, 8, 1)


Digits = tuple[np.ndarray, np.ndarray]


@pytest.fixture
def no_autodiff(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("autodiff was asked")

    monkeypatch.setattr(tf, "GradientTape", refuse)
    monkeypatch.setattr(tf, "gradients", refuse)
    yield


def compiled(model: keras.Model, loss: Any = None, **options: Any) -> keras.Model:
    loss = loss or cross_entropy()
    model.compile(momentum(learning_rate=0.05), loss, metrics=training_metrics(loss, 10), jit_compile=False, **options)
    return model


def one_step(model: keras.Model, loss: Any = None) -> None:
    compiled(model, loss).train_on_batch(np.zeros((2, *DIGITS), np.float32), np.eye(10, dtype=np.float32)[:2])


def test_the_tape_would_be_missed(no_autodiff: None, digits: Digits) -> None:
    model = compiled(mnist_manual_net(DIGITS, 10, 1, autodiff=True))
    with pytest.raises(AssertionError, match="autodiff was asked"):
        model.train_on_batch(digits[0][:8], digits[1][:8])


@pytest.mark.slow
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_it_learns_real_digits_without_any_autodiff(no_autodiff: None, digits: Digits, run_eagerly: bool) -> None:
    images, labels = digits
    model = compiled(scratch_cnn(DIGITS, 10, 1), run_eagerly=run_eagerly)
    history = model.fit(images[:1000], labels[:1000], epochs=5, batch_size=32, verbose=0).history
    assert history["loss"][-1] < 0.3 * history["loss"][0]
    assert model.evaluate(images[1400:], labels[1400:], verbose=0, return_dict=True)["accuracy"] > 0.85


@pytest.mark.parametrize("loss", [cross_entropy(label_smoothing=0.1), mse(), hinge(), kl(label_smoothing=0.1)])
def test_the_losses_and_their_gradients_are_those_of_the_compiled_loss(loss: Any, digits: Digits) -> None:
    logits = tf.constant(np.random.default_rng(0).normal(size=(20, 10)).astype("float32"))
    labels = tf.constant(digits[1][:20])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        expected = loss(labels, logits)
    value, dlogits = loss_gradient(loss)(logits, labels)
    assert float(value) == pytest.approx(float(expected), rel=1e-5)
    np.testing.assert_allclose(dlogits, tape.gradient(expected, logits), rtol=1e-4, atol=1e-7)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"l1": 1e-3, "l2": 1e-2},
    {"batch_normalization": "before_activation", "activation": "elu"},
    {"batch_normalization": "after_pooling", "l2": 1e-3},
]


@pytest.mark.parametrize(
    "options", [*OPTIONS[-2:], *(pytest.param(o, marks=pytest.mark.slow) for o in OPTIONS[:-2])], ids=str
)
def test_a_step_changes_the_weights_as_with_a_tape(options: dict[str, Any], digits: Digits) -> None:
    images, labels = digits[0][:32], digits[1][:32]
    by_hand, taped = (
        compiled(mnist_manual_net(DIGITS, 10, 1, autodiff=autodiff, **options)) for autodiff in (False, True)
    )
    assert isinstance(by_hand, ScratchModel)
    for _ in range(3):
        logs, expected = (model.train_on_batch(images, labels, return_dict=True) for model in (by_hand, taped))
        assert logs == pytest.approx(expected, rel=1e-5)
    for mine, other in zip(by_hand.variables, taped.variables, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6, err_msg=mine.path)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_it_learns_in_mixed_precision(policy: str, digits: Digits) -> None:
    images, labels = digits
    keras.config.set_dtype_policy(policy)
    try:
        model = compiled(scratch_cnn(DIGITS, 10, 1))
        model.fit(images[:1000], labels[:1000], epochs=5, batch_size=32, verbose=0)
        assert model.evaluate(images[1400:], labels[1400:], verbose=0, return_dict=True)["accuracy"] > 0.8
    finally:
        keras.config.set_dtype_policy("float32")


def test_a_saved_model_is_loaded_as_one_and_trains_on_equally(digits: Digits, tmp_path: Any) -> None:
    images, labels = digits[0][:64], digits[1][:64]
    model = compiled(scratch_cnn(DIGITS, 10, 1))
    model.train_on_batch(images, labels)
    model.save(tmp_path / "scratch.keras")
    loaded = keras.saving.load_model(tmp_path / "scratch.keras")
    assert isinstance(loaded, ScratchModel)
    for each in (model, loaded):
        each.train_on_batch(images, labels)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True))


def test_a_layer_without_a_hand_written_backward_pass_is_refused() -> None:
    x = keras.Input(DIGITS)
    model = ScratchModel(x, keras.layers.Dense(10)(keras.layers.Flatten()(x)))
    with pytest.raises(ValueError, match=r"flatten.* is a Flatten without a hand-written backward pass"):
        one_step(model)


def test_a_loss_without_a_hand_written_gradient_is_refused() -> None:
    with pytest.raises(ValueError, match="'poisson' has no hand-written gradient: expected one of cross_entropy"):
        one_step(scratch_cnn(DIGITS, 10, 1), keras.losses.Poisson())


def test_a_penalty_without_a_hand_written_gradient_is_refused() -> None:
    model = scratch_cnn(DIGITS, 10, 1)
    model.get_layer("dense").kernel_regularizer = keras.regularizers.OrthogonalRegularizer()
    with pytest.raises(ValueError, match="the kernel's regularizer OrthogonalRegularizer has no hand-written gradient"):
        one_step(model)
