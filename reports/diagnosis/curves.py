"""Rules on the curves of loss and accuracy: rate cut too late or never, epochs, over- and underfitting, penalties."""

from itertools import pairwise

from keras_suite.reports.diagnosis.layers import vanishing
from keras_suite.reports.diagnosis.phase_history import PhaseHistory, mean, rises
from keras_suite.reports.diagnosis.rates import FEWEST, RISES, SLOW_ACCURACY, oscillating, slow
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import percent

GAP = 0.05  # training less validation accuracy; the ladder's plain CNN on 1,000 digits has 0.07
WIDE_GAP = 0.1  # overfitting, even while the validation loss still stands
RISEN = 1.1  # last validation loss by the lowest: 10 % is more than it wavers by
TWICE = 2.0  # last validation loss by the training loss, where nothing is right or wrong; 1.3 is common
UNDERFITTED = 0.8  # training accuracy below which a network does not even fit what it is shown
FLAT = 0.02  # a loss that fell by less than this share in the last third stands still
PENALISED = 0.5  # penalties by the loss itself, in the epoch where they weigh most: the weights are what is minimised
DROPPED = 0.6  # share of units dropped: 0.5 is the largest in common use
HINDERED = 0.1  # validation less training accuracy: without dropout the same network knows so much more


def large_penalty(run: PhaseHistory) -> str | None:
    """Detect penalties on the weights that outweigh the loss of a network that does not fit its images."""
    if run.diverged or not run.rows or "loss" not in run.rows[0] or not run.accuracy_below(UNDERFITTED):
        return None
    shares = [row["loss"] / row["unpenalised_loss"] - 1 for row in run.rows if row["unpenalised_loss"] > 0]
    share = max(shares, default=0.0)
    if share < PENALISED or run.has_learnt():
        return None
    epoch = int(run.rows[shares.index(share)]["epoch"])
    return f"in epoch {epoch} the penalties come to {number(share, 2)} times the loss itself{run.accuracy_in_words()}"


def large_dropout(run: PhaseHistory) -> str | None:
    """Detect a dropout that keeps a network from fitting its images."""
    if run.diverged or len(run.rows) < 3 or run.dropout < DROPPED or run.has_learnt():
        return None
    known = run.accuracy() if run.classifies else None
    if known is None or not (known < UNDERFITTED or run.accuracy("val_") - known >= HINDERED):
        return None
    return (
        f"at a rate of {number(run.dropout)} {percent(known, 1)} of the training images are right, and without dropout "
        f"{percent(run.accuracy('val_'), 1)} of the validation images"
    )


def overfitting(run: PhaseHistory) -> str | None:
    """Detect training images that are fitted better than others while the validation loss has turned."""
    if run.diverged or len(run.rows) < 3:
        return None
    lowest, last = min(run.validation), run.validation[-1]
    best = int(run.rows[run.validation.index(lowest)]["epoch"])
    turned = f"validation loss {number(lowest, 3)} in epoch {best}, {number(last, 3)} in epoch {run.epoch}"
    if not run.classifies:
        known = mean(run.loss[-3:])
        risen = last >= RISEN * max(lowest, known) or last >= TWICE * known
        return f"training loss {number(known, 3)}; {turned}" if risen else None
    known, others = run.accuracy(), run.accuracy("val_")
    gap = round(known - others, 6)  # float32 means of shares: 0.1 and not a little less
    if gap < GAP or (last < RISEN * lowest and gap < WIDE_GAP):
        return None
    return (
        f"{percent(known, 1)} of the training images right and {percent(others, 1)} of the validation images; {turned}"
    )


def underfitting(run: PhaseHistory) -> str | None:
    """Detect a loss that has settled, or whose schedule is through, with many images wrong. Classes only."""
    if run.diverged or len(run.rows) < FEWEST or not run.classifies or vanishing(run) or slow(run) or oscillating(run):
        return None
    known, others = run.accuracy(), run.accuracy("val_")
    if known >= UNDERFITTED or known - others >= GAP or not (_stagnates(run) or _annealed(run)):
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


def _annealed(run: PhaseHistory) -> bool:
    """Return whether a schedule has brought the learning rate to its end."""
    rates = run.column("learning_rate")
    return run.scheduled and rates[-1] < ANNEALED * max(rates)


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
    if run.diverged or len(run.rows) < 2 or run.has_learnt() or slow(run) or _annealed(run):
        return None
    if len(run.rows) < FEWEST:
        return _still_falls(run)
    before, last = mean(run.validation[-6:-3]), mean(run.validation[-3:])
    falling = last <= (1 - STILL_FALLING) * before and min(run.validation) in run.validation[-2:]
    if not falling or (run.classifies and not _rising(run.column("val_accuracy"))):
        return None
    return (
        f"validation loss {number(before, 3)} on average of epochs {run.epoch - 5} to {run.epoch - 3}, "
        f"{number(last, 3)} of the last three, to epoch {run.epoch}"
    )


def _still_falls(run: PhaseHistory) -> str | None:
    """Describe a validation loss that fell in each of a few epochs, by much in the last one, too."""
    falls = all(after < before for before, after in pairwise(run.validation))
    before, last = run.validation[-2:]
    if not falls or last > (1 - STILL_FALLING) * before:
        return None
    return f"validation loss {number(before, 3)} in epoch {run.epoch - 1}, {number(last, 3)} in the last, {run.epoch}"


def _rising(accuracies: list[float]) -> bool:
    return max(accuracies[-3:]) >= max(accuracies[:-3]) + STILL_RISING
