"""How a run went in its last phase: what the rules of diagnosis look at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from keras_suite.reports.run_directory import Run, diagnosis
from keras_suite.tasks.wording.quantities import percent

LEARNT = 0.98  # share of training images right: what trains this well has no trouble with its gradients or rate
FALLEN = 0.1  # and a training loss below this share of the first epoch's, where nothing is right or wrong


@dataclass(frozen=True)
class Course:
    """How a run went in its last phase: its epochs, its looks into the network, and why it failed (None: it did not).

    `looks`: by number of epochs passed, the rows of diagnosis.csv in the order of the layers. `floor` is the least
    cross-entropy that probabilities can have which are taken for logits; None for other losses.
    """

    rows: tuple[dict[str, float], ...]
    looks: dict[int, tuple[dict[str, Any], ...]]
    failure: str | None
    scheduled: bool
    floor: float | None = None

    def column(self, name: str) -> list[float]:
        return [row[name] for row in self.rows]

    @property
    def loss(self) -> list[float]:
        return self.column("unpenalised_loss")

    @property
    def validation(self) -> list[float]:
        return self.column("val_unpenalised_loss")

    @property
    def diverged(self) -> bool:
        """Whether something became no number; whatever else the run shows follows from that."""
        return self.failure is not None or self.no_number() is not None

    def no_number(self) -> tuple[int, str] | None:
        """Return the first look with a norm that is no number, and the layer."""
        for epoch, rows in self.looks.items():
            for row in rows:
                norms = (row["weight_norm"], row["gradient_norm"], row["output_gradient_norm"])
                if any(norm is not None and not math.isfinite(norm) for norm in norms):
                    return epoch, row["layer"]
        return None

    @property
    def epoch(self) -> int:
        """The last epoch."""
        return int(self.rows[-1]["epoch"])

    @property
    def of_classes(self) -> bool:
        """Whether classes are predicted, so that there are accuracies."""
        return bool(self.rows) and "accuracy" in self.rows[0]

    def accuracy(self, prefix: str = "") -> float:
        """Return the mean accuracy of the last three epochs."""
        return mean(self.column(f"{prefix}accuracy")[-3:])

    def known_less_than(self, share: float) -> bool:
        """Whether less than this share of the training images is right; True where nothing is right or wrong."""
        return not self.of_classes or self.accuracy() < share

    def in_words(self) -> str:
        """ " with 93.1 % of the training images right", where there are such."""
        return f" with {percent(self.accuracy(), 1)} of the training images right" if self.of_classes else ""

    def learnt(self) -> bool:
        """Whether the training images are known in the end."""
        if self.diverged or not self.rows:
            return False
        return self.accuracy() >= LEARNT if self.of_classes else self.loss[-1] <= FALLEN * self.loss[0]

    def third(self) -> int:
        """How many epochs a third of them is, at least 3."""
        return max(3, len(self.rows) // 3)


def course(run: Run) -> Course | None:
    """Return the run's course; None of runs without diagnosis, and of those that ended for reasons of their own."""
    error = run.record.get("error") or {}
    diverged = run.status == "failed" and error.get("type") == "NonFiniteLoss"
    if run.status != "completed" and not diverged:
        return None
    found = diagnosis(run)
    if not found:
        return None
    last = found[-1]["phase"]
    looks: dict[int, tuple[dict[str, Any], ...]] = {}
    for row in found:
        if row["phase"] == last:
            looks[row["epoch"]] = (*looks.get(row["epoch"], ()), row)
    schedule = (run.config.get("schedule") or {}).get("name", "constant")
    return Course(
        rows=tuple(row for row in run.history if row.get("phase", 1) == last),
        looks=looks,
        failure=str(error.get("message", "")).removeprefix("NonFiniteLoss: ").split(":")[0] if diverged else None,
        scheduled=schedule != "constant",
        floor=_floor(run),
    )


def _floor(run: Run) -> float | None:
    """-log softmax of a probability of 1 among zeros: ln(1 + (K - 1) / e) for K classes."""
    loss = run.config.get("loss") or {}
    classes = len((run.record.get("data") or {}).get("class_names") or ())
    if loss.get("name") != "cross_entropy" or (loss.get("options") or {}).get("label_smoothing") or classes < 2:
        return None
    return math.log1p((classes - 1) / math.e)


def rises(loss: Sequence[float]) -> float:
    """Return the share of epochs in which it rose."""
    return mean([float(now > before) for before, now in pairwise(loss)])


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def when(epoch: int) -> str:
    return f"after epoch {epoch}" if epoch else "before the first epoch"
