"""Train the diagnosis's corpus: each case into a run directory of its own; what is trained already is left alone."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.diagnosis_corpus import Case, corpus
from benchmarks.diagnosis_faults import draw_gratings, planted
from benchmarks.diagnosis_recipes import GRATINGS, RECIPES
from keras_suite.experiments.config import override
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train
from keras_suite.reports import run_directory

THREADS = 1


def trained(runs_dir: Path, data_dir: Path) -> Iterator[tuple[Case, Path]]:
    """Train what is left, the first of every kind first, and yield each case with its run directory."""
    if not (runs_dir / GRATINGS).exists():
        draw_gratings(runs_dir / GRATINGS)
    for case in sorted(corpus(), key=lambda case: case.number):
        config = override(RECIPES[case.recipe], case.changes)
        if config.dataset.name == "arrays":
            config = override(config, {"dataset.path": str((runs_dir / GRATINGS).resolve())})
        job = Job("corpus", case.name, config, case.number + 1, RunOptions(THREADS, runs_dir, data_dir))
        with planted(case):
            directory = train(job).directory
        run_directory.remove_model(directory)
        yield case, directory
