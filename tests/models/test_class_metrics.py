"""Metrics of training in which each class counts alike, beside the exact ones of the predictions."""

import keras
import numpy as np
import pytest

from keras_suite.models import losses
from keras_suite.models.class_metrics import BalancedAccuracy, MacroF1, PrArea, RocArea
from keras_suite.models.metrics import training_metrics
from keras_suite.models.networks.mlp import mlp
from keras_suite.tasks.classes import CLASSES, softmax

KERAS = {"balanced_accuracy": BalancedAccuracy, "macro_f1": MacroF1, "roc_auc": RocArea, "pr_auc": PrArea}
ANSWERS, AREAS = ("balanced_accuracy", "macro_f1"), ("roc_auc", "pr_auc")
EXACT = {metric.name: metric.recompute for metric in CLASSES.on_request}


def drawn(classes: int, images: int = 600, sure: float = 3.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels of classes from common to rare, and logits of a network that is more or less sure."""
    random = np.random.default_rng(seed)
    shares = 0.5 ** np.arange(classes)
    labels = random.choice(classes, size=images, p=shares / shares.sum())
    return labels, (random.normal(size=(images, classes)) + np.eye(classes)[labels]).astype("float32") * sure


def measured(name: str, labels: np.ndarray, logits: np.ndarray, batches: int = 1) -> float:
    metric = KERAS[name](name)
    targets = np.eye(logits.shape[1], dtype="float32")[labels]
    for rows in np.array_split(np.arange(len(labels)), batches):
        metric.update_state(targets[rows], logits[rows])
    return float(metric.result())


def exact(name: str, labels: np.ndarray, logits: np.ndarray) -> float:
    recompute = EXACT[name]
    assert recompute is not None
    value = recompute(labels, softmax(logits))
    assert value is not None
    return value


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_counted_exactly_over_batches(name: str, classes: int) -> None:
    labels, logits = drawn(classes)
    assert measured(name, labels, logits, 7) == pytest.approx(exact(name, labels, logits), abs=1e-6)


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("sure", [0.01, 0.3, 3.0])
@pytest.mark.parametrize("name", AREAS)
def test_areas_are_those_of_the_predictions_but_for_the_bins(name: str, sure: float, classes: int) -> None:
    labels, logits = drawn(classes, sure=sure)
    assert measured(name, labels, logits, 7) == pytest.approx(exact(name, labels, logits), abs=1e-3)


@pytest.mark.parametrize("name", KERAS)
def test_batches_in_any_order_give_the_same_bits(name: str) -> None:
    labels, logits = drawn(4)
    order = np.random.default_rng(1).permutation(len(labels))
    assert measured(name, labels, logits, 7) == measured(name, labels[order], logits[order], 3)


@pytest.mark.parametrize("name", KERAS)
def test_a_class_without_an_image_has_no_say_and_nothing_becomes_nan(name: str) -> None:
    labels, logits = drawn(3)
    missing = labels != 1
    assert measured(name, labels[missing], logits[missing]) == pytest.approx(
        exact(name, labels[missing], logits[missing]), abs=2e-3
    )
    one = measured(name, np.zeros(5, int), logits[:5])
    assert np.isfinite(one) and (one == 0 if name in AREAS else one > 0)


@pytest.mark.parametrize("name", KERAS)
def test_soft_labels_count_as_their_largest_class(name: str) -> None:
    labels, logits = drawn(3, images=200)
    mixed = 0.7 * np.eye(3, dtype="float32")[labels] + 0.3 * np.eye(3, dtype="float32")[(labels + 1) % 3]
    metric = KERAS[name](name)
    metric.update_state(mixed, logits)
    assert float(metric.result()) == measured(name, labels, logits)


@pytest.mark.parametrize("name", KERAS)
def test_an_epoch_forgets_the_one_before(name: str) -> None:
    labels, logits = drawn(3)
    metric = KERAS[name](name)
    metric.reset_state()  # as Keras does before the first batch
    metric.update_state(np.eye(3, dtype="float32")[labels], -logits)
    metric.reset_state()
    metric.update_state(np.eye(3, dtype="float32")[labels], logits)
    assert float(metric.result()) == measured(name, labels, logits)
    assert keras.metrics.deserialize(keras.metrics.serialize(metric)).name == name


def test_many_classes_take_few_bins() -> None:
    metric = RocArea()
    logits = np.random.default_rng(0).normal(size=(8, 5000)).astype("float32")
    metric.update_state(np.eye(5000, dtype="float32")[:8], logits)
    assert sum(variable.value.shape[-1] for variable in metric.variables) == 2 * 209


@pytest.mark.slow
def test_fit_measures_those_that_the_task_is_asked_for(digits: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = digits
    keras.utils.set_random_seed(1)
    model = mlp((8, 8, 1), 10, 1, units=(16,))
    task = CLASSES.measuring(CLASSES.on_request)
    metrics = training_metrics(losses.cross_entropy(), 10, task)
    model.compile("adam", losses.cross_entropy(), metrics=metrics, jit_compile=False)
    validation = images[1000:], labels[1000:]
    fit = model.fit(images[:1000], labels[:1000], validation_data=validation, epochs=2, verbose=0)
    outputs = model.predict(validation[0], verbose=0)
    for name in KERAS:
        assert fit.history[f"val_{name}"][-1] == pytest.approx(exact(name, validation[1].argmax(-1), outputs), abs=2e-3)
    assert not {f"val_{name}" for name in KERAS} & {metric.name for metric in training_metrics(losses.mse(), 10)}
