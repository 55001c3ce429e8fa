"""Whether the best trials crowd at an end of a range: then better ones may lie beyond it."""

import math

from keras_suite.reports.sweep.hyperparameters import shown
from keras_suite.reports.sweep.reading import Sweep

NEAR = 0.1  # of the range
FEWEST = 3


def edges(sweep: Sweep) -> list[str]:
    """A line for each number whose values in the best tenth of the trials, at least three, all lie at one end."""
    best = sweep.best()[: max(FEWEST, math.ceil(len(sweep.scored()) / 10))]
    lines = []
    for each in sweep.space:
        places = [each.position(trial.values[each.name]) for trial in best if each.name in trial.values]
        if each.choices or len(places) < FEWEST or len(sweep.scored()) < 3 * FEWEST:
            continue
        for end, name, crowded in (
            (each.low, "lower", max(places) <= NEAR),
            (each.high, "upper", min(places) >= 1 - NEAR),
        ):
            if crowded:
                lines.append(
                    f"The {len(places)} best trials that have {each.name} lie at the {name} end of its range "
                    f"({shown(end)}): where values beyond it are possible, they may be better."
                )
    return lines
