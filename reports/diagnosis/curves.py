"""Rules on the curves of loss and learning rate: slow, oscillating, over- and underfitting; cut too late or never."""

from collections.abc import Sequence
from itertools import pairwise

from keras_suite.reports.diagnosis.layers import dead_units, exploding, saturated, vanishing
from keras_suite.reports.diagnosis.phase_history import PhaseHistory, mean, rises
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


def slow(run: PhaseHistory) -> str | None:
    """Detect a training loss that falls steadily but hardly; None where another rule gives the reason."""
    if run.diverged or len(run.rows) < 3 or not run.accuracy_below(SLOW_ACCURACY):
        return None
    if any(rule(run) for rule in (exploding, vanishing, dead_units, saturated)):
        return None
    first, last = run.loss[0], run.loss[-1]
    if last < (1 - SLOW_FALL) * first or rises(run.loss) >= RISES:
        return None
    steps = [row["update_ratio"] for rows in run.probes.values() for row in rows if row["update_ratio"]]
    moved = (
        f"; a step changed the weights by {number(sorted(steps)[len(steps) // 2], 2)} of their size" if steps else ""
    )
    return (
        f"training loss {number(first, 3)} in epoch {int(run.rows[0]['epoch'])}, still {number(last, 3)} in epoch "
        f"{run.epoch}{moved}"
    )


def softmax_twice(run: PhaseHistory) -> str | None:
    """Detect a softmax before a loss that expects logits.

    With nearly all images right, the loss stays above the smallest value that is possible if probabilities are taken
    for logits: a right answer costs at least that floor, a wrong one 1 more.
    """
    if run.floor is None or run.diverged or len(run.rows) < 3 or run.accuracy_below(MOSTLY_RIGHT):
        return None
    loss = mean(run.loss[-3:])
    if loss < run.floor + 1 - run.accuracy():
        return None
    return (
        f"{percent(run.accuracy(), 1)} of the training images right, and yet a training loss of {number(loss, 3)}: no "
        f"softmax of probabilities comes below {number(run.floor, 3)}"
    )


def oscillating(run: PhaseHistory) -> str | None:
    """Detect a training loss that goes up and down instead of falling."""
    if run.diverged or run.has_learnt() or not swings(run.loss):
        return None
    rises = [(now - before) / before for before, now in pairwise(run.loss) if now > before]
    return (
        f"training loss rose in {len(rises)} of {len(run.rows) - 1} epochs, by {100 * mean(rises):.0f} % on average; "
        f"it ended at {number(run.loss[-1], 3)}{run.accuracy_in_words()}"
    )


def swings(loss: Sequence[float]) -> bool:
    """Return whether a loss rises often and by much."""
    if len(loss) < FEWEST:
        return False
    changes = [now - before for before, now in pairwise(loss)]
    return rises(loss) >= RISES and mean([abs(change) for change in changes]) >= SWINGS * mean(loss)


def overfitting(run: PhaseHistory) -> str | None:
    """Detect training images that are fitted better than others while the validation loss has turned."""
    if run.diverged or len(run.rows) < 3:
        return None
    lowest, last = min(run.validation), run.validation[-1]
    best = int(run.rows[run.validation.index(lowest)]["epoch"])
    turned = f"validation loss {number(lowest, 3)} in epoch {best}, {number(last, 3)} in epoch {run.epoch}"
    if not run.classifies:
        known = mean(run.loss[-3:])
        return f"training loss {number(known, 3)}; {turned}" if last >= RISEN * max(lowest, known) else None
    known, others = run.accuracy(), run.accuracy("val_")
    if known - others < GAP or (last < RISEN * lowest and known - others < WIDE_GAP):
        return None
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; {turned}"
    )


def underfitting(run: PhaseHistory) -> str | None:
    """Detect a loss that has settled while many training images are still wrong, without a gap. Classes only."""
    if run.diverged or len(run.rows) < FEWEST or not run.classifies or vanishing(run) or slow(run) or oscillating(run):
        return None
    known, others = run.accuracy(), run.accuracy("val_")
    if known >= UNDERFITTED or known - others >= GAP or not _stagnates(run):
        return None
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; training "
        f"loss {number(run.loss[-run.third() - 1], 3)} in epoch {run.epoch - run.third()}, "
        f"{number(run.loss[-1], 3)} in epoch {run.epoch}"
    )


def _stagnates(run: PhaseHistory) -> bool:
    """Return whether the training loss of the last third is hardly lower than the best before."""
    third = run.third()
    return min(run.loss[-third:]) > (1 - FLAT) * min(run.loss[:-third])


HARDLY_FALLING = 0.1  # by less than this share from one third of the epochs to the next, with rises in between
LATE = 5  # epochs without a better validation loss before a cut; the callback's default patience is 3
SOON = 5  # epochs after a cut that show what it did
PAID_OFF = 0.1  # fall of the validation loss soon after a cut: the cut was overdue
STILL_FALLING = 0.05  # fall of the mean validation loss over three epochs that asks for more of them
STILL_RISING = 0.002  # and rise of the best validation accuracy: the report's margin
ANNEALED = 0.2  # a last rate below this share of the highest: the schedule is through, and the loss falls by plan


def cut_too_late(run: PhaseHistory) -> str | None:
    """Detect a cut of the learning rate that paid off at once after many epochs without improvement."""
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


def never_cut(run: PhaseHistory) -> str | None:
    """Detect a constant learning rate at which the training loss fluctuates before the images are fitted."""
    if run.scheduled or run.diverged or run.has_learnt() or len(run.rows) < 3 * 3 or slow(run):
        return None
    rates, third = run.column("learning_rate"), run.third()
    before, last = mean(run.loss[-2 * third : -third]), mean(run.loss[-third:])
    trembles = rises(run.loss[-2 * third :]) >= RISES and last > (1 - HARDLY_FALLING) * before
    learns = not run.classifies or run.accuracy() >= SLOW_ACCURACY
    if min(rates) < max(rates) or not learns or not trembles:
        return None
    return (
        f"training loss {number(before, 3)} on average of epochs {run.epoch - 2 * third + 1} to {run.epoch - third}, "
        f"{number(last, 3)} of the last {third}, up and down, all at a rate of {number(rates[0])}"
    )


def stopped_too_early(run: PhaseHistory) -> str | None:
    """Detect a validation loss that was still falling when training ended."""
    if run.diverged or len(run.rows) < FEWEST or slow(run):
        return None
    rates = run.column("learning_rate")
    if rates[-1] < ANNEALED * max(rates) and run.scheduled:
        return None
    before, last = mean(run.validation[-6:-3]), mean(run.validation[-3:])
    falling = last <= (1 - STILL_FALLING) * before and min(run.validation) in run.validation[-2:]
    if not falling or (run.classifies and not _rising(run.column("val_accuracy"))):
        return None
    return (
        f"validation loss {number(before, 3)} on average of epochs {run.epoch - 5} to {run.epoch - 3}, "
        f"{number(last, 3)} of the last three, to epoch {run.epoch}"
    )


def _rising(accuracies: list[float]) -> bool:
    return max(accuracies[-3:]) >= max(accuracies[:-3]) + STILL_RISING
