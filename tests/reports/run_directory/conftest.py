"""A completed run directory with small files, made by what writes the real ones."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory

RECORD = {"experiment": "e", "variant": "v", "seed": 1, "identity": "0" * 16, "versions": {}, "threads": 1}


@pytest.fixture
def completed(tmp_path: Path) -> Path:
    directory = tmp_path / "seed-1"
    run_directory.begin(directory, RECORD, {"epochs": 1})
    run_directory.write_history(directory, [{"epoch": 1, "loss": 0.1 + 0.2}])
    run_directory.write_predictions(directory, np.arange(3), np.eye(3, dtype=np.float32))
    run_directory.write_examples(directory, np.arange(1), np.zeros((1, 2, 2, 1), np.uint8))
    run_directory.model_file(directory).write_text("weights", encoding="utf-8")
    run_directory.complete(directory, {"epochs": 1}, seconds=1.5)
    return directory
