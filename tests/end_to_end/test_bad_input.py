"""Bad input: one clear line on stderr, exit code 2, nothing trained, nothing lost."""

import os
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments import catalog
from tests.end_to_end.typed import refused, tiny_experiment, type_command, type_here


def photographs(folder: Path, classes: tuple[str, ...] = ("circles", "squares"), count: int = 8) -> Path:
    """A small image folder, an image of its own for each file."""
    noise = np.random.default_rng(len(classes))
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(noise.integers(0, 256, (12, 12, 3), dtype=np.uint8)).save(folder / name / f"{i}.png")
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "digit_demo"], "did you mean 'digits_demo'"),
        (["run", "missing.py"], "there is no experiment file missing.py"),
        (["run", "digits_demo", "--variant", "cn"], "did you mean 'cnn'"),
        (["run", "digits_demo", "--set", "epochs"], "write key=value"),
        (["run", "digits_demo", "--set", "epochs=0"], "whole number from 1 up"),
        (["run", "digits_demo", "--set", "model.name=mnist_demo_nett"], "did you mean 'mnist_demo_net'"),
        (["run", "digits_demo", "--set", "model.dropuot=0.1"], "did you mean 'dropout'"),
        (["run", "digits_demo", "--set", "model.dropout=1.5"], "less than 1"),
        (["run", "digits_demo", "--set", "model.dropout=much"], "valid number"),
        (["run", "digits_demo", "--set", "dataset.limit=5"], "limit"),
        (["run", "digits_demo", "--set", "dataset.classes=[0,99]"], "99"),
        (["run", "digits_demo", "--set", "dataset.image_size=[4,4]"], "at least 6x6"),
        (["run", "digits_demo", "--set", "dataset.label_noise=1"], "dataset.label_noise=1 is not possible"),
        (["run", "digits_demo", "--variant", "mlp", "--set", "model.initializer_spread=1"], "initializer_spread"),
        (
            ["run", "digits_demo", "--set", "model.dropout=0.0", "--set", "model.dense_dropout=0.0"],
            "are the same Config",
        ),
        (["run", "digits_demo", "--set", "callbacks.early_stopping.patience=3"], "holds no 'early_stopping'"),
        (
            ["run", "digits_demo", "--set", "schedule.name=cosine", "--set", 'callbacks=["reduce_lr_on_plateau"]'],
            "keep one of the two",
        ),
        (
            [
                "run",
                "digits_demo",
                "--set",
                'callbacks=["reduce_lr_on_plateau", {"name": "early_stopping", "options": {"patience": 3}}]',
            ],
            "patience",
        ),
        (["run", "digits_demo", "--set", "loss.name=hinge", "--set", "augmentation.mixup=0.2"], "choose the loss"),
        (["run", "digits_demo", "--set", "dataset.name=image_folder", "--set", "dataset.path=nowhere"], "nowhere"),
        (["run", "digits_demo", "--set", 'phases=["heads"]'], "unknown phase 'heads'; did you mean 'head'"),
        (["run", "digits_demo", "--set", 'phases=["head"]'], "mnist_demo_net has no backbone"),
        (["run", "digits_demo", "--folds", "5", "--seeds", "8"], "give a multiple of 5"),
        (["run", "digits_demo", "--folds", "1438"], "folds=1438 is more than the 1437 images"),
        (["report", "nowhere"], "nowhere"),
        (["show", "nothing"], "unknown experiment"),
        (["data", "digits_demo", "--variant", "cn"], "did you mean 'cnn'"),
        (["predict", "nowhere", "a.png"], "there is no model file nowhere"),
    ],
)
def test_a_wrong_command_is_answered_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    assert said in refused(*arguments, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()


def test_nothing_but_that_line_comes_from_a_process_of_its_own(tmp_path: Path) -> None:
    done = type_command("run", "digits_demo", "--set", "dataset.image_size=[4,4]", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [catalog.load("digits_demo").question]
    assert re.fullmatch(r"error: .* at least 6x6.*\n", done.stderr)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("vgg', weights='run:cifar10_pretrain", "train it first: keras-suite run cifar10_pretrain"),
        ("vgg', weights='mine.h5", "there is no such file"),
        ("vgg16", "32"),
        ("vgg16', weights='imagenet", "could not be downloaded"),
    ],
)
def test_a_network_that_cannot_be_had_is_refused(
    model: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there
    text = "from keras_suite.experiments.config import *\nEXPERIMENT = Experiment(Config(use('digits'), use('MODEL')))"
    (tmp_path / "mine.py").write_text(text.replace("MODEL", model), encoding="utf-8")
    done = type_here("run", "mine.py", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr.strip().splitlines()[-1]  # where weights are looked for, a line says so before
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EXPERIMENT = 3", "holds no experiment"),
        ("def broken(:", "line 1"),
        ("import nonexistent_module", "nonexistent_module"),
        (
            "from keras_suite.experiments.config import *\n"
            "EXPERIMENT = Experiment(Config(use('digits'), use('mlp'), epochs=-1))",
            "epochs",
        ),
    ],
)
def test_an_experiment_file_that_cannot_be_loaded_says_why(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    assert said in refused("run", "mine.py", cwd=tmp_path)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (
            "from experiments.config import Config, Experiment, use",
            "from keras_suite.experiments.config import Config, Experiment, use",
        ),
        ("import models", "import keras_suite.models"),
        ("from reports.study import Study", "from keras_suite.reports.page.study import Study"),
    ],
)
def test_a_file_that_imports_the_suite_by_a_former_name_is_told_the_present_one(
    before: str, now: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(f'"""Is it so?"""\n\n{before}\n', encoding="utf-8")
    for done in (type_command, type_here):
        answer = done("run", "mine.py", cwd=tmp_path)
        assert answer.returncode == 2
        assert answer.stderr == f"error: mine.py line 3: {before!r} is a former name of the suite: write {now!r}\n"


def test_a_users_own_module_of_a_former_name_is_not_taken_for_the_suites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "callbacks.py").write_text("", encoding="utf-8")
    (tmp_path / "mine.py").write_text("from callbacks import nothing", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    answer = type_command("run", "mine.py", cwd=tmp_path)
    assert answer.returncode == 2
    assert "cannot import name 'nothing' from 'callbacks'" in answer.stderr


def _text_file(folder: Path) -> None:
    (folder / "circles" / "notes.jpg").write_text("no image", encoding="utf-8")


def _empty_class(folder: Path) -> None:
    (folder / "stars").mkdir()


def _cut_off(folder: Path) -> None:
    whole = (folder / "squares" / "3.png").read_bytes()
    (folder / "squares" / "3.png").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_text_file, "notes.jpg"), (_empty_class, "stars"), (_cut_off, "3.png")],
    ids=["text", "empty", "cut off"],
)
def test_a_spoilt_image_folder_is_refused_by_name(spoil: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    spoil(photographs(tmp_path / "photos"))
    line = refused(*_on_photographs(tmp_path), cwd=tmp_path)
    assert said in line
    assert not (tmp_path / "runs").exists()


def _on_photographs(folder: Path, path: str = "photos") -> list[str | Path]:
    settings = ("dataset.name=image_folder", f"dataset.path={path}", "dataset.image_size=[8,8]")
    return ["run", tiny_experiment(folder), *(word for setting in settings for word in ("--set", setting))]


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    photographs(tmp_path / "photos")
    with tarfile.open(tmp_path / "photos.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "photos", "photos")
    whole = (tmp_path / "photos.tar.gz").read_bytes()
    (tmp_path / "photos.tar.gz").write_bytes(whole[: len(whole) // 2])
    assert "photos.tar.gz" in refused(*_on_photographs(tmp_path, "photos.tar.gz"), cwd=tmp_path)


def test_an_archive_with_a_path_that_leads_outside_is_refused(tmp_path: Path) -> None:
    photographs(tmp_path / "photos")
    with tarfile.open(tmp_path / "photos.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "photos", "photos")
        archive.add(tmp_path / "photos" / "circles" / "0.png", "photos/../../outside.png")
    assert "outside.png" in refused(*_on_photographs(tmp_path, "photos.tar.gz"), cwd=tmp_path)
    assert not (tmp_path.parent / "outside.png").exists()


@pytest.mark.slow
def test_other_photographs_under_the_same_path_are_trained_on_anew(tmp_path: Path) -> None:
    folder = photographs(tmp_path / "photos")
    command = [*_on_photographs(tmp_path), "--seeds", "1", "--variant", "wide"]
    assert type_here(*command, cwd=tmp_path).returncode == 0
    (folder / "circles" / "0.png").write_bytes((folder / "squares" / "0.png").read_bytes())
    again = type_here(*command, cwd=tmp_path)
    assert "[1/1] wide seed 1" in again.stdout, again.stdout + again.stderr
    assert len(list(tmp_path.glob("runs/wider/wide-*/seed-1/metrics.json"))) == 2
