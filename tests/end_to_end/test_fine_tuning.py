"""`classify --fine-tune`: both numbers, the better one kept, and the same bits after a kill."""

import functools
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.experiments import cli
from keras_suite.experiments.classifying import choice, fine_tuning, head
from keras_suite.experiments.training import job
from keras_suite.reports import run_directory
from tests.end_to_end import forked, kill_points
from tests.end_to_end.typed import type_here

pytestmark = pytest.mark.timeout(1800)

TYPED = ("classify", "pictures", "--image-size", "32", "--fine-tune")


def write_digits(folder: Path, each: int, first: int = 0) -> None:
    """Pictures of digits that are hard to tell apart at 32 pixels."""
    found = load_digits()
    for label in (2, 3, 5, 7, 8, 9):
        for row in np.flatnonzero(found.target == label)[first : first + each]:
            place = folder / str(label) / f"{row}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((found.images[row] * 15).astype(np.uint8)).resize((32, 32)).save(place)


def answer(stdout: str) -> str:
    """What it says at the end, without the lines on how it goes."""
    return stdout[stdout.index("42 images of") :]


@pytest.fixture
def few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tuning, "EPOCHS", 2)
    monkeypatch.setattr(fine_tuning, "VIEWS", 1)
    monkeypatch.setattr(head, "FOLDS", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("few_epochs")
def test_what_is_not_shown_to_be_better_is_said_and_the_head_stays(tmp_path: Path) -> None:
    write_digits(tmp_path / "pictures", 7)
    plain = type_here(*TYPED[:-1], cwd=tmp_path)
    assert re.search(
        r"The head reads \d+ of 42 images wrong: --fine-tune would train .* in about \d+ minute", plain.stdout
    )
    done = type_here(*TYPED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = re.findall(r"reads (\d+) of 42 images right and the head alone (\d+) ", done.stdout)
    assert (
        said
        and "the head alone is kept" in done.stdout
        and "The model: runs/classify-pictures/classifier-" in done.stdout
    )
    assert re.findall("Expect .*", done.stdout) == re.findall("Expect .*", plain.stdout)
    [tuned] = tmp_path.glob("runs/classify-pictures/fine-tuned-*/seed-1")
    metrics = json.loads((tuned / "metrics.json").read_text())
    assert round(42 * metrics["test"]["accuracy"]) == int(said[0][0]) and not (tuned / "model.keras").exists()
    refused = type_here("predict", tuned, "pictures", cwd=tmp_path)
    assert refused.returncode == 2 and "the head alone was kept: give seed-1 of `classifier`" in refused.stderr
    report = type_here("report", "runs/classify-pictures", cwd=tmp_path)
    assert "'fine-tuned'" in report.stdout
    page = (tmp_path / "runs" / "classify-pictures" / "report.html").read_text()
    assert "the head alone is kept" in page and "fine-tuned" in page
    assert answer(type_here(*TYPED, cwd=tmp_path).stdout) == answer(done.stdout)


@pytest.mark.slow
@pytest.mark.usefixtures("few_epochs")
def test_what_is_kept_is_the_model_and_answers_new_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice.Choice, "kept", property(lambda chosen: True))
    write_digits(tmp_path / "pictures", 7)
    write_digits(tmp_path / "new", 3, first=30)
    done = type_here(*TYPED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "(2 folds, each answered by what the others chose)" in done.stdout and ": it is kept." in done.stdout
    [model] = re.findall("The model: (.*)", done.stdout)
    assert "/fine-tuned-" in model
    answered = type_here("predict", Path(model).parent, "new", cwd=tmp_path)
    assert answered.returncode == 0 and "on 18 images whose class is known" in answered.stdout
    assert "nothing damaged" in type_here("verify", "runs/classify-pictures", cwd=tmp_path).stdout
    card = type_here("card", Path(model).parent, cwd=tmp_path)
    assert card.returncode == 0, card.stderr
    again = type_here(*TYPED[:-1], cwd=tmp_path)
    assert (
        "An earlier --fine-tune of the same photographs: fine-tuned in each of the folds, the network" in again.stdout
    )
    assert f": it is kept in {Path(model).parent}." in again.stdout
    assert "'fine-tuned'" in type_here("report", "runs/classify-pictures", cwd=tmp_path).stdout
    (tmp_path / "pictures" / "2" / "more.png").write_bytes(next((tmp_path / "new" / "2").glob("*.png")).read_bytes())
    other = type_here(*TYPED[:-1], cwd=tmp_path)
    assert "An earlier --fine-tune" not in other.stdout and "43 images of" in other.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("few_epochs")
def test_test_pictures_of_ones_own_measure_and_do_not_choose(tmp_path: Path) -> None:
    write_digits(tmp_path / "pictures" / "train", 7)
    write_digits(tmp_path / "pictures" / "test", 3, first=30)
    done = type_here(*TYPED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "(the 18 test images that were set apart)" in done.stdout and "of 42 images right" in done.stdout
    [tuned] = tmp_path.glob("runs/classify-pictures/fine-tuned-*/seed-1/predictions.npz")
    assert len(np.load(tuned)["labels"]) == 18


def type_shrunk(folder: Path, kill_after: int) -> None:
    """Type the command with a short fine-tuning; it is killed after so many checkpoints, one an epoch."""
    fine_tuning.EPOCHS, fine_tuning.VIEWS, head.FOLDS = 2, 1, 2
    job.RunOptions = functools.partial(job.RunOptions, checkpoint_seconds=0.0)  # type: ignore[misc,assignment]
    write, written = run_directory.write_checkpoint, list[int]()

    def write_and_die(*arguments: Any) -> None:
        write(*arguments)
        written.append(1)
        if len(written) == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

    run_directory.write_checkpoint = write_and_die  # type: ignore[assignment]
    os.chdir(folder)
    sys.argv = ["keras-suite", *TYPED]
    cli.app()


def ended(folder: Path, kill_after: int = 0) -> int | None:
    """Type it in a process of its own; return its exit code."""
    said = folder.with_name(f"{folder.name}-said.txt")
    process = forked.fork(said, type_shrunk, folder, kill_after)
    process.join(600)
    assert not process.is_alive(), said.read_text(encoding="utf-8")
    return process.exitcode


@pytest.mark.slow
def test_killed_while_it_trains_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    write_digits(tmp_path / "whole" / "pictures", 7)
    write_digits(tmp_path / "killed" / "pictures", 7)
    assert ended(tmp_path / "whole") == 0
    assert ended(tmp_path / "killed", kill_after=1) == -signal.SIGKILL
    assert not list((tmp_path / "killed").glob("runs/*/fine-tuned-*"))
    assert ended(tmp_path / "killed") == 0
    [log] = (tmp_path / "killed").glob("runs/*/fine-tuning/*/seed-1/log.txt")
    assert "resumed after " in log.read_text()
    for folder in (tmp_path / "whole", tmp_path / "killed"):
        kill_points.leave_alone_for_days(folder)
    assert kill_points.outcome(tmp_path / "killed") == kill_points.outcome(tmp_path / "whole")


def few(folder: Path, each: int) -> None:
    for name in ("a", "b"):
        for number in range(each):
            place = folder / "few" / name / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (40, 40), (90, 9 * number, 90 if name == "a" else 0)).save(place)


def test_too_few_pictures_of_a_class_are_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    few(tmp_path, 4)
    done = type_here("classify", "few", "--image-size", "32", "--fine-tune", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert (
        "--fine-tune needs 5 photographs or more of each class, one to answer in each fold, and 'a' has 4"
        in done.stderr
    )
    assert not (tmp_path / "runs").exists()


def test_where_too_little_is_wrong_nothing_is_trained(tmp_path: Path) -> None:
    few(tmp_path, 6)
    done = type_here("classify", "few", "--image-size", "32", "--fine-tune", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Not fine-tuned: the head reads [0-5] of 12 images wrong, and a gain is told", done.stdout)
    assert not list(tmp_path.glob("runs/*/fine-tuning"))
