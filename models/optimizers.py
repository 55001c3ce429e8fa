"""Optimizers, Keras's own with its argument names, and learning-rate schedules over a run of `total_steps` batches."""

import math
from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

from keras_suite.models.hyperparameter_variables import hyperparameter

LearningRate = Annotated[float, Field(gt=0)]
Decay = Annotated[float, Field(ge=0, lt=1)]


def sgd(*, learning_rate: LearningRate = 0.01) -> keras.optimizers.Optimizer:
    """Create gradient descent: w <- w - learning_rate * g."""
    return keras.optimizers.SGD(learning_rate)


def momentum(
    *, learning_rate: LearningRate = 0.01, momentum: Decay = 0.9, nesterov: bool = False
) -> keras.optimizers.Optimizer:
    """Create gradient descent with momentum: v <- momentum * v - learning_rate * g; w <- w + v (Polyak 1964).

    Args:
        nesterov: Whether to use Nesterov's rule instead.
    """
    return keras.optimizers.SGD(learning_rate, momentum=momentum, nesterov=nesterov)


def rmsprop(
    *, learning_rate: LearningRate = 0.001, rho: Decay = 0.9, momentum: Decay = 0.0, centered: bool = False
) -> keras.optimizers.Optimizer:
    """Create RMSprop: gradients are divided by the root of their running mean square (Tieleman and Hinton 2012)."""
    return keras.optimizers.RMSprop(learning_rate, rho=rho, momentum=momentum, centered=centered)


def adagrad(
    *, learning_rate: LearningRate = 0.01, initial_accumulator_value: Annotated[float, Field(ge=0)] = 0.1
) -> keras.optimizers.Optimizer:
    """Create Adagrad: gradients are divided by the root of the sum of all their squares (Duchi et al. 2011).

    The default learning rate is 0.01, as in PyTorch; Keras 3's is 0.001.
    """
    return keras.optimizers.Adagrad(learning_rate, initial_accumulator_value=initial_accumulator_value)


def adadelta(*, learning_rate: LearningRate = 1.0, rho: Decay = 0.95) -> keras.optimizers.Optimizer:
    """Create Adadelta: steps are scaled by the RMS of earlier steps over that of gradients (Zeiler 2012).

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
    """Create Adam: running means of the gradient over the root of its square, bias-corrected (Kingma and Ba 2015)."""
    return keras.optimizers.Adam(learning_rate, beta_1, beta_2, epsilon, amsgrad)


def adamw(
    *,
    learning_rate: LearningRate = 0.001,
    weight_decay: Annotated[float, Field(ge=0)] = 0.004,
    beta_1: Decay = 0.9,
    beta_2: Decay = 0.999,
    epsilon: Annotated[float, Field(gt=0)] = 1e-7,
) -> keras.optimizers.Optimizer:
    """Create AdamW: Adam with w <- w - learning_rate * weight_decay * w (Loshchilov and Hutter 2019).

    Kernels decay; biases and batch-normalisation parameters do not.
    """
    return AdamW(learning_rate, weight_decay, beta_1, beta_2, epsilon)


@keras.saving.register_keras_serializable(package="models")
class AdamW(keras.optimizers.AdamW):
    """See `adamw`. The decay can be set in a traced network: see models/hyperparameter_variables.py."""

    def __init__(self, learning_rate: Any, weight_decay: float, beta_1: float, beta_2: float, epsilon: float) -> None:
        super().__init__(learning_rate, weight_decay, beta_1, beta_2, epsilon)
        self.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._initial_decay = weight_decay
        self.weight_decay = hyperparameter(weight_decay)
        self.hyperparameters = (self.weight_decay,)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight_decay": self._initial_decay}


Fraction = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


def constant(learning_rate: float, total_steps: int, /) -> float:
    """Return the learning rate, the same throughout; the only schedule that `reduce_lr_on_plateau` can change."""
    return learning_rate


def cosine(
    learning_rate: float, total_steps: int, /, *, warmup_fraction: Share = 0.0, final_fraction: Fraction = 0.0
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Create cosine decay from `learning_rate` down to `final_fraction` of it (Loshchilov and Hutter 2017).

    Args:
        learning_rate: the highest value.
        total_steps: batches in the whole run.
        warmup_fraction: share of the steps, w = round(fraction * total), in which it first rises along a straight
            line: learning_rate * (step + 1) / (w + 1).
        final_fraction: what is left of the learning rate after the last step.
    """
    warmup = min(round(warmup_fraction * total_steps), total_steps - 1)
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(learning_rate, total_steps, alpha=final_fraction)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate / (warmup + 1),
        total_steps - warmup,
        alpha=final_fraction,
        warmup_target=learning_rate,
        warmup_steps=warmup,
    )


def one_cycle(
    learning_rate: float,
    total_steps: int,
    /,
    *,
    warmup_fraction: Share = 0.25,
    start_fraction: Fraction = 0.04,
    final_fraction: Fraction = 1e-5,
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Create the one-cycle schedule: up to `learning_rate` and down to almost 0 by half cosines (Smith 2018).

    Smith's opposite cycle of the momentum is left out. The defaults are fastai's: a quarter of the steps upwards, a
    start at 1/25 of the peak, an end at 1e-5 of it.

    Args:
        learning_rate: the peak.
        total_steps: batches in the whole run.
        warmup_fraction: share of the steps before the peak.
        start_fraction, final_fraction: the first and the last step's learning rate, as shares of the peak.
    """
    return OneCycle(learning_rate, total_steps, warmup_fraction, start_fraction, final_fraction)


@keras.saving.register_keras_serializable(package="models")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """See `one_cycle`. With p = warmup_fraction * (total_steps - 1) the peak's position:

    step <= p:  start + (peak - start) * (1 - cos(pi * step / p)) / 2
    step >  p:  final + (peak - final) * (1 + cos(pi * (step - p) / (total_steps - 1 - p))) / 2
    """

    def __init__(
        self, peak: float, total_steps: int, warmup_fraction: float, start_fraction: float, final_fraction: float
    ) -> None:
        super().__init__()
        self.peak, self.total_steps = peak, total_steps
        self.warmup_fraction, self.start_fraction, self.final_fraction = warmup_fraction, start_fraction, final_fraction

    def __call__(self, step: Any) -> Any:
        last = max(self.total_steps - 1, 1)
        top = self.warmup_fraction * last
        step = ops.minimum(ops.cast(step, "float32"), last)
        start, final = self.peak * self.start_fraction, self.peak * self.final_fraction
        rising = start + (self.peak - start) * _half_wave(step / max(top, 1e-6))
        falling = final + (self.peak - final) * (1.0 - _half_wave((step - top) / (last - top)))
        return ops.where(step < top, rising, falling)

    def get_config(self) -> dict[str, Any]:
        names = ("peak", "total_steps", "warmup_fraction", "start_fraction", "final_fraction")
        return {name: getattr(self, name) for name in names}


def _half_wave(x: Any) -> Any:
    """Return 0 at x = 0 to 1 at x = 1 along half a cosine wave."""
    return (1.0 - ops.cos(math.pi * x)) / 2.0
