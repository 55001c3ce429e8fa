"""The commands `list` and `show`: the catalog, with each experiment's data, runs and minutes; one in full."""

import json
import re

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.catalog import StudyEntry
from keras_suite.experiments.commands.command_line import Debug, Source, bad_input, complain, out
from keras_suite.experiments.config import Experiment, to_json, value_to_json
from keras_suite.reports.export.fitting_table import FittingTable


def list_experiments() -> None:
    """List the catalog: each experiment with its question, data, runs, and the minutes that they took on 2 cores."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("experiment")
    table.add_column("question")
    table.add_column("data")
    for column in ("runs", "minutes"):
        table.add_column(column, justify="right")
    faulty = []
    for name in catalog.names():
        try:
            table.add_row(name, *map(Text, about(name)))
        except ValueError as error:  # a file that was dropped in and cannot be loaded: the others can
            faulty.append(str(error))
    out.print(FittingTable(table))
    for line in faulty:
        complain(line)
    raise typer.Exit(2 if faulty else 0)


def show(name: Source, debug: Debug = False) -> None:
    """Show one experiment: its question, base Config and variants."""
    with bad_input(debug):
        entry = catalog.load_any(name)
    out.print(Text(entry.docstring), "")
    if isinstance(entry, StudyEntry):
        return
    out.print_json(data={"base": to_json(entry.experiment.base)})
    for variant, overrides in entry.experiment.variants.items():
        changed = (f"{key} = {json.dumps(value_to_json(value))}" for key, value in overrides.items())
        changes = ", ".join(changed) or "the base as it is"
        out.print(Text(f"{variant}: {changes}"), soft_wrap=True)


def about(name: str) -> tuple[str, str, str, str]:
    """Return question, data, runs and minutes of an experiment of the catalog; "" where unknown."""
    entry = catalog.load_any(name)
    if isinstance(entry, StudyEntry):
        return entry.question, "", "", minutes(entry.docstring)
    experiment = entry.experiment
    runs = len(experiment.variants) * experiment.seeds
    return entry.question, data(experiment), f"{runs:,}", minutes(entry.docstring)


def data(experiment: Experiment) -> str:
    """Return the datasets' names, and the number of images that a variant trains and validates on at most."""
    parts = [experiment.config(variant).dataset for variant in experiment.variants]
    limits: list[int | None] = [part.options.get("limit", part.options.get("scenes")) for part in parts]
    names = " and ".join(dict.fromkeys(part.name for part in parts))
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return names
    each = "" if len(set(known)) == 1 else "up to "
    return f"{names}, {each}{max(known):,}"


def minutes(docstring: str) -> str:
    """Return the minutes that the docstring gives for the measured runs on 2 cores, or on one of them."""
    measured = " ".join(docstring.split()).partition("Measured")[2]
    match = re.search(r"(\d+) (minutes?|s)\b[^.;)]* (?:2|one)(?: busy)? cores?", measured)
    if match is None:
        return ""
    return "< 1" if match[2] == "s" else match[1]
