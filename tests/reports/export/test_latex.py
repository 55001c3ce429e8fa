"""The files for a paper: what LaTeX would read, each name printed as it stands, each citation in the references."""

import re
from pathlib import Path

import pytest

from keras_suite.reports.export.latex import escape, tables
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l1_l2 & 50%", r"l1\_l2 \& 50\%"),
        ("a\\b{c}$x^2$#1~", r"a\textbackslash{}b\{c\}\$x\textasciicircum{}2\$\#1\textasciitilde{}"),
        ("< 0.001 | “é”", r"\textless{} 0.001 \textbar{} “é”"),
        ("two\nlines\tand\x07bell", "two lines and bell"),
        ("−1.30 to 97.85 %", r"\textminus{}1.30 to 97.85~\%"),
    ],
)
def test_text_is_printed_as_it_stands(text: str, expected: str) -> None:
    assert escape(text) == expected


def test_a_table_has_a_row_of_equally_many_cells_for_each_variant(make_runs: MakeRuns) -> None:
    text = tables(experiment_numbers(make_runs(seeds=6, changes={("weak", 6): FAILED})))
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [row.partition(" & ")[0] for row in rows] == ["variant", "strong", "weak"]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {8}
    assert rows[1].endswith(r"-- & -- & -- & baseline \\")


def test_other_pairs_have_a_table_of_their_own(make_runs: MakeRuns) -> None:
    text = tables(experiment_numbers(make_runs(seeds=6), against=["strong=weak"]))
    assert text.count(r"\toprule") == 2 and "strong & weak & 6 &" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 3


@pytest.mark.slow
def test_a_paper_shows_every_figure_and_cites_what_its_references_hold(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=6)
    written = write_report(runs, tmp_path / "report", latex=True)
    folder = tmp_path / "report" / "latex"
    assert written.latex == folder
    shown = re.findall(
        r"\\includegraphics\[[^]]*\]\{\{(.+?)\}\.pdf\}", (folder / "paper.tex").read_text(encoding="utf-8")
    )
    figures = sorted(path.stem for path in folder.glob("*.pdf"))
    assert sorted(shown) == figures == sorted(path.stem for path in (tmp_path / "report/figures").glob("*.svg"))
    methods = (folder / "methods.tex").read_text(encoding="utf-8")
    references = (folder / "references.bib").read_text(encoding="utf-8")
    cited = re.findall(r"\\cite\{(\w+)\}", methods)
    assert (
        sorted(set(cited)) == sorted(re.findall(r"^@\w+\{(\w+),", references, re.MULTILINE)) and "holm1979" not in cited
    )
    assert all(path.exists() for path in written.paths)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_report(runs, tmp_path / "report", latex=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, "the same results are the same bytes"


def test_without_the_option_nothing_of_it_is_written(make_runs: MakeRuns, tmp_path: Path) -> None:
    assert write_report(make_runs(seeds=2), tmp_path / "report").latex is None
    assert not (tmp_path / "report" / "latex").exists()
