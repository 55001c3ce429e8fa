"""Rules on what a network is given and what its loss gets: inputs, labels, and probabilities in place of logits."""

import math

from keras_suite.reports.diagnosis.phase_history import PhaseHistory, mean
from keras_suite.reports.diagnosis.rates import slow
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import percent

ALIKE = 1e-3  # of their size: images that differ by less from their mean are one image
LARGE, SMALL = 10.0, 0.01  # root mean square of scaled inputs: pixels of 0..1 have 0.05 to 0.7, standardised ones 1
FEWEST_WRONG = 15  # of the validation images: fewer say nothing of labels
RANDOM = 0.35  # mean place of the label among the other classes: 0.1 to 0.25 of networks that mix up what looks alike
MOSTLY_RIGHT = 0.9  # training accuracy from which a cross-entropy of logits lies far below the floor of probabilities
MEMORISED = 0.01  # by this share the training loss lies below that of guessing, and the validation loss not at all


def constant_inputs(run: PhaseHistory) -> str | None:
    """Detect images that are all alike to the network."""
    size, spread = run.at_start("input_scale"), run.at_start("input_spread")
    if size is None or spread is None or not spread <= ALIKE * size:
        return None
    return f"what the first layer gets differs between images by {number(spread, 2)}, of a size of {number(size, 2)}"


def unscaled_inputs(run: PhaseHistory) -> str | None:
    """Detect inputs far from a size of 1; not of transferred networks, whose inputs are what their weights expect."""
    size = run.at_start("input_scale")
    if size is None or run.transferred or SMALL < size < LARGE or constant_inputs(run) is not None:
        return None
    return (
        f"the root mean square of what the first layer gets is {number(size, 2)}; of pixels of 0 to 1 it is about 0.4"
    )


def softmax_twice(run: PhaseHistory) -> str | None:
    """Detect probabilities where the loss expects logits: all outputs from 0 to 1 whenever they were looked at.

    Of runs without that evidence: a loss that stays above the smallest value that is possible if probabilities are
    taken for logits, with nearly all images right. A right answer costs at least that floor, a wrong one 1 more.
    """
    if run.classes is None:
        return None
    if run.whole:
        sums, within = (min((row[name] or 0) for row in run.whole.values()) for name in ("sum_to_1", "within_0_1"))
        if sums == 1:
            return "the network's outputs are from 0 to 1 and sum to 1 for every image looked at, whenever it was"
        differ = min(row["output_spread"] or 0 for row in run.whole.values()) > 0
        return "the network's outputs were from 0 to 1 whenever looked at" if within == 1 and differ else None
    if run.floor is None or run.diverged or len(run.rows) < 3 or run.accuracy_below(MOSTLY_RIGHT):
        return None
    loss = mean(run.loss[-3:])
    if loss < run.floor + 1 - run.accuracy():
        return None
    return (
        f"{percent(run.accuracy(), 1)} of the training images right, and yet a training loss of {number(loss, 3)}: no "
        f"softmax of probabilities comes below {number(run.floor, 3)}"
    )


def wrong_labels(run: PhaseHistory) -> str | None:
    """Detect labels that say little of the images: where the network is wrong, or in that it learns by heart alone."""
    if run.diverged or run.classes is None or len(run.rows) < 3 or slow(run):
        return None
    return _by_heart(run) if run.guesses() else _anywhere(run)


def _anywhere(run: PhaseHistory) -> str | None:
    """Describe validation labels that stand anywhere among the classes which the network did not answer."""
    seen = run.wrong
    if seen is None or seen.wrong < FEWEST_WRONG or seen.rank - 1.64 * seen.error < RANDOM:
        return None
    return (
        f"of {seen.images} validation images {seen.wrong} are answered wrongly, and their labels stand at "
        f"{percent(seen.rank, 0)} of the way from the second most probable class to the least: 50 % if labels were "
        "drawn at random, 10 to 25 % where images are hard"
    )


def _by_heart(run: PhaseHistory) -> str | None:
    """Describe training labels that are learnt one by one while the others are guessed."""
    assert run.classes is not None
    guessing, lowest = math.log(run.classes), min(run.validation)
    if run.floor is None or lowest < (1 - MEMORISED) * guessing or run.loss[-1] > (1 - MEMORISED) * guessing:
        return None
    return (
        f"training loss {number(run.loss[-1], 3)} in epoch {run.epoch}, with {percent(run.accuracy(), 1)} of the "
        f"training images right, and not one lesson for others: validation loss {number(lowest, 3)} at best and "
        f"{percent(run.accuracy('val_'), 1)} right, where guessing has {number(guessing, 3)} and "
        f"{percent(1 / run.classes, 1)}"
    )
