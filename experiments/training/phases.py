"""A prepared phase: what is frozen, what is compiled, and what of a frozen feature extractor is computed once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.callbacks.probing.probe import PROBE_IMAGES, ProbeBatch
from keras_suite.data_pipeline.feature_stream import feature_batches, feature_stream
from keras_suite.experiments.feature_cache.frozen import frozen_features, refuse_mixing
from keras_suite.experiments.registry import ResolvedConfig
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.devices import per_device
from keras_suite.experiments.training.own_code import graph_source
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.metrics import training_metrics
from keras_suite.models.transfer.freezing import FrozenExtractorModel, freeze, split
from keras_suite.models.transfer.phases import WHOLE, Phase


@dataclass(frozen=True)
class Batches:
    """What a phase is trained on, without end; validated on, once; and what its network is probed on."""

    training: tf.data.Dataset
    validation: tf.data.Dataset
    probe: ProbeBatch


@dataclass(frozen=True)
class PreparedPhase:
    """A phase that is ready to be fitted.

    Attributes:
        run: The run that it belongs to.
        phase: What is trained, with the number of epochs and the learning rate.
        model: The whole network.
        variables: The whole network's, as they are trained.
        trainee: The compiled model that is fitted: to images, or to cached features where `views` > 0.
        extractor: The frozen feature extractor; None where nothing is frozen.
        views: How many augmented copies of each image the extractor is applied to once; 0 for anew in each step.
        trainable_parameters: Their number.
    """

    run: PreparedRun
    phase: Phase
    model: keras.Model
    trainee: keras.Model
    extractor: keras.Model | None
    views: int
    trainable_parameters: int
    variables: Sequence[Any]

    @property
    def network(self) -> keras.Model:
        """The trainable head behind the extractor, or the whole network where nothing is frozen."""
        return self.trainee.head if isinstance(self.trainee, FrozenExtractorModel) else self.trainee

    @property
    def can_be_copied(self) -> bool:
        """Whether the trainee is a network of its own: none that calls the frozen extractor in each step."""
        return not isinstance(self.trainee, FrozenExtractorModel)

    def trained_as(self, other: keras.Model) -> "PreparedPhase":
        """Return the phase with another model in the place of its trainee, which has the same layers."""
        taken = {id(own): theirs for own, theirs in zip(self.trainee.variables, other.variables, strict=True)}
        variables = [taken.get(id(variable), variable) for variable in self.variables]
        return replace(self, trainee=other, variables=variables)

    @property
    def epochs(self) -> int:
        """How many epochs it has."""
        assert self.phase.epochs is not None  # see `phases_of`
        return self.phase.epochs

    @property
    def cached_extractor(self) -> keras.Model | None:
        """The extractor, if its features are computed once."""
        return self.extractor if self.views else None

    def describe(self) -> dict[str, Any]:
        """Return what metrics.json keeps of the phase."""
        return {
            "trained": self.phase.title,
            "epochs": self.phase.epochs,
            "learning_rate": self.phase.learning_rate,
            "trainable_parameters": self.trainable_parameters,
            "cached_views": self.views,
        }

    def in_words(self) -> str:
        """Return what log.txt says of the phase."""
        cached = self.cached_extractor
        computed = f", with what is computed once up to layer {cached.layers[-1].name!r}" if cached else ""
        return (
            f"{self.phase.title}, {self.trainable_parameters:,} of {self.model.count_params():,} parameters{computed}"
        )

    def batches(self, start_epoch: int, start_step: int, log: Callable[[str], None]) -> Batches:
        """Return the batches from this epoch and step on; features that the cache lacks are computed now.

        Args:
            start_epoch: From 0.
            start_step: The batch of that epoch, from 0.
            log: Is given a line on how many were computed, and one for each damage found and mended in the cache.
        """
        run = self.run
        if self.cached_extractor is not None:
            return self._feature_batches(self.cached_extractor, (start_epoch, start_step), log)
        probe = run.probe()
        if self.extractor:
            probe = replace(probe, inputs=np.asarray(self.extractor(probe.inputs, training=False)))
        return Batches(run.training_batches(start_epoch, start_step), run.validation_batches(), probe)

    def _feature_batches(self, extractor: keras.Model, start: tuple[int, int], log: Callable[[str], None]) -> Batches:
        run, images, split = self.run, self.run.dataset.images, self.run.split
        source = graph_source(run)
        if run.augmentation is None:
            both = np.concatenate([split.train, split.validation])
            plain = frozen_features(extractor, images, indices=both, source=source)
            training, computed_now = [plain], [plain]
        else:
            refuse_mixing(run.augmentation)
            plain = frozen_features(extractor, images, indices=split.validation, source=source)
            copies: dict[str, Any] = {
                "augment": run.augmentation,
                "augmentation_key": json.dumps(run.config.augmentation.canonical(), sort_keys=True),
                "source": source,
            }
            training = [
                frozen_features(extractor, images, indices=split.train, **copies, view=view)
                for view in range(self.views)
            ]
            computed_now = [*training, plain]
        log(f"features: {sum(each.computed for each in computed_now):,} computed, the others were in the cache")
        for note in (note for each in computed_now for note in each.notes):
            log(note)
        views, size = [(features.array, features.rows) for features in training], run.batch_size
        stream = feature_stream(
            views,
            run.targets,
            split.train,
            batch_size=size,
            seed=run.job.seed,
            start_epoch=start[0],
            start_step=start[1],
            order=run.sampling_order,
        )
        validation = feature_batches((plain.array, plain.rows), run.targets, split.validation, batch_size=size)
        array, rows = views[0]
        probed = run.probe_indices(PROBE_IMAGES)
        probe = replace(run.probe(), inputs=np.take(array, rows[probed], axis=0).astype(np.float32))
        return Batches(stream, validation, probe)


def phases_of(config: ResolvedConfig) -> list[Phase]:
    """Return the phases with their epochs and learning rates; one, of everything, where the Config names none."""
    phases = [part.build() for part in config.phases] or [WHOLE]
    epochs, rate = config.config.epochs, config.optimizer.options["learning_rate"]
    return [replace(p, epochs=p.epochs or epochs, learning_rate=p.learning_rate or rate) for p in phases]


def prepare_phase(run: PreparedRun, model: keras.Model, phase: Phase) -> PreparedPhase:
    """Freeze what the phase does not train, and compile the rest of `model` with a fresh optimizer."""
    config, extractor, trainee, views = run.config, None, model, 0
    if config.phases:
        freeze(model, phase, pretrained_blocks(config))
        extractor, head = split(model)
        if extractor is not None:
            views = phase.cached_views if phase.cached_views is not None else int(not run.augmentation)
            trainee = head if views else FrozenExtractorModel(extractor, head)
            if views and run.augmentation:
                refuse_mixing(run.augmentation)
    trainable_parameters = int(sum(np.prod(variable.shape) for variable in model.trainable_variables))
    variables = per_device(model.variables)
    prepared = PreparedPhase(run, phase, model, trainee, extractor, views, trainable_parameters, variables)
    loss = config.loss.build()
    schedule = config.schedule.build(phase.learning_rate, prepared.epochs * run.steps)
    optimizer = config.optimizer.build(learning_rate=schedule)
    metrics = training_metrics(loss, run.targets.outputs, run.task, run.own_metrics())
    trainee.compile(optimizer, loss=loss, metrics=metrics, jit_compile=runtime.use_xla())
    return prepared


def pretrained_blocks(config: ResolvedConfig) -> int | None:
    """Return how many of the backbone's blocks did not start from random weights; None for all."""
    options = config.model.options
    return 0 if options.get("weights", "random") == "random" else options.get("pretrained_blocks")
