"""Learning curves of every run, for the page's script."""

import math
from collections.abc import Sequence
from typing import Any

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers

MOST_NUMBERS = 60_000  # in the page, about 350 KB; of longer or more curves every second epoch, or every third ...


def curves_of(numbers: Numbers) -> list[dict[str, Any]]:
    """Return each metric, the loss and the learning rate by epoch, of all runs.

    Returns:
        A dict for each column that any run recorded: `name` as in history.csv, the axis `label`, `digits` and `unit` of
        a value (None: four significant digits), `log`, `step` (only each step-th epoch is there, and the last one), and
        `training` and `validation`, for each run a list of values, or None.
    """
    columns: list[tuple[str, str, float, int | None, str, bool]] = [
        *((each.name, each.with_unit(), each.scale, each.digits, each.unit, False) for each in numbers.task.tested),
        ("unpenalised_loss", "loss", 1.0, None, "", True),
        ("learning_rate", "learning rate", 1.0, None, "", True),
    ]
    runs = numbers.runs()
    present = [each for each in columns if any(_has(run, each[0]) for run in runs)]
    total = sum(2 * len(run.source.history) for run in runs if run.source) * len(present)
    step = max(1, math.ceil(total / MOST_NUMBERS))
    return [
        {
            "name": name,
            "label": label,
            "digits": digits,
            "unit": unit,
            "log": log,
            "step": step,
            "training": [_values(run, name, scale, digits, step) for run in runs],
            "validation": [_values(run, f"val_{name}", scale, digits, step) for run in runs],
        }
        for name, label, scale, digits, unit, log in present
    ]


def kept_epochs(epochs: int, step: int) -> list[int]:
    """Return the places, from 0, of every step-th epoch and of the last one."""
    places = list(range(0, epochs, step))
    return places if not places or places[-1] == epochs - 1 else [*places, epochs - 1]


def _has(run: RunNumbers, column: str) -> bool:
    return run.source is not None and any(column in row or f"val_{column}" in row for row in run.source.history)


def _values(run: RunNumbers, key: str, scale: float, digits: int | None, step: int) -> list[float | None] | None:
    """Return one curve, rounded as the page writes such values; None where the run recorded nothing of it."""
    history: Sequence[Any] = run.source.history if run.source else ()
    if not any(key in row for row in history):
        return None
    return [_rounded(history[place].get(key), scale, digits) for place in kept_epochs(len(history), step)]


def _rounded(value: float | None, scale: float, digits: int | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{scale * value:.4g}") if digits is None else float(f"{scale * value:.{digits}f}")
