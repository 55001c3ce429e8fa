"""A phase made ready to be fitted: what is frozen, what is compiled, and what of a frozen front is computed once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from keras_suite.experiments import registry
from keras_suite.experiments.config import Config
from keras_suite.experiments.feature_cache.frozen import refuse_mixing
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.batches import Training, augmentation
from keras_suite.models.metrics import training_metrics
from keras_suite.models.transfer.freezing import FrozenFront, freeze, split
from keras_suite.models.transfer.phases import WHOLE, Phase


@dataclass(frozen=True)
class Stage:
    """A phase ready to be fitted: `trainee` is compiled, and takes images, or features of `front` if `views` > 0."""

    phase: Phase
    trainee: keras.Model
    front: keras.Model | None
    views: int
    trainable_parameters: int

    @property
    def network(self) -> keras.Model:
        """What is behind the frozen front, which is everything where nothing is frozen."""
        return self.trainee.rest if isinstance(self.trainee, FrozenFront) else self.trainee


def phases_of(config: Config) -> list[Phase]:
    """The phases with their epochs and learning rates; one, of everything, where the Config names none."""
    rate = registry.options("optimizer", config.optimizer)["learning_rate"]
    given = [registry.build("phases", part) for part in config.phases] or [WHOLE]
    return [
        replace(phase, epochs=phase.epochs or config.epochs, learning_rate=phase.learning_rate or rate)
        for phase in given
    ]


def stage(config: Config, model: keras.Model, training: Training, phase: Phase) -> Stage:
    """Freezes what the phase does not train, and compiles the rest with a fresh optimizer."""
    front, trainee, views = None, model, 0
    if config.phases:
        freeze(model, phase, _pretrained_blocks(config))
        front, rest = split(model)
        if front is not None:
            augment = augmentation(config, training)
            views = phase.cached_views if phase.cached_views is not None else int(not augment)
            trainee = rest if views else FrozenFront(front, rest)
            if views and augment:
                refuse_mixing(augment)
    assert phase.epochs is not None
    loss = registry.build("loss", config.loss)
    scheduled = registry.build("schedule", config.schedule, phase.learning_rate, phase.epochs * training.steps)
    optimizer = registry.build("optimizer", config.optimizer, learning_rate=scheduled)
    metrics = training_metrics(loss, training.targets.outputs, training.targets.task)
    trainee.compile(optimizer, loss=loss, metrics=metrics, jit_compile=runtime.use_xla())
    return Stage(phase, trainee, front, views, _size(model.trainable_variables))


def described(ready: Stage) -> dict[str, Any]:
    """What metrics.json keeps of a phase."""
    return {
        "trained": ready.phase.title,
        "epochs": ready.phase.epochs,
        "learning_rate": ready.phase.learning_rate,
        "trainable_parameters": ready.trainable_parameters,
        "cached_views": ready.views,
    }


def in_words(ready: Stage, model: keras.Model) -> str:
    """What log.txt says of it."""
    computed = (
        f", with what is computed once up to layer {ready.front.layers[-1].name!r}"
        if ready.front and ready.views
        else ""
    )
    return f"{ready.phase.title}, {ready.trainable_parameters:,} of {model.count_params():,} parameters{computed}"


def _pretrained_blocks(config: Config) -> int | None:
    """How many of the backbone's blocks did not start from random weights; None for all."""
    options = registry.options("model", config.model)
    return 0 if options.get("weights", "random") == "random" else options.get("pretrained_blocks")


def _size(variables: Sequence[Any]) -> int:
    return int(sum(np.prod(variable.shape) for variable in variables))
