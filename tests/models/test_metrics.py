import keras
import numpy as np
import pytest

from keras_suite.models import losses
from keras_suite.models.metrics import training_metrics
from keras_suite.models.networks.mlp import mlp
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net
from keras_suite.models.optimizers import adam


def measured(loss, classes, labels, logits, batches=1):
    metrics = training_metrics(loss, classes)
    for part in np.array_split(np.arange(len(labels)), batches):
        for metric in metrics:
            metric.update_state(labels[part], logits[part])
    return {metric.name: float(metric.result()) for metric in metrics}


def fitted(digits, network, loss, **options):
    images, labels = digits
    keras.utils.set_random_seed(1)
    model = network((8, 8, 1), 10, 1, **options)
    model.compile(adam(), loss, metrics=training_metrics(loss, 10), jit_compile=False)
    # 1,797 - 1,000 images are 12 whole batches and one of 29.
    fit = model.fit(
        images[:1000], labels[:1000], validation_data=(images[1000:], labels[1000:]), batch_size=64, epochs=2, verbose=0
    )
    return model, {name: values[-1] for name, values in fit.history.items()}


@pytest.mark.parametrize(
    ("network", "penalties"),
    [
        (mnist_demo_net, {"l2": 1e-3}),
        (mlp, {"l1": 1e-4, "l2": 1e-3, "dropout": 0.2, "batch_normalization": "before_activation"}),
    ],
)
def test_loss_less_unpenalised_loss_is_the_penalty(network, penalties, digits):
    model, values = fitted(digits, network, losses.cross_entropy(), **penalties)
    penalty = float(sum(model.losses))
    assert penalty > 0.1
    assert values["val_loss"] - values["val_unpenalised_loss"] == pytest.approx(penalty, rel=1e-4)


@pytest.mark.parametrize(
    "loss",
    [
        losses.cross_entropy(label_smoothing=0.1),
        pytest.param(losses.mse(), marks=pytest.mark.slow),
        pytest.param(losses.hinge(), marks=pytest.mark.slow),
    ],
)
def test_without_a_penalty_both_losses_are_equal(loss, digits):
    _, values = fitted(digits, mlp, loss, units=(32,))
    assert values["unpenalised_loss"] == pytest.approx(values["loss"], rel=1e-5)
    assert values["val_unpenalised_loss"] == pytest.approx(values["val_loss"], rel=1e-5)


def test_a_smaller_last_batch_counts_by_its_images():
    random = np.random.default_rng(0)
    logits = random.normal(size=(101, 4)).astype("float32")
    labels = np.eye(4, dtype="float32")[random.integers(0, 4, 101)]
    whole, parts = (measured(losses.kl(), 4, labels, logits, batches) for batches in (1, 7))
    assert parts == pytest.approx(whole, rel=1e-5)
    assert whole["accuracy"] == pytest.approx((logits.argmax(-1) == labels.argmax(-1)).mean())


def test_top_5_accuracy_is_there_above_5_classes():
    assert [metric.name for metric in training_metrics(losses.mse(), 5)] == ["accuracy", "unpenalised_loss"]
    assert training_metrics(losses.mse(), 6)[-1].name == "top_5_accuracy"


def test_top_5_accuracy_counts_a_label_among_the_5_best():
    logits = np.tile(np.arange(10, dtype="float32"), (10, 1))  # class 9 is best, then 8, ...
    values = measured(losses.cross_entropy(), 10, np.eye(10, dtype="float32"), logits)
    assert (values["top_5_accuracy"], values["accuracy"]) == pytest.approx((0.5, 0.1))


def test_for_soft_labels_accuracy_compares_with_the_largest_class():
    labels = np.array([[0.7, 0.3, 0], [0.4, 0, 0.6]], "float32")
    logits = np.array([[2, 1, 0], [2, 1, 0]], "float32")
    assert measured(losses.cross_entropy(), 3, labels, logits)["accuracy"] == 0.5


def test_unpenalised_loss_survives_saving():
    metric = training_metrics(losses.hinge(margin=3.0), 3)[1]
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    labels, logits = np.eye(3, dtype="float32"), np.ones((3, 3), "float32")
    again.update_state(labels, logits)
    assert (again.name, float(again.result())) == ("unpenalised_loss", 6.0)


def test_a_compiled_model_with_our_loss_and_metrics_can_be_saved_and_loaded(digits, tmp_path):
    model, _ = fitted(digits, mlp, losses.hinge(), units=(16,), l2=1e-4)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    images, labels = digits[0][:100], digits[1][:100]
    assert loaded.evaluate(images, labels, verbose=0) == pytest.approx(model.evaluate(images, labels, verbose=0))
