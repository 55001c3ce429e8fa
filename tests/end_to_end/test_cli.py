"""The main job as a user does it: list, show, run, run again, report, predict, data."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments import catalog
from keras_suite.experiments.scheduling.plan import make_plan
from keras_suite.experiments.scheduling.selection import configs
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports import run_directory
from tests.end_to_end.typed import tiny_experiment, type_command, type_here


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which the tiny experiment was run, and what that printed."""
    folder = tmp_path_factory.mktemp("user")
    done = type_command("run", tiny_experiment(folder), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_run_announces_its_plan_then_prints_the_answer(finished: tuple[Path, str]) -> None:
    _, printed = finished
    assert "Does a wider hidden layer read digits better?" in printed
    assert "4 runs (2 variants x 2 seeds): about" in printed
    assert re.search(r" MB on disk, about \d+ MiB of memory", " ".join(printed.split()))
    assert "[4/4]" in printed
    assert "report.html" in printed.splitlines()[-1]
    assert "too few" in printed  # "seeds" may be on the next line of a narrow table


def test_a_second_run_trains_nothing_and_says_so(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    before = {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/*/seed-*/*") if path.name != ".lock"}
    done = type_here("run", "wider.py", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "All 4 runs had already finished: nothing was trained." in done.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.slow
def test_more_seeds_train_only_what_is_missing(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    done = type_here("run", "wider.py", "--seeds", "3", "--variant", "wide", cwd=folder)
    assert "3 runs (1 variant x 3 seeds, 2 of them already finished)" in done.stdout
    assert "[1/1] wide seed 3" in done.stdout


def test_the_next_plan_uses_the_durations_of_finished_runs(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    entry = catalog.load(str(folder / "wider.py"))
    runs = [run for run in run_directory.read_experiment(folder / "runs" / "wider").runs if run.seed <= 2]
    plan = make_plan(
        entry,
        configs(entry.experiment, {}),
        ["narrow", "wide"],
        [1, 2, 99],
        RunOptions(runs[0].record["threads"], folder / "runs"),
    )
    assert plan.durations == {
        name: [run.record["seconds"] for run in runs if run.variant == name] for name in ("narrow", "wide")
    }
    assert [(job.variant, job.seed) for job in plan.pending] == [("narrow", 99), ("wide", 99)]


def test_every_run_directory_is_whole(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    experiment = run_directory.read_experiment(folder / "runs" / "wider")
    assert not experiment.problems
    for run in experiment.runs:
        assert run.status == "completed"
        assert len(run.history) == 2
        assert run.record["peak_memory_bytes"] > 100e6
        assert 0.8 < run.record["expected_memory_bytes"] / run.record["peak_memory_bytes"] < 1.2
        assert not (run.path / "checkpoint").exists()


def test_predict_on_image_files_equals_the_test_predictions(finished: tuple[Path, str], tmp_path: Path) -> None:
    from keras_suite.data_pipeline.datasets.digits import digits
    from keras_suite.experiments.inspecting.predict import predict_classes

    folder, _ = finished
    directory = next(folder.glob("runs/wider/wide-*/seed-1"))
    predictions = run_directory.predictions(run_directory.read_run(directory))
    assert predictions is not None
    labels, probabilities, _ = predictions
    dataset = digits(None, test_limit=100)
    paths = []
    for i in range(8):
        paths.append(tmp_path / f"{i}.png")
        Image.fromarray(dataset.test_images[i, ..., 0]).save(paths[-1])
    answers = list(predict_classes(directory, paths))
    for i, answer in enumerate(answers):
        assert dataset.test_labels[i] == labels[i]
        assert answer.name == dataset.class_names[probabilities[i].argmax()]
        assert answer.probability == pytest.approx(float(probabilities[i].max()), abs=1e-5)


def test_predict_reads_any_size_and_mode_and_rejects_the_unsure(finished: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = finished
    noise = np.random.default_rng(0).integers(0, 256, (50, 70, 4), dtype=np.uint8)
    for mode, name in (("RGBA", "a.png"), ("CMYK", "b.jpg"), ("L", "c.gif"), ("P", "d.png")):
        picture = Image.fromarray(noise).convert("RGB").convert(mode) if mode != "RGBA" else Image.fromarray(noise)
        picture.save(tmp_path / name)
    directory = next(folder.glob("runs/wider/wide-*/seed-1"))
    done = type_here("predict", directory, *sorted(tmp_path.iterdir()), "--reject", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("other") == 4


def test_report_needs_no_training(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    done = type_here("report", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "runs" / "wider" / "report.md").exists()
    assert (folder / "runs" / "wider" / "comparison.csv").read_text(encoding="utf-8").count("\n") == 3


def test_data_shows_counts_and_writes_a_picture(tmp_path: Path) -> None:
    done = type_here("data", "digits_demo", "--variant", "mlp", "--set", "augmentation.shift=0.1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "images of 16x16x1, pixels 0 to 255" in done.stdout
    with Image.open(tmp_path / "samples.png") as picture:
        assert picture.width > picture.height


@pytest.mark.parametrize("arguments", [["list"], ["show", "digits_demo"], ["--help"], ["run", "--help"]])
def test_answers_that_need_no_training_come_within_a_second(arguments: list[str], tmp_path: Path) -> None:
    type_command(*arguments, cwd=tmp_path)  # the first one compiles what was changed or has just been installed
    before = os.times()
    done = type_command(*arguments, cwd=tmp_path)
    after = os.times()
    assert done.returncode == 0
    assert "digits_demo" in done.stdout or "--help" in done.stdout or "no_dropout" in done.stdout
    of_processor = after.children_user + after.children_system - before.children_user - before.children_system
    assert of_processor < 1.0, "on the clock it takes longer where other work goes on"
