"""One weight's gradient beside difference quotients: estimators, and steps that a layer loses in rounding."""

from typing import Any
from unittest import mock

import tensorflow as tf

from keras_suite.models.gradient_check.float64_model import float64_default, in_float64
from keras_suite.models.gradient_check.model_loss import ModelLoss
from keras_suite.models.gradient_check.weight_rows import nudged, rows_of, smooth_along
from tests.models.gradient_check.layers_of_users import Narrow, OwnDense, Rounded, digits, stack


def rows(model: Any) -> dict[str, Any]:
    """The rows of a model in float64, by their weights."""
    exact, (images, labels) = in_float64(model), digits()
    with float64_default(), nudged(exact, seed=0):
        found = rows_of(exact, ModelLoss(exact, images, labels, training=False), 3, 0, "float64")
    return {row.weight: row for row in found}


def test_a_straight_through_estimator_is_asked_about_and_no_failure() -> None:
    found = rows(stack(Rounded(name="rounded")))
    assert all(row.passed for row in found.values())
    assert [weight for weight, row in found.items() if row.estimated] == ["rounded/scale"]


def test_a_gradient_of_a_weight_that_the_loss_never_sees_is_no_estimator() -> None:
    def call(self: Any, x: Any) -> Any:
        scale = tf.convert_to_tensor(self.scale)
        return x + (scale - tf.stop_gradient(scale))

    with mock.patch.object(Rounded, "call", call):
        found = rows(stack(Rounded(name="rounded")))
    assert [weight for weight, row in found.items() if not row.passed] == ["rounded/scale"]


def test_steps_that_a_layer_loses_in_rounding_are_told_from_kinks() -> None:
    for model, smooth in ((stack(Narrow(True, name="own")), False), (stack(OwnDense(6, name="own")), True)):
        exact, (images, labels) = in_float64(model), digits()
        with float64_default(), nudged(exact, seed=0):
            loss = ModelLoss(exact, images, labels, training=False)
            assert smooth_along(exact.get_layer("own").trainable_variables[0], loss, seed=0) == smooth
