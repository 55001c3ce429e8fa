"""Of several reports only those are written again whose runs, code or place have changed."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.reports.page import unchanged as module
from keras_suite.reports.page.index import Entry, as_json, entry_of, from_json
from keras_suite.reports.page.report import write_report
from keras_suite.reports.page.unchanged import KEPT, keep, unchanged
from tests.reports.conftest import MakeRuns


@pytest.fixture
def kept(make_runs: MakeRuns) -> Entry:
    """What the index says of a report that was just written."""
    runs = make_runs(seeds=1)
    entry = entry_of(write_report(runs, runs.folder))
    keep(entry, runs.folder)
    return entry


def test_an_untouched_folder_keeps_its_report(kept: Entry) -> None:
    found = unchanged(kept.html.parent)
    assert found == kept


def later(path: Path) -> None:
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def longer(path: Path) -> None:
    times = path.stat()
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("change", [later, longer, Path.unlink])
@pytest.mark.parametrize("name", ["report.html", "looks.json", "*/seed-1/history.csv"])
def test_a_file_that_changed_asks_for_another_report(kept: Entry, change: Callable[[Path], None], name: str) -> None:
    folder = kept.html.parent
    change(next(folder.glob(name)))
    assert unchanged(folder) is None


def test_a_new_file_or_another_version_or_place_asks_for_another_report(
    kept: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = kept.html.parent
    with monkeypatch.context() as patched:
        patched.setattr(module, "_writer", lambda: "other code")
        assert unchanged(folder) is None
    with monkeypatch.context() as patched:
        patched.chdir(tmp_path)
        assert unchanged(folder) is None
    assert unchanged(folder) == kept
    (folder / "new").write_text("", encoding="utf-8")
    assert unchanged(folder) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stamp": 3}', '{"stamp": "", "entry": {}}'])
def test_a_damaged_note_asks_for_another_report(kept: Entry, text: str) -> None:
    (kept.html.parent / KEPT).write_text(text, encoding="utf-8")
    assert unchanged(kept.html.parent) is None


def test_runs_that_go_on_are_reported_each_time(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=1, changes={("weak", 1): {"status": "interrupted"}})
    entry = entry_of(write_report(runs, runs.folder))
    assert entry.row["unfinished"] == 1
    keep(entry, runs.folder)
    assert not (runs.folder / KEPT).exists()


def test_an_entry_is_json_without_its_folder(kept: Entry) -> None:
    text = json.dumps(as_json(kept))
    assert str(kept.html.parent) not in text
    assert from_json(json.loads(text), kept.html.parent) == kept
