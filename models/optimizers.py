"""Optimizers: Keras's own, with its argument names. The learning rate may also be a schedule (models/schedules.py)."""

from typing import Annotated, Any

import keras
from pydantic import Field

from keras_suite.models.hyperparameter_variables import held

LearningRate = Annotated[float, Field(gt=0)]
Decay = Annotated[float, Field(ge=0, lt=1)]


def sgd(*, learning_rate: LearningRate = 0.01) -> keras.optimizers.Optimizer:
    """w <- w - learning_rate * g."""
    return keras.optimizers.SGD(learning_rate)


def momentum(
    *, learning_rate: LearningRate = 0.01, momentum: Decay = 0.9, nesterov: bool = False
) -> keras.optimizers.Optimizer:
    """v <- momentum * v - learning_rate * g; w <- w + v (Polyak 1964), or looking ahead with Nesterov's rule."""
    return keras.optimizers.SGD(learning_rate, momentum=momentum, nesterov=nesterov)


def rmsprop(
    *, learning_rate: LearningRate = 0.001, rho: Decay = 0.9, momentum: Decay = 0.0, centered: bool = False
) -> keras.optimizers.Optimizer:
    """Gradients divided by the root of their running mean square (Tieleman and Hinton 2012)."""
    return keras.optimizers.RMSprop(learning_rate, rho=rho, momentum=momentum, centered=centered)


def adagrad(
    *, learning_rate: LearningRate = 0.01, initial_accumulator_value: Annotated[float, Field(ge=0)] = 0.1
) -> keras.optimizers.Optimizer:
    """Gradients divided by the root of the sum of all their squares (Duchi et al. 2011).

    The default learning rate is 0.01, as in PyTorch; Keras 3's is 0.001.
    """
    return keras.optimizers.Adagrad(learning_rate, initial_accumulator_value=initial_accumulator_value)


def adadelta(*, learning_rate: LearningRate = 1.0, rho: Decay = 0.95) -> keras.optimizers.Optimizer:
    """Steps scaled by the running size of earlier steps over that of the gradients (Zeiler 2012).

    The default learning rate is 1.0: the paper's rule has none, and Keras's MNIST demo trained with 1.0. Keras 3's
    default is a thousandth of it.
    """
    return keras.optimizers.Adadelta(learning_rate, rho=rho)


def adam(
    *,
    learning_rate: LearningRate = 0.001,
    beta_1: Decay = 0.9,
    beta_2: Decay = 0.999,
    epsilon: Annotated[float, Field(gt=0)] = 1e-7,
    amsgrad: bool = False,
) -> keras.optimizers.Optimizer:
    """Running means of the gradient over the root of its square, bias-corrected (Kingma and Ba 2015)."""
    return keras.optimizers.Adam(learning_rate, beta_1, beta_2, epsilon, amsgrad)


def adamw(
    *,
    learning_rate: LearningRate = 0.001,
    weight_decay: Annotated[float, Field(ge=0)] = 0.004,
    beta_1: Decay = 0.9,
    beta_2: Decay = 0.999,
    epsilon: Annotated[float, Field(gt=0)] = 1e-7,
) -> keras.optimizers.Optimizer:
    """Adam, and w <- w - learning_rate * weight_decay * w beside it (Loshchilov and Hutter 2019).

    Kernels decay; biases and batch-normalisation parameters do not.
    """
    return AdamW(learning_rate, weight_decay, beta_1, beta_2, epsilon)


@keras.saving.register_keras_serializable(package="models")
class AdamW(keras.optimizers.AdamW):
    """See `adamw`. The decay can be set in a traced network: see models/hyperparameter_variables.py."""

    def __init__(self, learning_rate: Any, weight_decay: float, beta_1: float, beta_2: float, epsilon: float) -> None:
        super().__init__(learning_rate, weight_decay, beta_1, beta_2, epsilon)
        self.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._given = weight_decay
        self.weight_decay = held(weight_decay)
        self.held = (self.weight_decay,)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight_decay": self._given}
