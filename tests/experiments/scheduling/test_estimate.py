"""A dry fit foresees what a run leaves on the disk; the reason of a failed one is said in a line."""

from pathlib import Path

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.scheduling.cost import RECORD_BYTES
from keras_suite.experiments.scheduling.estimate import estimate, gist
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train

BLOCK = 4096  # of usual file systems


def test_the_gist_of_an_error_is_one_line() -> None:
    said = gist(ValueError("first line\n\nsecond line " + "x" * 2000))
    assert "\n" not in said and said.startswith("first line") and len(said) < 1000


def test_the_disk_space_of_a_run_is_foreseen_within_a_quarter(tmp_path: Path) -> None:
    config = Config(
        dataset=use("digits", limit=600, test_limit=200), model=use("mlp", units=[64]), batch_size=64, epochs=2
    )
    job = Job("foreseen", "base", config, 1, RunOptions(2, tmp_path))
    foreseen = estimate([job]).bytes
    files = {path.name: -(-path.stat().st_size // BLOCK) * BLOCK for path in train(job).directory.iterdir()}
    assert 0.75 * foreseen < sum(files.values()) < 1.25 * foreseen, (foreseen, files)
    with_arrays = ("model.keras", "predictions.npz", "validation.npz", "examples.npz", "likeness.json")
    record = sum(size for name, size in files.items() if name not in with_arrays)  # what a sweep keeps of each trial
    assert 0.5 * RECORD_BYTES < record < 1.25 * RECORD_BYTES, files
