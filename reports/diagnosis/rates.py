"""Rules on the learning rate: far too large, so that units die or the loss swings; far too small."""

from collections.abc import Sequence
from itertools import pairwise

from keras_suite.reports.diagnosis.layers import SATURATED, exploding, saturated, vanishing
from keras_suite.reports.diagnosis.phase_history import PhaseHistory, mean, rises, when
from keras_suite.reports.wording import number

DIED = 0.9  # share of a layer's units that are zero for every image: next to nothing comes through
ALIVE = 0.5  # and were not before the first epoch
LEAP = 0.02  # of the weights' size in a step, half the layers more: healthy runs have 0.0005 to 0.01
NOTHING_LEARNT = 0.8  # of the loss that it began with is left
CREEP = 5e-5  # half the layers less: what it takes to move them by their size is 20,000 steps
SLOW_FALL = 0.2  # a loss that fell by less than this share of its first value ...
SLOW_ACCURACY = 0.5  # ... with fewer training images right than this has learnt next to nothing
FEWEST = 6  # epochs from which on a curve has a shape
RISES = 1 / 3  # share of epochs with a rising training loss: now and then one rises in any run
SWINGS = 0.05  # mean change of the training loss between epochs, as a share of its mean: 3 % is a tremble


def leaps(run: PhaseHistory) -> str | None:
    """Detect steps so large that a network learns nothing, or that its units died or went to their bounds of them."""
    step = run.step()
    if run.diverged or not run.rows or run.learns() or step is None:
        return None
    moved = f"a step changed the weights by {number(step, 2)} of their size"
    nothing = run.loss[-1] >= NOTHING_LEARNT * run.untaught()
    if nothing and step >= LEAP / 10 and (died := _went(run, "dead", DIED, "dead")):
        return f"{moved}; {died}"
    if step < LEAP:
        return None
    if bound := _went(run, "saturated", SATURATED, "at a bound"):
        return f"{moved}; {bound}"
    return moved if nothing and not swings(run.loss) else None  # of swings another rule has more to say


def _went(run: PhaseHistory, column: str, limit: float, words: str) -> str:
    """Describe what became of a layer's units in training; "" where most were so before, or few are."""
    before, after = run.most(column, at_start=True), run.most(column)
    if before >= ALIVE or after < limit:
        return ""
    return f"of a layer's units {100 * before:.0f} % were {words} {when(0)} and {100 * after:.0f} % {when(run.epoch)}"


def slow(run: PhaseHistory) -> str | None:
    """Detect a training loss that hardly falls, by small steps; None where another rule has the reason."""
    if run.diverged or len(run.rows) < 3 or not run.accuracy_below(SLOW_ACCURACY):
        return None
    if any(rule(run) for rule in (exploding, vanishing, saturated)):
        return None
    first, last, step = run.loss[0], run.loss[-1], run.step()
    if last < (1 - SLOW_FALL) * first or (rises(run.loss) >= RISES if step is None else step > CREEP):
        return None
    moved = "" if step is None else f"; a step changed the weights by {number(step, 2)} of their size"
    return (
        f"training loss {number(first, 3)} in epoch {int(run.rows[0]['epoch'])}, still {number(last, 3)} in epoch "
        f"{run.epoch}{moved}"
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
