"""What goes wrong layer by layer: exploding and vanishing gradients, dead and saturated units."""

from itertools import pairwise

from keras_suite.reports.diagnosis.course import Course, when
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import counted

DEEP = 10  # steps between layers from which on a factor of a tenth for each adds up
DEEP_FACTOR = 5.0  # 1.1 a layer over 17 layers; the lecture's 1.1^20 = 6.7 and 0.9^20 = 0.12 lie beyond it
SHALLOW_FACTOR = 100.0  # over fewer layers: tenfold happens in networks that train well
STEADY = 0.8  # of the steps from layer to layer go one way: a power of a factor, not the ups and downs of layer sizes


def exploding(run: Course) -> str | None:
    """Describe numbers that ran away, or a gradient that grows on its way back through the layers."""
    if run.failure is not None:
        return "; ".join(filter(None, [run.failure, _largest_gradient(run)]))
    found = run.no_number()
    if found is not None:
        return f"a norm of {found[1]} is no number ({when(found[0])})"
    return None if run.learnt() else _through_layers(run, grows=True)


def vanishing(run: Course) -> str | None:
    """Describe a gradient that shrinks on its way back through the layers, in a network that does not learn."""
    return None if run.diverged or run.learnt() else _through_layers(run, grows=False)


def _through_layers(run: Course, grows: bool) -> str | None:
    """Return where the gradient grows (or shrinks) steadily from the last hidden layer to the first, in most of the
    looks.
    """
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
        f"factor of {factor ** (1 / steps):.2f} for each of {steps} layers ({when(epoch)})"
    )


def _largest_gradient(run: Course) -> str | None:
    epoch = max(run.looks)
    known = [row for row in run.looks[epoch] if row["gradient_norm"]]
    if not known:
        return None
    row = max(known, key=lambda row: row["gradient_norm"])
    return f"the largest gradient was {row['layer']}'s, of norm {number(row['gradient_norm'], 2)} ({when(epoch)})"


DEAD = 0.5  # share of a layer's units; a fifth is common in wide layers on 64 images
SATURATED = 0.5  # share of a layer's outputs: most of the gradient is lost there


def dead_units(run: Course) -> str | None:
    """Describe layers of which most rectified units are zero for every image that was looked at."""
    return None if run.diverged else _most(run, "dead", DEAD, "units are zero for every image looked at")


def saturated(run: Course) -> str | None:
    """Describe layers of which most outputs stand at a bound, in a network that does not learn its images."""
    return None if run.diverged or run.learnt() else _most(run, "saturated", SATURATED, "outputs are at a bound")


def _most(run: Course, column: str, limit: float, words: str) -> str | None:
    epoch = max(run.looks)
    found = [row for row in run.looks[epoch] if (row[column] or 0) >= limit]
    if not found:
        return None
    worst = max(found, key=lambda row: row[column])
    more = f", and most in {counted(len(found) - 1, 'other layer')}" if len(found) > 1 else ""
    return f"in {worst['layer']} {100 * worst[column]:.0f} % of the {words}{more} ({when(epoch)})"
