"""What is wrong with a Config, found before anything trains: each a ValueError of one line."""

from typing import Any

from keras_suite.callbacks.monitor import refuse_useless_pair
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.splits import Split
from keras_suite.data_pipeline.targets import Targets
from keras_suite.experiments.config import BALANCE_FIELDS, Config
from keras_suite.experiments.registry import ResolvedConfig, resolve
from keras_suite.models import SOFT_LABEL_LOSSES
from keras_suite.models.metrics import metric_names
from keras_suite.tasks.classes import PR_AREA, ROC_AREA
from keras_suite.tasks.wording.quantities import counted

AREAS = (ROC_AREA.name, PR_AREA.name)
LEAVES_TARGETS = {"brightness", "contrast", "cutout", "fill", "backend"}  # augmentation that moves no pixel


def check(config: Config) -> None:
    """Check every option of every part, and the options that do not go together. Imports TensorFlow."""
    resolved = resolve(config)
    callbacks = {part.name: part.options for part in resolved.callbacks if part.own is None}
    _check_soft_labels(resolved)
    _check_learning_rate(config, callbacks)
    _check_class_weight(config)
    _check_sharpness(config)
    if {"early_stopping", "reduce_lr_on_plateau"} <= set(callbacks):
        refuse_useless_pair(callbacks["early_stopping"], callbacks["reduce_lr_on_plateau"])


def _check_soft_labels(config: ResolvedConfig) -> None:
    options = config.augmentation.options
    mixing = [name for name in ("mixup", "cutmix") if options.get(name)]
    if mixing and config.loss.own is None and config.loss.name not in SOFT_LABEL_LOSSES:
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


def _check_class_weight(config: Config) -> None:
    if config.class_weight and config.model.name == "scratch_cnn":
        raise ValueError(
            "class_weight weighs the loss of each image, and scratch_cnn's gradients are of its mean over a batch: "
            'take sampling="balanced"'
        )


def _check_learning_rate(config: Config, callbacks: dict[str, Any]) -> None:
    if config.schedule.name != "constant" and "reduce_lr_on_plateau" in callbacks:
        raise ValueError(
            f"schedule {config.schedule.name!r} sets the learning rate at every step, and reduce_lr_on_plateau would "
            "change it too: keep one of the two"
        )


def check_task(config: ResolvedConfig, targets: Targets) -> None:
    """Check that the loss, the augmentation and the monitors fit the target. Raises ValueError if one does not."""
    task = targets.task
    target = f"the target of dataset {config.dataset.name!r} is {task.target}"
    if config.loss.own is None and config.loss.name not in task.losses:
        raise ValueError(
            f"{target}, and loss {config.loss.name!r} is not for that: choose the loss {' or '.join(task.losses)}"
        )
    for name in BALANCE_FIELDS:
        if getattr(config.config, name) and not task.predicts_classes:
            raise ValueError(f"{target}, and {name} makes up for rare classes: leave it out")
    for part in config.metrics:
        if part.own is None and not task.predicts_classes:
            raise ValueError(f"{target}, and metrics.{part.name} is of predicted classes: leave it out")
    if task.teacher_forcing and config.loss.options.get("label_smoothing"):
        raise ValueError("loss.label_smoothing would expect words after a sentence's end: leave it out with captions")
    if (
        not task.predicts_classes
        and config.augmentation.own is None
        and config.augmentation.build((8, 8, 1), 2) is not None
    ):
        moving = sorted(set(config.augmentation.part.options) - LEAVES_TARGETS)
        if moving:
            raise ValueError(
                f"{target}, and augmentation.{moving[0]} would change that with the image, or mix it with another's: "
                "leave it out; brightness, contrast and cutout are possible"
            )
    measured = ("loss", *metric_names(task.measuring(config.further_metrics), targets.outputs))
    known = [f"{val}{name}" for val in ("val_", "") for name in measured]
    for part in config.callbacks:
        monitor = part.options.get("monitor")
        name = str(monitor).removeprefix("val_")
        if name in {metric.name for metric in task.on_request} and monitor not in known:
            raise ValueError(
                f"callbacks.{part.name}.monitor={monitor!r} is measured where it is asked for only: add it, "
                f"metrics=[use({name!r})] or --set 'metrics=[\"{name}\"]'"
            )
        if monitor is not None and monitor not in known:
            raise ValueError(
                f"{target}, and callbacks.{part.name}.monitor={monitor!r} is not measured then: choose "
                f"{', '.join(known)}"
            )


def check_areas(config: ResolvedConfig, dataset: Dataset, chosen: Split) -> None:
    """Check that there is something to tell a class from. Raises ValueError if all images of a part are of one class.

    Args:
        config: Whose metrics are asked for.
        dataset: The images.
        chosen: Which of them train, validate and test.
    """
    asked = [part.name for part in config.metrics if part.own is None and part.name in AREAS]
    if not asked:
        return
    test = dataset.test_labels if chosen.test is None else dataset.labels[chosen.test]
    for part, labels in (("validation", dataset.labels[chosen.validation]), ("test", test)):
        if len(labels) and (labels == labels[0]).all():
            raise ValueError(
                f"metrics.{asked[0]} tells a class from the others, and the {counted(len(labels), f'{part} image')} of "
                f"dataset {config.dataset.name!r} are all of class {dataset.class_names[labels[0]]!r}: leave it out, "
                f"or give more classes to the {part} part"
            )
