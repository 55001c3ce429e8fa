"""Training with a user's own parts: faults are named with their place in the user's files, classes are made known."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from keras_suite.experiments.foreign_code import ForeignCodeError, WrongResult
from keras_suite.experiments.own_parts.randomness import refuse_unsaved_randomness
from keras_suite.experiments.registry import ResolvedPart
from keras_suite.experiments.training import interruption
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.tasks.wording.shown import shown

TRIED_IMAGES = 3
IN_GRAPH = ("model", "loss", "optimizer", "schedule")


@contextlib.contextmanager
def own_faults(parts: Sequence[ResolvedPart]) -> Iterator[None]:
    """Raise what own parts raise in this block, exits of their own included, as one line with its place.

    Raises:
        ForeignCodeError: Where the error passed through a file of one of the parts.
    """
    try:
        yield
    except ForeignCodeError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and interruption.requested():
            raise
        for part in parts:
            if part.own is not None and part.own.file.concerns(error):
                raise ForeignCodeError(part.own.file.line("training", error)) from error
        raise


@contextlib.contextmanager
def own_scope(parts: Sequence[ResolvedPart]) -> Iterator[None]:
    """Make the Keras classes of own parts known in this block."""
    objects: dict[str, Any] = {}
    for part in parts:
        if part.own is not None:
            objects |= part.own.custom_objects()
    with keras.saving.custom_object_scope(objects):
        yield


def check_own_parts(run: PreparedRun, model: keras.Model) -> None:
    """Build a run's own callbacks, and try its own loss on a few images, before anything trains.

    Raises:
        ForeignCodeError: If one fails, or is not what training needs.
    """
    for part in run.config.callbacks:
        if part.own is not None:
            part.build()
    probe, part = run.probe(TRIED_IMAGES), run.config.model
    if part.own is not None:
        part.own.file.function(
            lambda: refuse_unsaved_randomness(lambda inputs: model(inputs, training=True), probe.inputs),
            f"{part.name} in training",
            defined=part.own.load(),
        )()
    part = run.config.loss
    if part.own is not None:
        function, loss, outputs = part.own.load(), part.build(), model(probe.inputs, training=False)
        part.own.file.function(
            lambda: loss.call(probe.targets, outputs), f"{part.name}(y_true, y_pred)", _check_losses, defined=function
        )()


def _check_losses(losses: Any) -> None:
    """Raise WrongResult unless a loss has a value for each image."""
    shape = getattr(losses, "shape", None)
    if shape is None or not len(shape) or shape[0] not in (None, TRIED_IMAGES):
        found = "a single number" if shape is not None and not len(shape) else shown(losses)
        raise WrongResult(
            f"returned {found}: expected a loss for each image, (batch,); leave the mean over the batch out"
        )
    if not bool(keras.ops.all(keras.ops.isfinite(keras.ops.cast(losses, "float32")))):
        raise WrongResult("returned losses that are NaN or infinite for an untrained network")


def graph_source(run: PreparedRun) -> str:
    """Return what the graphs of a run with own parts follow from beside Keras's description of the model; "" of others.

    What is inside an own part is not described: the same source, options and seed give the same graph.
    """
    config = run.config
    own = [getattr(config, kind) for kind in IN_GRAPH if getattr(config, kind).own is not None]
    return json.dumps([run.job.seed, *(part.canonical() for part in own)], sort_keys=True) if own else ""
