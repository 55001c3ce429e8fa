"""Dropout with a rate that can be set in a traced network."""

from typing import Any

import keras
from keras import ops

from keras_suite.models.hyperparameter_variables import held
from keras_suite.models.layers.manual_layer import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class Dropout(keras.layers.Dropout):
    """As keras.layers.Dropout (Srivastava et al. 2014), but that the rate is held in a variable.

    See models/hyperparameter_variables.py.
    Keras's own fails with a variable for a rate. `rate` is above 0.
    """

    def __init__(self, rate: float, seed: int | None = None, **layer: Any) -> None:
        super().__init__(rate, seed=seed, **layer)
        if not 0 < rate < 1:
            raise ValueError(f"Dropout: rate={rate!r} is not possible: expected 0 < rate < 1, or no such layer")
        self.held = (held(rate),)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        rate = ops.cast(self.held[0], inputs.dtype)
        drawn = keras.random.uniform(ops.shape(inputs), dtype=inputs.dtype, seed=self.seed_generator)
        return ops.where(drawn >= rate, inputs / (1 - rate), ops.zeros_like(inputs))
