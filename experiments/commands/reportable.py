"""What can be reported: experiments, sweeps, studies and tables of scores at a path, and what trackers hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from keras_suite.experiments.commands.scores import is_table, scores_folder
from keras_suite.experiments.commands.tracked import Tracked, tracked_folder

Kind = Literal["experiment", "sweep", "study", "table", "tracked experiment"]


@dataclass(frozen=True)
class Reportable:
    """A folder with something to report, or that of the report on `table` or `tracked`, and `home`, where it lies."""

    folder: Path
    kind: Kind
    home: Path
    name: str
    table: Path | None = None
    tracked: Tracked | None = None


def reportable_of(tracked: Tracked, home: Path | None) -> Reportable:
    """Return what is to be reported of runs that a tracker has; `home` as in `reportables`."""
    folder = tracked_folder(tracked, home)
    return Reportable(folder, "tracked experiment", folder.resolve().parent, tracked.source, tracked=tracked)


def reportables(path: Path, home: Path | None, pattern: str | None = None) -> list[Reportable]:
    """Return what can be reported at `path` or below it; FileNotFoundError if that is nothing.

    Args:
        path: A folder, or a table.
        home: Where the folder with a table's report is written; None for beside the table.
        pattern: How the folders of runs with event files are called, see `events_table`.
    """
    from keras_suite.reports.page.study import study_folders
    from keras_suite.reports.run_directory import experiment_folders, runs_without_listing
    from keras_suite.reports.sweep.reading import sweep_folders

    if is_table(path):
        folder = scores_folder(path, home)
        return [Reportable(folder, "table", folder.resolve().parent, path.name, path)]
    items = [
        Reportable(folder, "experiment", folder.resolve().parent, folder.name) for folder in experiment_folders(path)
    ]
    items += [
        Reportable(folder, "sweep", folder.resolve().parents[1], f"{folder.parent.name}/{folder.name}")
        for folder in sweep_folders(path)
    ]
    items += [Reportable(folder, "study", folder.resolve().parent, folder.name) for folder in study_folders(path)]
    if not items:
        from keras_suite.reports.elsewhere.event_files import holds_events

        if holds_events(path):
            return [reportable_of(Tracked(str(path), None, pattern=pattern), home)]
        without = runs_without_listing(path)
        if without is not None:
            raise FileNotFoundError(without)
        raise FileNotFoundError(
            f"{path} holds no experiment's runs and no sweep: give a folder that `run` or `tune` wrote into, one of "
            "TensorBoard's event files, or a table of scores (.csv)"
        )
    return items
