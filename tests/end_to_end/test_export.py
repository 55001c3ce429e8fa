"""A trained run as a file for other runtimes: `export`, what it says, what it writes, and what it refuses."""

import contextlib
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.exporting import litert
from keras_suite.reports import run_directory
from keras_suite.tasks import task_named
from tests.end_to_end.test_tasks import experiment
from tests.end_to_end.typed import refused, type_here


def run_in(folder: Path, variant: str = "wide") -> Path:
    return next(folder.glob(f"runs/wider/{variant}-*/seed-1"))


@pytest.fixture
def folder(four_runs: Path, tmp_path: Path) -> Path:
    """A copy of four runs that commands may write into."""
    shutil.copytree(four_runs, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_run_becomes_an_int8_file_that_is_measured_as_it_is(folder: Path) -> None:
    run = run_in(folder)
    done = type_here("export", run.relative_to(folder), "--to", "litert", "--int8", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    path = run / "export" / "model-int8.tflite"
    facts = json.loads((run / "export" / "model-int8.tflite.json").read_text())
    predictions = run_directory.predictions(run_directory.read_run(run))
    assert predictions is not None
    reached = float(np.mean(predictions.probabilities.argmax(axis=1) == predictions.labels))
    assert facts["network_accuracy"] == pytest.approx(reached) and facts["measured_images"] == 100
    assert facts["bytes"] == path.stat().st_size < 0.6 * facts["float32_bytes"]
    assert facts["same_answers"] >= 95 and abs(facts["difference"]) <= 0.03 and facts["all_int8"]
    assert facts["class_names"] == list("0123456789") and facts["latency_threads"] == 1
    assert "all of it int8" in done.stdout and f"on 100 test images; the network {100 * reached:.2f} %" in done.stdout
    assert "uint8 (1, 8, 8, 1), grey pixels 0 to 255 as they are" in done.stdout
    assert f"{facts['same_answers']:.2f} % of the answers are the network's" in done.stdout
    assert facts["verdict"] in done.stdout and f"written to {path.relative_to(folder)}" in done.stdout
    assert "100 test images" in done.stdout
    assert type_here("verify", "runs", cwd=folder).returncode == 0


def test_what_is_there_is_replaced_only_when_it_is_said(folder: Path) -> None:
    run = run_in(folder)
    command = ("export", run, "--to", "litert", "--output", folder / "out" / "a.tflite")
    assert type_here(*command, cwd=folder).returncode == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.tflite", "a.tflite.json"]
    path = folder / "out" / "a.tflite"
    before = path.stat().st_mtime_ns
    assert "is there already: give another name with --output, or --overwrite" in refused(*command, cwd=folder)
    assert path.stat().st_mtime_ns == before
    done = type_here(*command, "--overwrite", cwd=folder)
    assert done.returncode == 0 and path.stat().st_mtime_ns > before
    assert "the same as the network, up to rounding" in done.stdout


def test_the_same_answers_come_out_of_a_saved_model_and_photographs_of_ones_own_measure_it(folder: Path) -> None:
    from PIL import Image

    run = run_in(folder, "narrow")
    for name in ("3", "8"):
        (folder / "own" / name).mkdir(parents=True)
        Image.new("L", (9, 9), 200).save(folder / "own" / name / "a.png")
    done = type_here("export", run, "--to", "savedmodel", "--on", "own", cwd=folder)
    assert done.returncode == 0, done.stderr
    facts = json.loads((run / "export" / "saved_model.json").read_text())
    assert facts["measured_images"] == 2 and facts["verdict"] == "same" and facts["largest_difference"] < 1e-5
    assert (run / "export" / "saved_model" / "saved_model.pb").is_file()
    other = type_here("predict", run, "own/3/a.png", cwd=folder)
    assert other.returncode == 0


def test_what_cannot_be_exported_is_one_line_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_in(folder)
    assert "wider holds 4 runs of 2 variants" in refused("export", "runs/wider", "--to", "litert", cwd=folder)
    assert "ends in .tflite" in refused("export", run, "--to", "litert", "--output", "a.onnx", cwd=folder)
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    line = refused("export", run, "--to", "onnx", cwd=folder)
    assert "onnx needs tf2onnx, which is not installed: pip install 'keras-experiment-suite[onnx]'" in line
    with monkeypatch.context() as lacking:
        lacking.setitem(sys.modules, "ai_edge_litert.interpreter", None)
        assert "pip install ai-edge-litert" in refused("export", run, "--to", "litert", cwd=folder)
    (run / "model.keras").write_bytes((run / "model.keras").read_bytes()[:-9])
    assert "model.keras is not the file" in refused("export", run, "--to", "litert", cwd=folder)
    unfinished = run_in(folder, "narrow")
    (unfinished / "metrics.json").unlink()
    assert "is not completed, so it has no model to ask" in refused("export", unfinished, "--to", "litert", cwd=folder)
    assert not list(folder.rglob("export")) and not list(folder.rglob(".*tflite"))


def test_an_error_on_the_way_leaves_nothing_and_the_file_that_was_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_in(folder)
    path = folder / "a.tflite"
    path.write_bytes(b"former")

    def broken(*arguments: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(litert, "add_description", broken)
    line = refused("export", run, "--to", "litert", "--output", path, "--overwrite", cwd=folder)
    assert "no space left" in line.lower()
    assert path.read_bytes() == b"former" and not list(folder.glob(".a*")) and not list(folder.glob("*.json"))


def trained(task: str, folder: Path, data_dir: Path) -> Path:
    """A short run of a task."""
    done = type_here("run", experiment(folder, task), "--data-dir", data_dir, "--threads", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    return next(folder.glob(f"runs/{task}/*/seed-1"))


@pytest.mark.needs_data
@pytest.mark.parametrize(
    "task", ["angle", *(pytest.param(t, marks=pytest.mark.slow) for t in ("direction", "image", "mask"))]
)
def test_other_tasks_are_exported_and_measured_by_their_own_score(task: str, tmp_path: Path, data_dir: Path) -> None:
    run = trained(task, tmp_path, data_dir)
    metric, said = task_named(task).score, run_directory.target_predictions(run_directory.read_run(run))
    assert said is not None
    reached = float(task_named(task).scores(said.targets, said.predictions).mean())
    with_the_extra = [("onnx", "model.onnx")] if importlib.util.find_spec("tf2onnx") else []
    for target, name in (*with_the_extra, ("litert", "model.tflite"), ("savedmodel", "saved_model")):
        done = type_here("export", run, "--to", target, "--data-dir", data_dir, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        facts = json.loads((run / "export" / f"{name}.json").read_text())
        assert facts[f"network_{metric.key}"] == pytest.approx(reached, rel=1e-3)
        assert facts[metric.key] == pytest.approx(reached, rel=1e-3)
        assert facts["verdict"] == "same" and facts["measured_images"] == len(said.targets)
        assert "the same as the network, up to rounding" in done.stdout and metric.label in done.stdout
    shape = run_directory.read_run(run).record["data"]["input_shape"]
    read = {"pixels": np.zeros(shape, np.uint8)}
    with contextlib.chdir(run / "export"):
        exec("\n".join(facts["read"]), read)
    assert read["probabilities" if task == "mask" else "values"].shape == said_shape(facts)
    for option, values in (("--int8", []), ("--on", ["x"])):
        command = ("export", run, "--to", "litert", option, *values, "--overwrite", "--data-dir", data_dir)
        assert f"{option} goes with classifiers: leave it out" in refused(*command, cwd=tmp_path)


def said_shape(facts: dict[str, str]) -> tuple[int, ...]:
    """The shape of what is answered to one image, as the file's description says."""
    numbers = facts["output"].partition("(")[2].partition(")")[0].split(",")
    return tuple(int(number) for number in numbers if number.strip())[1:]


@pytest.mark.needs_data
@pytest.mark.slow
def test_sentences_are_not_exported(tmp_path: Path, data_dir: Path) -> None:
    run = trained("caption", tmp_path, data_dir)
    line = refused("export", run, "--to", "litert", "--data-dir", data_dir, cwd=tmp_path)
    assert "word after word, which no exported file does" in line
    assert not (run / "export").exists()
