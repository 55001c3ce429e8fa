"""`Task`, what a network is to predict of an image, and `Metric`, a number that says how well it does."""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np

from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import NONE, known, signed

MARGIN = 0.002  # 0.2 percentage points: the largest difference of shares that does not matter, unless a report says so


class Interval(Protocol):
    """A range of values with its two ends."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Metric:
    """A number measured of a model, and how it is written. Declared once, it is known everywhere.

    Every metric of a task becomes a column of history.csv (and val_ of it), a monitor of the callbacks, an objective of
    `tune`, a row of the tables, a curve of the page and columns of comparison.csv.

    Attributes:
        name: Its name in history.csv and as a monitor.
        label: Its name in sentences.
        keras: "module:class" of the Keras metric that measures it in training, imported when a model is compiled; the
            class is called with `name`. Empty for a score that is computed from the predictions only.
        key: Its name as test_<key> in metrics.json and comparison.csv; `name` if empty.
        direction: Whether it is to rise ("max") or to fall ("min").
        unit: What follows a formatted value, which is the value times `scale`.
        digits: The decimals of a formatted value.
        difference: The unit of a difference, as in "by 0.4 percentage points of test accuracy".
        short_difference: The same where the metric was named before.
        bounds: The smallest and largest possible value.
        margin: The largest difference that does not matter, unless a report is given another one.
        binary: Whether an image is either right or wrong.
        min_outputs: How many outputs a network must have for the metric to mean something.
        recompute: Computes it from labels (n,) and probabilities (n, classes) of the test images, for the check that
            metrics.json follows from predictions.npz; returns None where that cannot be told.
        of_images: Computes from the same what each test image adds to the value (n,), of which the value is the mean.
        while_training: The metric in history.csv that is nearest to a score which is not measured there.
        own: Whether it is a user's: see `own_metric`.
        measured_on: The images that the score is of, in a word; others' runs may have none of test images.
    """

    name: str
    label: str
    keras: str = ""
    key: str = ""
    direction: Literal["max", "min"] = "max"
    unit: str = ""
    scale: float = 1.0
    digits: int = 2
    difference: str = ""
    short_difference: str = "points"
    bounds: tuple[float, float] = (0.0, 1.0)
    margin: float = MARGIN
    binary: bool = False
    min_outputs: int = 0
    recompute: Callable[[np.ndarray, np.ndarray], float | None] | None = None
    of_images: Callable[[np.ndarray, np.ndarray], np.ndarray | None] | None = None
    while_training: "Metric | None" = None
    own: bool = False
    measured_on: str = "test"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key or self.name)

    @property
    def in_history(self) -> "Metric":
        """The metric of history.csv that corresponds to this one: itself if it is measured in training."""
        return self.while_training or self

    @property
    def higher_is_better(self) -> bool:
        """Whether it is to rise."""
        return self.direction == "max"

    def goodness(self, value: float) -> float:
        """Return a number that is the larger the better; -inf for no value."""
        if not known(value):
            return float("-inf")
        return value if self.higher_is_better else -value

    def format(self, value: float | None) -> str:
        """Format a value: 0.9912 as "99.12 %"."""
        return f"{self.scale * value:.{self.digits}f}{self.unit}" if known(value) else NONE

    def format_interval(self, interval: Interval | None) -> str:
        """Format a range of values: "98.90 to 99.30 %"."""
        if interval is None:
            return NONE
        low, high = (f"{self.scale * end:.{self.digits}f}" for end in (interval.low, interval.high))
        return f"{low} to {high}{self.unit}"

    def format_difference(self, difference: float | None, sign: bool = True) -> str:
        """Format a difference, without its unit: 0.0042 as "+0.42"."""
        return signed(self.scale * difference, sign, self.digits) if known(difference) else NONE

    def format_difference_interval(self, interval: Interval | None) -> str:
        """Format a range of differences: "0.21 to 0.63"."""
        if interval is None:
            return NONE
        return f"{self.format_difference(interval.low, False)} to {self.format_difference(interval.high, False)}"

    @property
    def one_sided(self) -> str:
        """What is counted of the "first" or the "second" of a pair."""
        return "only the {} right" if self.binary else "the {} better"

    @property
    def of_parts(self) -> bool:
        """Whether what images add to a value are parts of it, which are no scores of their own: see `of_images`."""
        return self.of_images is not None and not self.binary

    @property
    def axis_label(self) -> str:
        """For the axis of a test score's figure: "test accuracy, %"."""
        return f"{self.measured_on} {self.with_unit()}"

    @property
    def score_label(self) -> str:
        """The label of a score with what it is of: "test accuracy"."""
        return f"{self.measured_on} {self.label}"

    @property
    def score_title(self) -> str:
        """The same as a title begins: "Test accuracy"."""
        return self.score_label[:1].upper() + self.score_label[1:]

    def with_unit(self) -> str:
        """Return the label with the unit, where the label does not say it: "accuracy, %"."""
        return f"{self.label}, {self.unit.strip()}" if self.unit else self.label


DECLARED = ("name", "label", "direction", "unit", "scale")  # all that is known of a user's own metric


def own_metric(declaration: Mapping[str, Any]) -> Metric:
    """Return a user's own metric from what a Config or run.json says of it; the label follows from the name if empty.

    How it is measured is the user's code, so it may come to any number, or to none: a report needs no more than this.
    """
    given = {name: declaration[name] for name in DECLARED if name in declaration}
    label = given.pop("label", "") or given["name"].replace("_", " ")
    anything = (float("-inf"), float("inf"))
    return Metric(**given, label=label, difference=f"of test {label}", bounds=anything, own=True)


def declaration(metric: Metric) -> dict[str, Any]:
    """Return what `own_metric` takes, as JSON values."""
    return {name: getattr(metric, name) for name in DECLARED}


UNPENALISED_LOSS = Metric("unpenalised_loss", "loss without penalties", direction="min", bounds=(0.0, float("inf")))


def _unchanged(array: np.ndarray) -> np.ndarray:
    return array


@dataclass(frozen=True)
class Task:
    """What a network is to predict of an image. One file of this folder each; `TASKS` names them.

    Attributes:
        name: As datasets, run.json and model files name it.
        target: What is predicted, in words: "the class of an image".
        losses: The losses that it can be trained with; the names are those of `models.LOSSES`.
        metrics: What is measured in every epoch beside the loss; the first one is compared with the score.
        on_request: What is computed of the predictions of test images, and measured in every epoch, too, where a Config
            names it.
        score: The mean over the test images of `score_images`: what reports and verdicts are about.
        score_images: Computes the score of each image, float64 or bool (n,), from targets and predictions (n, ...) as
            predictions.npz keeps them.
        source: Where a dataset keeps the target: its class labels, `Dataset.targets`, or the image itself.
        output_shape: Computes the shape of a network's output for an image from the image's shape, the shape of the
            array of targets, and the names of its classes, pixel classes or words.
        one_hot: Whether the target array holds class numbers, which a loss takes one-hot.
        teacher_forcing: Whether a network predicts a sequence from the true words before each, its second input.
        to_predictions: Converts a network's outputs float32 (b, ...) to predictions as predictions.npz keeps them.
        decode: "module:function" that computes the predictions with the model instead, where one pass is not enough.
        to_references: Converts targets of test images to all true answers of each.
        describe_targets: Says what training targets look like, in words, given them and the names.
        describe_prediction: Says one prediction in words, given it, the image's pixels and the names.
        picture: "module:function" that draws a prediction as uint8 (h, w, c), where it can be seen.
        figure: "module:function" that plots test images with targets and predictions, given (images, targets,
            predictions, scores, names).
        output_in_words: What the numbers of an output are, for who reads an exported file.
        signed_error: Computes signed errors (n,) of targets and predictions, where an error has a sign.
    """

    name: str
    target: str
    losses: tuple[str, ...]
    metrics: tuple[Metric, ...]
    score: Metric
    score_images: Callable[[np.ndarray, np.ndarray], np.ndarray]
    source: Literal["labels", "targets", "pixels"]
    output_shape: Callable[[tuple[int, ...], tuple[int, ...], Sequence[str]], tuple[int, ...]]
    on_request: tuple[Metric, ...] = ()
    one_hot: bool = False
    teacher_forcing: bool = False
    to_predictions: Callable[[np.ndarray], np.ndarray] = _unchanged
    decode: str = ""
    to_references: Callable[[np.ndarray], np.ndarray] = _unchanged
    describe_targets: Callable[[np.ndarray, Sequence[str]], str] | None = None
    describe_prediction: Callable[[np.ndarray, np.ndarray, Sequence[str]], str] | None = None
    picture: str = ""
    figure: str = ""
    output_in_words: str = ""
    signed_error: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    @property
    def predicts_classes(self) -> bool:
        """Whether the target is the image's class."""
        return self.source == "labels"

    def measuring(self, metrics: Iterable[Metric]) -> "Task":
        """Return the task with more metrics measured in every epoch: some on request, and a user's own.

        Of one name the first is kept; what runs of before measured of their own under a name that is the suite's now
        stays theirs.
        """
        by_name: dict[str, Metric] = {}
        for metric in (*self.metrics, *metrics):
            by_name.setdefault(metric.name, metric)
        others = tuple(metric for metric in self.on_request if metric.name not in by_name)
        return replace(self, metrics=tuple(by_name.values()), on_request=others)

    @property
    def tested(self) -> tuple[Metric, ...]:
        """All metrics that test images may have a value of."""
        return (*self.metrics, *self.on_request)

    @property
    def own_metrics(self) -> tuple[Metric, ...]:
        """The metrics that are a user's own."""
        return tuple(metric for metric in self.metrics if metric.own)

    def scored_by(self, name: str, in_history: bool) -> "Task":
        """Return the task with another of its metrics as the score of the test images.

        Args:
            name: The metric's name or key.
            in_history: Whether the runs measured it in every epoch.

        Raises:
            ValueError: If the task has no such metric of test images.
        """
        found = next((metric for metric in (self.score, *self.tested) if name in (metric.name, metric.key)), None)
        if found is None:
            names = dict.fromkeys(metric.name for metric in (self.score, *self.tested))
            raise ValueError(unknown("score", name, names))
        if found == self.score or in_history:
            return replace(self, score=found)
        return replace(self, score=replace(found, while_training=self.score.in_history))

    def metrics_of(self, outputs: int) -> tuple[Metric, ...]:
        """Return the metrics that mean something for a network with so many outputs, as history.csv orders them.

        The loss without penalties stands second, where it stood before there were others.
        """
        first, *others = self.metrics
        return first, UNPENALISED_LOSS, *(metric for metric in others if outputs >= metric.min_outputs)

    def scores(self, targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
        """Compute the score of each image, (n,). Raises ValueError if the two arrays do not belong together."""
        if not len(targets) or len(targets) != len(predictions) or not np.isfinite(predictions).all():
            raise ValueError(f"targets {targets.shape} and predictions {predictions.shape} do not belong together")
        return self.score_images(targets, predictions)


def load(path: str) -> Any:
    """Import what a text "module:name" names; so that a table of contents imports nothing by itself."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
