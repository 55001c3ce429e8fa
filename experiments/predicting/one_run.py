"""What a command was given where it takes a run directory or a model file."""

import itertools
from pathlib import Path

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import MODEL
from keras_suite.tasks.wording.quantities import counted

MOST_LOOKED_AT = 20_000
DEPTH = 4  # of a sweep's run directories below a runs folder: name.tune/tuner/trial-…/seed-…


def check_one_run(path: Path) -> None:
    """Raise ValueError or FileNotFoundError unless `path` is a run directory or a file.

    What holds runs is answered with what it holds, and with one of them as an example.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"there is no model file {path} and no run directory of that name: give one that exists, for "
            "example runs/digits_demo/…/seed-1"
        )
    if not path.is_dir():
        if not path.is_file():
            raise ValueError(f"{path} is no regular file: give a run directory, or a .keras file")
        return
    if any((path / name).exists() for name in ("run.json", "config.json", "metrics.json")):
        return  # a run directory, whole or damaged
    runs = _runs_below(path)
    if not runs:
        raise ValueError(f"{path} holds no run: give a run directory, for example runs/digits_demo/…/seed-1")
    completed = [run for run in runs if (run / "metrics.json").exists()]
    variants = len({run.parent for run in runs})
    more = "more than " if len(runs) == MOST_LOOKED_AT else ""
    raise ValueError(
        f"{path} holds {more}{counted(len(runs), 'run')} of {counted(variants, 'variant')}: give one of them, for "
        f"example {(completed or runs)[0]}"
    )


def run_directory_of(path: Path) -> Path:
    """Return the run directory that is meant by itself or by its model.keras.

    Raises:
        ValueError: If it is a file elsewhere: without its run's images nothing is measured.
    """
    if path.is_dir():
        return path
    if path.name == MODEL and run_directory.is_completed(path.parent):
        return path.parent
    raise ValueError(f"{path} lies in no run directory, whose images it is measured on: give the run directory")


def _runs_below(path: Path) -> list[Path]:
    """Return the run directories below a folder, by name, as many as are looked at."""
    for depth in range(1, DEPTH + 1):
        pattern = "/".join(["[!.]*"] * depth)
        found = list(itertools.islice(path.glob(f"{pattern}/run.json"), MOST_LOOKED_AT))
        if found:
            return sorted(record.parent for record in found)
    return []
