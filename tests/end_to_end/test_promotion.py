"""A run that goes on from where its parent was cut off ends with the same bits as one that was never cut."""

from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import CONFIG, make_job, outcome, result, start

pytestmark = pytest.mark.slow

PLATEAU = override(
    CONFIG,
    {
        "epochs": 6,
        "callbacks": (
            use("reduce_lr_on_plateau", patience=1, min_delta=0.3),
            use("early_stopping", patience=6, min_delta=0.05),
        ),
    },
)
SCHEDULED = override(CONFIG, {"epochs": 6, "callbacks": (), "schedule": use("cosine")})
STOPS = override(CONFIG, {"epochs": 9, "callbacks": (use("early_stopping", patience=2, min_delta=10.0),)})


def perform(job: Job, scratch: Path) -> Path:
    """Trains the job in a process of its own; its run directory."""
    assert "'completed'" in outcome(start(job, scratch), scratch)
    return directory_of(job)


def rungs(folder: Path, config: Config, *until: int) -> list[Path]:
    """Each trained in a process of its own, from the one before it on."""
    parent, directories = None, []
    for place, epoch in enumerate(until):
        job = make_job(folder / "runs", config, variant=f"rung-{place}", checkpoint_seconds=30.0)
        last = epoch == config.epochs
        parent = perform(replace(job, until=epoch, parent=parent, keep_checkpoint=not last), folder)
        directories.append(parent)
    return directories


@pytest.mark.parametrize(
    "config", [PLATEAU, pytest.param(SCHEDULED, marks=pytest.mark.slow)], ids=["plateau", "cosine"]
)
def test_a_promoted_run_equals_an_uninterrupted_one(config: Config, tmp_path: Path) -> None:
    whole = perform(make_job(tmp_path / "whole", config), tmp_path)
    first, second, third = rungs(tmp_path, config, 1, 3, 6)
    assert result(third) == result(whole)
    assert [len(run_directory.read_history(path)) for path in (first, second, third)] == [1, 3, 6]
    rates = [row["learning_rate"] for row in run_directory.read_history(third)]
    assert len(set(rates)) > 1, "the rate never changed, so its going on would not be tested"
    assert [run_directory.has_checkpoint(path) for path in (first, second, third)] == [True, True, False]
    record = run_directory.read_run(third).record
    assert (third / record["parent"]).resolve() == second.resolve()
    assert record["until"] == 6


@pytest.mark.slow
def test_a_run_that_had_stopped_early_is_promoted_without_training(tmp_path: Path) -> None:
    *_, parent, child, grandchild = rungs(tmp_path, STOPS, 5, 7, 9)
    assert len(run_directory.read_history(parent)) == 3, "it stopped before its rung's end"
    assert result(child) == result(grandchild) == result(parent)


@pytest.mark.slow
def test_without_its_parents_checkpoint_a_run_ends_with_the_same_bits(tmp_path: Path) -> None:
    parent, child = rungs(tmp_path, PLATEAU, 3, 6)
    run_directory.remove_checkpoint(parent)
    again = perform(make_job(tmp_path / "again", PLATEAU, until=6, parent=parent), tmp_path)
    assert result(again) == result(child)
