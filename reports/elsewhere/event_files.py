"""A folder of TensorBoard event files, as `keras.callbacks.TensorBoard` writes them, as runs. No TensorFlow.

The reader is the one that the tensorboard package has for places without TensorFlow.
"""

import dataclasses
import math
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_suite.reports.elsewhere.run_names import settings_of
from keras_suite.reports.elsewhere.scored_runs import Chosen, FoundRun, scored_table
from keras_suite.reports.elsewhere.table import Table
from keras_suite.reports.elsewhere.told import Told
from keras_suite.tasks.reading.files import open_file, reason
from keras_suite.tasks.wording.quantities import counted

MARK = ".tfevents."
PARTS = ("train", "validation")  # the folders that Keras writes into
LARGEST = 500 * 2**20  # bytes of a file; pictures and histograms may lie in it, too
MOST_FILES = 20_000
TRAINED, VALIDATED = "epoch_", "val_"
ITERATIONS = re.compile(r"evaluation_.*_vs_iterations")  # Keras writes epoch_… of validation a second time


def holds_events(folder: Path) -> bool:
    """Return whether there is an event file in a folder or below it."""
    return next(_event_files(folder), None) is not None


def _event_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if MARK in name)


def events_table(folder: Path, pattern: str | None, chosen: Chosen, told: Told) -> tuple[Table, Told, tuple[str, ...]]:
    """Return the runs below a folder, what is told of their scores, and warnings.

    Args:
        folder: What holds the runs' folders.
        pattern: How those are called, as "{variant}/seed-{seed}"; None for a number at their end, the seed.
        chosen: What of them is compared: the score is the last value of the metric, called as in Keras's history.
        told: What a user says of the scores.

    Raises:
        ValueError, OSError: With what is wrong, in one line.
    """
    by_run: dict[str, list[tuple[str, Path]]] = {}
    for count, file in enumerate(_event_files(folder)):
        if count >= MOST_FILES:
            raise ValueError(f"{folder} holds more than {MOST_FILES:,} event files: give a folder with fewer")
        place = file.parent
        part = place.name if place.name in PARTS and place != folder else ""
        by_run.setdefault((place.parent if part else place).relative_to(folder).as_posix(), []).append((part, file))
    settings = settings_of(str(folder), list(by_run), pattern)
    wanted = None if chosen.metric is None else PARTS[chosen.metric.startswith(VALIDATED)]
    runs, ends = [], {}
    for name, files in by_run.items():
        parts = [(part, file) for part, file in files if wanted is None or part in ("", wanted)]
        series = _series(parts)
        runs.append(FoundRun(name, settings[name], {metric: values[max(values)] for metric, values in series.items()}))
        ends[name] = max((max(values) for values in series.values()), default=0)
    if pattern is None:
        chosen = Chosen(chosen.variant or ("variant",), chosen.seed or "seed", chosen.metric)
    elif not chosen.variant and "variant" in next(iter(settings.values())):
        chosen = Chosen(("variant",), chosen.seed, chosen.metric)
    if wanted == PARTS[0] and any(part == wanted for files in by_run.values() for part, _ in files):
        told = dataclasses.replace(told, measured_on="training")
    try:
        table, told = scored_table(str(folder), runs, chosen, told)
    except ValueError as error:
        if pattern is not None or "variant" not in str(error):
            raise
        raise ValueError(f"{error} (variant and seed were read off the folders' names: --folders says how)") from None
    return table, told, tuple(_uneven(ends))


def _uneven(ends: Mapping[str, int]) -> list[str]:
    """Return a warning where runs end at different steps: event files do not say whether a run was finished."""
    counts = Counter(ends.values())
    if len(counts) < 2:
        return []
    usual = counts.most_common(1)[0][0]
    others = [f"{name} at {end}" for name, end in ends.items() if end != usual]
    return [
        f"{counted(len(others), 'run')} did not end at step {usual} as most did ({', '.join(others[:3])}"
        f"{', …' if len(others) > 3 else ''}); event files do not say whether a run was finished"
    ]


def _series(files: Sequence[tuple[str, Path]]) -> dict[str, dict[int, float]]:
    """Return by metric the value at each step, of all files of a run.

    Raises:
        ValueError: If a file is damaged, or two of them hold the same steps, as of two trainings.
    """
    found: dict[str, dict[int, float]] = {}
    for part, file in files:
        for metric, values in _read(file, part).items():
            before = found.setdefault(metric, {})
            if {*before} & {*values}:
                raise ValueError(
                    f"{file.parent} holds two trainings, as {metric} has two values at step "
                    f"{min({*before} & {*values})}: give each run a folder of its own"
                )
            before.update(values)
    return found


def _read(path: Path, part: str) -> dict[str, dict[int, float]]:
    """Return by metric the value at each step in one event file."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.tensorflow_stub import errors
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

    open_file(path, at_most=LARGEST, expected="an event file").close()
    found: dict[str, dict[int, float]] = {}
    try:
        reader = PyRecordReader_New(str(path))
        with reader.file_handle:
            while True:
                try:
                    reader.GetNext()
                except errors.OutOfRangeError:
                    return found
                event = Event.FromString(reader.record())
                for value in event.summary.value:
                    number = None if ITERATIONS.search(value.tag) else _scalar(value)
                    if number is not None:
                        found.setdefault(_metric(value.tag, part), {})[int(event.step)] = number
    except OSError:
        raise
    except Exception as error:  # of many kinds, as the file is somebody else's
        cut = "truncated" in str(error)
        what = "ends within a record, so its run is going on or was killed" if cut else f"is damaged ({reason(error)})"
        raise ValueError(f"{path} {what}: wait for it, or move its folder away") from error


def _metric(tag: str, part: str) -> str:
    """Return what Keras's history calls a metric: epoch_accuracy of validation is val_accuracy."""
    if part == "":
        return tag
    name = tag.removeprefix(TRAINED)
    return f"{VALIDATED}{name}" if part == PARTS[1] else name


def _scalar(value: Any) -> float | None:
    """Return the number of a summary's value; None for pictures, texts and histograms."""
    from tensorboard.util.tensor_util import make_ndarray

    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor") or value.tensor.dtype not in _numeric():
        return None
    array = make_ndarray(value.tensor)
    return float(array.reshape(-1)[0]) if array.size == 1 else math.nan if array.size == 0 else None


def _numeric() -> tuple[int, ...]:
    from tensorboard.compat.proto import types_pb2 as types

    return (types.DT_FLOAT, types.DT_DOUBLE, types.DT_HALF, types.DT_INT32, types.DT_INT64, types.DT_BFLOAT16)
