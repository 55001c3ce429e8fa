"""What is wrong with a Config, found before anything trains: each a ValueError of one line."""

from typing import Any

from callbacks.patience import refuse_useless_pair
from experiments import parts
from experiments.config import PART_FIELDS, Config
from models import SOFT_LABEL_LOSSES


def check(config: Config) -> None:
    """Every option of every part, and the options that do not go together. Imports TensorFlow."""
    for kind in PART_FIELDS:
        parts.options(kind, getattr(config, kind))
    callbacks = {part.name: parts.options("callbacks", part) for part in config.callbacks}
    _check_soft_labels(config)
    _check_learning_rate(config, callbacks)
    _check_sharpness(config)
    if {"early_stopping", "reduce_lr_on_plateau"} <= set(callbacks):
        refuse_useless_pair(callbacks["early_stopping"], callbacks["reduce_lr_on_plateau"])


def _check_soft_labels(config: Config) -> None:
    options = parts.options("augmentation", config.augmentation)
    mixing = [name for name in ("mixup", "cutmix") if options.get(name)]
    if mixing and config.loss.name not in SOFT_LABEL_LOSSES:
        able = " or ".join(sorted(SOFT_LABEL_LOSSES))
        raise ValueError(
            f"augmentation.{mixing[0]}={options[mixing[0]]} makes labels that are partly of one class and partly of "
            f"another, and loss {config.loss.name!r} needs one class: choose the loss {able}"
        )


def _check_sharpness(config: Config) -> None:
    if all(part.name != "sharpness" for part in config.callbacks):
        return
    if config.phases:
        raise ValueError("callbacks.sharpness looks at a network that is trained as a whole: leave phases out")
    if config.model.name == "scratch_cnn":
        raise ValueError(
            "callbacks.sharpness differentiates twice by autodiff, and scratch_cnn has none: choose mnist_demo_net"
        )


def _check_learning_rate(config: Config, callbacks: dict[str, Any]) -> None:
    if config.schedule.name != "constant" and "reduce_lr_on_plateau" in callbacks:
        raise ValueError(
            f"schedule {config.schedule.name!r} sets the learning rate at every step, and reduce_lr_on_plateau would "
            "change it too: keep one of the two"
        )
