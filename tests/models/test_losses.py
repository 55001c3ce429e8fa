import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models import LOSSES, SOFT_LABEL_LOSSES, losses

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0, 3, (16, 5)).astype(np.float32)
LABELS = RANDOM.integers(0, 5, 16)
ONE_HOT = np.eye(5, dtype=np.float32)[LABELS]
MIXED = (0.3 * ONE_HOT + 0.7 * ONE_HOT[::-1]).astype(np.float32)

WITH_OPTIONS = [
    losses.cross_entropy(label_smoothing=0.1),
    losses.mse(),
    losses.hinge(margin=2.0),
    losses.kl(label_smoothing=0.1),
]


def softmax(logits):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def gradient(loss, labels, logits):
    scores = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(scores)
        value = loss(labels, scores)
    return np.asarray(tape.gradient(value, scores))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_is_that_of_the_smoothed_labels(smoothing):
    smoothed = (1 - smoothing) * ONE_HOT + smoothing / 5
    expected = -(smoothed * np.log(softmax(LOGITS))).sum(-1).mean()
    assert float(losses.cross_entropy(label_smoothing=smoothing)(ONE_HOT, LOGITS)) == pytest.approx(expected, rel=1e-5)


def test_mse_is_the_brier_score_over_the_number_of_classes():
    brier = np.square(softmax(LOGITS) - ONE_HOT).sum(-1).mean()
    assert float(losses.mse()(ONE_HOT, LOGITS)) == pytest.approx(brier / 5, rel=1e-5)


@pytest.mark.parametrize("margin", [1.0, 0.5, 10.0])
def test_hinge_sums_the_violations_of_all_wrong_classes(margin):
    expected = np.mean(
        [sum(max(0.0, s[j] - s[y] + margin) for j in range(5) if j != y) for s, y in zip(LOGITS, LABELS, strict=True)]
    )
    assert float(losses.hinge(margin=margin)(ONE_HOT, LOGITS)) == pytest.approx(expected, rel=1e-5)


def test_hinge_of_the_worked_example_of_cs231n():
    # Scores 13, -7, 11 with the first class right: max(0, -7 - 13 + 10) + max(0, 11 - 13 + 10) = 8.
    label, scores = np.array([[1.0, 0, 0]]), np.array([[13.0, -7.0, 11.0]])
    assert float(losses.hinge(margin=10.0)(label, scores)) == 8.0


def test_hinge_differs_from_keras_which_looks_at_the_worst_wrong_class_only():
    scores, label = np.array([[1.0, 1.0, 1.0]]), np.array([[1.0, 0, 0]])
    assert float(losses.hinge()(label, scores)) == 2.0
    assert float(keras.losses.CategoricalHinge()(label, scores)) == 1.0


def test_hinge_is_0_once_every_margin_is_kept():
    assert float(losses.hinge()(ONE_HOT, 5 * ONE_HOT)) == 0.0
    assert not gradient(losses.hinge(), ONE_HOT, 5 * ONE_HOT).any()


@pytest.mark.parametrize(("labels", "smoothing"), [(ONE_HOT, 0.0), (ONE_HOT, 0.2), (MIXED, 0.0)])
def test_kl_is_cross_entropy_less_the_entropy_of_the_labels(labels, smoothing):
    smoothed = ((1 - smoothing) * labels + smoothing / 5).astype(np.float64)
    entropy = -(smoothed * np.log(smoothed, where=smoothed > 0, out=np.zeros_like(smoothed))).sum(-1).mean()
    cross_entropy = float(losses.cross_entropy(label_smoothing=smoothing)(labels, LOGITS))
    kl = float(losses.kl(label_smoothing=smoothing)(labels, LOGITS))
    assert kl == pytest.approx(cross_entropy - entropy, rel=1e-5)


def test_kl_has_the_gradient_of_cross_entropy():
    ours = gradient(losses.kl(label_smoothing=0.2), ONE_HOT, LOGITS)
    assert ours == pytest.approx(gradient(losses.cross_entropy(label_smoothing=0.2), ONE_HOT, LOGITS), abs=1e-6)


def test_kl_is_0_where_the_prediction_equals_the_label():
    soft = softmax(LOGITS)
    assert float(losses.kl()(soft, np.log(soft))) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_soft_labels_are_allowed_exactly_where_predicting_them_is_best(name):
    soft = softmax(LOGITS)
    still = np.abs(gradient(getattr(losses, name)(), soft, np.log(soft))).max() < 1e-6
    assert still == (name in SOFT_LABEL_LOSSES)


@pytest.mark.parametrize("loss", WITH_OPTIONS, ids=lambda loss: loss.name)
@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_huge_logits_give_no_nan(loss, scale):
    logits = (scale * np.sign(LOGITS)).astype(np.float32)
    assert np.isfinite(float(loss(ONE_HOT, logits)))
    assert np.isfinite(gradient(loss, ONE_HOT, logits)).all()


@pytest.mark.parametrize("loss", WITH_OPTIONS, ids=lambda loss: loss.name)
def test_half_precision_logits_are_summed_in_float32(loss):
    value = loss(ONE_HOT, tf.cast(LOGITS, "bfloat16"))
    assert value.dtype == tf.float32
    assert float(value) == pytest.approx(float(loss(ONE_HOT, LOGITS)), rel=0.02)


@pytest.mark.parametrize("loss", WITH_OPTIONS, ids=lambda loss: loss.name)
def test_a_loss_survives_saving_with_its_options(loss):
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.name == loss.name
    assert float(again(ONE_HOT, LOGITS)) == float(loss(ONE_HOT, LOGITS))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_loss_is_named_as_in_the_table(name):
    assert getattr(losses, name)().name == name
