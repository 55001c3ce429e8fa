"""A sweep whose files were damaged goes on to the table of an undisturbed one, or names the damage; no trial fails."""

import shutil
from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.reports.sweep.journal import whole_lines
from tests.end_to_end.sweeps import sweep_folder, write_file
from tests.end_to_end.typed import refused, type_here

TUNE = ("tune", "width.py", "--tuner", "random", "--trials", "3", "--threads", "2", "--checkpoint-seconds", "0")


@pytest.fixture(scope="module")
def _tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuned")
    write_file(folder)
    done = type_here(*TUNE, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def folder(_tuned: Path, tmp_path: Path) -> Path:
    shutil.copytree(_tuned, tmp_path, dirs_exist_ok=True)
    return tmp_path


def table(folder: Path) -> str:
    return (sweep_folder(folder) / "trials.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_trial_is_trained_again_when_its_checkpoint_was_cut(folder: Path) -> None:
    expected = table(folder)
    path = sweep_folder(folder) / journal.NAME
    lines = path.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if b'"created"' in line)
    path.write_bytes(b"".join(lines[: last + 1]))
    (directory,) = sweep_folder(folder).glob("trial-0002-*/seed-1")
    (directory / "metrics.json").unlink()
    (directory / "checkpoint").mkdir()
    (directory / "checkpoint" / "state.npz").write_bytes(b"PK\x03\x04 half of it")
    done = type_here(*TUNE, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert table(folder) == expected


@pytest.mark.parametrize(
    "place", [pytest.param(0.2, marks=pytest.mark.slow), 0.6, pytest.param(0.95, marks=pytest.mark.slow)]
)
def test_an_edited_journal_is_refused_and_repaired_to_the_same_table(folder: Path, place: float) -> None:
    expected = table(folder)
    path = sweep_folder(folder) / journal.NAME
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 0x04
    path.write_bytes(content)
    for command in (TUNE, ("report", str(sweep_folder(folder)))):
        line = refused(*command, cwd=folder)
        assert "journal.jsonl is damaged: line" in line and "keras-suite verify" in line
    done = type_here("verify", "--repair", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ends before its damaged line now" in done.stdout
    (kept,) = sweep_folder(folder).glob("journal-damaged-*.jsonl")
    assert kept.read_bytes() == content
    assert path.read_bytes() == whole_lines(bytes(content))
    again = type_here(*TUNE, cwd=folder)
    assert again.returncode == 0, again.stdout + again.stderr
    assert table(folder) == expected
    assert type_here("report", str(sweep_folder(folder)), cwd=folder).returncode == 0


def test_a_damaged_trial_is_trained_again_without_looking_at_the_test_images(folder: Path) -> None:
    (directory,) = sweep_folder(folder).glob("trial-0001-*/seed-1")
    (directory / "history.csv").write_text("epoch,loss\n1,0.5\n", encoding="utf-8")
    assert type_here("verify", cwd=folder).returncode == 1
    done = type_here("verify", "--repair", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "was trained again, the same numbers" in done.stdout
    assert not (directory / "predictions.npz").exists()
    expected = table(folder)
    assert type_here(*TUNE, cwd=folder).returncode == 0
    assert table(folder) == expected
