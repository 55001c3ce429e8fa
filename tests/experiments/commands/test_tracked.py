"""`report` on a folder of TensorBoard's event files, and options that do not go together. MLflow: end_to_end."""

import re
import shutil
from pathlib import Path

import pytest

from keras_suite.experiments.commands.tracked import Tracked, tracked_folder
from tests.end_to_end.typed import refused, type_here
from tests.reports.elsewhere.test_event_files import logs

__all__ = ["logs"]  # a fixture


def test_a_folder_of_event_files_gets_a_verdict_and_a_page_beside_it(logs: Path) -> None:
    done = type_here("report", "logs", "--metric", "val_accuracy", "--against", "sgd", "--first-look", cwd=logs.parent)
    assert done.returncode == 0, done.stderr
    assert "'adam' is better than 'sgd' by" in done.stdout or "'adam' is 10.00" in done.stdout
    assert "of validation accuracy" in done.stdout
    page = (logs.parent / "logs-report/report.html").read_text(encoding="utf-8")
    assert "the scores are of validation images" in page and "logs, 16 runs" in page
    assert "test accuracy" not in re.sub(r"<[^>]+>", " ", page).lower()


def test_the_folder_itself_may_be_the_current_one(logs: Path) -> None:
    done = type_here("report", ".", "--metric", "val_accuracy", "--first-look", cwd=logs)
    assert done.returncode == 0, done.stderr
    assert (logs.parent / "logs-report/report.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("logs", "--filter", "a = 1"), "--filter chooses among the runs of an MLflow server: add --mlflow"),
        (("--mlflow", "http://127.0.0.1:1"), "needs an experiment's name"),
        (("a", "--mlflow", "http://127.0.0.1:1", "--folders", "{variant}/{seed}"), "leave one of the two out"),
        (("logs", "--metric", "val_acuracy"), "has no metric val_acuracy"),
        (("logs", "--folders", "{variant}"), "expected names in braces"),
    ],
)
def test_wrong_options_are_refused_in_one_line(logs: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused("report", *words, cwd=logs.parent)
    assert [path.name for path in logs.parent.iterdir()] == ["logs"]


def test_options_of_trackers_are_refused_for_other_runs(logs: Path) -> None:
    (logs.parent / "scores.csv").write_text("variant,seed,score\na,1,1\nb,1,2\n", encoding="utf-8")
    for option in ("--variant", "--seed", "--folders"):
        said = refused("report", "scores.csv", option, "x", cwd=logs.parent)
        assert f"{option} is for runs of MLflow or TensorBoard, and here are none" in said


def test_the_report_is_not_written_over_something_else(logs: Path) -> None:
    (logs.parent / "logs-report").mkdir()
    (logs.parent / "logs-report/report.md").write_text("mine", encoding="utf-8")
    assert "holds another report.md" in refused("report", "logs", "--metric", "val_accuracy", cwd=logs.parent)
    shutil.rmtree(logs.parent / "logs-report")


def test_an_experiments_name_becomes_a_folders_name() -> None:
    assert tracked_folder(Tracked("/Users/me/my nets", "http://a"), None) == Path("Users-me-my-nets-report")
    assert tracked_folder(Tracked("..", "http://a"), Path("runs")) == Path("runs/experiment-report")
