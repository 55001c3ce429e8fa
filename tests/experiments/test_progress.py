"""What is printed while runs train: read from run directories, as a user sees it."""

from pathlib import Path

import pytest
from rich.console import Console

from experiments.config import Config, use
from experiments.job import Job, Outcome, directory_of
from experiments.progress import Progress
from reports import run_directory

CONFIG = Config(dataset=use("digits", limit=300, test_limit=100), model=use("mlp", units=[4]), epochs=4)


def job(folder: Path, variant: str = "small", seed: int = 1) -> Job:
    return Job("watched", variant, CONFIG, seed, 1, folder)


def completed(given: Job, epochs: int, seconds: float, accuracy: float = 0.5) -> Outcome:
    """The outcome of a run that lies in its directory as if it had been trained."""
    directory = directory_of(given)
    about = {"experiment": given.experiment, "variant": given.variant, "seed": given.seed, "identity": "0" * 16}
    run_directory.begin(directory, about, {})
    metrics = {"epochs": epochs, "validation": {"accuracy": accuracy}}
    run_directory.complete(directory, metrics, seconds=seconds)
    return Outcome(directory, "completed")


@pytest.mark.parametrize(("epochs", "said"), [(1, " 1 epoch, 7 s"), (4, " 4 epochs, 7 s")])
def test_a_run_that_ended_is_said_in_one_line(epochs: int, said: str, tmp_path: Path) -> None:
    console = Console(record=True, width=40)
    only = job(tmp_path)
    with Progress(console, [only]) as progress:
        progress.ended(only, completed(only, epochs, seconds=7.0))
    assert console.export_text() == f"[1/1] small seed 1: validation accuracy 50.00 %,{said}\n"
