"""`tune` as a user types it: what it says, what it leaves behind, what it refuses."""

import json
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, list_session_groups
from tensorboard.plugins.hparams.backend_context import Context

from keras_suite.experiments.tuning import journal
from keras_suite.reports import run_directory
from tests.end_to_end.sweeps import (
    FILE,
    ONE_SLOT,
    finish,
    finish_here,
    kill_after,
    lines,
    start,
    sweep_folder,
    table,
    write_file,
)
from tests.end_to_end.typed import refused


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which a sweep of three trials with two seeds was run, and what it said."""
    folder = tmp_path_factory.mktemp("swept")
    write_file(folder)
    return folder, finish_here(folder, "--trials", "3", "--seeds", "2", "--tensorboard").stdout


def test_it_announces_the_sweep_and_then_prints_how_it_went(swept: tuple[Path, str]) -> None:
    _, said = swept
    assert "Tuner: random, as requested: each trial is drawn from the whole space" in said
    assert "The space:\n  learning_rate: 0.0001 to 0.1, logarithmic\n  units: 8, 16, 32\n" in said
    assert "3 trials x 2 seeds beside the base: at most 16 epochs in all, about " in said
    assert "base (the unchanged base): validation accuracy " in said
    assert "[3/3] trial-0002 (learning_rate=" in said
    assert "1. trial-000" in said
    assert "The report: runs/width.tune/random/report.html" in said
    page = (sweep_folder(swept[0]) / "report.html").read_text(encoding="utf-8")
    assert "Which learning rate and width read digits best?" in page and page.count("<svg") >= 5


def test_trials_are_ordinary_runs_that_never_looked_at_the_test_set(swept: tuple[Path, str]) -> None:
    folder = sweep_folder(swept[0])
    runs = [run_directory.read_run(path) for path in folder.glob("*/seed-*")]
    assert sorted((run.variant, run.seed) for run in runs) == [
        (name, seed) for name in ("base", "trial-0000", "trial-0001", "trial-0002") for seed in (1, 2)
    ]
    for run in runs:
        assert run.status == "completed"
        assert run.metrics is not None
        assert "test" not in run.metrics
        assert run_directory.predictions(run) is None


def test_tensorboard_lists_the_trials_with_their_hyperparameters_and_scores(swept: tuple[Path, str]) -> None:
    folder = sweep_folder(swept[0])
    runs = EventMultiplexer().AddRunsFromDirectory(str(folder))
    runs.Reload()
    provider = MultiplexerDataProvider(runs, str(folder))
    context = Context(TBContext(data_provider=provider))
    request = api_pb2.ListSessionGroupsRequest(slice_size=100, allowed_statuses=[api_pb2.STATUS_SUCCESS])
    listed = list_session_groups.Handler(RequestContext(), context, "", request).run().session_groups
    scores = {}
    for group in listed:
        assert set(group.hparams) == {"learning_rate", "units"} and len(group.sessions) == 2
        scores[group.name] = next(each.value for each in group.metric_values if each.name.tag == "val_accuracy")
    ended = [event for event in journal.read(folder / journal.NAME) if event["event"] == "ended"]
    told = {event["trial"]: event["score"] for event in ended if event["trial"] is not None}
    assert scores == {f"trial-{number:04d}": pytest.approx(score) for number, score in told.items()}


def test_the_oracle_gets_the_mean_of_the_seeds(swept: tuple[Path, str]) -> None:
    events = journal.read(sweep_folder(swept[0]) / journal.NAME)
    for event in [event for event in events if event["event"] == "ended"]:
        assert event["score"] == pytest.approx(sum(run["score"] for run in event["runs"]) / 2)


def test_the_status_file_says_the_same_for_scripts(swept: tuple[Path, str]) -> None:
    status = json.loads((sweep_folder(swept[0]) / "status.json").read_text(encoding="utf-8"))
    assert (status["state"], status["planned"], status["completed"], status["failed"]) == ("done", 3, 3, 0)
    rows = [line.split(",") for line in table(swept[0]).splitlines()[1:]]
    best = max(float(row[4]) for row in rows if row[0] != "base")
    assert status["best"]["score"] == best
    assert status["base_score"] == float(rows[0][4])


def test_more_trials_continue_a_finished_sweep(swept: tuple[Path, str]) -> None:
    folder, _ = swept
    before = table(folder)
    said = finish_here(folder, "--trials", "4", "--seeds", "2").stdout
    assert "The sweep is resumed" in said
    assert table(folder).startswith(before)
    further = table(folder).count("\n") - before.count("\n")
    assert further in (1, 2), "a second seed only while the trial may still become the best"


def test_a_sweep_with_another_objective_is_refused_with_what_differs(swept: tuple[Path, str]) -> None:
    line = refused("tune", "width.py", "--seeds", "2", "--objective", "val_unpenalised_loss", cwd=swept[0])
    assert "--objective was val_accuracy, is val_unpenalised_loss" in line
    assert "--fresh" in line


@pytest.mark.slow
def test_a_sweep_with_another_space_is_refused_and_fresh_starts_another_one(tmp_path: Path) -> None:
    write_file(tmp_path)
    finish_here(tmp_path, "--trials", "1")
    write_file(tmp_path, FILE.replace("1e-1", "1e-2"))
    assert "another space: learning_rate" in refused("tune", "width.py", *ONE_SLOT, cwd=tmp_path)
    write_file(tmp_path, FILE.replace('[hp.Choice("units", [8, 16, 32])]', '[1 + hp.Choice("units", [8, 16, 32])]'))
    assert "space(hp) has changed" in refused("tune", "width.py", *ONE_SLOT, cwd=tmp_path)
    said = finish_here(tmp_path, "--trials", "1", "--fresh").stdout
    assert "The earlier sweep was moved to " in said
    assert list((tmp_path / "runs" / "width.tune" / ".set-aside").glob("random-*/journal.jsonl"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["digits_demo"], "digits_demo has no search space"),
        (["width.py", "--tuner", "randon"], "did you mean 'random'"),
        (["width.py", "--objective", "val_acuracy"], "did you mean 'val_accuracy'"),
        (["width.py", "--max-epochs", "9"], "--max-epochs 9 is Hyperband's"),
        (
            ["width.py", "--tuner", "random", "--max-points", "50"],
            "--max-points 50 is the Bayesian oracle's: take --tuner bayesian",
        ),
        (["width.py", "--tuner", "hyperband", "--trials", "9"], "--max-epochs and --iterations set its budget"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_anything_is_written(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    write_file(tmp_path)
    assert said in refused("tune", *arguments, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ('{"model.dropout": hp.Float("dropout", 0.0, 1.5)}', "model.dropout=1.5 is not possible"),
        ('{"model.unitz": hp.Int("units", 8, 16)}', "did you mean 'units'"),
        (
            '{"model": use("pattern_cnn", blocks=hp.Int("blocks", 1, 2), filters=4, kernel_size=9, padding="valid")}',
            "blocks",
        ),
    ],
)
def test_what_would_fail_in_a_later_trial_is_found_before_the_first(overrides: str, said: str, tmp_path: Path) -> None:
    head = FILE[: FILE.index("    return {")]
    write_file(tmp_path, f"{head}    return {overrides}\n")
    line = refused("tune", "width.py", cwd=tmp_path)
    assert said in line
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_a_failed_trial_is_recorded_with_its_reason_and_never_the_best(tmp_path: Path) -> None:
    text = FILE.replace("1e-1, ", "1e30, ").replace(
        'use("mlp", units=[16])', 'use("mlp", units=[16]),\n        optimizer=use("sgd")'
    )
    write_file(tmp_path, text)
    done = finish_here(tmp_path, "--trials", "5", code=1)
    assert "failed, seed 1: NonFiniteLoss" in done.stdout
    status = json.loads((sweep_folder(tmp_path) / "status.json").read_text(encoding="utf-8"))
    assert status["failed"] >= 1
    assert status["completed"] + status["failed"] == 5
    assert status["best"] is None or status["best"]["hyperparameters"]["learning_rate"] < 1e10
    again = finish_here(tmp_path, "--trials", "7", "--max-failures", "1", code=1)
    assert "Too many trials failed" in again.stdout


def test_no_trial_is_started_when_the_time_is_up(tmp_path: Path) -> None:
    write_file(tmp_path)
    said = finish_here(tmp_path, "--trials", "3", "--time-limit", "0").stdout
    assert "The time is up" in said
    assert table(tmp_path).splitlines()[1:] == [
        line for line in table(tmp_path).splitlines() if line.startswith("base")
    ]


@pytest.mark.slow
def test_two_workers_end_every_trial_once_also_after_a_kill(tmp_path: Path) -> None:
    write_file(tmp_path)
    command = ("--trials", "6", "--workers", "2")
    process = start(tmp_path, *command)
    kill_after(process, lambda: lines(tmp_path, "random") >= 5, 0.2)
    finish(tmp_path, *command)
    events = journal.read(sweep_folder(tmp_path) / journal.NAME)
    created = [event["trial"] for event in events if event["event"] == "created"]
    ended = [event["trial"] for event in events if event["event"] == "ended"]
    assert created == list(range(6))
    assert sorted(ended, key=str) == [0, 1, 2, 3, 4, 5, None]
    alone = tmp_path / "alone"
    write_file(alone)
    finish(alone, "--trials", "6")
    assert table(tmp_path) == table(alone), "random trials do not depend on scores, nor scores on the worker"


@pytest.mark.slow
def test_a_base_that_differs_from_the_space_in_rates_only_is_foreseen(tmp_path: Path) -> None:
    write_file(tmp_path, FILE.replace("units=[16]),", 'units=[8]), optimizer=use("adam", learning_rate=0.01),'))
    assert "1 trial beside the base: at most 4 epochs in all" in finish_here(tmp_path, "--trials", "1").stdout


@pytest.mark.slow
def test_a_sweep_over_folds_scores_each_trial_by_all_images(tmp_path: Path) -> None:
    write_file(tmp_path)
    finish_here(tmp_path, "--tuner", "random", "--trials", "2", "--folds", "3")
    folder = sweep_folder(tmp_path)
    for trial in ("trial-0000", "trial-0001"):
        found = [
            run_directory.read_run(next(folder.glob(f"{trial}-*/seed-{fold}")), needs=()).record["data"]
            for fold in (1, 2, 3)
        ]
        assert sum(each["validation"] for each in found) == 300
        assert all(each["train"] + each["validation"] == 300 for each in found)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "mean of 3 folds" in page and "Scores are of 300 validation images" in page
