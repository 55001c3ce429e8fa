"""The number that a sweep is to make best, and which way is better."""

from dataclasses import dataclass
from typing import Literal

from experiments.config import unknown
from reports.sweep.reading import DIRECTIONS


@dataclass(frozen=True)
class Objective:
    """A validation metric of the model that a run keeps, and its direction."""

    name: str = "val_accuracy"

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
        """Accuracies are to rise, losses to fall."""
        return DIRECTIONS[self.name]

    def better(self, score: float, than: float) -> bool:
        """Whether one score beats another."""
        return score > than if self.direction == "max" else score < than

    def in_words(self, score: float) -> str:
        """A score as a person reads it: accuracies in percent."""
        name = self.name.removeprefix("val_").replace("_", " ")
        return f"validation {name} {100 * score:.2f} %" if self.direction == "max" else f"validation {name} {score:.4f}"


def check_classes(objective: Objective, classes: int) -> None:
    """ValueError if the objective is not measured with so many classes."""
    if objective.name == "val_top_5_accuracy" and classes <= 5:
        raise ValueError(
            f"--objective val_top_5_accuracy needs more than 5 classes, and the data have {classes}: take val_accuracy"
        )
