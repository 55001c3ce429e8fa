"""What lies at a path that can be reported: experiments, sweeps, studies, tables of scores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from keras_suite.experiments.commands.scores import is_table, scores_folder

Kind = Literal["experiment", "sweep", "study", "table"]


@dataclass(frozen=True)
class Reportable:
    """A folder with something to report, or that of the report on `table`, and `home`, the folder that it lies in."""

    folder: Path
    kind: Kind
    home: Path
    name: str
    table: Path | None = None


def reportables(path: Path, home: Path | None) -> list[Reportable]:
    """Return what can be reported at `path` or below it; FileNotFoundError if that is nothing.

    Args:
        path: A folder, or a table.
        home: Where the folder with a table's report is written; None for beside the table.
    """
    from keras_suite.reports.page.study import study_folders
    from keras_suite.reports.run_directory import experiment_folders
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
        raise FileNotFoundError(
            f"{path} holds no experiment's runs and no sweep: give a folder that `run` or `tune` wrote into, or a "
            "table of scores (.csv)"
        )
    return items
