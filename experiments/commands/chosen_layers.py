"""What `run` and `tune` do about `model.layers="fastest"` before they plan: have it measured, and print the choice."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.commands.command_line import out, waiting
from keras_suite.experiments.config import Config, override
from keras_suite.experiments.fastest_layers.choice import Chosen, asks, choose_layers
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports.run_directory.layer_choices import LayerChoice


def choose_and_print(configs: Mapping[str, Config], folder: Path, options: RunOptions, fresh: bool) -> Chosen:
    """Choose layers as `choose_layers` does, and print a line on each choice; nothing where no Config asks for it."""
    if not any(map(asks, configs.values())):
        return Chosen(configs)
    with waiting("measuring which layers are faster"):
        chosen = choose_layers(configs, folder, options, fresh)
    for line in chosen.lines:
        out.print(Text(line), soft_wrap=True)
    return chosen


def overrides_with_layers(
    entry: Entry, asked: Mapping[str, Any], folder: Path, options: RunOptions, fresh: bool
) -> tuple[Mapping[str, Any], Sequence[LayerChoice]]:
    """Return a sweep's overrides of its base with the layers that all its trials have, and what is to be kept.

    Args:
        entry: The experiment.
        asked: Fields of TuneRequest; its "overrides" are of the base.
        folder: The sweep's folder.
        options: What all runs have in common.
        fresh: Whether the sweep that is there is set aside.
    """
    overrides = asked.get("overrides") or {}
    chosen = choose_and_print({"base": override(entry.experiment.base, overrides)}, folder, options, fresh)
    named = {} if chosen.choices is None else {"model.layers": list(chosen.choices["base"].layers)}
    return {**overrides, **named}, chosen.measured
