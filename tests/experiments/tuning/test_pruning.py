"""Space is freed once nothing can need what lay there, and what a run says of itself stays."""

from pathlib import Path

from keras_suite.experiments.tuning.driver import Ended, TrialRun
from keras_suite.experiments.tuning.pruning import Disk
from keras_suite.experiments.tuning.status import Best
from keras_suite.reports import run_directory
from tests.reports.run_directory.conftest import RECORD

SCORES = {0: 0.9, 1: 0.7, 2: None, 3: 0.8}
BEST = [Best(0, 0.9, {}), Best(3, 0.8, {}), Best(1, 0.7, {})]


def ended_trials(folder: Path) -> dict[int, Ended]:
    """Four trials with a checkpoint each, of which those with a score have a model."""
    found = {}
    for number, score in SCORES.items():
        directory = folder / f"trial-{number}" / "seed-1"
        run_directory.begin(directory, {**RECORD, "seed": 1}, {"epochs": 1})
        run_directory.write_checkpoint(directory, {"epoch": 1}, {})
        if score is not None:
            run_directory.model_file(directory).write_bytes(b"weights")
            run_directory.complete(directory, {"validation": {"accuracy": score}})
        run = TrialRun(1, score, "" if score else "blew up", 1, 1.0, f"trial-{number}/seed-1")
        found[number] = Ended(number, score, run.reason, (run,))
    return found


def held(folder: Path, name: str) -> list[int]:
    return sorted(int(path.relative_to(folder).parts[0][-1]) for path in folder.rglob(name))


def test_models_of_the_best_stay_and_checkpoints_that_others_go_on_from(tmp_path: Path) -> None:
    ended = ended_trials(tmp_path)
    disk = Disk(tmp_path, keep=2)
    disk.free(ended, BEST, awaited={1})
    assert held(tmp_path, "model.keras") == [0, 3]
    assert held(tmp_path, "state.npz") == [1]
    disk.free(ended, BEST, awaited=set())
    assert held(tmp_path, "state.npz") == []


def test_a_run_whose_model_was_freed_is_still_whole(tmp_path: Path) -> None:
    ended = ended_trials(tmp_path)
    Disk(tmp_path, keep=1).free(ended, BEST, set())
    run = run_directory.read_run(tmp_path / "trial-1" / "seed-1")
    assert run.status == "completed"
    assert run.metrics is not None
    assert run.metrics["validation"] == {"accuracy": 0.7}
