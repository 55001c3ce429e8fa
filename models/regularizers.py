"""The L1 and L2 penalties, with factors that can be set in a traced network."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_suite.models.hyperparameter_variables import hyperparameter


@keras.saving.register_keras_serializable("models")
class L1L2(keras.regularizers.L1L2):
    """l1 * sum |w| + l2 * sum w^2, as keras.regularizers.L1L2; a factor of 0 is left out.

    See models/hyperparameter_variables.py.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        super().__init__(l1, l2)
        self.hyperparameters = (hyperparameter(l1), hyperparameter(l2))

    def __call__(self, x: Any) -> Any:
        l1, l2 = factors(self)
        penalty = ops.convert_to_tensor(0.0, dtype=x.dtype)
        if self.l1:
            penalty += ops.cast(l1, x.dtype) * ops.sum(ops.absolute(x))
        if self.l2:
            penalty += ops.cast(l2, x.dtype) * ops.sum(ops.square(x))
        return penalty


def factors(regularizer: Any) -> tuple[tf.Variable | float, tf.Variable | float]:
    """Return (l1, l2) of an L1, L2 or L1L2, this module's or Keras's."""
    if isinstance(regularizer, L1L2):
        return regularizer.hyperparameters
    return float(getattr(regularizer, "l1", 0.0)), float(getattr(regularizer, "l2", 0.0))
