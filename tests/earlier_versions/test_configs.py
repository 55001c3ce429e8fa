"""The catalog's Configs, and the identities by which finished runs of them are known again, are those of before."""

import json
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments import catalog
from keras_suite.experiments.config import from_json, to_json
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.identity import job_identity
from keras_suite.experiments.training.job import Job, RunOptions

NEED_NO_DATA = ("digits_demo", "digits_tuning")
NEED_DATA = (  # one or two of each dataset: the others' identities hold nothing else
    "activations",
    "autoencoder",
    "digit_captions",
    "digit_segmentation",
    "homing_vector",
    "mnist_tuning",
    "mnist_zero_one_scratch",
    "moving_digits",
    "overfitting_ladder",
    "overfitting_ladder_cifar10",
    "steering_angle",
)

MEASURED_ANEW = {"photo_transfer": "from ImageNet's weights at 96 pixels, instead of CIFAR-10's at 48"}


def test_canonical_configs_of_the_whole_catalog_are_unchanged(unpacked: Path) -> None:
    before = json.loads((unpacked / "canonical.json").read_text(encoding="utf-8"))["experiments"]
    for name, experiment in before.items():
        if name in MEASURED_ANEW:
            continue
        entry = catalog.load(name)
        assert set(experiment["variants"]) <= set(entry.experiment.variants or {"base": {}}), name
        for variant, expected in experiment["variants"].items():
            config = entry.experiment.config(variant)
            assert to_json(config) == expected["to_json"], f"{name}/{variant}"
            assert resolve(config).canonical() == expected["canonical"], f"{name}/{variant}"


def test_recorded_configs_of_the_whole_catalog_are_still_understood(unpacked: Path) -> None:
    before = json.loads((unpacked / "canonical.json").read_text(encoding="utf-8"))["experiments"]
    assert before.keys() > MEASURED_ANEW.keys()
    for name, experiment in before.items():
        for variant, expected in experiment["variants"].items():
            assert resolve(from_json(expected["to_json"])).canonical() == expected["canonical"], f"{name}/{variant}"


@pytest.mark.parametrize("name", MEASURED_ANEW)
def test_an_experiment_measured_anew_keeps_its_variants_with_other_configs(name: str, unpacked: Path) -> None:
    before = json.loads((unpacked / "canonical.json").read_text(encoding="utf-8"))["experiments"][name]
    variants = catalog.load(name).experiment.variants
    assert before["variants"].keys() == variants.keys()
    for variant, expected in before["variants"].items():
        config = catalog.load(name).experiment.config(variant)
        assert resolve(config).canonical() != expected["canonical"], f"{name}/{variant}: list it no longer"


@pytest.mark.parametrize("name", NEED_NO_DATA)
def test_finished_runs_are_known_again(name: str, unpacked: Path) -> None:
    assert_identities(name, unpacked, None)


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize("name", NEED_DATA)
def test_finished_runs_on_downloaded_data_are_known_again(name: str, unpacked: Path, data_dir: Path) -> None:
    assert_identities(name, unpacked, data_dir)


def assert_identities(name: str, unpacked: Path, data_dir: Path | None) -> None:
    """The runs of every variant have the identities of before: their data's content is in them."""
    known: dict[str, Any] = json.loads((unpacked / "identities.json").read_text(encoding="utf-8"))["identities"][name]
    assert known
    for variant, expected in known.items():
        config = catalog.load(name).experiment.config(variant)
        job = Job(name, variant, config, 1, RunOptions(threads=1, runs_dir=unpacked / "runs", data_dir=data_dir))
        assert job_identity(job) == expected["identity"], f"{name}/{variant}"
