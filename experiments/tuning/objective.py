"""The number that a sweep optimizes, and its direction."""

from dataclasses import dataclass
from typing import Literal

from keras_suite.reports.sweep.reading import objectives
from keras_suite.tasks.classes import CLASSES, PR_AREA, ROC_AREA
from keras_suite.tasks.task import UNPENALISED_LOSS, Metric, Task
from keras_suite.tasks.wording.near_names import unknown


@dataclass(frozen=True)
class Objective:
    """A validation metric of the model that a run keeps, and its direction.

    Attributes:
        name: As the history names it.
        own: The metrics that are the user's own.
    """

    name: str
    own: tuple[Metric, ...] = ()

    def __post_init__(self) -> None:
        if self.name in ("loss", "val_loss"):
            raise ValueError(
                f"--objective {self.name} holds the L1 and L2 penalties, so trials with others could not be compared: "
                "take val_unpenalised_loss"
            )
        if self.name not in objectives(self.own):
            raise ValueError(unknown("objective", self.name, objectives(self.own)))

    @property
    def metric(self) -> Metric:
        """What is measured."""
        return objectives(self.own)[self.name]

    @property
    def direction(self) -> Literal["min", "max"]:
        """Whether the objective is to rise ("max") or to fall ("min")."""
        return self.metric.direction

    def better(self, score: float, than: float) -> bool:
        """Return whether one score is better than another."""
        return score > than if self.direction == "max" else score < than

    def in_words(self, score: float) -> str:
        """Format a score with its name: "validation accuracy 93.97 %"."""
        named = self.metric.own or self.metric in CLASSES.on_request
        name = self.metric.label if named else self.name.removeprefix("val_").replace("_", " ")
        return f"validation {name} {self.format(score)}"

    def format(self, score: float) -> str:
        """Format a score: shares in percent, own metrics as they are declared."""
        if self.metric.own or self.metric in (ROC_AREA, PR_AREA):
            return self.metric.format(score)
        return f"{100 * score:.2f} %" if self.direction == "max" else f"{score:.4f}"


def default_objective(task: Task) -> str:
    """Return the objective of a task where none is requested: the metric in training that is nearest to its score."""
    return f"val_{task.score.in_history.name}"


def check_measured(objective: Objective, task: Task, outputs: int) -> None:
    """Check that the objective is measured for a task and a network with so many outputs.

    Raises:
        ValueError: If it is not, with those that are.
    """
    measured = [f"val_{metric.name}" for metric in task.metrics_of(outputs)]
    if objective.name in measured:
        return
    needs = {f"val_{metric.name}": metric.min_outputs for metric in task.metrics}.get(objective.name)
    if needs is not None:
        raise ValueError(
            f"--objective {objective.name} needs at least {needs} classes, and the data have {outputs}: take "
            f"{default_objective(task)}"
        )
    others = [name for name in measured if name != f"val_{UNPENALISED_LOSS.name}"]
    raise ValueError(
        f"--objective {objective.name} is not measured with these data: take {' or '.join(others)} or "
        f"val_{UNPENALISED_LOSS.name}"
    )
