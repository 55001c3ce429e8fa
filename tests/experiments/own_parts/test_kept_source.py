"""The source of own parts is kept with a run, signed by the user's key, and noticed when it changes."""

import os
import stat
from pathlib import Path

import pytest

from keras_suite.experiments.own_parts import kept_source
from keras_suite.experiments.own_parts.parts import OwnPart, locate
from keras_suite.reports.run_directory.verification import source_faults
from tests.end_to_end.own_folder import write_folder


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[OwnPart]:
    """Two parts of a user who has a configuration of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "configuration"))
    write_folder(tmp_path / "mine")
    return [locate(name, str(tmp_path / "mine")) for name in ("nets/net.py:my_net", "my_parts.py:focal")]


def test_a_run_without_own_parts_keeps_nothing(tmp_path: Path) -> None:
    assert kept_source.keep(tmp_path / "run", []) == {}
    assert not (tmp_path / "run").exists()


def test_files_are_kept_with_their_checksums(parts: list[OwnPart], tmp_path: Path) -> None:
    record = kept_source.keep(tmp_path / "run", parts)
    assert source_faults(tmp_path / "run", record) == []
    assert kept_source.fingerprints(record) == {part.name: part.fingerprint for part in parts}
    file = tmp_path / "run" / "source" / "my_parts.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert source_faults(tmp_path / "run", record) == [f"{file} is damaged: its checksum is another"]
    file.unlink()
    assert source_faults(tmp_path / "run", record) == [f"{file} is missing"]


def test_files_outside_the_experiments_folder_are_kept_below_what_they_share(
    parts: list[OwnPart], tmp_path: Path
) -> None:
    (tmp_path / "question").mkdir()
    outside = locate("../mine/my_parts.py:focal", str(tmp_path / "question"))
    record = kept_source.keep(tmp_path / "run", [outside])
    assert record["own_parts"]["root"] == "question"
    assert list(record["own_parts"]["files"]) == ["mine/my_parts.py"]
    (tmp_path / "run" / "source" / "question").mkdir()
    assert "focal" in kept_source.load_kept(tmp_path / "run", record)


def test_only_the_key_of_its_user_makes_a_signature(
    parts: list[OwnPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = kept_source.keep(tmp_path / "run", parts)
    assert kept_source.is_signed(record)
    for changed in ({"files": {}}, {"parts": {}}, {"root": "elsewhere"}, {"signature": ""}, {"signature": None}):
        assert not kept_source.is_signed({"own_parts": {**record["own_parts"], **changed}})
    assert not kept_source.is_signed({})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "another"))
    assert not kept_source.is_signed(record)
    kept_source.keep(tmp_path / "second", parts)
    assert not kept_source.is_signed(record)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
def test_nobody_else_may_read_the_key(parts: list[OwnPart], tmp_path: Path) -> None:
    kept_source.keep(tmp_path / "run", parts)
    assert stat.S_IMODE(kept_source.key_file().stat().st_mode) == 0o600


def test_without_a_place_for_a_key_nothing_is_signed(
    parts: list[OwnPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "file"))
    record = kept_source.keep(tmp_path / "run", parts)
    assert record["own_parts"]["signature"] == ""
    assert not kept_source.is_signed(record)


def test_kept_source_is_loaded_and_not_what_was_edited_since(parts: list[OwnPart], tmp_path: Path) -> None:
    record = kept_source.keep(tmp_path / "run", parts)
    before = parts[0].custom_objects()["Square"]
    (tmp_path / "mine" / "nets" / "layers_of_mine.py").write_text("raise SystemExit('edited')\n", encoding="utf-8")
    objects = kept_source.load_kept(tmp_path / "run", record)
    assert objects["Square"] is not before
    assert objects["Square"].__module__ == "nets.layers_of_mine"
