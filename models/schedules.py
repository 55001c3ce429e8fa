"""Learning rates over a run of `total_steps` batches, as functions of the step (0 is the first batch)."""

import math
from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


def constant(learning_rate: float, total_steps: int, /) -> float:
    """The same learning rate throughout; the only one that `reduce_lr_on_plateau` can change."""
    return learning_rate


def cosine(
    learning_rate: float, total_steps: int, /, *, warmup_fraction: Share = 0.0, final_fraction: Fraction = 0.0
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Half a cosine wave from `learning_rate` down to `final_fraction` of it (Loshchilov and Hutter 2017).

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
    """Up to `learning_rate` and down to almost nothing, each along half a cosine wave (Smith 2018, as in fastai).

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
    """From 0 at x = 0 to 1 at x = 1 along half a cosine wave."""
    return (1.0 - ops.cos(math.pi * x)) / 2.0
