"""The learning rate's cuts, and the end of training: too late, never, too early."""

from keras_suite.reports.diagnosis.course import Course, mean, rises
from keras_suite.reports.diagnosis.loss import FEWEST, RISES, SLOW_ACCURACY, slow
from keras_suite.reports.wording import number

HARDLY_FALLING = 0.1  # by less than this share from one third of the epochs to the next, with rises in between
LATE = 5  # epochs without a better validation loss before a cut; the callback's default patience is 3
SOON = 5  # epochs after a cut that show what it did
PAID_OFF = 0.1  # fall of the validation loss soon after a cut: the cut was overdue
STILL_FALLING = 0.05  # fall of the mean validation loss over three epochs that asks for more of them
STILL_RISING = 0.002  # and rise of the best validation accuracy: the report's margin
ANNEALED = 0.2  # a last rate below this share of the highest: the schedule is through, and the loss falls by plan


def cut_too_late(run: Course) -> str | None:
    """Describe a cut of the learning rate that paid off at once, after many epochs without any improvement."""
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
    """Describe a constant learning rate, at which the training loss trembles on the spot before they are known."""
    if run.scheduled or run.diverged or run.learnt() or len(run.rows) < 3 * 3 or slow(run):
        return None
    rates, third = run.column("learning_rate"), run.third()
    before, last = mean(run.loss[-2 * third : -third]), mean(run.loss[-third:])
    trembles = rises(run.loss[-2 * third :]) >= RISES and last > (1 - HARDLY_FALLING) * before
    learns = not run.of_classes or run.accuracy() >= SLOW_ACCURACY
    if min(rates) < max(rates) or not learns or not trembles:
        return None
    return (
        f"training loss {number(before, 3)} on average of epochs {run.epoch - 2 * third + 1} to {run.epoch - third}, "
        f"{number(last, 3)} of the last {third}, up and down, all at a rate of {number(rates[0])}"
    )


def stopped_too_early(run: Course) -> str | None:
    """Describe a validation loss that was still falling when training ended."""
    if run.diverged or len(run.rows) < FEWEST or slow(run):
        return None
    rates = run.column("learning_rate")
    if rates[-1] < ANNEALED * max(rates) and run.scheduled:
        return None
    before, last = mean(run.validation[-6:-3]), mean(run.validation[-3:])
    falling = last <= (1 - STILL_FALLING) * before and min(run.validation) in run.validation[-2:]
    if not falling or (run.of_classes and not _rising(run.column("val_accuracy"))):
        return None
    return (
        f"validation loss {number(before, 3)} on average of epochs {run.epoch - 5} to {run.epoch - 3}, "
        f"{number(last, 3)} of the last three, to epoch {run.epoch}"
    )


def _rising(accuracies: list[float]) -> bool:
    return max(accuracies[-3:]) >= max(accuracies[:-3]) + STILL_RISING
