"""The last phase of a run, as the rules of diagnosis read it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from keras_suite.reports.diagnosis.wrong_answers import WrongAnswers, wrong_answers
from keras_suite.reports.run_directory import Run, diagnosis, evidence
from keras_suite.reports.run_directory.results import task_of
from keras_suite.tasks.wording.quantities import percent

LEARNT = 0.98  # share of training images right: what trains this well has no trouble with its gradients or rate
MOSTLY, HALVED = 0.8, 0.5  # and of what most has been learnt of
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
        whole: The rows of evidence.csv, by the number of epochs trained before; none of runs from before it.
        classes: How many there are; None for tasks without.
        wrong: What the network answered wrongly of the validation images; None where they were not kept.
        dropout: The highest of the rates that were asked for.
        transferred: Whether it started from another network's weights, which decide what its inputs look like.
    """

    rows: tuple[dict[str, float], ...]
    probes: dict[int, tuple[dict[str, Any], ...]]
    failure: str | None
    scheduled: bool
    floor: float | None = None
    whole: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    classes: int | None = None
    wrong: WrongAnswers | None = None
    dropout: float = 0.0
    transferred: bool = False

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

    def at_start(self, column: str) -> float | None:
        """Return a number of the network as a whole before the first epoch; None where it is not known."""
        return self.whole[min(self.whole)][column] if self.whole else None

    def at_end(self, column: str) -> float | None:
        """Return the same after the last epoch."""
        return self.whole[max(self.whole)][column] if self.whole else None

    def most(self, column: str, *, at_start: bool = False) -> float:
        """Return the largest value of a column of the probed layers, before the first epoch or after the last."""
        rows = self.probes[(min if at_start else max)(self.probes)]
        return max((row[column] for row in rows if row[column] is not None), default=0.0)

    def step(self) -> float | None:
        """Return by what share of its size the median layer's weights moved in a step, in the epoch of the largest."""
        medians = []
        for rows in self.probes.values():
            known = (row["update_ratio"] for row in rows)
            ratios = sorted(ratio for ratio in known if ratio is not None and math.isfinite(ratio))
            medians += [ratios[len(ratios) // 2]] if ratios else []
        return max(medians, default=None)

    def guesses(self) -> bool:
        """Return whether no more validation images are right in the end than by chance, up to three standard errors."""
        if self.classes is None or not self.rows:
            return False
        chance, images = 1 / self.classes, self.wrong.images if self.wrong else 100
        return self.accuracy("val_") < chance + 3 * math.sqrt(chance * (1 - chance) / images)

    def has_learnt(self) -> bool:
        """Return whether the training images are fitted in the end."""
        if self.diverged or not self.rows:
            return False
        return self.accuracy() >= LEARNT if self.classifies else self.loss[-1] <= FALLEN * self.untaught()

    def learns(self) -> bool:
        """Return whether most of what there is to learn of the training images is learnt in the end."""
        if self.diverged or not self.rows:
            return False
        return self.accuracy() >= MOSTLY if self.classifies else self.loss[-1] <= HALVED * self.untaught()

    def untaught(self) -> float:
        """Return the loss before the first epoch, or in it where that is lower or the only one known."""
        return min(self.loss[0], self.at_start("loss") or self.loss[0])

    def third(self) -> int:
        """Return a third of the number of epochs, at least 3."""
        return max(3, len(self.rows) // 3)


@dataclass(frozen=True)
class Told:
    """What a run directory tells of its run, as plain data.

    Attributes:
        status: As in run.json.
        record: The fields of run.json that count: error and data.
        config: As in config.json.
        history, probed, whole: The rows of history.csv, diagnosis.csv and evidence.csv.
        wrong: As in PhaseHistory.
    """

    status: str
    record: Mapping[str, Any]
    config: Mapping[str, Any]
    history: Sequence[dict[str, float]]
    probed: Sequence[dict[str, Any]]
    whole: Sequence[dict[str, Any]] = ()
    wrong: WrongAnswers | None = None


def last_phase(run: Run) -> PhaseHistory | None:
    """Read the last phase of a run; None where `phase_of` finds none."""
    told = told_by(run)
    return None if told is None else phase_of(told)


def told_by(run: Run) -> Told | None:
    """Read what a run tells; None for one that did not end or failed for another reason than divergence."""
    if run.status != "completed" and not _diverged(run.status, run.record):
        return None
    return Told(run.status, run.record, run.config, run.history, diagnosis(run), evidence(run), wrong_answers(run))


def phase_of(told: Told) -> PhaseHistory | None:
    """Return the last phase of a run that ended or diverged; None for a run without diagnosis.csv."""
    if not told.probed:
        return None
    last = told.probed[-1]["phase"]
    probes: dict[int, tuple[dict[str, Any], ...]] = {}
    for row in told.probed:
        if row["phase"] == last:
            probes[row["epoch"]] = (*probes.get(row["epoch"], ()), row)
    error, config = told.record.get("error") or {}, told.config
    options = (config.get("model") or {}).get("options") or {}
    diverged = _diverged(told.status, told.record)
    rates = [rate for name, rate in options.items() if "dropout" in name and isinstance(rate, int | float)]
    return PhaseHistory(
        rows=tuple(row for row in told.history if row.get("phase", 1) == last),
        probes=probes,
        failure=str(error.get("message", "")).removeprefix("NonFiniteLoss: ").split(":")[0] if diverged else None,
        scheduled=(config.get("schedule") or {}).get("name", "constant") != "constant",
        floor=_floor(told),
        whole={int(row["epoch"]): row for row in told.whole if row["phase"] == last},
        classes=_classes(told),
        wrong=told.wrong,
        dropout=max(rates, default=0.0),
        transferred=bool(config.get("phases")) or options.get("weights", "random") not in (None, "random"),
    )


def _diverged(status: str, record: Mapping[str, Any]) -> bool:
    return status == "failed" and (record.get("error") or {}).get("type") == "NonFiniteLoss"


def _classes(told: Told) -> int | None:
    names = (told.record.get("data") or {}).get("class_names") or ()
    return len(names) if task_of(told.record) == "classes" and len(names) > 1 else None


def _floor(told: Told) -> float | None:
    """Return -log softmax of a probability of 1 among zeros: ln(1 + (K - 1) / e) for K classes."""
    loss, classes = told.config.get("loss") or {}, _classes(told)
    if loss.get("name") != "cross_entropy" or (loss.get("options") or {}).get("label_smoothing") or classes is None:
        return None
    return math.log1p((classes - 1) / math.e)


def rises(loss: Sequence[float]) -> float:
    """Return the share of epochs in which the loss rose."""
    return mean([float(now > before) for before, now in pairwise(loss)])


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def when(epoch: int) -> str:
    return f"after epoch {epoch}" if epoch else "before the first epoch"
