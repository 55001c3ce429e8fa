"""A user's own metrics, from the Config to reports, callbacks, a sweep and a resumed run."""

import csv
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments import catalog
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train
from keras_suite.reports import run_directory
from keras_suite.reports.sweep.reading import read_sweep
from tests.end_to_end.training_process import result
from tests.end_to_end.typed import type_here

QUESTION = '''"""Is a wider network better calibrated?"""

import keras
from keras import ops

from keras_suite.experiments import Config, Experiment, use


def calibration(y_true, y_pred, *, power: int = 2):
    """The error of an image's probabilities."""
    return ops.sum(ops.abs(ops.softmax(y_pred) - y_true) ** power, axis=-1)


class NeverMeasured(keras.metrics.Mean):
    def update_state(self, y_true, y_pred):
        super().update_state(ops.max(y_pred, axis=-1) * float("nan"))


EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=300, test_limit=100),
        model=use("mlp", units=[16]),
        metrics=[
            use(calibration, direction="min", unit=" points", scale=100, label="Brier score"),
            use(NeverMeasured, direction="max"),
        ],
        callbacks=[use("early_stopping", monitor="val_calibration", patience=2)],
        batch_size=32,
        epochs=3,
    ),
    variants={"narrow": {}},
    seeds=1,
)


def space(hp):
    return {"optimizer.learning_rate": hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")}
'''


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the question's runs."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "calibrated.py").write_text(QUESTION, encoding="utf-8")
    done = type_here("run", "calibrated.py", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_they_are_measured_in_every_epoch_and_on_the_test_images(trained: Path) -> None:
    [narrow] = run_directory.read_experiment(trained / "runs/calibrated").runs
    assert narrow.metrics is not None
    assert len(narrow.history) == 3
    for row in narrow.history:
        assert 0 < row["calibration"] < 2 and 0 < row["val_calibration"] < 2
        assert math.isnan(row["NeverMeasured"])
    loaded = run_directory.predictions(narrow)
    assert loaded is not None
    error = np.square(loaded.probabilities - np.eye(10)[loaded.labels]).sum(axis=1).mean()
    assert narrow.metrics["test"]["calibration"] == pytest.approx(error, rel=1e-5)
    assert narrow.metrics["test"]["NeverMeasured"] is None
    assert narrow.metrics["validation"]["calibration"] == pytest.approx(narrow.history[-1]["val_calibration"])
    assert narrow.record["metrics"][0]["label"] == "Brier score"


@pytest.mark.slow
def test_reports_and_predictions_need_no_code_of_the_user(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "runs/calibrated", tmp_path / "moved")
    for source in tmp_path.glob("moved/*/*/source"):
        shutil.rmtree(source)
    done = type_here("report", "moved", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "moved/report.html").read_text(encoding="utf-8")
    assert "test Brier score" in page and " points</td>" in page and "Brier score while training" in page
    with (tmp_path / "moved/comparison.csv").open(encoding="utf-8") as file:
        assert float(next(csv.DictReader(file))["test_calibration_mean"]) > 0
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "digit.png")
    [run] = tmp_path.glob("moved/narrow-*/seed-1")
    done = type_here("predict", run, "digit.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_sweep_can_optimize_one(trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained / "calibrated.py", tmp_path)
    words = ("tune", "calibrated.py", "--trials", "1", "--set", "epochs=1", "--objective", "val_calibration")
    done = type_here(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "validation Brier score" in done.stdout and " points" in done.stdout
    [folder] = (tmp_path / "runs/calibrated.tune").iterdir()
    begun = json.loads((folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert [each["name"] for each in begun["metrics"]] == ["calibration", "NeverMeasured"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "validation Brier score" in page
    assert read_sweep(folder).metric.unit == " points"


@pytest.mark.slow
def test_a_run_that_goes_on_from_a_checkpoint_ends_with_the_same_bits(trained: Path, tmp_path: Path) -> None:
    config = catalog.load(str(trained / "calibrated.py")).experiment.config("narrow")
    [whole] = trained.glob("runs/calibrated/narrow-*/seed-1")
    threads = run_directory.read_run(whole).record["threads"]
    job = Job("calibrated", "narrow", config, 1, RunOptions(threads, tmp_path))
    first = train(replace(job, until=2, keep_checkpoint=True))
    second = train(replace(job, until=3, parent=first.directory))
    assert second.status == "completed", second.reason
    assert "resumes from" in (second.directory / "log.txt").read_text(encoding="utf-8")
    assert repr(result(second.directory)) == repr(result(whole))  # NaN equals NaN as text only
