"""`load` reads our runs, tables of scores and event files into the same result."""

from pathlib import Path

import pytest

from keras_suite.experiments import load
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.elsewhere.conftest import WriteTable, answers, scores, write_table
from tests.reports.elsewhere.test_event_files import logs

__all__ = ["logs", "make_runs", "write_table"]  # fixtures


def test_a_table_of_scores_is_loaded_with_answer_table_figures_and_shown_in_a_notebook(write_table: WriteTable) -> None:
    path = write_table(scores({"sgd": 24.0, "adam": 25.0}, sd=0.1))
    result = load(path, metric="PSNR", unit="dB", first_look=True, question="Is <adam> better?")
    assert result.answer.startswith("'adam' is better than 'sgd' by") and "dB of test PSNR" in result.answer
    assert list(result.table["verdict"]) == ["baseline", "better"]
    assert result.report == path.with_suffix("") / "report.html" and result.runs == ()
    assert result.figures and "Is &lt;adam&gt; better?" in result._repr_html_()
    assert 'src="data:image/png;base64,' in result._repr_html_()
    assert "load('" in (result.folder / "report.md").read_text(encoding="utf-8")


def test_pairs_and_margin_are_those_asked_for(write_table: WriteTable, tmp_path: Path) -> None:
    path = write_table(answers({"a": 0.9, "b": 0.9, "c": 0.5}, seeds=8, images=60))
    result = load(path, first_look=True, against=["b"], margin=60, runs_dir=tmp_path / "elsewhere")
    assert list(result.table["verdict"]) == ["baseline", "equivalent", "equivalent"]
    assert result.folder == tmp_path / "elsewhere/scores"


def test_a_folder_of_event_files_is_loaded(logs: Path) -> None:
    result = load(logs, metric="val_accuracy", first_look=True)
    assert list(result.table["variant"]) == ["adam", "sgd"] and "validation accuracy" in result.answer


@pytest.mark.slow
def test_our_own_runs_are_loaded_by_another_score_beside_their_own_page(make_runs: MakeRuns) -> None:
    folder = make_runs(seeds=2).folder
    own, other = load(folder), load(folder, score="macro_f1")
    assert [next(c for c in result.table if c.startswith("test_")) for result in (own, other)] == [
        "test_accuracy_n",
        "test_macro_f1_n",
    ]
    assert other.report.name == "report-score-macro_f1.html" and len(other.runs) == len(own.runs) == 4
    assert {path.parent.name for path in other.figures.values()} == {"figures-score-macro_f1"}


def test_options_that_do_not_go_together_are_refused(make_runs: MakeRuns, write_table: WriteTable) -> None:
    folder, path = make_runs(seeds=1).folder, write_table(scores({"a": 1.0, "b": 2.0}))
    with pytest.raises(ValueError, match="--unit says what a table of scores holds"):
        load(folder, unit="dB")
    with pytest.raises(ValueError, match="--score chooses a metric of our own runs"):
        load(path, score="macro_f1")
    with pytest.raises(ValueError, match="--variant is for runs of MLflow or TensorBoard"):
        load(path, variant=["a"])
    with pytest.raises(ValueError, match="--margin 200 is not possible"):
        load(folder, margin=200)
    with pytest.raises(FileNotFoundError, match="there is no table"):
        load(path.with_name("gone.csv"))
