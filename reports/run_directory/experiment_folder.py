"""An experiment's folder: which variants it compares now, and their runs."""

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.checking import check_fields
from keras_suite.reports.run_directory.layout import ExperimentRuns, Run, Variant
from keras_suite.reports.run_directory.looks import LOOKS, begin_looks
from keras_suite.reports.run_directory.reading import read_object
from keras_suite.reports.run_directory.state import LOCK, read_run
from keras_suite.tasks.files.damaged import DamagedFile
from keras_suite.tasks.files.sealed_json import write_sealed
from keras_suite.tasks.wording.quantities import counted, listed_or_counted

_RUN = "<run>"
MEND = "restore it from a copy, or run the experiment again"


def write_experiment(
    folder: Path,
    *,
    name: str,
    question: str,
    command: str,
    variants: Sequence[Variant],
    against: Sequence[str] = (),
    source: str | None = None,
) -> None:
    """Record which variants (the first is the baseline) the experiment compares now, in which pairs, and its file."""
    if not (folder / layout.LISTING).exists() and not any(folder.glob(f"*/seed-*/{layout.METRICS}")):
        begin_looks(folder)  # nothing is completed, so nothing can have been looked at
    listed = [{"name": v.name, "directory": v.directory, "overrides": v.overrides} for v in variants]
    write_sealed(
        folder / layout.LISTING,
        {
            "name": name,
            "question": question,
            "baseline": variants[0].name,
            "variants": listed,
            "against": list(against),
            "command": command,
            "source": relative_source(source, folder),
        },
    )


def typed_today(command: str) -> str:
    """Return a recorded command as it is typed now; until the suite was installed, it was `python -m experiments`."""
    return re.sub(r"^python3? -m experiments\b", "keras-suite", command)


def read_experiment(folder: Path) -> ExperimentRuns:
    """Read an experiment's folder. Damaged runs are left out, each with a line in `problems`."""
    about = read_listing(folder)
    variants = tuple(Variant(v["name"], v["directory"], v["overrides"]) for v in about["variants"])
    runs: list[Run] = []
    faults: dict[str, list[str]] = {}  # what is wrong, without the run's name, and with which runs
    copies: list[str] = []
    for variant in variants:
        copies += [f"{variant.directory}/{name}" for name in _no_seeds(folder / variant.directory)]
        for directory in run_directories(folder / variant.directory):
            name = f"{variant.directory}/{directory.name}"
            try:
                runs.append(read_run(directory))
            except (ValueError, OSError) as error:
                faults.setdefault(problem(error, folder).replace(name, _RUN), []).append(name)
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
        left_out=tuple(
            name + _edited_since(folder / name, runs) for name in dict.fromkeys(others) if name not in current
        ),
        problems=(*(_told_once(fault, names) for fault, names in faults.items()), *_of_copies(copies)),
        unread=tuple(name for names in faults.values() for name in names),
    )


def _told_once(fault: str, names: Sequence[str]) -> str:
    """Return what is wrong with the first of some runs, and of which others the same can be said."""
    text, others = fault.replace(_RUN, names[0]), names[1:]
    if not others:
        return text
    return f"{text}; the same of {listed_or_counted(others, 'more run')}"


def _of_copies(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [f"left out {listed_or_counted(names, 'folder')}: expected seed-1, seed-2 and so on"]


def _no_seeds(variant_folder: Path) -> list[str]:
    """Return the names of folders in a variant's folder that look like a run's, and have no seed in their name."""
    runs = {path.name for path in run_directories(variant_folder)}
    found = variant_folder.glob(f"[!.]*/{layout.RECORD}")
    return sorted(path.parent.name for path in found if path.parent.name not in runs)


def _edited_since(variant_folder: Path, runs: Sequence[Run]) -> str:
    """Return which source files of own parts were edited after an earlier variant's runs, in brackets; "" if none."""
    name = variant_folder.name.rpartition("-")[0]
    now = next((run.record for run in runs if run.variant == name and run.record.get("own_parts")), None)
    for directory in run_directories(variant_folder):
        with contextlib.suppress(ValueError, OSError):
            then = (read_object(directory / layout.RECORD, checking.RECORD).get("own_parts") or {}).get("files") or {}
            files = now["own_parts"]["files"] if now else {}
            edited = sorted(file for file in {*then, *files} if then.get(file) != files.get(file))
            return f" (before an edit of {', '.join(edited)})" if then and files and edited else ""
    return ""


def relative_source(source: str | None, folder: Path) -> str | None:
    """Return an experiment file's path as seen from `folder`, so that both can be moved; a catalog name as it is."""
    return os.path.relpath(source, folder) if source is not None and source.endswith(".py") else source


def refuse_other_source(folder: Path, source: str) -> None:
    """Raise ValueError if the experiment in `folder` is of another file, which is still there.

    Args:
        folder: The experiment's folder.
        source: The catalog name or the path of the file that is to be run.
    """
    try:
        recorded = read_listing(folder).get("source")
    except (ValueError, OSError):  # there is none, or it is written anew
        return
    if recorded is None or recorded == relative_source(source, folder):
        return
    if recorded.endswith(".py"):
        file = folder / recorded
        if not file.exists() or (source.endswith(".py") and file.samefile(source)):
            return
    raise ValueError(
        f"{folder} holds the runs of another file, {recorded}: rename one of the two, choose another --runs-dir, or "
        "set those runs aside with --fresh"
    )


def problem(error: Exception, folder: Path) -> str:
    """Return why a run in an experiment's or sweep's `folder` is left out, with paths that are relative to it."""
    if not isinstance(error, DamagedFile):
        return " ".join(str(error).split()).replace(str(folder) + os.sep, "")
    fault = error.fault.replace(str(folder) + os.sep, "")
    return f"{fault}: restore it from a copy, or have the run trained again: keras-suite verify {folder} --repair"


def read_listing(folder: Path) -> dict[str, Any]:
    """Read an experiment's experiment.json.

    Raises:
        FileNotFoundError: If there is none.
        DamagedFile: If it is damaged.
    """
    listing = folder / layout.LISTING
    if not listing.exists():
        raise FileNotFoundError(f"{folder} holds no experiment.json: give the folder of an experiment that was run")
    about = read_object(listing, checking.LISTING, MEND)
    for variant in about["variants"]:
        check_fields(listing, variant, checking.VARIANT, MEND)
    if not about["variants"]:
        raise DamagedFile(f"{listing} is damaged: it names no variant", MEND)
    return about


def recorded_threads(folder: Path) -> set[int]:
    """Return the numbers of threads that the runs of an experiment's current variants used."""
    counts = {record.get("threads") for record in _records(folder)}
    return {count for count in counts if count is not None}  # it is not known of runs that other code trained


def recorded_devices(folder: Path) -> set[int]:
    """Return the numbers of devices that the runs of an experiment's current variants were trained on."""
    return {record.get("devices", 1) for record in _records(folder) if record.get("threads") is not None}


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what run.json holds of the runs of an experiment's current variants.

    Where experiment.json is damaged, which the next run mends, all variants count as current. A damaged run.json does
    not count: whoever reads that run says what is wrong.
    """
    if not (folder / layout.LISTING).exists():
        return
    try:
        variant_folders = [folder / variant["directory"] for variant in read_listing(folder)["variants"]]
    except ValueError:
        variant_folders = [path for path in folder.iterdir() if path.is_dir()]
    for directory in (each for variant_folder in variant_folders for each in run_directories(variant_folder)):
        with contextlib.suppress(ValueError, OSError):
            yield read_object(directory / layout.RECORD, checking.RECORD)


def run_directories(variant_folder: Path) -> list[Path]:
    """Return the seed-<n> directories of one variant, by seed."""
    found = [path for path in variant_folder.glob("seed-*") if path.name[5:].isdigit() and path.is_dir()]
    return sorted(found, key=lambda path: int(path.name[5:]))


def experiment_folders(path: Path) -> list[Path]:
    """Return the experiment folders at or directly under `path`."""
    if (path / layout.LISTING).exists():
        return [path]
    return sorted(listing.parent for listing in path.glob(f"*/{layout.LISTING}"))


def runs_without_listing(folder: Path) -> str | None:
    """Say what to do where an experiment's folder has runs, and no experiment.json that says which are compared.

    Returns:
        None if it has no runs either.
    """
    records = sorted(folder.glob(f"[!.]*/seed-*/{layout.RECORD}"))
    if not records or (folder / layout.LISTING).exists():
        return None
    command = ""
    with contextlib.suppress(ValueError, OSError):
        command = typed_today(str(read_object(records[0], checking.RECORD).get("command") or ""))
    again = f" ({command})" if command else ""
    return (
        f"{folder} holds {counted(len(records), 'run')}, and no experiment.json, which says what is compared: restore "
        f"it from a copy, or run the experiment again{again}, which trains no finished run again"
    )


def set_aside(folder: Path) -> Path | None:
    """Move all that an experiment's folder holds out of the way and return where to; None if there was nothing.

    The record of looks stays: the same seeds will end with the same bits, which were seen.
    """
    content = [path for path in folder.glob("*") if path.name not in (LOCK, LOOKS)] if folder.exists() else []
    if not content:
        return None
    kept = folder.parent / ".set-aside" / f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    kept.mkdir(parents=True)
    for path in content:
        shutil.move(path, kept / path.name)
    return kept
