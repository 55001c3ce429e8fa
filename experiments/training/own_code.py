"""Training with a user's own parts: faults are named with their place in the user's files, classes are made known."""

import contextlib
import functools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.experiments.foreign_code import ForeignCodeError, WrongResult
from keras_suite.experiments.own_parts.building import OwnMetric
from keras_suite.experiments.own_parts.randomness import refuse_unsaved_randomness
from keras_suite.experiments.registry import ResolvedPart
from keras_suite.experiments.training import interruption
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.tasks.wording.shown import shown

TRIED_IMAGES = 3
IN_GRAPH = ("model", "loss", "optimizer", "schedule", "metrics")


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
    """Build a run's own callbacks, and try its own loss and metrics on a few images, before anything trains.

    Raises:
        ForeignCodeError: If one fails, or is not what training needs.
    """
    for part in run.config.callbacks:
        if part.own is not None:
            part.build()
    part = run.config.model
    tried = [each for each in (run.config.loss, *run.config.metrics) if each.own is not None]
    if part.own is None and not tried:
        return
    probe = run.probe(TRIED_IMAGES)
    if part.own is not None:
        part.own.file.function(
            lambda: refuse_unsaved_randomness(lambda inputs: model(inputs, training=True), probe.inputs),
            f"{part.name} in training",
            defined=part.own.load(),
        )()
    outputs = model(probe.inputs, training=False) if tried else None
    for part in tried:
        assert part.own is not None
        function, (call, what, check) = part.own.load(), _trial(part.build())
        part.own.file.function(call, f"{part.name}{what}", check, defined=function)(probe.targets, outputs)


def _trial(built: keras.Loss | keras.Metric) -> tuple[Callable[..., Any], str, Callable[[Any], None]]:
    """Return what to call with targets and outputs, how that is written, and what checks its result."""
    if isinstance(built, keras.Loss):
        return built.call, "(y_true, y_pred)", _check_losses
    if isinstance(built, OwnMetric):
        return _traced(built.of_images), "(y_true, y_pred)", _check_values
    return functools.partial(_epoch, built), "", _check_result


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


def _traced(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as `fit` calls it: in a graph, where a tensor has no value yet."""
    return tf.function(function, autograph=False)


def _check_values(values: Any) -> None:
    """Raise WrongResult unless a metric's function has a value for each image; NaN is one."""
    shape = tuple(getattr(values, "shape", ())) if hasattr(values, "shape") else None
    if shape == (TRIED_IMAGES,):
        return
    found = "a single number" if shape == () else shown(values) if shape is None else f"an array of shape {shape}"
    raise WrongResult(
        f"returned {found} for {TRIED_IMAGES} images: expected a value for each image, (batch,); leave the mean over "
        "the batch out, or write it as a class of keras.metrics.Metric"
    )


def _epoch(metric: keras.metrics.Metric, targets: Any, outputs: Any) -> tuple[Any, bool]:
    """Return what a metric comes to in an epoch of one batch, and whether it forgets that afterwards."""
    metric.update_state(targets, outputs)  # some create their variables now
    metric.reset_state()
    before = [np.asarray(variable) for variable in metric.variables]
    _traced(metric.update_state)(targets, outputs)
    result = metric.result()
    metric.reset_state()
    same = [np.array_equal(a, np.asarray(b)) for a, b in zip(before, metric.variables, strict=True)]
    return result, all(same)


def _check_result(of_epoch: tuple[Any, bool]) -> None:
    """Raise WrongResult unless a metric comes to one number, of the epoch alone."""
    result, forgets = of_epoch
    shape = getattr(result, "shape", None)
    if shape != () and not isinstance(result, int | float):
        found = f"a result of shape {tuple(shape)}" if shape is not None else f"the result {shown(result)}"
        raise WrongResult(f"has {found}: expected one number, for example the mean over the classes")
    if not forgets:
        raise WrongResult(
            "keeps something after reset_state(): expected every epoch to begin with the same values of its variables"
        )


def graph_source(run: PreparedRun) -> str:
    """Return what the graphs of a run with own parts follow from beside Keras's description of the model; "" of others.

    What is inside an own part is not described: the same source, options and seed give the same graph.
    """
    config = run.config
    own = [part for kind in IN_GRAPH for part in config.of(kind) if part.own is not None]
    described = [[part.kind, part.canonical()] for part in own]
    return json.dumps([run.job.seed, *described], sort_keys=True) if own else ""
