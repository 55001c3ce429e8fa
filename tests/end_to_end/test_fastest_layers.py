"""`model.layers="fastest"` as a user types it: measured once, the same for all workers, after a kill, in a sweep."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.config import Config, from_json, use
from keras_suite.experiments.fastest_layers import choice
from keras_suite.experiments.fastest_layers.choice import network_of
from keras_suite.experiments.training.identity import job_identity
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.tuning import journal
from keras_suite.models.saving import load_keras
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layer_choices import LayerChoice, TimeRatio, keep_choices, read_choices
from tests.end_to_end.typed import refused, type_command, type_here
from tests.experiments.conftest import flip

KINDS = ("conv2d", "batch_normalization")
FASTER = TimeRatio(KINDS, 0.8, 0.7, 0.9, 21)
QUESTION = '''"""Which learning rate reads digits better?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=300, test_limit=100),
        model=use("pattern_cnn", blocks=1, filters=4, units=8, batch_normalization="before_pooling", layers="fastest"),
        batch_size=32,
        epochs=EPOCHS,
    ),
    variants={"slow": {}, "quick": {"optimizer.learning_rate": 0.01}},
    seeds=2,
)


def space(hp):
    return {"model.units": hp.Int("units", 4, 8, step=4)}
'''


def question(folder: Path, epochs: int = 1) -> Path:
    path = folder / "rates.py"
    path.write_text(QUESTION.replace("EPOCHS", str(epochs)), encoding="utf-8")
    return path


def kept(folder: Path, file: Path) -> None:
    """What was measured on some machine lies in the experiment's folder."""
    from keras_suite.experiments import catalog

    network = network_of(catalog.load(str(file)).experiment.base)
    folder.mkdir(parents=True)
    keep_choices(folder, [LayerChoice(network, KINDS, (FASTER,), "CPU of another machine", 1, {"keras": "3"})])


def bits(folder: Path) -> dict[str, list[bytes]]:
    """The weights of every run, and its history."""
    found = {}
    for run in run_directory.read_experiment(folder).runs:
        weights = load_keras(run_directory.model_file(run.path)).get_weights()
        history = np.array([[row["loss"], row["val_loss"]] for row in run.history])
        found[f"{run.variant} {run.seed}"] = [each.tobytes() for each in [*weights, history]]
    return found


@pytest.mark.slow
def test_two_workers_train_with_the_layers_that_were_measured_once(tmp_path: Path) -> None:
    file, folder = question(tmp_path), tmp_path / "runs" / "rates"
    kept(folder, file)
    before = (folder / "layers.json").read_bytes()
    done = type_command("run", file, "--seeds", "1", "--workers", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Layers: hand-derived conv2d and batch_normalization: a training step takes 0.80" in done.stdout
    assert (folder / "layers.json").read_bytes() == before
    runs = run_directory.read_experiment(folder).runs
    assert len(runs) == 2
    assert {tuple(run.config["model"]["options"]["layers"]) for run in runs} == {KINDS}
    names = [type(layer).__name__ for layer in load_keras(run_directory.model_file(runs[0].path)).layers]
    assert names.count("ManualConv2D") == names.count("ManualBatchNormalization") == 1
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "hand-derived conv2d and batch_normalization" in page and "CPU of another machine" in page
    assert "hand-derived conv2d and batch" in (folder / "report.md").read_text(encoding="utf-8")
    again = type_here("run", file, "--seeds", "1", cwd=tmp_path)
    assert "All 2 runs had already finished" in again.stdout, again.stdout + again.stderr


def test_the_kinds_are_part_of_the_identity_and_keras_s_layers_are_not(tmp_path: Path) -> None:
    """The runs of a config without the option have the identity that they always had."""

    def identity(**options: object) -> str:
        model = use("mlp", units=[8], **options)
        return job_identity(Job("", "", Config(use("digits"), model), 1, RunOptions(1, tmp_path)))

    one, other = ["conv2d", "batch_normalization"], ["batch_normalization", "conv2d"]
    assert identity(layers=one) == identity(layers=other) != identity()
    assert identity(layers=[]) == identity()


def test_a_damaged_choice_is_refused_in_a_line_and_nothing_is_written(tmp_path: Path) -> None:
    file, folder = question(tmp_path), tmp_path / "runs" / "rates"
    kept(folder, file)
    flip(folder / "layers.json")
    assert "rates/layers.json" in refused("run", file, cwd=tmp_path)
    assert [path.name for path in folder.iterdir()] == ["layers.json"]


def test_a_failure_before_the_first_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = question(tmp_path)
    line = refused("run", file, "--set", "precision=mixed_bfloat16", cwd=tmp_path)
    assert "model.layers=fastest is for float32" in line
    assert "'quick' is not possible: expected 'fastest'" in refused(
        "run", file, "--set", "model.layers=quick", cwd=tmp_path
    )
    assert not (tmp_path / "runs" / "rates").exists()


@pytest.mark.slow
def test_all_trials_of_a_sweep_share_the_choice_of_its_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, folder = question(tmp_path), tmp_path / "runs" / "rates.tune" / "grid"
    asked: list[object] = []

    def measure(configs, options):  # type: ignore[no-untyped-def]
        asked.extend(configs)
        return tuple(LayerChoice(network_of(each), KINDS, (FASTER,), "CPU", options.threads, {}) for each in configs)

    monkeypatch.setattr(choice, "measured_apart", measure)
    for _ in range(2):  # the second command resumes the sweep
        done = type_here("tune", file, "--tuner", "grid", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(asked) == 1 and len(read_choices(folder)) == 1
    configs = [from_json(json.loads(path.read_text())) for path in folder.glob("*/seed-1/config.json")]
    assert len(configs) == 3 and all(config.model.options["layers"] == list(KINDS) for config in configs)
    assert journal.settings_in(folder)["base"]["model"]["options"]["layers"] == list(KINDS)


@pytest.mark.slow
def test_a_killed_command_goes_on_with_the_same_bits_and_measures_nothing(tmp_path: Path) -> None:
    once, killed = tmp_path / "once", tmp_path / "killed"
    for folder in (once, killed):
        folder.mkdir()
        kept(folder / "runs" / "rates", question(folder, epochs=12))
    command = ("run", "rates.py", "--seeds", "1", "--threads", "2", "--checkpoint-seconds", "0")
    assert type_command(*command, cwd=once).returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "keras_suite.experiments", *command],
        cwd=killed,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    waited = time.monotonic() + 120
    while not list(killed.glob("runs/rates/*/seed-1/checkpoint/state.npz")) and time.monotonic() < waited:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(killed.glob("runs/rates/quick-*/seed-1/metrics.json")), "it had ended before it was killed"
    done = type_command(*command, cwd=killed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert bits(killed / "runs" / "rates") == bits(once / "runs" / "rates")
    assert (killed / "runs" / "rates" / "layers.json").read_bytes() == (
        once / "runs" / "rates" / "layers.json"
    ).read_bytes()


@pytest.mark.slow
def test_a_second_command_does_not_measure_again(tmp_path: Path) -> None:
    """For real: what is chosen is this machine's affair."""
    file, folder = question(tmp_path), tmp_path / "runs" / "rates"
    network = 'use("mlp", units=[8], layers="fastest")'  # of one kind of layers
    file.write_text(re.sub(r"use\(.pattern_cnn.*\)", network, file.read_text(encoding="utf-8")), encoding="utf-8")
    first = type_command("run", file, "--seeds", "1", "--threads", "1", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    [measured] = read_choices(folder)
    assert measured.threads == 1 and [ratio.layers for ratio in measured.ratios] == [("dense",)]
    assert "Layers: " in first.stdout
    content = (folder / "layers.json").read_bytes()
    second = type_command("run", file, "--seeds", "2", cwd=tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    assert (folder / "layers.json").read_bytes() == content
    models = {json.dumps(run.config["model"]) for run in run_directory.read_experiment(folder).runs}
    assert len(models) == 1
