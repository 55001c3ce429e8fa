"""Metrics of training in which each class counts alike: see `tasks/classification/scores.py` for what they are.

All that they keep are counts, whole numbers in float32, so that they are the same bits in any order of the batches.
Soft labels (mixup, cutmix) count as their largest class, as for accuracy.
"""

import abc
import math
from typing import Any

import keras
from keras import ops

MOST_BINS, FEWEST_BINS, MOST_COUNTS = 4096, 64, 2**20
FARTHEST = 104.0  # log-odds from those of equal classes: where a float32 probability becomes 0
FINE = 1e-3  # distances that are as finely divided as those from here to 2.7 times as far


class _CountedByClass(keras.metrics.Metric, abc.ABC):
    """Counts per class since the last reset, in variables that are created with the first batch."""

    names: tuple[str, ...] = ()

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"  # Keras's own callbacks look at it
        self._classes = 0

    def shape_of(self, classes: int) -> tuple[int, ...]:
        """Return the shape of each of the counts `names`."""
        return (classes,)

    @abc.abstractmethod
    def counts(self, true: Any, outputs: Any) -> tuple[Any, ...]:
        """Count a batch, given one-hot classes and outputs float32 (b, classes)."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch; weights of the images are left aside."""
        if not self._classes:
            self._classes = y_pred.shape[-1]
            shape = self.shape_of(self._classes)
            self._counted = [self.add_variable(shape, "zeros", "float32", name=name) for name in self.names]
        true = ops.one_hot(ops.argmax(y_true, axis=-1), self._classes, dtype="float32")
        for variable, counted in zip(self._counted, self.counts(true, ops.cast(y_pred, "float32")), strict=True):
            variable.assign_add(counted)

    def reset_state(self) -> None:
        if self._classes:
            for variable in self._counted:
                variable.assign(ops.zeros_like(variable))


def _mean_where(condition: Any, values: Any) -> Any:
    """Return the mean of the values (classes,) where a condition holds; 0 where it holds nowhere."""
    chosen = ops.cast(condition, "float32")
    return ops.sum(ops.where(condition, values, 0.0)) / ops.maximum(ops.sum(chosen), 1.0)


class _Answers(_CountedByClass):
    """The images of each class, those predicted as it, and those of both."""

    names = ("images", "predicted", "right")

    def counts(self, true: Any, outputs: Any) -> tuple[Any, ...]:
        predicted = ops.one_hot(ops.argmax(outputs, axis=-1), self._classes, dtype="float32")
        return ops.sum(true, axis=0), ops.sum(predicted, axis=0), ops.sum(true * predicted, axis=0)


@keras.saving.register_keras_serializable(package="models")
class BalancedAccuracy(_Answers):
    """The mean recall of the classes that have images."""

    def __init__(self, name: str = "balanced_accuracy", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def result(self) -> Any:
        images, _, right = self._counted
        return _mean_where(images > 0, right / ops.maximum(images, 1.0))


@keras.saving.register_keras_serializable(package="models")
class MacroF1(_Answers):
    """The mean F1 of the classes that have images."""

    def __init__(self, name: str = "macro_f1", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def result(self) -> Any:
        images, predicted, right = self._counted
        return _mean_where(images > 0, 2 * right / ops.maximum(images + predicted, 1.0))


class _Histograms(_CountedByClass):
    """The images of each class, and all others, by the class's log-odds, in 4,096 bins (fewer of over 256 classes).

    The bins are the narrower the nearer the log-odds are to those of a network that knows nothing: as fine for one that
    is sure of everything as for one whose outputs differ in the third decimal. Within a bin, images of the class and
    others are taken as evenly mixed.
    """

    names = ("own", "others")

    def shape_of(self, classes: int) -> tuple[int, ...]:
        return (classes, max(min(MOST_BINS, MOST_COUNTS // classes), FEWEST_BINS))

    def counts(self, true: Any, outputs: Any) -> tuple[Any, ...]:
        bins = self._counted[0].shape[-1]
        log = ops.log_softmax(outputs, axis=-1)
        odds = log - ops.log1p(-ops.exp(log))  # infinite where the probability is 1
        away = ops.clip(odds + math.log(max(self._classes - 1, 1)), -FARTHEST, FARTHEST)
        place = ops.sign(away) * ops.log1p(ops.abs(away) / FINE) / math.log1p(FARTHEST / FINE)  # -1..1
        place = ops.minimum(ops.cast((place + 1) * (bins / 2), "int32"), bins - 1)
        place = place + bins * ops.arange(self._classes, dtype="int32")
        shape = (self._classes, bins)

        def histogram(which: Any) -> Any:
            flat = ops.segment_sum(ops.reshape(which, (-1,)), ops.reshape(place, (-1,)), self._classes * bins)
            return ops.reshape(flat, shape)

        return histogram(true), histogram(1 - true)

    @abc.abstractmethod
    def areas(self, own: Any, others: Any) -> Any:
        """Return the area of each class, (classes,), given counts (classes, bins), the least probable bin first."""

    def result(self) -> Any:
        own, others = (ops.convert_to_tensor(counted) for counted in self._counted)
        images, rest = ops.sum(own, axis=-1), ops.sum(others, axis=-1)
        counting = ops.logical_and(images > 0, rest > 0)
        if self._classes == 2:
            rarer = ops.where(images[0] < images[1], 0, 1)
            counting = ops.logical_and(counting, ops.arange(2) == rarer)
        return _mean_where(counting, self.areas(own, others))


@keras.saving.register_keras_serializable(package="models")
class RocArea(_Histograms):
    """The mean area under the ROC curve of each class against the others, of two classes that of the rarer one."""

    def __init__(self, name: str = "roc_auc", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def areas(self, own: Any, others: Any) -> Any:
        less_probable = ops.cumsum(others, axis=-1) - others
        total = ops.maximum(ops.sum(others, axis=-1, keepdims=True), 1.0)
        in_order = (less_probable + others / 2) / total
        return ops.sum(own * in_order, axis=-1) / ops.maximum(ops.sum(own, axis=-1), 1.0)


@keras.saving.register_keras_serializable(package="models")
class PrArea(_Histograms):
    """The mean average precision of each class against the others, of two classes that of the rarer one."""

    def __init__(self, name: str = "pr_auc", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def areas(self, own: Any, others: Any) -> Any:
        found, wrong = (ops.sum(each, axis=-1, keepdims=True) - ops.cumsum(each, axis=-1) for each in (own, others))
        one = ops.arange(own.shape[-1]) == own.shape[-1] - 1  # the last bin holds probabilities of exactly 1
        found = found + ops.where(one, ops.maximum(own, 1.0), (own + 1) / 2)  # else down to the middle one of the bin
        precision = found / (found + wrong + ops.where(one, others, others / 2))
        return ops.sum(own * precision, axis=-1) / ops.maximum(ops.sum(own, axis=-1), 1.0)
