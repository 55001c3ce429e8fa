"""plan.json beside an experiment's runs: what its last command is to train. Only those who look on read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_suite.reports.run_directory.checking import Fields, check_fields
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed

PLAN = "plan.json"
_FILE: Fields = {"runs": list, "estimated": dict, "workers": int}


@dataclass(frozen=True)
class Planned:
    """What a command trains.

    Attributes:
        runs: The run directories below the experiment's folder, as "cnn-ab937094/seed-3", finished ones among them.
        estimated: By variant, the estimated seconds of one run.
        workers: How many runs are trained at a time.
    """

    runs: tuple[str, ...]
    estimated: Mapping[str, float]
    workers: int


def write_plan(folder: Path, directories: Sequence[Path], estimated: Mapping[str, float], workers: int) -> None:
    """Replace plan.json."""
    runs = [f"{path.parent.name}/{path.name}" for path in directories]
    write_sealed(folder / PLAN, {"runs": runs, "estimated": dict(estimated), "workers": workers})


def read_plan(folder: Path) -> Planned | None:
    """Read plan.json; None where there is none, as of runs from before it, or where it is no longer whole."""
    try:
        plan = read_sealed(folder / PLAN, "")
        check_fields(folder / PLAN, plan, _FILE, "")
    except (ValueError, OSError):
        return None
    return Planned(tuple(map(str, plan["runs"])), plan["estimated"], plan["workers"])
