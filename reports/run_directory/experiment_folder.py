"""An experiment's folder: which variants it compares now, and their runs."""

import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.checking import check_fields, read_object
from keras_suite.reports.run_directory.layout import ExperimentRuns, Run, Variant
from keras_suite.reports.run_directory.state import read_run
from keras_suite.tasks.atomic_files import write_json


def write_experiment(
    folder: Path,
    *,
    name: str,
    question: str,
    command: str,
    variants: Sequence[Variant],
    against: Sequence[str] = (),
) -> None:
    """Record which variants (the first is the baseline) the experiment compares now, and in which pairs."""
    listed = [{"name": v.name, "directory": v.directory, "overrides": v.overrides} for v in variants]
    write_json(
        folder / layout.LISTING,
        {
            "schema": layout.SCHEMA,
            "name": name,
            "question": question,
            "baseline": variants[0].name,
            "variants": listed,
            "against": list(against),
            "command": command,
        },
    )


def typed_today(command: str) -> str:
    """Return a recorded command as it is typed now; until the suite was installed, it was `python -m experiments`."""
    return re.sub(r"^python3? -m experiments\b", "keras-suite", command)


def read_experiment(folder: Path) -> ExperimentRuns:
    """Read an experiment's folder. Damaged runs are left out, each with a line in `problems`."""
    listing = folder / layout.LISTING
    if not listing.exists():
        raise FileNotFoundError(f"{folder} holds no experiment.json: give the folder of an experiment that was run")
    mend = "restore it from a copy, or run the experiment again"
    about = read_object(listing, checking.LISTING, mend)
    for variant in about["variants"]:
        check_fields(listing, variant, checking.VARIANT, mend)
    if not about["variants"]:
        raise ValueError(f"{listing} is damaged: it names no variant; {mend}")
    variants = tuple(Variant(v["name"], v["directory"], v["overrides"]) for v in about["variants"])
    runs: list[Run] = []
    problems: list[str] = []
    for variant in variants:
        for directory in run_directories(folder / variant.directory):
            try:
                runs.append(read_run(directory))
            except (ValueError, OSError) as error:
                problems.append(str(error).replace(str(folder) + os.sep, ""))
    current = {variant.directory for variant in variants}
    others = sorted(path.parent.name for path in folder.glob("*/seed-*"))
    return ExperimentRuns(
        folder=folder,
        name=about["name"],
        question=about["question"],
        command=typed_today(about["command"]),
        baseline=about["baseline"],
        variants=variants,
        against=tuple(about.get("against") or ()),
        runs=tuple(runs),
        left_out=tuple(dict.fromkeys(name for name in others if name not in current)),
        problems=tuple(problems),
    )


def run_directories(variant_folder: Path) -> list[Path]:
    """Return the seed-<n> directories of one variant, by seed."""
    found = [path for path in variant_folder.glob("seed-*") if path.name[5:].isdigit() and path.is_dir()]
    return sorted(found, key=lambda path: int(path.name[5:]))


def experiment_folders(path: Path) -> list[Path]:
    """Return the experiment folders at or directly under `path`."""
    if (path / layout.LISTING).exists():
        return [path]
    return sorted(listing.parent for listing in path.glob(f"*/{layout.LISTING}"))


def set_aside(folder: Path) -> Path | None:
    """Move all that an experiment's folder holds out of the way and return where to; None if there was nothing."""
    content = [path for path in folder.glob("*") if path.name != ".lock"] if folder.exists() else []
    if not content:
        return None
    kept = folder.parent / ".set-aside" / f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    kept.mkdir(parents=True)
    for path in content:
        shutil.move(path, kept / path.name)
    return kept
