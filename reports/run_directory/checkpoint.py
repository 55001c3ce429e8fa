"""The checkpoint of a run that may be continued: JSON state and arrays in one file, so that both change in one step."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.reports.run_directory.checking import read_arrays
from keras_suite.tasks.atomic_files import replacing

FILE = Path("checkpoint") / "state.npz"
Checkpoint = tuple[dict[str, Any], dict[str, np.ndarray]]


def write_checkpoint(directory: Path, state: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Replaces the checkpoint. Floats in `state` come back with every bit (Python's shortest repr)."""
    text = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    with replacing(directory / FILE) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, state=text, **arrays)


def read_checkpoint(directory: Path) -> Checkpoint | None:
    """What `write_checkpoint` was last given; None if there is none. ValueError if it was damaged (CRC) since."""
    path = directory / FILE
    if not path.exists():
        return None
    mend = "restore it, or remove it to train this run again from its first epoch"
    arrays = read_arrays(path, "state", mend=mend)
    try:
        return json.loads(arrays.pop("state").tobytes()), arrays
    except ValueError:
        raise ValueError(f"{path} is damaged: its state is no JSON; {mend}") from None


def has_checkpoint(directory: Path) -> bool:
    """Whether an interrupted run can go on from somewhere."""
    return (directory / FILE).exists()


def remove_checkpoint(directory: Path) -> None:
    """Frees the space of a completed run's checkpoint."""
    shutil.rmtree((directory / FILE).parent, ignore_errors=True)
