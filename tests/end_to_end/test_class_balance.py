"""Metrics in which each class counts alike: asked for by name or by a sweep, resumed, reported, and checked."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.experiments import catalog, use
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train
from keras_suite.reports import run_directory
from keras_suite.tasks.classes import CLASSES
from tests.end_to_end.training_process import result
from tests.end_to_end.typed import type_here

QUESTION = '''"""Do class weights find rare digits?"""

import numpy as np
from sklearn.datasets import load_digits

from keras_suite.experiments import Config, Experiment, use


def rare_nines():
    digits = load_digits()
    kept = np.flatnonzero((digits.target != 9) | (np.arange(len(digits.target)) % 12 == 0))[:900]
    return digits.images[kept] / 16, digits.target[kept]


EXPERIMENT = Experiment(
    base=Config(dataset=use(rare_nines), model=use("mlp", units=[16]), batch_size=32, epochs=3),
    variants={"plain": {}, "weighted": {"class_weight": "balanced"}},
    seeds=2,
)


def space(hp):
    return {"optimizer.learning_rate": hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")}
'''
NAMES = [metric.name for metric in CLASSES.on_request]
ASKED = ("--set", f"metrics={json.dumps(NAMES)}")
FIGURES = ("roc", "precision-recall", "roc-by-class", "precision-recall-by-class")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs for which nothing was asked."""
    folder = tmp_path_factory.mktemp("rare")
    (folder / "rare.py").write_text(QUESTION, encoding="utf-8")
    done = type_here("run", "rare.py", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "look at balanced accuracy" in done.stdout + done.stderr
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_report_computes_them_of_any_finished_run_and_the_run_stays_as_it_was(folder: Path) -> None:
    experiment = run_directory.read_experiment(folder / "runs/rare")
    assert not any(
        name in run.history[0] or name in (run.metrics or {})["test"] for run in experiment.runs for name in NAMES
    )
    row = rows_of(folder / "runs/rare/comparison.csv")[0]
    for metric in CLASSES.on_request:
        values = []
        for run in experiment.runs:
            loaded = run_directory.predictions(run)
            assert loaded is not None and metric.recompute is not None
            if run.variant == "plain":
                values.append(metric.recompute(loaded.labels, loaded.probabilities))
        assert float(row[f"test_{metric.key}_mean"]) == pytest.approx(sum(filter(None, values)) / 2)
    page = (folder / "runs/rare/report.html").read_text(encoding="utf-8")
    assert all(f"test {metric.label}</th>" in page for metric in CLASSES.on_request)
    assert all((folder / f"runs/rare/figures/{name}.{kind}").exists() for name in FIGURES for kind in ("svg", "png"))
    assert "balanced accuracy while training" not in page.lower()


@pytest.mark.slow
def test_where_they_are_named_they_are_in_every_epoch_and_in_what_follows(folder: Path) -> None:
    stopping = 'callbacks=[{"name": "early_stopping", "options": {"monitor": "val_pr_auc", "patience": 2}}]'
    more = ("--variant", "weighted", "--seeds", "1", "--runs-dir", "asked", "--set", stopping)
    done = type_here("run", "rare.py", *more, *ASKED, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    [run] = run_directory.read_experiment(folder / "asked/rare").runs
    assert run.metrics is not None and "metrics" not in run.record
    for name in NAMES:
        assert 0 < run.history[-1][f"val_{name}"] <= 1 and 0 < run.history[-1][name] <= 1
        assert run.metrics["validation"][name] == run.history[run.metrics["model_epoch"] - 1][f"val_{name}"]
    page = (folder / "asked/rare/report.html").read_text(encoding="utf-8")
    assert "Balanced accuracy while training" in page and "PR area while training" in page
    assert "does not follow from its predictions" not in page
    [row] = rows_of(folder / "asked/rare/comparison.csv")
    assert {name: float(row[f"test_{name}_mean"]) for name in NAMES} == {
        name: run.metrics["test"][name] for name in NAMES
    }


@pytest.mark.slow
def test_a_sweep_for_one_of_them_measures_it_in_every_trial(folder: Path) -> None:
    words = ("tune", "rare.py", "--trials", "1", "--set", "epochs=1", "--objective", "val_balanced_accuracy")
    done = type_here(*words, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "validation balanced accuracy" in done.stdout
    [sweep] = (folder / "runs/rare.tune").iterdir()
    begun = json.loads((sweep / "journal.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert begun["terms"]["base"]["metrics"] == [{"name": "balanced_accuracy", "options": {}}]
    assert "metrics" not in begun
    assert all("val_balanced_accuracy" in path.read_text("utf-8") for path in sweep.glob("trial-*/seed-*/history.csv"))
    assert "validation balanced accuracy" in (sweep / "report.html").read_text(encoding="utf-8")
    again = type_here(*words, cwd=folder)
    assert again.returncode == 0, again.stderr


@pytest.mark.slow
def test_a_run_that_goes_on_from_a_checkpoint_ends_with_the_same_bits(folder: Path, tmp_path: Path) -> None:
    base = catalog.load(str(folder / "rare.py")).experiment.config("weighted")
    config = replace(base, metrics=tuple(map(use, NAMES)))
    job = Job("rare", "weighted", config, 1, RunOptions(2, tmp_path))
    whole = train(job)
    first = train(replace(job, options=replace(job.options, runs_dir=tmp_path / "cut"), until=2, keep_checkpoint=True))
    second = train(
        replace(job, options=replace(job.options, runs_dir=tmp_path / "cut"), until=3, parent=first.directory)
    )
    assert second.status == "completed", second.reason
    assert repr(result(second.directory)) == repr(result(whole.directory))
