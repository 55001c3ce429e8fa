"""A user's own Keras script with `RecordRun` in its callbacks, in a process of its own; then `report` as typed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keras_suite.reports.run_directory import read_run
from tests.end_to_end.typed import type_command, type_here

pytestmark = pytest.mark.slow

SCRIPT = """
import sys

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from keras_suite.experiments import RecordRun

images, labels = load_digits(return_X_y=True)
x, x_test, y, y_test = train_test_split(images / 16, labels, test_size=300, random_state=0)
for units, seed in [(int(units), seed) for units in sys.argv[2].split(",") for seed in range(1, 8)]:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.layers.Dense(units, "relu"), keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    record = RecordRun("runs/units", variant=f"units-{units}", seed=seed, test=(x_test, y_test))
    model.fit(x, y, epochs=int(sys.argv[1]), validation_split=0.2, verbose=0, callbacks=[record])
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script and seven runs of two variants each."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
    subprocess.run([sys.executable, "train.py", "2", "2,32"], cwd=folder, check=True, capture_output=True, timeout=250)
    return folder


@pytest.mark.slow
def test_the_runs_of_a_script_are_compared_like_the_suites_own(recorded: Path) -> None:
    done = type_command("report", "runs/units", cwd=recorded)
    assert done.returncode == 0, done.stderr
    assert "'units-32' is better than 'units-2' by" in done.stdout and "7 paired seeds" in done.stdout
    assert "Next:" not in done.stdout and "Warning" not in done.stdout
    page = (
        (recorded / "runs/units/report.html")
        .read_text(encoding="utf-8")
        .partition("<script")[0]
        .partition("<script")[0]
    )
    for section in ("Learning curves", "Uncertainty from the test images", "Calibration", "python train.py 2 2,32"):
        assert section in page, section
    for invented in ("base configuration", "commit", "peak memory", "epoch of the saved model", "How to reproduce"):
        assert invented not in page, invented


def test_verify_runs_and_the_index_take_them_as_runs(recorded: Path) -> None:
    done = type_here("verify", "runs", cwd=recorded)
    assert done.returncode == 0, done.stdout + done.stderr
    done = type_here("runs", cwd=recorded)
    assert done.returncode == 0 and "14 completed" in done.stdout


def test_a_script_that_is_run_again_is_refused_before_it_trains(recorded: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in recorded.rglob("*")}
    done = subprocess.run([sys.executable, "train.py", "2", "2"], cwd=recorded, capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1 and "holds a run of 'units-2' with seed 1: give another seed or variant" in last
    assert before == {path: path.stat().st_mtime_ns for path in recorded.rglob("*")}


@pytest.mark.slow
def test_a_script_that_is_interrupted_leaves_an_interrupted_run(recorded: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "train.py", "100000", "7"],
        cwd=recorded,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # in the background it would be ignored
    ) as script:
        until = time.monotonic() + 120
        while not list(recorded.glob("runs/units/units-7-*/seed-1/history.csv")) and time.monotonic() < until:
            time.sleep(0.1)
        script.send_signal(signal.SIGINT)
        script.wait(60)
    run = read_run(next(recorded.glob("runs/units/units-7-*/seed-1")))
    assert run.status == "interrupted" and run.record["status"] == "interrupted" and run.history
    done = type_here("report", "runs/units", cwd=recorded)
    assert done.returncode == 0 and "1 run is interrupted (1 of 'units-7') and cannot be continued." in done.stdout
