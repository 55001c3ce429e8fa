"""Experiments of the catalog train to the bits of the earlier version: weights, history, metrics and predictions."""

import json
from pathlib import Path

import pytest

from tests.earlier_versions.bits import assert_same, made_here
from tests.end_to_end.typed import type_command

EXPERIMENTS = [
    *("digits_demo", "digits_tuning", "mnist_zero_one_scratch", "steering_angle", "overfitting_ladder"),
    *("moving_digits", "homing_vector", "digit_segmentation", "digit_captions", "autoencoder"),
]


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_trains_to_the_same_bits(
    name: str, unpacked: Path, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    before = json.loads((unpacked / "numbers.json").read_text(encoding="utf-8"))
    experiment = before["experiments"][name]
    command = experiment["command"].removeprefix("python -m experiments ").split()
    done = type_command(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for run, expected in experiment["runs"].items():
        assert_same(tmp_path / "numbers" / run, expected, exact=made_here(before["made_with"]))
