"""What `list` says of each experiment beside its question: its data, its runs, and the minutes that they took."""

import re

from experiments import catalog
from experiments.catalog import StudyEntry
from experiments.config import Experiment


def about(name: str) -> tuple[str, str, str, str]:
    """Question, data, runs and minutes of a catalog's experiment; "" where there is nothing to say."""
    entry = catalog.load_any(name)
    if isinstance(entry, StudyEntry):
        return entry.question, "", "", minutes(entry.docstring)
    experiment = entry.experiment
    runs = len(experiment.variants) * experiment.seeds
    return entry.question, data(experiment), f"{runs:,}", minutes(entry.docstring)


def data(experiment: Experiment) -> str:
    """The datasets by name, and of how many images each variant trains and validates on the most."""
    parts = [experiment.config(variant).dataset for variant in experiment.variants]
    limits: list[int | None] = [part.options.get("limit") for part in parts]
    names = " and ".join(dict.fromkeys(part.name for part in parts))
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return names
    each = "" if len(set(known)) == 1 else "up to "
    return f"{names}, {each}{max(known):,}"


def minutes(docstring: str) -> str:
    """The minutes that the docstring says the measured runs took on 2 cores."""
    said = " ".join(docstring.split()).partition("Measured")[2]
    found = re.search(r"(\d+) minutes[^.;)]* 2 (?:busy )?cores", said)
    return found[1] if found else ""
