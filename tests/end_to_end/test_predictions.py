"""`predict` as a user types it: folders, patterns, lists, tables; each file answered or named; scored, warned of."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.reports import run_directory
from tests.end_to_end.typed import refused, type_here

COUNT = 60


@pytest.fixture(scope="module")
def asked(four_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with test images of the tiny experiment in a folder a class, and a run of it."""
    folder = tmp_path_factory.mktemp("asked")
    dataset = digits(None, test_limit=100)
    for number in range(COUNT):
        path = folder / "digits" / dataset.class_names[dataset.test_labels[number]] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(dataset.test_images[number, ..., 0]).save(path)
    Image.fromarray(255 - dataset.test_images[0, ..., 0]).save(folder / "paper.png")
    return folder, next(four_runs.glob("runs/wider/wide-*/seed-1"))


def test_a_labelled_folder_is_scored_as_the_run_scored_the_same_images(
    asked: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, run = asked
    predictions = run_directory.predictions(run_directory.read_run(run))
    assert predictions is not None
    right = int((predictions.probabilities.argmax(axis=1) == predictions.labels)[:COUNT].sum())
    done = type_here("predict", run, "digits", "--csv", tmp_path / "all.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"accuracy {100 * right / COUNT:.2f} % (95 % interval" in done.stdout
    assert f"wrong {COUNT - right}: " in done.stdout
    with (tmp_path / "all.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT and sum(row["label"] == row["class"] for row in rows) == right
    for row in rows:
        probability = predictions.probabilities[int(Path(row["image"]).stem)].max()
        assert float(row["probability"]) == pytest.approx(float(probability), abs=1e-5)


def test_every_good_file_is_answered_and_every_bad_one_named(asked: tuple[Path, Path], tmp_path: Path) -> None:
    folder, run = asked
    shutil.copytree(folder / "digits" / "3", tmp_path / "mixed")
    count = len(list((tmp_path / "mixed").iterdir()))
    (tmp_path / "mixed" / "page.jpg").write_text("<html>")
    (tmp_path / "mixed" / "empty.png").touch()
    (tmp_path / "mixed" / "readme.txt").write_text("these are threes")
    words = ["mixed", "nowhere.png", "no/*.png", "https://example.org/a.jpg"]
    done = type_here("predict", run, *words, "--csv", "all.csv", cwd=tmp_path)
    assert done.returncode == 1
    for name in ("page.jpg", "empty.png", "nowhere.png", "no/*.png", "https://example.org/a.jpg"):
        assert sum(name in line for line in done.stderr.splitlines()) == 1, done.stderr
    assert f"5 of {count + 5} could not be answered" in done.stderr
    assert done.stdout.count(".png  ") == count and "left out 1 file" in done.stdout
    with (tmp_path / "all.csv").open(encoding="utf-8") as file:
        problems = {Path(row["image"]).name: row["problem"] for row in csv.DictReader(file)}
    assert {name for name, problem in problems.items() if problem} == {"page.jpg", "empty.png", "nowhere.png"}


@pytest.mark.parametrize("word", ["nowhere.png", "no/*.png", "-"])
def test_where_nothing_can_be_answered_it_is_bad_input(word: str, asked: tuple[Path, Path], tmp_path: Path) -> None:
    refused("predict", asked[1], word, cwd=tmp_path)


def test_patterns_lists_and_tables_give_the_same_answers(asked: tuple[Path, Path], tmp_path: Path) -> None:
    folder, run = asked
    files = sorted(path.relative_to(folder) for path in folder.glob("digits/1/*.png"))
    (folder / "list.txt").write_text("\n".join(map(str, files)))
    (folder / "table.csv").write_text("image,label\n" + "".join(f"{file},1\n" for file in files))
    lines = []
    for words in (files, ["digits/1/*.png"], ["list.txt"], ["table.csv"]):
        done = type_here("predict", run, *words, cwd=folder)
        assert done.returncode == 0, done.stderr
        lines.append(done.stdout.splitlines()[: 1 + len(files)])
        assert ("accuracy" in done.stdout) == (words == ["table.csv"])
    assert lines[0] == lines[1] == lines[2] == lines[3]


def test_paths_are_taken_from_standard_input(asked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from keras_suite.experiments.cli import app
    from keras_suite.experiments.training import runtime

    folder, run = asked
    monkeypatch.chdir(folder)
    monkeypatch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
    done = CliRunner().invoke(app, ["predict", str(run), "-"], input="paper.png\n")
    assert done.exit_code == 0 and "paper.png" in done.stdout


def test_a_dark_digit_on_white_paper_is_warned_of(asked: tuple[Path, Path]) -> None:
    folder, run = asked
    done = type_here("predict", run, "paper.png", "digits", cwd=folder)
    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1 and "paper.png (" in warnings[0] and "its negative would look like them" in warnings[0]
    assert "[unlike: " in next(line for line in done.stdout.splitlines() if line.startswith("paper.png"))


def test_a_run_without_the_ranges_of_its_images_answers_without_a_warning(
    asked: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, run = asked
    shutil.copy(run / "model.keras", tmp_path / "alone.keras")
    done = type_here("predict", tmp_path / "alone.keras", "paper.png", cwd=folder)
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["digits", "--csv", "digits"], "is a folder"),
        (["digits", "--label-column", "x", "table2.csv"], "no column 'x'"),
        (["table2.csv", "--csv", "table2.csv"], "is one of the files that are asked about"),
        (["table3.csv"], "--image-column"),
    ],
)
def test_what_cannot_be_meant_is_one_line(words: list[str], said: str, asked: tuple[Path, Path]) -> None:
    folder, run = asked
    (folder / "table2.csv").write_text("image\npaper.png\n")
    (folder / "table3.csv").write_text("what\npaper.png\n")
    assert said in refused("predict", run, *words, cwd=folder)


def test_more_columns_than_the_text_of_a_path_cannot_break_the_table(asked: tuple[Path, Path], tmp_path: Path) -> None:
    folder, run = asked
    odd = tmp_path / '=1+1, "x"\n.png'
    shutil.copy(folder / "paper.png", odd)
    done = type_here("predict", run, odd.name, "--csv", "all.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["image"] == "'" + r'=1+1, "x"' + r"\n.png"
    assert np.isfinite(float(row["probability"]))
