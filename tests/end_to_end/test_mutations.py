"""Whatever happens to a state file: what is read of it is right, or the file is named; never silent, never a traceback.

The quick tests take a share of what the slow ones do; a failure prints the seed and the kind of damage.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.experiments.training.recovery import NEEDED
from keras_suite.reports import run_directory
from keras_suite.reports.export.console import summary_text
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory.verification import faults_of_run
from keras_suite.reports.sweep.journal import rows
from keras_suite.reports.sweep.reading import read_sweep
from tests.end_to_end.mutations import mutate
from tests.end_to_end.sweeps import sweep_folder, write_file
from tests.end_to_end.typed import type_here

Read = tuple[Any, tuple[str, ...]]  # what was read, and what was named as damaged

OF_A_RUN = (
    "run.json",
    "config.json",
    "metrics.json",
    "history.csv",
    "diagnosis.csv",
    "evidence.csv",
    "predictions.npz",
    "examples.npz",
)


@pytest.fixture(scope="module")
def folder(four_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with four runs and a sweep of three trials."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(four_runs, folder, dirs_exist_ok=True)
    done = type_here("tune", write_file(folder), "--tuner", "random", "--trials", "3", "--threads", "2", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def read_report(folder: Path) -> Read:
    """The numbers of the report, and the files that it names."""
    experiment = run_directory.read_experiment(folder / "runs" / "wider")
    unfinished = tuple(f"{run.path} is {run.status}" for run in experiment.runs if run.status != "completed")
    numbers = experiment_numbers(experiment)
    held = [run_directory.examples(run) for run in experiment.runs]
    pictures = [each[1].tobytes() for each in held if each is not None]
    layers = [(run_directory.diagnosis(run), run_directory.evidence(run)) for run in experiment.runs]
    histories = [run.history for run in experiment.runs]
    return (summary_text(numbers), pictures, layers, histories), (*experiment.problems, *unfinished)


def read_tuned(folder: Path) -> Read:
    """The sweep's table and settings."""
    sweep = read_sweep(sweep_folder(folder))
    named = sweep.problems
    ended = sum(trial.status != "not ended" for trial in sweep.trials)
    if not sweep.finished or ended < 3:
        named = (*named, f"the sweep is {sweep.state} with {ended} trials")
    return (rows(sweep.events), sweep.space, sweep.question, sweep.planned), named


def mutants(folder: Path, scratch: Path, names: tuple[str, ...], count: int, seed: int) -> Iterator[tuple[Path, str]]:
    """The folder with one file damaged at a time, which is restored afterwards: the file, and what happened to it."""
    shutil.copytree(folder, scratch, dirs_exist_ok=True)
    chance = random.Random(seed)
    files = sorted(path for name in names for path in scratch.rglob(name))
    assert files
    for number in range(count):
        path = chance.choice(files)
        whole = path.read_bytes()
        others = [other for other in files if other.name == path.name and other.read_bytes() != whole]
        way = mutate(path, others, chance)
        if path.read_bytes() != whole:
            yield path, f"mutation {number} of seed {seed}: {way} of {path.relative_to(scratch)}"
        path.write_bytes(whole)


def check(read: Callable[[Path], Read], scratch: Path, path: Path, way: str, expected: Any) -> bool:
    """Whether the damage was named; what is not named must read as it was."""
    try:
        now, named = read(scratch)
    except (ValueError, OSError) as error:
        assert "\n" not in str(error), way
        assert path.name in str(error), f"{way}: {error}"
        return True
    except Exception as error:
        raise AssertionError(f"{way}: {type(error).__name__}: {error}") from error
    assert named or now == expected, f"{way}: silently wrong"
    return bool(named)


def mutate_runs(folder: Path, scratch: Path, count: int, seed: int) -> int:
    expected, named = read_report(folder)
    assert not named
    files = (*OF_A_RUN, "experiment.json")
    return sum(
        check(read_report, scratch, path, way, expected)
        for path, way in mutants(folder / "runs" / "wider", scratch / "runs" / "wider", files, count, seed)
    )


def mutate_sweep(folder: Path, scratch: Path, count: int, seed: int) -> int:
    expected, named = read_tuned(folder)
    assert not named
    source, target = (each / "runs" / "width.tune" for each in (folder, scratch))
    return sum(
        check(read_tuned, scratch, path, way, expected)
        for path, way in mutants(source, target, ("journal.jsonl", "status.json"), count, seed)
    )


def mutate_checkpoint(scratch: Path, count: int, seed: int) -> int:
    """Damage to a checkpoint that is not the whole one is always named."""
    generator = np.random.default_rng(0)
    state = {name: kind() for name, kind in NEEDED.items()} | {"run": "0123-1"}
    arrays = {f"model/{k}": generator.normal(size=(40, 8)).astype(np.float32) for k in range(4)}
    run_directory.write_checkpoint(scratch / "whole", state, arrays)
    caught = 0
    for _, way in mutants(scratch / "whole", scratch / "damaged", ("state.npz",), count, seed):
        try:
            read = run_directory.read_checkpoint(scratch / "damaged")
        except ValueError as error:
            assert "state.npz" in str(error) and "\n" not in str(error), way
            caught += 1
        else:
            assert read is not None and read[0] == state, f"{way}: silently wrong"
            assert all(np.array_equal(read[1][name], array) for name, array in arrays.items()), f"{way}: silently wrong"
    return caught


def mutate_for_verify(folder: Path, scratch: Path, count: int, seed: int) -> int:
    """`verify` names every change of a file's content that is not its line ends or layout."""
    caught = 0
    for path, way in mutants(
        folder / "runs" / "wider", scratch / "runs" / "wider", (*OF_A_RUN, "model.keras"), count, seed
    ):
        faults = faults_of_run(path.parent)
        assert all("\n" not in fault for fault in faults), way
        harmless = "convert_line_ends" in way or path.suffix == ".json"
        assert faults or harmless, f"{way}: not found"
        caught += bool(faults)
    return caught


def test_no_damage_to_a_run_is_silent(folder: Path, tmp_path: Path) -> None:
    assert mutate_runs(folder, tmp_path, count=120, seed=1) > 90


def test_no_damage_to_a_sweep_is_silent(folder: Path, tmp_path: Path) -> None:
    assert mutate_sweep(folder, tmp_path, count=150, seed=1) > 60


def test_no_damage_to_a_checkpoint_is_silent(tmp_path: Path) -> None:
    assert mutate_checkpoint(tmp_path, count=200, seed=1) > 150


def test_verify_finds_every_damage(folder: Path, tmp_path: Path) -> None:
    assert mutate_for_verify(folder, tmp_path, count=150, seed=1) > 110


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_damage_in_thousands_is_silent(folder: Path, tmp_path: Path) -> None:
    caught = mutate_runs(folder, tmp_path / "runs", count=2_000, seed=2)
    caught += mutate_sweep(folder, tmp_path / "sweep", count=1_500, seed=2)
    caught += mutate_checkpoint(tmp_path / "checkpoint", count=1_000, seed=2)
    caught += mutate_for_verify(folder, tmp_path / "verify", count=1_500, seed=2)
    assert caught > 4_000
