"""The number that a sweep optimizes, its direction, and the cost that may be optimized beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from keras_suite.reports.sweep.costs import BY_KEY, LATENCY, Cost
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
            raise ValueError(unknown("objective", self.name, [*objectives(self.own), *BY_KEY]))

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


def check_objectives(names: Sequence[str], own: tuple[Metric, ...] = ()) -> None:
    """Check what `--objective` names: nothing, a metric, a cost, or both in any order.

    Raises:
        ValueError: If it names anything else.
    """
    typed = " ".join(f"--objective {name}" for name in names)
    if len(names) > 2:
        raise ValueError(f"{typed}: at most two are optimized at once, a metric and a cost: leave one out")
    metrics = [Objective(name, own) for name in names if name not in BY_KEY]
    if len(names) < 2:
        return
    if names[0] == names[1]:
        raise ValueError(f"{typed} is the same twice: give it once, or another beside it")
    if not metrics:
        raise ValueError(
            f"{typed}: both are costs, and the cheapest network may answer anything: take one and a metric"
        )
    if len(metrics) == 2:
        raise ValueError(f"{typed}: both are metrics: take one, and beside it a cost ({', '.join(BY_KEY)})")


def check_cost(cost: Cost | None, task: Task) -> None:
    """Raise ValueError if the cost is not measured for a task."""
    if cost is LATENCY and task.teacher_forcing:
        others = " or ".join(name for name in BY_KEY if name != LATENCY.key)
        raise ValueError(
            f"--objective latency is that of an exported file, and {task.target}, word after word, comes from none: "
            f"take {others}"
        )


def announced_of_two(objective: Objective, cost: Cost | None, tuner: str) -> list[str]:
    """Return what is said before a sweep of two objectives: what it looks for, and what it does not do."""
    if cost is None:
        return []
    ways = {"bayesian": "each proposal is where a Gaussian process of each hopes to add most to the front"}
    lines = [
        f"Two objectives: {objective.name} and {cost.name}, and the front of trials that no other beats in both: "
        f"{ways.get(tuner, 'the trials are those of one objective')}. None is stopped early and each gets all its "
        "seeds, as the rules for that look at the score alone"
    ]
    if cost is LATENCY:
        lines.append("Latency: after each run its network is exported to LiteRT and timed, one image and thread")
    if cost.timed:
        lines.append(
            "No machine takes the same time twice: a resumed sweep keeps the times that it recorded, and proposals "
            "depend on recorded numbers alone; begun anew it may propose other trials"
        )
    return lines


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
