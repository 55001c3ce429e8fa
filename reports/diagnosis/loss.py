"""The course of the loss: slow, swinging, turned, or settled too high."""

from collections.abc import Sequence
from itertools import pairwise

from keras_suite.reports.diagnosis.course import Course, mean, rises
from keras_suite.reports.diagnosis.layers import dead_units, exploding, saturated, vanishing
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import percent

SLOW_FALL = 0.2  # a loss that fell by less than this share of its first value ...
SLOW_ACCURACY = 0.5  # ... with fewer training images right than this has learnt next to nothing
FEWEST = 6  # epochs from which on a curve has a shape
RISES = 1 / 3  # share of epochs with a rising training loss: now and then one rises in any run
SWINGS = 0.05  # mean change of the training loss between epochs, as a share of its mean: 3 % is a tremble
GAP = 0.05  # training less validation accuracy; the ladder's plain CNN on 1,000 digits has 0.07
WIDE_GAP = 0.1  # overfitting, even while the validation loss still stands
RISEN = 1.1  # last validation loss by the lowest: 10 % is more than it wavers by
UNDERFITTED = 0.8  # training accuracy below which a network does not even fit what it is shown
MOSTLY_RIGHT = 0.9  # training accuracy from which a cross-entropy of logits lies far below the floor of probabilities
FLAT = 0.02  # a loss that fell by less than this share in the last third stands still


def slow(run: Course) -> str | None:
    """Describe a training loss that falls steadily, but hardly; where another rule says why, that is enough."""
    if run.diverged or len(run.rows) < 3 or not run.known_less_than(SLOW_ACCURACY):
        return None
    if any(rule(run) for rule in (exploding, vanishing, dead_units, saturated)):
        return None
    first, last = run.loss[0], run.loss[-1]
    if last < (1 - SLOW_FALL) * first or rises(run.loss) >= RISES:
        return None
    steps = [row["update_ratio"] for rows in run.looks.values() for row in rows if row["update_ratio"]]
    moved = (
        f"; a step changed the weights by {number(sorted(steps)[len(steps) // 2], 2)} of their size" if steps else ""
    )
    return (
        f"training loss {number(first, 3)} in epoch {int(run.rows[0]['epoch'])}, still {number(last, 3)} in epoch "
        f"{run.epoch}{moved}"
    )


def softmax_twice(run: Course) -> str | None:
    """Describe a loss that no probability could bring lower, were it taken for a logit, with nearly all images right.

    At its least a right answer costs the floor and a wrong one 1 more.
    """
    if run.floor is None or run.diverged or len(run.rows) < 3 or run.known_less_than(MOSTLY_RIGHT):
        return None
    loss = mean(run.loss[-3:])
    if loss < run.floor + 1 - run.accuracy():
        return None
    return (
        f"{percent(run.accuracy(), 1)} of the training images right, and yet a training loss of {number(loss, 3)}: no "
        f"softmax of probabilities comes below {number(run.floor, 3)}"
    )


def oscillating(run: Course) -> str | None:
    """Describe a training loss that swings up and down instead of falling."""
    if run.diverged or run.learnt() or not swings(run.loss):
        return None
    rises = [(now - before) / before for before, now in pairwise(run.loss) if now > before]
    return (
        f"training loss rose in {len(rises)} of {len(run.rows) - 1} epochs, by {100 * mean(rises):.0f} % on average; "
        f"it ended at {number(run.loss[-1], 3)}{run.in_words()}"
    )


def swings(loss: Sequence[float]) -> bool:
    """Return whether a loss rises often, and by much."""
    if len(loss) < FEWEST:
        return False
    changes = [now - before for before, now in pairwise(loss)]
    return rises(loss) >= RISES and mean([abs(change) for change in changes]) >= SWINGS * mean(loss)


def overfitting(run: Course) -> str | None:
    """Describe training images known better than others, and a validation loss that has turned."""
    if run.diverged or len(run.rows) < 3:
        return None
    lowest, last = min(run.validation), run.validation[-1]
    best = int(run.rows[run.validation.index(lowest)]["epoch"])
    turned = f"validation loss {number(lowest, 3)} in epoch {best}, {number(last, 3)} in epoch {run.epoch}"
    if not run.of_classes:
        known = mean(run.loss[-3:])
        return f"training loss {number(known, 3)}; {turned}" if last >= RISEN * max(lowest, known) else None
    known, others = run.accuracy(), run.accuracy("val_")
    if known - others < GAP or (last < RISEN * lowest and known - others < WIDE_GAP):
        return None
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; {turned}"
    )


def underfitting(run: Course) -> str | None:
    """Describe a loss that has settled where even the training images are often wrong, without any gap. Of classes
    only.
    """
    if run.diverged or len(run.rows) < FEWEST or not run.of_classes or vanishing(run) or slow(run) or oscillating(run):
        return None
    known, others = run.accuracy(), run.accuracy("val_")
    if known >= UNDERFITTED or known - others >= GAP or not _stands(run):
        return None
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; training "
        f"loss {number(run.loss[-run.third() - 1], 3)} in epoch {run.epoch - run.third()}, "
        f"{number(run.loss[-1], 3)} in epoch {run.epoch}"
    )


def _stands(run: Course) -> bool:
    """Whether the training loss of the last third is no better than the best before."""
    third = run.third()
    return min(run.loss[-third:]) > (1 - FLAT) * min(run.loss[:-third])
