"""Rules on the layers: initial weights, exploding and vanishing gradients, dead units, saturated activations."""

import math
from itertools import pairwise

from keras_suite.reports.diagnosis.phase_history import PhaseHistory, when
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import counted

DEEP = 10  # steps between layers from which on a factor of a tenth for each adds up
DEEP_FACTOR = 5.0  # 1.1 a layer over 17 layers; the lecture's 1.1^20 = 6.7 and 0.9^20 = 0.12 lie beyond it
SHALLOW_FACTOR = 100.0  # over fewer layers: tenfold happens in networks that train well
FORGOTTEN = 2e-3  # of what differs between images before the first epoch is left at the end; 0.02 to 0.6 train well
STEADY = 0.8  # of the steps from layer to layer go one way: a power of a factor, not the ups and downs of layer sizes


OUTSIZE = 5.0  # times the loss of guessing before the first epoch: the outputs are certain of what nobody taught them


def equal_weights(run: PhaseHistory) -> str | None:
    """Detect hidden layers whose units all began with the same weights, and stay copies of each other."""
    alike, zero, hidden = (run.at_start(name) for name in ("alike", "zero", "hidden"))
    if not alike or not run.at_end("alike") or run.has_learnt():
        return None
    what = "zero weights" if zero == alike else "equal weights"
    return (
        f"{alike:.0f} of {counted(int(hidden or 0), 'hidden layer')} began with {what}, and their units are still equal"
    )


def large_weights(run: PhaseHistory) -> str | None:
    """Detect initial weights so large that outputs are at their bounds, or far off, before anything was learnt."""
    if 0 not in run.probes or run.has_learnt() or run.transferred:
        return None
    bound, loss = run.most("saturated", at_start=True), run.at_start("loss")
    if bound >= SATURATED:
        return _most(run, "saturated", SATURATED, "outputs are at a bound", at_start=True)
    if run.classes is None or run.floor is None or loss is None or not loss >= OUTSIZE * math.log(run.classes):
        return None
    return f"a loss of {number(loss, 2)} before the first epoch, where guessing has {number(math.log(run.classes), 2)}"


def exploding(run: PhaseHistory) -> str | None:
    """Detect a diverged run, or a gradient that grows on its way back through the layers."""
    if run.failure is not None:
        return "; ".join(filter(None, [run.failure, _largest_gradient(run)]))
    nonfinite = run.first_nonfinite()
    if nonfinite is not None:
        return f"a norm of {nonfinite[1]} is not finite ({when(nonfinite[0])})"
    return None if run.has_learnt() else _through_layers(run, grows=True)


def vanishing(run: PhaseHistory) -> str | None:
    """Detect a gradient that shrinks on its way back through the layers of a network that does not learn."""
    if run.diverged or run.has_learnt():
        return None
    return _forgotten(run) or _through_layers(run, grows=False)


def _forgotten(run: PhaseHistory) -> str | None:
    """Describe outputs that hardly depend on the image before the first epoch, of a network that learns little."""
    if run.learns():  # whatever made them small then, such as a scale before the logits, did not stand in its way
        return None
    inputs, outputs = run.at_start("input_spread"), run.at_start("output_spread")
    if not inputs or not outputs or outputs > FORGOTTEN * inputs:
        return None
    return (
        f"what differs between images by {number(inputs, 2)} at the first layer differs by {number(outputs, 2)} in the "
        "outputs (before the first epoch)"
    )


def _through_layers(run: PhaseHistory, grows: bool) -> str | None:
    """Describe where the gradient steadily grows (or shrinks) from last hidden layer to first, in most probes."""
    growing = []
    for epoch, rows in run.probes.items():
        layers = [row for row in rows if row["output_gradient_norm"] is not None][:-1]  # the loss bounds the logits'
        norms = [row["output_gradient_norm"] for row in layers]
        steps = len(norms) - 1
        if steps < 3 or not norms[-1]:
            return None
        factor = norms[0] / norms[-1]
        limit = DEEP_FACTOR if steps >= DEEP else SHALLOW_FACTOR
        one_way = sum((nearer > farther) == grows for nearer, farther in pairwise(norms)) / steps
        if one_way >= STEADY and (factor >= limit if grows else factor <= 1 / limit):
            growing.append((epoch, layers, factor, steps))
    if len(growing) <= len(run.probes) / 2:
        return None
    epoch, layers, factor, steps = growing[0]
    return (
        f"the gradient is {number(factor, 2)} times as large at {layers[0]['layer']} as at {layers[-1]['layer']}, a "
        f"factor of {factor ** (1 / steps):.2f} for each of {steps} layers ({when(epoch)})"
    )


def _largest_gradient(run: PhaseHistory) -> str | None:
    epoch = max(run.probes)
    known = [row for row in run.probes[epoch] if row["gradient_norm"]]
    if not known:
        return None
    row = max(known, key=lambda row: row["gradient_norm"])
    return f"the largest gradient was {row['layer']}'s, of norm {number(row['gradient_norm'], 2)} ({when(epoch)})"


DEAD = 0.5  # share of a layer's units; a fifth is common in wide layers on 64 images
MOSTLY_DEAD = 0.75  # of a network that learns with what is left
SATURATED = 0.5  # share of a layer's outputs: most of the gradient is lost there


def dead_units(run: PhaseHistory) -> str | None:
    """Detect layers of which most rectified units are zero for every probed image, in a network that does not learn."""
    if run.diverged or run.has_learnt() or (run.learns() and run.most("dead") < MOSTLY_DEAD):
        return None
    return _most(run, "dead", DEAD, "units are zero for every image looked at")


def saturated(run: PhaseHistory) -> str | None:
    """Detect layers of which most outputs are at a bound, in a network that does not learn its images."""
    return None if run.diverged or run.has_learnt() else _most(run, "saturated", SATURATED, "outputs are at a bound")


def _most(run: PhaseHistory, column: str, limit: float, words: str, at_start: bool = False) -> str | None:
    epoch = (min if at_start else max)(run.probes)
    affected = [row for row in run.probes[epoch] if (row[column] or 0) >= limit]
    if not affected:
        return None
    worst = max(affected, key=lambda row: row[column])
    more = f", and most in {counted(len(affected) - 1, 'other layer')}" if len(affected) > 1 else ""
    return f"in {worst['layer']} {100 * worst[column]:.0f} % of the {words}{more} ({when(epoch)})"
