"""Experiments are run, tuned and read from Python as by the commands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments import Config, Experiment, Result, load, run, tune, use
from keras_suite.experiments.training import runtime

BASE = Config(use("digits", limit=300, test_limit=100), use("mlp", units=[8]), batch_size=32, epochs=1)
EXPERIMENT = Experiment(BASE, {"narrow": {}, "wide": {"model.units": [32]}}, seeds=2)


@pytest.fixture(scope="module", autouse=True)
def started() -> Iterator[None]:
    """TensorFlow has been started in this process, with the threads that the runs get."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
        yield


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A small experiment, run from Python."""
    folder = tmp_path_factory.mktemp("notebook") / "runs"
    return run(EXPERIMENT, name="wider", question="Is <wider> better?", runs_dir=folder)


def test_a_result_holds_the_answer_table_runs_and_figures(result: Result) -> None:
    assert result.answer.startswith("Too few seeds to say: 2 paired seeds cannot decide")
    assert list(result.table["variant"]) == ["narrow", "wide"]
    assert [(each.variant, each.seed, each.status) for each in result.runs] == [
        ("narrow", 1, "completed"),
        ("narrow", 2, "completed"),
        ("wide", 1, "completed"),
        ("wide", 2, "completed"),
    ]
    assert result.figures["accuracy"].read_bytes().startswith(b"\x89PNG")
    assert result.report.exists()
    assert str(result.report) in repr(result)


def test_a_notebook_shows_the_question_the_table_and_the_scores(result: Result) -> None:
    shown = result._repr_html_()
    assert "Is &lt;wider&gt; better?" in shown
    assert "cannot decide" in shown
    assert "test accuracy" in shown
    assert 'src="data:image/png;base64,' in shown


def test_what_is_finished_is_not_trained_again_and_more_seeds_are_added(
    result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    again = run(EXPERIMENT, name="wider", question="Is <wider> better?", runs_dir=result.folder.parent)
    assert "nothing was trained" in capsys.readouterr().out
    assert again.answer == result.answer
    assert load(result.folder).answer == result.answer


def test_the_page_says_which_call_goes_on(result: Result) -> None:
    page = result.report.with_suffix(".md").read_text(encoding="utf-8")
    assert "run(experiment, name='wider', seeds=6)" in page


@pytest.mark.slow
def test_a_space_is_searched_and_the_sweep_can_be_read(tmp_path: Path) -> None:
    def space(hp: Any) -> dict[str, Any]:
        return {"optimizer.learning_rate": hp.Float("rate", 1e-3, 1e-1, sampling="log")}

    sweep = tune(EXPERIMENT, space, trials=2, name="rates", runs_dir=tmp_path)
    assert len(sweep.best()) == 2
    assert sweep.folder == tmp_path / "rates.tune" / "bayesian"
    first = sweep.frame().query("trial != 'base'")["rate"].tolist()
    picked, own = {"rate": 0.05}, sweep.folder
    again = tune(
        EXPERIMENT, space, trials=1, name="rates", runs_dir=tmp_path, earlier=[own], tries=[picked], fresh=True
    )
    rates = again.frame().query("trial != 'base'")["rate"].tolist()
    assert len(rates) == 3 and rates[2] == 0.05, "two that were taken over, and the one that was picked"
    assert rates[:2] == first


@pytest.mark.slow
def test_two_objectives_are_searched_and_their_front_can_be_read(tmp_path: Path) -> None:
    def space(hp: Any) -> dict[str, Any]:
        return {"model.units": [hp.Int("units", 4, 16)]}

    both = ["val_accuracy", "parameters"]
    sweep = tune(EXPERIMENT, space, trials=2, tuner="random", name="widths", objective=both, runs_dir=tmp_path)
    front = sweep.front()
    assert [each["cost"] for each in front] == sorted(each["cost"] for each in front) and front
    costs = sweep.frame().query("trial != 'base'")["mean_parameters"]
    assert costs.min() == front[0]["cost"], "the cheapest is always on the front"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda folder: run(EXPERIMENT, runs_dir=folder), "an Experiment has no name: give one"),
        (lambda folder: run(EXPERIMENT, name="a/b", runs_dir=folder), "cannot name a folder"),
        (lambda folder: run(EXPERIMENT, name="x.tune", runs_dir=folder), "does not end in .tune"),
        (lambda folder: run("digits_demo", name="x", runs_dir=folder), "name and question are those of the file"),
        (lambda folder: run("digit_demo", runs_dir=folder), "unknown experiment 'digit_demo'"),
        (lambda folder: run(EXPERIMENT, name="x", variants=["wid"], runs_dir=folder), "unknown variant 'wid'"),
        (lambda folder: run(EXPERIMENT, name="x", overrides={"epoch": 1}, runs_dir=folder), "unknown setting 'epoch'"),
        (lambda folder: tune(EXPERIMENT, trials=2, name="x", runs_dir=folder), "has no search space"),
        (lambda folder: tune(EXPERIMENT, lambda hp: 1 / 0, trials=2, name="x", runs_dir=folder), "ZeroDivisionError"),
        (
            lambda folder: tune("digits_tuning", trials=2, objective=["seconds", "latency"], runs_dir=folder),
            "both are costs",
        ),
        (lambda folder: tune("digits_tuning", trials=2, tries=[{"rate": 1}], runs_dir=folder), "hyperparameter 'rate'"),
        (lambda folder: tune("digits_tuning", trials=2, tries=["rate"], runs_dir=folder), "expected a dict"),  # type: ignore[list-item]
        (lambda folder: load(folder), "holds no experiment's runs and no sweep"),
    ],
)
def test_what_is_wrong_is_raised_in_one_line(call: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, OSError), match=r".") as error:
        call(tmp_path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_process_whose_threads_are_fixed_is_told_to_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started_already(threads: int, devices: int) -> None:
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(runtime, "start_tensorflow", started_already)
    with pytest.raises(ValueError, match="restart the process"):
        run(EXPERIMENT, name="x", runs_dir=tmp_path)
