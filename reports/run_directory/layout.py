"""The names in a run directory, where it lies, and what has been read of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Literal

HEARTBEAT_SECONDS = 10.0
STALE_SECONDS = 60.0  # a "running" whose heartbeat is older than this has no process behind it any more

LISTING = "experiment.json"
CONFIG, RECORD, HISTORY, METRICS, LOG = "config.json", "run.json", "history.csv", "metrics.json", "log.txt"
DIAGNOSIS, EVIDENCE = "diagnosis.csv", "evidence.csv"
CHECKPOINT = Path("checkpoint") / "state.npz"
MODEL, PREDICTIONS, EXAMPLES, MEASURED = "model.keras", "predictions.npz", "examples.npz", "measured.json"
LIKENESS, VALIDATION = "likeness.json", "validation.npz"
INSPECTED, EXPORTED, CARD = "inspect", "export", "card"
SOURCE = "source"
REPORTED = (
    DIAGNOSIS,
    EVIDENCE,
    PREDICTIONS,
    EXAMPLES,
    MEASURED,
)  # what a report reads beside the config and the history
SEALED = (CONFIG, HISTORY, MODEL, LIKENESS, VALIDATION, *REPORTED)

Status = Literal["completed", "failed", "running", "interrupted"]


@dataclass(frozen=True)
class Variant:
    """A variant: its name, its directory under the experiment's folder, what it changes in the base."""

    name: str
    directory: str
    overrides: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One run directory as read.

    Attributes:
        metrics: None until the run is completed.
        seals: The sizes and checksums of its other files, by name.
        verified: Those of them that have been compared with their seals.
    """

    path: Path
    experiment: str
    variant: str
    seed: int
    status: Status
    record: dict[str, Any]
    config: dict[str, Any]
    history: tuple[dict[str, float], ...]
    metrics: dict[str, Any] | None
    seals: Mapping[str, Any] = field(default_factory=dict)
    verified: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ExperimentRuns:
    """All runs of an experiment's current variants.

    Attributes:
        left_out: The directories of other variants, as of an edited Config, with the source files edited since.
        problems: A line for each run that could not be read, once where several have the same.
        unread: The runs that could not be read, as variant directory/seed-<n>.
    """

    folder: Path
    name: str
    question: str
    command: str
    baseline: str
    variants: tuple[Variant, ...]
    against: tuple[str, ...]
    runs: tuple[Run, ...]
    left_out: tuple[str, ...]
    problems: tuple[str, ...]
    unread: tuple[str, ...] = ()


def run_path(runs_dir: Path, experiment: str, variant: str, identity: str, seed: int) -> Path:
    """Return where the run of this identity and seed lies."""
    return runs_dir / experiment / variant_directory(variant, identity) / f"seed-{seed}"


def as_typed(path: Path, levels: int = 4) -> str:
    """Return a path inside a folder of runs as one types it: from the working folder, where it lies beneath that.

    Args:
        path: The path of a run's directory, or of what lies as deep.
        levels: How many of its last names to return where it lies elsewhere: 4 begin with the runs' folder.
    """
    absolute = path.absolute()
    if absolute.is_relative_to(Path.cwd()):
        return absolute.relative_to(Path.cwd()).as_posix()
    return PurePath(*absolute.parts[-levels:]).as_posix()


def variant_directory(variant: str, identity: str) -> str:
    """Return the folder of a variant: the first 8 digits of the identity tell an edited Config from the old one."""
    return f"{variant}-{identity[:8]}"
