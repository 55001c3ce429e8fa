"""What `model.weights` means: which file it is, and which identity it gives a run."""

import dataclasses
import shutil
import time
from pathlib import Path

import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training.identity import already_finished, job_identity
from keras_suite.experiments.training.initial_weights import pretrained
from keras_suite.models.transfer import imagenet_weights
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import CONFIG, finish, make_job

SMALL = override(
    CONFIG,
    {"model": use("vgg", width=0.1, blocks=2), "augmentation": use("standard"), "callbacks": (), "epochs": 1},
)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run to start from: experiment `killed`, listed as the command `run` lists it."""
    folder = tmp_path_factory.mktemp("earlier")
    directory = finish(make_job(folder / "runs", SMALL), folder)
    variant = run_directory.Variant("all_on", directory.parent.name, {})
    run_directory.write_experiment(directory.parents[1], name="killed", question="", command="", variants=[variant])
    return directory


def starting_from(given: str) -> Config:
    return override(SMALL, {"model.weights": given})


def test_random_weights_come_from_nowhere(tmp_path: Path) -> None:
    assert pretrained(SMALL, tmp_path) is None
    assert pretrained(starting_from("random"), tmp_path) is None


def test_a_run_is_named_by_its_directory_or_by_its_experiment(earlier: Path, tmp_path: Path) -> None:
    runs_dir = earlier.parents[2]
    by_directory = pretrained(starting_from(f"run:{earlier}"), tmp_path)
    by_experiment = pretrained(starting_from("run:killed"), runs_dir)
    inside = pretrained(starting_from(f"run:killed/{earlier.parent.name}/seed-1"), runs_dir)
    by_variant = pretrained(starting_from("run:killed/all_on"), runs_dir)
    assert by_directory == by_experiment == inside == by_variant
    assert by_directory is not None
    assert by_directory.source == "killed, variant all_on, seed 1"
    assert by_directory.weights == str(earlier / "model.keras")


def test_equal_weights_have_one_fingerprint_whenever_they_were_saved(earlier: Path, tmp_path: Path) -> None:
    from keras_suite.models.saving import load_model, save_model

    model, names = load_model(earlier / "model.keras")
    time.sleep(1.1)  # the archive holds the second in which it was written
    save_model(model, tmp_path / "again.keras", names)
    first = pretrained(starting_from(f"run:{earlier}"), tmp_path)
    again = pretrained(starting_from(str(tmp_path / "again.keras")), tmp_path)
    assert first is not None and again is not None
    assert (tmp_path / "again.keras").read_bytes() != (earlier / "model.keras").read_bytes()
    assert again.fingerprint == first.fingerprint
    assert again.source == "the file again.keras"


def test_the_identity_follows_the_weights_and_not_their_path(earlier: Path, tmp_path: Path) -> None:
    shutil.copytree(earlier, tmp_path / "moved")
    here, there, random = (
        job_identity(make_job(tmp_path / "runs", config))
        for config in (starting_from(f"run:{earlier}"), starting_from(f"run:{tmp_path / 'moved'}"), SMALL)
    )
    assert here == there != random


def test_a_run_from_weights_starts_with_them_and_is_known_again(earlier: Path, tmp_path: Path) -> None:
    config = override(starting_from(f"run:{earlier}"), {"phases": (use("head", epochs=1),)})
    directory = finish(make_job(tmp_path / "runs", config), tmp_path)
    from keras_suite.models.saving import load_model

    model, source = (load_model(path / "model.keras")[0] for path in (directory, earlier))
    for layer in ("block1_conv1", "block2_conv2"):
        assert all(
            (a == b).all()
            for a, b in zip(model.get_layer(layer).get_weights(), source.get_layer(layer).get_weights(), strict=True)
        )
    record = run_directory.read_run(directory).record
    assert record["weights"]["source"] == "killed, variant all_on, seed 1"
    outcome = already_finished(directory)
    assert outcome is not None and outcome.status == "already"


def test_imagenet_weights_are_known_by_their_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = imagenet_weights.imagenet_file("vgg16")
    path.parent.mkdir(parents=True)
    found = []
    for content in (b"one", b"another"):
        path.write_bytes(content)
        entry = dataclasses.replace(imagenet_weights.IMAGENET["vgg16"], md5=imagenet_weights.md5(path))
        monkeypatch.setitem(imagenet_weights.IMAGENET, "vgg16", entry)
        source = pretrained(override(SMALL, {"model": use("vgg16", weights="imagenet")}), tmp_path)
        assert source is not None and source.weights == "imagenet"
        assert source.source == f"ImageNet, {path.name}"
        found.append(source.fingerprint)
    assert found[0] != found[1]


def test_weights_that_are_not_there_are_answered(earlier: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run:cifar10_pretrain: there is no such run.*keras-suite run cifar10"):
        pretrained(starting_from("run:cifar10_pretrain"), tmp_path)
    with pytest.raises(
        FileNotFoundError, match=r"nor runs of variant none_on of an experiment killed in .*run killed$"
    ):
        pretrained(starting_from("run:killed/none_on"), earlier.parents[2])
    with pytest.raises(FileNotFoundError, match=r"model.weights=there.h5: there is no such file; give random, imag"):
        pretrained(starting_from("there.h5"), tmp_path)
    shutil.copytree(earlier, tmp_path / "unfinished")
    (tmp_path / "unfinished" / "metrics.json").unlink()
    with pytest.raises(ValueError, match="run its command to the end first"):
        pretrained(starting_from(f"run:{tmp_path / 'unfinished'}"), tmp_path)
    with pytest.raises(ValueError, match=r"no ImageNet weights for model.name=vgg: choose one of efficientnet_lite0"):
        pretrained(starting_from("imagenet"), tmp_path)
