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
from keras_suite.reports.sweep.confirmation import Confirmed, confirmation_name, confirmed
from keras_suite.tasks.wording.quantities import counted

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
    lines = []
    for each in confirmations:
        error = each.in_sweep - each.on_fresh_seeds
        if objective.direction == "max":
            difference = f"{100 * abs(error):.2f} points"
        else:
            error, difference = -error, f"{abs(error):.4f}"
        bias = f"{difference} too {'optimistic' if error > 0 else 'pessimistic'}" if error else "accurate"
        settings = f" ({settings_in_words(values[each.variant])})" if values.get(each.variant) else ""
        lines.append(
            f"{each.variant}{settings}: {objective.in_words(each.in_sweep)} in the sweep, "
            f"{objective.format(each.on_fresh_seeds)} on {counted(each.seeds, 'fresh seed')}: the sweep was {bias}"
        )
    return lines
