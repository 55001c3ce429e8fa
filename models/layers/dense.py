"""The dense layer."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_suite.models.layers.kernel_layer import KernelLayer
from keras_suite.models.layers.manual_layer import PACKAGE, Step
from keras_suite.models.ops.dense import dense


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDense(KernelLayer):
    """As keras.layers.Dense, for (batch, n): y = x kernel + bias."""

    def __init__(self, units: int, activation: str | None = None, **kernel_layer: Any) -> None:
        super().__init__(activation=activation, **kernel_layer)
        self.units = units

    def shapes(self, input_shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (input_shape[-1], self.units), (self.units,)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        return Step(dense, (kernel, bias))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
