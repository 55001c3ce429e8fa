"""All that goes on in a runs folder, as JSON values: read at most once a second, however many pages ask."""

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from keras_suite.experiments.watching.experiments import experiment_view
from keras_suite.experiments.watching.readings import Readings
from keras_suite.experiments.watching.sweeps import sweep_view
from keras_suite.experiments.watching.verdicts import Verdicts
from keras_suite.reports.run_directory import experiment_folders
from keras_suite.reports.sweep.reading import sweep_folders
from keras_suite.reports.wording import without_paths

SECONDS = 1.0
CURVES = 60  # of an experiment or sweep: those of its runs that go on, and the last ones before


class Watched:
    """A folder that is watched: that of all runs, or that of one experiment or sweep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._readings, self._verdicts = Readings(), Verdicts()
        self._before: dict[Path, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._latest: tuple[float, dict[str, Any]] | None = None

    def snapshot(self) -> dict[str, Any]:
        """Return what goes on: `folder`, `at` (seconds since 1970), `shown`, what runs first, and `problems`."""
        with self._lock:
            if self._latest is None or time.monotonic() - self._latest[0] >= SECONDS:
                self._latest = (time.monotonic(), self._read())
            return self._latest[1]

    def _read(self) -> dict[str, Any]:
        shown: list[dict[str, Any]] = []
        problems: list[str] = []
        for folder in experiment_folders(self.folder):
            self._add(folder, partial(experiment_view, folder, self._readings, self._verdicts), shown, problems)
        for folder in sweep_folders(self.folder):
            self._add(folder, partial(sweep_view, folder, self._readings), shown, problems)
        shown.sort(key=lambda view: (not view["running"], -view["changed"], view["name"]))
        gone = [] if self.folder.is_dir() else [f"the folder {self.folder.name} is gone"]
        return {"folder": self.folder.name, "at": time.time(), "shown": shown, "problems": [*gone, *problems]}

    def _add(
        self, folder: Path, view: Callable[[], dict[str, Any]], shown: list[dict[str, Any]], problems: list[str]
    ) -> None:
        """Add what is seen of a folder; of one that is just being written, what was seen of it before."""
        try:
            self._before[folder] = _with_fewer_curves(view())
        except (ValueError, OSError) as error:
            if folder not in self._before:
                problems.append(without_paths(" ".join(str(error).split())))
                return
        shown.append(self._before[folder])


def _with_fewer_curves(view: dict[str, Any]) -> dict[str, Any]:
    """Leave out the curves of all but CURVES runs, which would only hide each other."""
    drawn = [run for run in view["runs"] if run.get("curve")]
    drawn.sort(key=lambda run: run["state"] == "running")
    for run in drawn[:-CURVES]:
        run["curve"] = []
    return view
