"""`report --site` gathers pages in a folder that needs no other: each once, with an index over them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from keras_suite.experiments.cli import app
from keras_suite.experiments.commands.site import write_site
from keras_suite.reports.page.index import Entry, as_json
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_runs", "make_sweep"]  # fixtures


def typed(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["report", *map(str, arguments)])
    return done.exit_code, done.output


def test_pages_of_experiments_and_sweeps_lie_beside_an_index(
    make_runs: MakeRuns, make_sweep: MakeSweep, tmp_path: Path
) -> None:
    runs, sweep, site = make_runs(seeds=2), make_sweep(trials=3), tmp_path / "site"
    (site / "lectures").mkdir(parents=True)
    (site / "lectures" / "index.html").write_text("lectures", encoding="utf-8")
    code, said = typed(runs.folder, sweep.folder, "--site", site)
    assert code == 0, said
    assert f"The site: {site / 'index.html'} (2 reports, " in said
    own = f"{sweep.folder.parent.name}-{sweep.folder.name}"
    for name, table in (("digits_question", "comparison.csv"), (own, "trials.csv")):
        assert (site / name / "report.html").exists() and (site / name / table).exists()
    index = (site / "index.html").read_text(encoding="utf-8")
    for link in ("digits_question/report.html", f"{own}/report.html", "lectures/index.html"):
        assert f'href="{link}"' in index
    assert str(tmp_path) not in index
    assert (site / "digits_question" / "report.html").read_bytes() == (runs.folder / "report.html").read_bytes()


def test_two_experiments_of_one_name_keep_a_page_each(make_runs: MakeRuns, tmp_path: Path) -> None:
    first = make_runs(seeds=1).folder
    second = tmp_path / "others" / first.name
    shutil.copytree(first, second)
    code, said = typed(first, second, "--site", tmp_path / "site")
    assert code == 0, said
    assert sorted(path.parent.name for path in (tmp_path / "site").glob("*/report.html")) == [
        "digits_question",
        "digits_question-2",
    ]


def test_a_site_grows_and_an_index_lists_what_was_there(make_runs: MakeRuns, tmp_path: Path) -> None:
    site = tmp_path / "site"
    folders = {name: make_runs(seeds=1, name=name).folder for name in ("first", "second")}
    for folder in folders.values():
        code, said = typed(folder, "--site", site)
        assert code == 0, said
    assert "(2 reports, " in said
    (site / "first" / "entry.json").write_text('{"page": 3', encoding="utf-8")
    code, said = typed(folders["second"], "--site", site)
    assert code == 0 and "(1 report, " in said
    index = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="second/report.html"' in index and 'href="first/' not in index
    assert "first has no report: entry.json is damaged" in index


@pytest.mark.parametrize(
    "change",
    [
        {"page": "gone.html"},
        {"page": "../other/report.html"},
        {"page": 3},
        {"kind": "pages"},
        {"kind": []},
        {"row": {"name": "only a name"}},
        {"row": "text"},
        {"problems": None},
        None,
    ],
    ids=str,
)
def test_an_entry_that_was_edited_is_named_and_keeps_the_others_from_nothing(
    change: dict[str, Any] | None, tmp_path: Path
) -> None:
    row = {"name": "a", "question": "", "answer": "yes", "seconds": "1 s", "total_seconds": 1.0, "started": ""}
    for name in ("edited", "sound"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text("", encoding="utf-8")
        entry = as_json(Entry(tmp_path / name / "report.html", "studies", row | {"name": name}))
        kept = entry if name == "sound" else change and entry | change
        (tmp_path / name / "entry.json").write_text(json.dumps(kept), encoding="utf-8")
    assert "(1 report, " in write_site([], tmp_path, {})
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "edited has no report: entry.json is damaged" in index and 'href="sound/report.html"' in index


def test_links_between_reports_lead_to_the_pages_in_the_site(tmp_path: Path) -> None:
    row = {"question": "", "answer": "yes", "seconds": "1 s", "total_seconds": 1.0, "started": "", "failed": 0}
    sweep = tmp_path / "runs" / "net.tune" / "grid" / "report.html"
    confirmed = tmp_path / "runs" / "net.grid-confirmed" / "report.html"
    for page in (sweep, confirmed):
        page.parent.mkdir(parents=True)
        page.write_text(
            '<a href="../../net.grid-confirmed/report.html">fresh seeds</a>, <a href="../../gone/report.html">gone</a>',
            encoding="utf-8",
        )
    entries = [
        Entry(sweep, "sweeps", row | {"name": "net, grid", "trials": 3, "unfinished": False}),
        Entry(confirmed, "studies", row | {"name": "net.grid-confirmed"}),
    ]
    write_site(entries, tmp_path / "site", {})
    text = (tmp_path / "site" / "net.tune-grid" / "report.html").read_text(encoding="utf-8")
    assert text == '<a href="../net.grid-confirmed/report.html">fresh seeds</a>, gone'


@pytest.mark.parametrize("place", ["", "site"])
def test_a_site_among_the_runs_is_refused_before_anything_is_written(place: str, make_runs: MakeRuns) -> None:
    folder = make_runs(seeds=1).folder
    code, said = typed(folder, "--site", folder / place)
    assert code == 2
    assert "whose runs stay as they are: give a folder of its own" in said
    assert not (folder / "report.html").exists() and not (folder / "site").exists()


def test_a_file_in_the_place_of_the_site_is_named(make_runs: MakeRuns, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("", encoding="utf-8")
    code, said = typed(make_runs(seeds=1).folder, "--site", tmp_path / "site")
    assert code == 2 and "is a file" in said and "--site" in said
