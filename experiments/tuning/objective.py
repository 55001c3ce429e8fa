"""The number that a sweep is to make best, and which way is better."""

from dataclasses import dataclass
from typing import Literal

from keras_suite.experiments.config import unknown
from keras_suite.reports.results.measures import MEASURES
from keras_suite.reports.sweep.reading import DIRECTIONS


@dataclass(frozen=True)
class Objective:
    """A validation metric of the model that a run keeps, and its direction."""

    name: str

    def __post_init__(self) -> None:
        if self.name in ("loss", "val_loss"):
            raise ValueError(
                f"--objective {self.name} holds the L1 and L2 penalties, so trials with others could not be compared: "
                "take val_unpenalised_loss"
            )
        if self.name not in DIRECTIONS:
            raise ValueError(unknown("objective", self.name, DIRECTIONS))

    @property
    def direction(self) -> Literal["min", "max"]:
        """Accuracies and the like are to rise, losses and errors to fall."""
        return DIRECTIONS[self.name]

    def better(self, score: float, than: float) -> bool:
        """Whether one score beats another."""
        return score > than if self.direction == "max" else score < than

    def in_words(self, score: float) -> str:
        """A score as a person reads it: accuracies in percent."""
        name = self.name.removeprefix("val_").replace("_", " ")
        return f"validation {name} {100 * score:.2f} %" if self.direction == "max" else f"validation {name} {score:.4f}"


def usual(task: str) -> str:
    """The objective where none is asked for: what reports score the task by, or what is nearest to it in training."""
    return f"val_{MEASURES[task].column}"


def check_measured(objective: Objective, task: str, classes: int) -> None:
    """ValueError if the objective is not measured for the task, or with so many classes."""
    if objective.name == "val_top_5_accuracy" and task == "classes" and classes <= 5:
        raise ValueError(
            f"--objective val_top_5_accuracy needs more than 5 classes, and the data have {classes}: take val_accuracy"
        )
    if objective.name not in ("val_top_5_accuracy", "val_unpenalised_loss", usual(task)) or (
        objective.name == "val_top_5_accuracy" and task != "classes"
    ):
        raise ValueError(
            f"--objective {objective.name} is not measured with these data: take {usual(task)} or val_unpenalised_loss"
        )
