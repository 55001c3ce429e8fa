"""The last phase of a run, as the rules of diagnosis read it."""

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
class PhaseHistory:
    """The last phase of a run.

    Attributes:
        rows: The rows of history.csv, one for each epoch.
        probes: The rows of diagnosis.csv in the order of the layers, by the number of epochs trained before.
        failure: Why training failed; None if it did not.
        scheduled: Whether a learning rate schedule was used.
        floor: The smallest cross-entropy that is possible if probabilities are taken for logits; None for other losses.
    """

    rows: tuple[dict[str, float], ...]
    probes: dict[int, tuple[dict[str, Any], ...]]
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
        """Whether the run failed or a norm became NaN or infinite; other symptoms follow from that."""
        return self.failure is not None or self.first_nonfinite() is not None

    def first_nonfinite(self) -> tuple[int, str] | None:
        """Return the first probed epoch with a norm that is not finite, and its layer."""
        for epoch, rows in self.probes.items():
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
    def classifies(self) -> bool:
        """Whether the run predicts classes, so that there are accuracies."""
        return bool(self.rows) and "accuracy" in self.rows[0]

    def accuracy(self, prefix: str = "") -> float:
        """Return the mean accuracy of the last three epochs; `prefix` "val_" for the validation images."""
        return mean(self.column(f"{prefix}accuracy")[-3:])

    def accuracy_below(self, share: float) -> bool:
        """Return whether training accuracy is below this share; True for tasks without accuracy."""
        return not self.classifies or self.accuracy() < share

    def accuracy_in_words(self) -> str:
        """Return " with 93.1 % of the training images right", or "" for tasks without accuracy."""
        return f" with {percent(self.accuracy(), 1)} of the training images right" if self.classifies else ""

    def has_learnt(self) -> bool:
        """Return whether the training images are fitted in the end."""
        if self.diverged or not self.rows:
            return False
        return self.accuracy() >= LEARNT if self.classifies else self.loss[-1] <= FALLEN * self.loss[0]

    def third(self) -> int:
        """Return a third of the number of epochs, at least 3."""
        return max(3, len(self.rows) // 3)


def last_phase(run: Run) -> PhaseHistory | None:
    """Read the last phase of a run.

    Returns:
        None for a run without diagnosis.csv, and for one that did not end or failed for another reason than divergence.
    """
    error = run.record.get("error") or {}
    diverged = run.status == "failed" and error.get("type") == "NonFiniteLoss"
    if run.status != "completed" and not diverged:
        return None
    probed = diagnosis(run)
    if not probed:
        return None
    last = probed[-1]["phase"]
    probes: dict[int, tuple[dict[str, Any], ...]] = {}
    for row in probed:
        if row["phase"] == last:
            probes[row["epoch"]] = (*probes.get(row["epoch"], ()), row)
    schedule = (run.config.get("schedule") or {}).get("name", "constant")
    return PhaseHistory(
        rows=tuple(row for row in run.history if row.get("phase", 1) == last),
        probes=probes,
        failure=str(error.get("message", "")).removeprefix("NonFiniteLoss: ").split(":")[0] if diverged else None,
        scheduled=schedule != "constant",
        floor=_floor(run),
    )


def _floor(run: Run) -> float | None:
    """Return -log softmax of a probability of 1 among zeros: ln(1 + (K - 1) / e) for K classes."""
    loss = run.config.get("loss") or {}
    classes = len((run.record.get("data") or {}).get("class_names") or ())
    if loss.get("name") != "cross_entropy" or (loss.get("options") or {}).get("label_smoothing") or classes < 2:
        return None
    return math.log1p((classes - 1) / math.e)


def rises(loss: Sequence[float]) -> float:
    """Return the share of epochs in which the loss rose."""
    return mean([float(now > before) for before, now in pairwise(loss)])


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def when(epoch: int) -> str:
    return f"after epoch {epoch}" if epoch else "before the first epoch"
