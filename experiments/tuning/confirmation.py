"""Whether the best trials hold on seeds that the sweep never saw: an ordinary experiment of its own, test set and all.

The best of many is lucky. What the sweep saw of a winner minus what fresh seeds show of it is its optimism.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config, Experiment
from keras_suite.experiments.tuning.driver import BASE
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports.sweep.confirmation import Confirmed, confirmation_name, confirmed

__all__ = ["Confirmed", "confirmation", "confirmed", "in_words"]


def confirmation(entry: Entry, tuner: str, base: Config, winners: Mapping[str, Mapping[str, Any]]) -> Entry:
    """The experiment that compares the winners with the base. Its folder is not the sweep's, nor the variants'."""
    return replace(
        entry,
        name=confirmation_name(entry.name, tuner),
        question=f"Are the best trials of the {tuner} sweep of {entry.name} better than its base, on fresh seeds?",
        experiment=Experiment(base, {BASE: {}, **winners}),
        draw=None,
    )


def in_words(found: Sequence[Confirmed], objective: Objective) -> list[str]:
    """A line for each: what the sweep promised, what fresh seeds show, and the difference."""
    lines = []
    for each in found:
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
