"""The names in a run directory, and what an experiment's folder compares."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1
HEARTBEAT_SECONDS = 10.0
STALE_SECONDS = 60.0  # a "running" whose heartbeat is older than this has no process behind it any more

LISTING = "experiment.json"
CONFIG, RECORD, HISTORY, METRICS, LOG = "config.json", "run.json", "history.csv", "metrics.json", "log.txt"
DIAGNOSIS = "diagnosis.csv"
MODEL, PREDICTIONS, EXAMPLES, MEASURED = "model.keras", "predictions.npz", "examples.npz", "measured.json"
INSPECTED = "inspect"
SEALED = (CONFIG, HISTORY, DIAGNOSIS, MODEL, PREDICTIONS, EXAMPLES, MEASURED)  # their checksums stand in metrics.json


@dataclass(frozen=True)
class Variant:
    """A variant: its name, its directory under the experiment's folder, what it changes in the base."""

    name: str
    directory: str
    overrides: dict[str, Any]


def run_path(runs_dir: Path, experiment: str, variant: str, identity: str, seed: int) -> Path:
    """Where the run of this identity and seed lives."""
    return runs_dir / experiment / variant_directory(variant, identity) / f"seed-{seed}"


def variant_directory(variant: str, identity: str) -> str:
    """The folder of a variant: the first 8 digits of the identity tell an edited Config from the old one."""
    return f"{variant}-{identity[:8]}"
