"""Build what an own part stands for, as the suite's own builders return it. One function for each kind of part.

Whatever a user's function may return of a kind (a class's object, a function, several layers) becomes the one thing
that training takes; what cannot be trained, saved or compared is named in one line. Imports TensorFlow.
"""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import keras

from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.own_data import dataset_of
from keras_suite.experiments.foreign_code import WrongResult
from keras_suite.experiments.own_parts.augmentation import BatchFunction, KeyedLayers
from keras_suite.experiments.own_parts.metrics import declared
from keras_suite.experiments.own_parts.networks import checked_network, describe, seeded
from keras_suite.experiments.own_parts.options import called_with_batches, called_with_targets, context, signature_of
from keras_suite.experiments.own_parts.parts import OwnPart
from keras_suite.models.transfer.phases import Phase
from keras_suite.tasks.wording.shown import shown


def build(kind: str, part: OwnPart, options: Mapping[str, Any], values: tuple[Any, ...]) -> Any:
    """Build a part.

    Args:
        kind: The field of the Config that it stands in.
        part: The user's.
        options: All its options.
        values: What the suite passes to a builder of this kind.

    Raises:
        ForeignCodeError: If the user's code fails, or returns what it must not.
    """
    function = part.load()
    shared = signature_of(kind, part.name, function).shared
    written = ", ".join(f"{name}={shown(value)}" for name, value in options.items() if name not in shared)
    call = f"{part.function}({written})"
    adapt = functools.partial(BUILDERS[kind], part, function, dict(options), values)
    return part.file.function(adapt, call, _identity, defined=function)()


def _identity(result: Any) -> Any:
    return result


def _network(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    input_shape, _, seed = values
    signature = signature_of("model", part.name, function)
    with seeded(seed), keras.saving.custom_object_scope(part.custom_objects()):
        given = context("model", *values)
        model = signature.call(function, given, options)
        if inspect.isclass(function) and isinstance(model, function):
            passed = signature.named(given)
            describe(model, {**passed, **options})
        return checked_network(model, input_shape, part.function)


def _loss(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    if called_with_targets("loss", function):
        return OwnLoss(function, options, name=part.function)
    loss = signature_of("loss", part.name, function).call(function, (), options)
    if not isinstance(loss, keras.losses.Loss):
        raise WrongResult(
            f"returned {shown(loss)}: expected a keras.losses.Loss, or write it as a function of y_true and y_pred"
        )
    return loss


class OwnLoss(keras.losses.Loss):
    """A user's function of targets and predictions as a loss: its values for the images are averaged."""

    def __init__(self, function: Callable[..., Any], options: Mapping[str, Any], name: str) -> None:
        super().__init__(name=name)
        self._function, self._options = function, dict(options)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self._function(y_true, y_pred, **self._options)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "options": self._options}


def _optimizer(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    optimizer = signature_of("optimizer", part.name, function).call(function, (), options)
    return _of_class(optimizer, keras.optimizers.Optimizer, "a keras.optimizers.Optimizer")


def _schedule(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    rate = signature_of("schedule", part.name, function).call(function, context("schedule", *values), options)
    if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
        return float(rate)
    expected = "a keras.optimizers.schedules.LearningRateSchedule, or a rate above 0"
    return _of_class(rate, keras.optimizers.schedules.LearningRateSchedule, expected)


def _callback(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    callback = signature_of("callbacks", part.name, function).call(function, (), options)
    return _of_class(callback, keras.callbacks.Callback, "a keras.callbacks.Callback")


def _phase(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    phase = signature_of("phases", part.name, function).call(function, (), options)
    return _of_class(phase, Phase, "a Phase, as those in keras_suite.models.transfer.phases")


def _metric(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    declaration, signature = declared(part.name, options), signature_of("metrics", part.name, function)
    passed = {name: value for name, value in options.items() if name not in signature.shared}
    up = "up" if declaration.higher_is_better else "down"
    if called_with_targets("metrics", function):
        return OwnMetric(function, passed, declaration.name, up)
    metric = signature.call(function, (), passed)
    if not isinstance(metric, keras.metrics.Metric):
        raise WrongResult(
            f"returned {shown(metric)}: expected a keras.metrics.Metric, or write it as a function of y_true and y_pred"
        )
    return OwnMetricObject(metric, declaration.name, up)


class OwnMetricObject(keras.metrics.Metric):
    """A metric of a user's class, by the name that it has in the Config; a saved model does not name the class."""

    def __init__(self, metric: keras.metrics.Metric, name: str, direction: str) -> None:
        super().__init__(name=name)
        self._direction = direction  # Keras's own callbacks look at it
        self._metric = metric
        takes = inspect.signature(metric.update_state).parameters
        self._weight = {"sample_weight": None} if "sample_weight" in takes else {}  # as Keras passes it

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._metric.update_state(y_true, y_pred, **self._weight)

    def result(self) -> Any:
        return self._metric.result()

    def reset_state(self) -> None:
        self._metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


class OwnMetric(keras.metrics.Mean):
    """The mean of a user's function of targets and outputs over the images seen since the last reset."""

    def __init__(self, function: Callable[..., Any], options: Mapping[str, Any], name: str, direction: str) -> None:
        super().__init__(name=name)
        self._function, self._options, self._direction = function, dict(options), direction

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        """Return the function's value of each image, (b,)."""
        return self._function(keras.ops.cast(y_true, "float32"), keras.ops.cast(y_pred, "float32"), **self._options)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(self.of_images(y_true, y_pred), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "options": self._options}


def _augmentation(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    signature = signature_of("augmentation", part.name, function)
    if called_with_batches("augmentation", function):
        return BatchFunction(function, signature.passed, options, part)
    found = signature.call(function, context("augmentation", *values), options)
    layers = found if isinstance(found, list | tuple) else [found]
    if layers and all(isinstance(layer, keras.Layer) for layer in layers):
        return KeyedLayers(layers, part)
    if found is None or (callable(found) and not inspect.isclass(found)):
        return found and BatchFunction(found, tuple(inspect.signature(found).parameters), {}, part)
    raise WrongResult(
        f"returned {shown(found)}: expected Keras layers, a function of a batch (images, labels, keys), or None"
    )


def _dataset(part: OwnPart, function: Callable[..., Any], options: dict[str, Any], values: tuple[Any, ...]) -> Any:
    signature = signature_of("dataset", part.name, function)
    shared = {name: options.pop(name) for name in signature.shared}
    text = json.dumps([part.name, part.fingerprint, options], sort_keys=True, default=repr)
    try:
        return dataset_of(
            lambda: signature.call(function, context("dataset", *values), options),
            name=part.name,
            key=hashlib.sha256(text.encode()).hexdigest(),
            shared=cast(ArrayOptions, shared),
        )
    except ValueError as error:
        if not str(error).startswith(part.name):  # the user's own words
            raise
        raise WrongResult(str(error).removeprefix(part.name).removeprefix(":").strip()) from None


def _of_class(found: Any, kind: type, expected: str) -> Any:
    if not isinstance(found, kind):
        raise WrongResult(f"returned {shown(found)}: expected {expected}")
    return found


BUILDERS: Mapping[str, Callable[..., Any]] = {
    "model": _network,
    "loss": _loss,
    "optimizer": _optimizer,
    "schedule": _schedule,
    "callbacks": _callback,
    "phases": _phase,
    "metrics": _metric,
    "augmentation": _augmentation,
    "dataset": _dataset,
}
