"""Confirmation of the best trials on seeds that the sweep never used, as an ordinary experiment with the test set.

The best of many trials is lucky. Its score in the sweep minus its score on fresh seeds is the sweep's optimism.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config, Experiment
from keras_suite.experiments.tuning.journal import BASE
from keras_suite.experiments.tuning.journal import in_words as settings_in_words
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports.sweep.confirmation import confirmation_name, confirmed
from keras_suite.reports.sweep.optimism import Confirmed, optimism
from keras_suite.tasks.classes import PR_AREA, ROC_AREA
from keras_suite.tasks.wording.quantities import counted, signed

__all__ = ["Confirmed", "confirmation", "confirmed", "in_words"]


def confirmation(entry: Entry, tuner: str, base: Config, winners: Mapping[str, Mapping[str, Any]]) -> Entry:
    """Return the experiment that compares the winners with the base.

    Args:
        entry: The experiment whose space was searched. The confirmation's folder is another than its own.
        tuner: The sweep's tuner.
        base: The base Config.
        winners: By variant, the best trials' overrides.
    """
    return replace(
        entry,
        name=confirmation_name(entry.name, tuner),
        question=f"Are the best trials of the {tuner} sweep of {entry.name} better than its base, on fresh seeds?",
        experiment=Experiment(base, {BASE: {}, **winners}),
        draw=None,
    )


def in_words(
    confirmations: Sequence[Confirmed], objective: Objective, values: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return a line for each variant: its score in the sweep and on fresh seeds, and by how much the sweep was wrong.

    Args:
        confirmations: Both scores of each variant.
        objective: What the sweep optimized.
        values: The hyperparameters of each trial, by its name; the base has none.
    """
    base = next((each for each in confirmations if each.variant == BASE), None)
    plain = objective.direction == "min" or objective.metric in (ROC_AREA, PR_AREA)
    scale, digits, unit = (1, 4, "") if plain else (100, 2, " points")
    lines = []
    for each in confirmations:
        found = optimism(each, None if each is base else base, objective.direction)
        kind = "optimistic" if found.value > 0 else "pessimistic"
        bias = f"{scale * abs(found.value):.{digits}f}{unit} too {kind}" if found.value else "accurate"
        if found.interval is not None:
            low, high = (signed(scale * end, False, digits) for end in (found.interval.low, found.interval.high))
            bias += f" (95 % interval {low} to {high})"
        if found.corrected:
            bias += ", less what the base shows"
        settings = f" ({settings_in_words(values[each.variant])})" if values.get(each.variant) else ""
        lines.append(
            f"{each.variant}{settings}: {objective.in_words(each.in_sweep)} in the sweep, "
            f"{objective.format(each.on_fresh_seeds)} on {counted(each.seeds, 'fresh seed')}: the sweep was {bias}"
        )
    return lines
