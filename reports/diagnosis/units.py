"""Units that do nothing any more: dead ones, and saturated ones."""

from keras_suite.reports.diagnosis.course import Course, when
from keras_suite.tasks.wording.quantities import counted

DEAD = 0.5  # share of a layer's units; a fifth is common in wide layers on 64 images
SATURATED = 0.5  # share of a layer's outputs: most of the gradient is lost there


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
    return f"in {worst['layer']} {100 * worst[column]:.0f} % of the {words}{more} ({when(epoch)})"
