"""Confirmation of the best trials on seeds that the sweep never used, as an ordinary experiment with the test set.

The best of many trials is lucky. Its score in the sweep minus its score on fresh seeds is the sweep's optimism.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config, Experiment
from keras_suite.experiments.tuning.journal import BASE
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports.sweep.confirmation import Confirmed, confirmation_name, confirmed

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


def in_words(confirmations: Sequence[Confirmed], objective: Objective) -> list[str]:
    """Return a line for each: its score in the sweep, on fresh seeds, and the difference."""
    lines = []
    for each in confirmations:
        optimism = each.in_sweep - each.on_fresh_seeds
        if objective.direction == "max":
            promised = f"{100 * each.in_sweep:.2f} %, on {each.seeds} fresh seeds {100 * each.on_fresh_seeds:.2f} %"
            difference = f"{100 * optimism:+.2f} points"
        else:
            promised = f"{each.in_sweep:.4f}, on {each.seeds} fresh seeds {each.on_fresh_seeds:.4f}"
            difference = f"{-optimism:+.4f}"
        lines.append(f"{each.variant}: {_name(objective)} in the sweep {promised}: optimism {difference}")
    return lines


def _name(objective: Objective) -> str:
    return "validation " + objective.name.removeprefix("val_").replace("_", " ")
