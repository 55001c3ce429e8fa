"""Puts reports into docs/recorded, which ships, and beside the lectures the figures that they show of experiments.

python docs/record.py runs        # the folder that `run` and `tune` wrote into; what else was recorded before stays
"""

import shutil
import sys
from pathlib import Path

from keras_suite.experiments import catalog
from keras_suite.experiments.cli import app
from keras_suite.experiments.commands.lecture import RECORDED
from keras_suite.reports.page.study import study_folders
from keras_suite.reports.results.experiment_numbers import task_of_all
from keras_suite.reports.run_directory import experiment_folders, read_experiment
from keras_suite.tasks.atomic_files import write_text

SITE = Path(__file__).parent / "recorded"
# A figure of the experiment's own says more than its test scores.
OWN = ("autoencoder", "batch_size", "downsampling", "residual_depth", "step_size")


def figure_of(folder: Path) -> Path:
    """Return the figure that a lecture shows of an experiment or a study whose report is written."""
    if (folder / "study.json").exists():
        return next((folder / "figures").glob("1-*.svg"))
    if folder.name in OWN:
        return next((folder / "figures").glob("extra-1-*.svg"))
    key = task_of_all(read_experiment(folder).runs).score.key
    return folder / "figures" / f"{key}.svg"


def record(runs: Path) -> None:
    """Write the experiments' figures, the lectures that show them, and the pages of all that was run."""
    for folder in (*experiment_folders(runs), *study_folders(runs)):
        if folder.name not in catalog.names():  # the runs that confirm a sweep
            continue
        write_text(RECORDED / f"{folder.name}.svg", figure_of(folder).read_text(encoding="utf-8"))
    _typed("lecture", "--output", SITE / "lectures")
    shutil.rmtree(SITE / "lectures" / "figures")  # the pages hold them
    _typed("report", runs, "--site", SITE)


def _typed(*arguments: str | Path) -> None:
    """Run a command of the suite; SystemExit with its exit code if it fails."""
    code = app([str(argument) for argument in arguments], standalone_mode=False)
    if code:
        raise SystemExit(code)


if __name__ == "__main__":
    record(Path(sys.argv[1]))
