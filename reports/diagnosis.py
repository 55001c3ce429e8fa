"""What ails a run, by its history and its diagnosis.csv: each rule gives the evidence in numbers, or None.

A rule looks at a run's last phase. The limits are rules of thumb, each with its reason; a run that is healthy by all of
them has nothing said of it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from reports.run_directory import Run, diagnosis
from reports.wording import counted, number, percent

LEARNT = 0.98  # share of training images right: what trains this well has no trouble with its gradients or rate
DEEP = 10  # steps between layers from which on a factor of a tenth for each adds up
DEEP_FACTOR = 5.0  # 1.1 a layer over 17 layers; the lecture's 1.1^20 = 6.7 and 0.9^20 = 0.12 lie beyond it
SHALLOW_FACTOR = 100.0  # over fewer layers: tenfold happens in networks that train well
STEADY = 0.8  # of the steps from layer to layer go one way: a power of a factor, not the ups and downs of layer sizes
SLOW_FALL = 0.2  # a loss that fell by less than this share of its first value ...
SLOW_ACCURACY = 0.5  # ... with fewer training images right than this has learnt next to nothing
RISES = 1 / 3  # share of epochs with a rising training loss: now and then one rises in any run
SWINGS = 0.05  # mean change of the training loss between epochs, as a share of its mean: 3 % is a tremble
GAP = 0.05  # training less validation accuracy; the ladder's plain CNN on 1,000 digits has 0.07
WIDE_GAP = 0.1  # overfitting, even while the validation loss still stands
RISEN = 1.1  # last validation loss by the lowest: 10 % is more than it wavers by
UNDERFITTED = 0.8  # training accuracy below which a network does not even fit what it is shown
FLAT = 0.02  # a loss that fell by less than this share in the last third stands still
HARDLY_FALLING = 0.1  # by less than this share from one third of the epochs to the next, with rises in between
STILL_FALLING = 0.05  # fall of the mean validation loss over three epochs that asks for more of them
STILL_RISING = 0.002  # and rise of the best validation accuracy: the report's margin
ANNEALED = 0.2  # a last rate below this share of the highest: the schedule is through, and the loss falls by plan
LATE = 5  # epochs without a better validation loss before a cut; the callback's default patience is 3
SOON = 5  # epochs after a cut that show what it did
PAID_OFF = 0.1  # fall of the validation loss soon after a cut: the cut was overdue
DEAD = 0.5  # share of a layer's units; a fifth is common in wide layers on 64 images
SATURATED = 0.5  # share of a layer's outputs: most of the gradient is lost there
FEWEST = 6  # epochs from which on a curve has a shape


@dataclass(frozen=True)
class Course:
    """How a run went in its last phase: its epochs, its looks into the network, and why it failed (None: it did not).

    `looks`: by number of epochs passed, the rows of diagnosis.csv in the order of the layers.
    """

    rows: tuple[dict[str, float], ...]
    looks: dict[int, tuple[dict[str, Any], ...]]
    failure: str | None
    scheduled: bool

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
        """The first look with a norm that is no number, and the layer."""
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

    def accuracy(self, prefix: str = "") -> float:
        """The mean accuracy of the last three epochs."""
        return _mean(self.column(f"{prefix}accuracy")[-3:])

    def learnt(self) -> bool:
        """Whether the training images are known in the end."""
        return not self.diverged and bool(self.rows) and self.accuracy() >= LEARNT

    def third(self) -> int:
        """How many epochs a third of them is, at least 3."""
        return max(3, len(self.rows) // 3)


def course(run: Run) -> Course | None:
    """The run's course; None of runs without diagnosis, and of those that ended for reasons of their own."""
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
    )


# -- rules: gradients ------------------------------------------------------------------------------------------------


def exploding(run: Course) -> str | None:
    """Numbers that ran away, or a gradient that grows on its way back through the layers."""
    if run.failure is not None:
        return "; ".join(filter(None, [run.failure, _largest_gradient(run)]))
    found = run.no_number()
    if found is not None:
        return f"a norm of {found[1]} is no number ({_when(found[0])})"
    return None if run.learnt() else _through_layers(run, grows=True)


def vanishing(run: Course) -> str | None:
    """A gradient that shrinks on its way back through the layers, in a network that does not learn its images."""
    return None if run.diverged or run.learnt() else _through_layers(run, grows=False)


def _through_layers(run: Course, grows: bool) -> str | None:
    """Where the gradient grows (or shrinks) steadily from the last hidden layer to the first, in most of the looks."""
    found = []
    for epoch, rows in run.looks.items():
        layers = [row for row in rows if row["output_gradient_norm"] is not None][:-1]  # the loss bounds the logits'
        norms = [row["output_gradient_norm"] for row in layers]
        steps = len(norms) - 1
        if steps < 3 or not norms[-1]:
            return None
        factor = norms[0] / norms[-1]
        limit = DEEP_FACTOR if steps >= DEEP else SHALLOW_FACTOR
        one_way = sum((nearer > farther) == grows for nearer, farther in pairwise(norms)) / steps
        if one_way >= STEADY and (factor >= limit if grows else factor <= 1 / limit):
            found.append((epoch, layers, factor, steps))
    if len(found) <= len(run.looks) / 2:
        return None
    epoch, layers, factor, steps = found[0]
    return (
        f"the gradient is {number(factor, 2)} times as large at {layers[0]['layer']} as at {layers[-1]['layer']}, a "
        f"factor of {factor ** (1 / steps):.2f} for each of {steps} layers ({_when(epoch)})"
    )


def _largest_gradient(run: Course) -> str | None:
    epoch = max(run.looks)
    known = [row for row in run.looks[epoch] if row["gradient_norm"]]
    if not known:
        return None
    row = max(known, key=lambda row: row["gradient_norm"])
    return f"the largest gradient was {row['layer']}'s, of norm {number(row['gradient_norm'], 2)} ({_when(epoch)})"


# -- rules: the loss -------------------------------------------------------------------------------------------------


def slow(run: Course) -> str | None:
    """A training loss that falls steadily, but hardly; where another rule says why, that is enough."""
    if run.diverged or len(run.rows) < 3 or run.accuracy() >= SLOW_ACCURACY:
        return None
    if any(rule(run) for rule in (exploding, vanishing, dead_units, saturated)):
        return None
    first, last = run.loss[0], run.loss[-1]
    if last < (1 - SLOW_FALL) * first or _rises(run.loss) >= RISES:
        return None
    steps = [row["update_ratio"] for rows in run.looks.values() for row in rows if row["update_ratio"]]
    moved = (
        f"; a step changed the weights by {number(sorted(steps)[len(steps) // 2], 2)} of their size" if steps else ""
    )
    return (
        f"training loss {number(first, 3)} in epoch {int(run.rows[0]['epoch'])}, still {number(last, 3)} in epoch "
        f"{run.epoch}{moved}"
    )


def oscillating(run: Course) -> str | None:
    """A training loss that swings up and down instead of falling."""
    if run.diverged or run.learnt() or not swings(run.loss):
        return None
    rises = [(now - before) / before for before, now in pairwise(run.loss) if now > before]
    return (
        f"training loss rose in {len(rises)} of {len(run.rows) - 1} epochs, by {100 * _mean(rises):.0f} % on average; "
        f"it ended at {number(run.loss[-1], 3)} with {percent(run.accuracy(), 1)} of the training images right"
    )


def swings(loss: Sequence[float]) -> bool:
    """Whether a loss rises often, and by much."""
    if len(loss) < FEWEST:
        return False
    changes = [now - before for before, now in pairwise(loss)]
    return _rises(loss) >= RISES and _mean([abs(change) for change in changes]) >= SWINGS * _mean(loss)


def _rises(loss: Sequence[float]) -> float:
    """The share of epochs in which it rose."""
    return _mean([float(now > before) for before, now in pairwise(loss)])


def overfitting(run: Course) -> str | None:
    """Training images known better than others, and a validation loss that has turned."""
    if run.diverged or len(run.rows) < 3:
        return None
    known, others = run.accuracy(), run.accuracy("val_")
    lowest, last = min(run.validation), run.validation[-1]
    if known - others < GAP or (last < RISEN * lowest and known - others < WIDE_GAP):
        return None
    best = int(run.rows[run.validation.index(lowest)]["epoch"])
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; "
        f"validation loss {number(lowest, 3)} in epoch {best}, {number(last, 3)} in epoch {run.epoch}"
    )


def underfitting(run: Course) -> str | None:
    """A loss that has settled where even the training images are often wrong, without any gap."""
    if run.diverged or len(run.rows) < FEWEST or vanishing(run) or slow(run) or oscillating(run):
        return None
    known, others = run.accuracy(), run.accuracy("val_")
    if known >= UNDERFITTED or known - others >= GAP or not _stands(run):
        return None
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; training "
        f"loss {number(run.loss[-run.third() - 1], 3)} in epoch {run.epoch - run.third()}, "
        f"{number(run.loss[-1], 3)} in epoch {run.epoch}"
    )


# -- rules: the learning rate and the end ----------------------------------------------------------------------------


def cut_too_late(run: Course) -> str | None:
    """A cut of the learning rate that paid off at once, after many epochs without any improvement."""
    if run.scheduled or run.diverged:
        return None
    rates, loss = run.column("learning_rate"), run.validation
    for k in range(1, len(rates)):
        if rates[k] >= rates[k - 1]:
            continue
        before = min(loss[:k])
        waited, after = k - 1 - loss[:k].index(before), min(loss[k : k + SOON])
        if waited >= LATE and after <= (1 - PAID_OFF) * before:
            return (
                f"after {waited} epochs without a better validation loss than {number(before, 3)} the rate was cut to "
                f"{number(rates[k])} for epoch {int(run.rows[k]['epoch'])}; soon it was "
                f"{number(after, 3)}"
            )
    return None


def never_cut(run: Course) -> str | None:
    """A constant learning rate, at which the training loss trembles on the spot before the images are known."""
    if run.scheduled or run.diverged or run.learnt() or len(run.rows) < 3 * 3 or slow(run):
        return None
    rates, third = run.column("learning_rate"), run.third()
    before, last = _mean(run.loss[-2 * third : -third]), _mean(run.loss[-third:])
    trembles = _rises(run.loss[-2 * third :]) >= RISES and last > (1 - HARDLY_FALLING) * before
    if min(rates) < max(rates) or run.accuracy() < SLOW_ACCURACY or not trembles:
        return None
    return (
        f"training loss {number(before, 3)} on average of epochs {run.epoch - 2 * third + 1} to {run.epoch - third}, "
        f"{number(last, 3)} of the last {third}, up and down, all at a rate of {number(rates[0])}"
    )


def stopped_too_early(run: Course) -> str | None:
    """A validation loss that was still falling when training ended."""
    if run.diverged or len(run.rows) < FEWEST or slow(run):
        return None
    rates = run.column("learning_rate")
    if rates[-1] < ANNEALED * max(rates) and run.scheduled:
        return None
    before, last = _mean(run.validation[-6:-3]), _mean(run.validation[-3:])
    accuracies = run.column("val_accuracy")
    falling = last <= (1 - STILL_FALLING) * before and min(run.validation) in run.validation[-2:]
    if not falling or max(accuracies[-3:]) < max(accuracies[:-3]) + STILL_RISING:
        return None
    return (
        f"validation loss {number(before, 3)} on average of epochs {run.epoch - 5} to {run.epoch - 3}, "
        f"{number(last, 3)} of the last three, to epoch {run.epoch}"
    )


# -- rules: units ----------------------------------------------------------------------------------------------------


def dead_units(run: Course) -> str | None:
    """Layers of which most rectified units are zero for every image that was looked at."""
    return None if run.diverged else _most(run, "dead", DEAD, "units are zero for every image looked at")


def saturated(run: Course) -> str | None:
    """Layers of which most outputs stand at a bound, in a network that does not learn its images."""
    return None if run.diverged or run.learnt() else _most(run, "saturated", SATURATED, "outputs are at a bound")


def _most(run: Course, column: str, limit: float, words: str) -> str | None:
    epoch = max(run.looks)
    found = [row for row in run.looks[epoch] if (row[column] or 0) >= limit]
    if not found:
        return None
    worst = max(found, key=lambda row: row[column])
    more = f", and most in {counted(len(found) - 1, 'other layer')}" if len(found) > 1 else ""
    return f"in {worst['layer']} {100 * worst[column]:.0f} % of the {words}{more} ({_when(epoch)})"


@dataclass(frozen=True)
class Rule:
    """What is wrong, in a few words, what to do about it, and the function that sees it in a run."""

    title: str
    advice: str
    seen: Callable[[Course], str | None]


RULES = (
    Rule(
        "The numbers explode.",
        "Try a smaller learning rate, smaller initial weights or another activation, and check the gradient if the "
        "layers are your own.",
        exploding,
    ),
    Rule(
        "The gradient vanishes on its way back.",
        "Try larger initial weights (he_normal for relu), another activation, batch normalisation or residual "
        "connections, and a larger learning rate.",
        vanishing,
    ),
    Rule(
        "It hardly learns.",
        "Try a larger learning rate first, then larger initial weights, another activation or residual connections.",
        slow,
    ),
    Rule(
        "The loss swings up and down.",
        "Look at the data and the labels first; see whether the loss gets logits where it expects them and not what a "
        "softmax made of them; then try Adam, or a smaller learning rate.",
        oscillating,
    ),
    Rule(
        "It overfits.",
        "Try the remedies of the overfitting ladder: augmentation, dropout, L1 and L2 penalties, batch normalisation, "
        "a smaller network, early stopping; or more images.",
        overfitting,
    ),
    Rule(
        "It underfits.",
        "Try a larger network, smaller penalties, less dropout and less augmentation.",
        underfitting,
    ),
    Rule(
        "The learning rate was cut too late.",
        "Give reduce_lr_on_plateau less patience, or use a schedule.",
        cut_too_late,
    ),
    Rule(
        "The learning rate was never cut.",
        "Cut it when the loss stands still (reduce_lr_on_plateau), or use a schedule.",
        never_cut,
    ),
    Rule(
        "Training stopped too early.",
        "Train for more epochs, or give early stopping more patience.",
        stopped_too_early,
    ),
    Rule(
        "Most units of a layer are dead.",
        "Try a smaller learning rate, smaller initial weights, leaky_relu or elu, or batch normalisation before the "
        "activation.",
        dead_units,
    ),
    Rule(
        "Activations are saturated.",
        "Try smaller initial weights, batch normalisation before the activation, or relu.",
        saturated,
    ),
)


def _stands(run: Course) -> bool:
    """Whether the training loss of the last third is no better than the best before."""
    third = run.third()
    return min(run.loss[-third:]) > (1 - FLAT) * min(run.loss[:-third])


def _when(epoch: int) -> str:
    return f"after epoch {epoch}" if epoch else "before the first epoch"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
