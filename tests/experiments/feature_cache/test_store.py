import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.feature_cache import entries, store
from keras_suite.experiments.feature_cache.store import image_digests, stored_rows
from tests.experiments.feature_cache.stored_features import (
    DECIDES,
    IMAGES,
    KEY,
    SHAPE,
    TRUE,
    ask,
    cache,
    fill,
    folder,
)

__all__ = ["cache", "folder"]  # fixtures


def test_only_what_is_not_there_is_computed_and_rows_are_shared() -> None:
    assert ask(range(20)).computed == 20
    assert ask(range(20)).computed == 0
    assert ask([30, 3, 31, 19, 3]).computed == 2  # in any order, some twice
    last = ask(range(60))
    assert last.computed == 38 and last.array.shape == (60, *SHAPE)
    assert isinstance(last.array, np.memmap) and not last.array.flags.writeable
    assert ask(range(60), {"network": "another"}).computed == 60
    assert last.notes == ()


def test_rows_are_kept_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COMMIT_SECONDS", 0.0)
    chosen, asked = np.arange(60), 0

    def fail_later(positions: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += 1
        if asked == 4:
            raise KeyboardInterrupt
        return TRUE[chosen[positions]]

    with pytest.raises(KeyboardInterrupt):
        stored_rows(DECIDES, SHAPE, image_digests(IMAGES, chosen), fail_later, about={}, batch_size=10)
    assert entries.users(KEY) == []
    assert ask(range(60)).computed == 30


def test_a_process_killed_while_filling_leaves_complete_rows_for_the_next(folder: Path) -> None:
    process = fill(0, 60, 0.2)
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    with (folder / "rows.f32").open("ab") as file:
        file.write(b"half a row")  # what a kill between the row and its record leaves
    with (folder / "index").open("ab") as file:
        file.write(b"half a record")
    assert 40 <= ask(range(60)).computed <= 45
    assert ask(range(60)).notes == ()


def test_two_processes_at_once_compute_each_row_once() -> None:
    both = [fill(0, 40, 0.1), fill(20, 60, 0.1)]
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(int(words[-1]) for words in said) == 60
    assert ask(range(60)).computed == 0


@pytest.mark.parametrize("harm", ["row", "record", "half the rows", "half the index", "no index", "no rows", "about"])
def test_damage_is_detected_reported_and_repaired(folder: Path, harm: str) -> None:
    ask(range(20))
    rows, index = folder / "rows.f32", folder / "index"
    content = bytearray((index if harm == "record" else rows).read_bytes())
    if harm == "row":
        content[3 * 60 + 11] ^= 1
        rows.write_bytes(content)
    elif harm == "record":
        content[5 * 24 + 2] ^= 1
        index.write_bytes(content)
    elif harm == "half the rows":
        os.truncate(rows, 10 * 60 + 7)
    elif harm == "half the index":
        os.truncate(index, 10 * 24 + 7)
    elif harm == "no index":
        index.unlink()
    elif harm == "no rows":
        rows.unlink()
    else:
        (folder / "entry.json").write_text('{"network')
    lost = {"row": 1, "record": 1, "half the rows": 10, "half the index": 10, "no index": 20, "no rows": 20, "about": 0}
    mended = ask(range(20))
    assert mended.computed == lost[harm]
    assert len(mended.array) == 20
    said = {
        "row": "damaged cached features: 1,",
        "record": "damaged records of cached features: 1,",
        "half the rows": "cut off: 10,",
        "no rows": "cut off: 20,",
        "half the index": "without a record, of a killed process perhaps: 10,",
        "no index": "without a record, of a killed process perhaps: 20,",
        "about": "damaged description of cached features",
    }
    assert len(mended.notes) == (harm in said) and said.get(harm, "") in "".join(mended.notes)
    after = ask(range(20))
    assert (after.computed, after.notes) == (0, ())
    assert entries.read_about(folder / "entry.json")["network"] == "a"


@pytest.mark.parametrize("step", [37, pytest.param(1, marks=pytest.mark.slow)])
def test_no_changed_byte_and_no_cut_gives_other_features(folder: Path, step: int) -> None:
    """`ask` compares all features with the true ones. Only what describes an entry to people may change unnoticed."""
    ask(range(20))
    for name in ("rows.f32", "index", "entry.json"):
        whole = (folder / name).read_bytes()
        for at in range(0, len(whole), step):
            for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]):
                (folder / name).write_bytes(damaged)
                notes = ask(range(20)).notes  # no use is left, so the next damage is mended alone, too
                assert notes or name == "entry.json", (name, at)
                about = entries.read_about(folder / "entry.json")
                assert (about["network"], about["layer"]) == ("a", "b"), (name, at)
        (folder / name).write_bytes(whole)


def test_what_killed_processes_left_goes_after_a_day(cache: Path) -> None:
    features = cache / "features"
    kept = ask(range(5), {"network": "in use"})
    in_use = next((features / ".locks").glob("*.use"))
    names = [f".locks/{KEY}.1-abc.use", f"{KEY}/.entry-0123abcd.json", ".gone-1/rows.f32"]
    for name in (*names, *(name.replace("1", "2") for name in names)):
        (features / name).parent.mkdir(parents=True, exist_ok=True)
        (features / name).touch()
    for path in (*(features / name for name in names), features / ".gone-1", in_use):
        os.utime(path, (time.time() - 90_000,) * 2)
    ask(range(5))
    assert [name for name in names if (features / name).exists()] == []
    assert [name for name in names if not (features / name.replace("1", "2")).exists()] == []
    assert in_use.exists() and len(kept.array) == 5


def test_damaged_rows_are_repaired_once_they_are_requested(folder: Path) -> None:
    ask(range(20))
    content = bytearray((folder / "rows.f32").read_bytes())
    content[3 * 60] ^= 1
    (folder / "rows.f32").write_bytes(content)
    assert ask(range(4, 20)).notes == ()
    assert ask(range(20)).computed == 1


def test_rows_that_another_reader_has_mapped_are_not_written_over(folder: Path) -> None:
    reader = ask(range(20))
    os.truncate(folder / "index", 10 * 24)
    assert ask(range(10, 30)).computed == 20
    assert np.array_equal(reader.array[reader.rows], TRUE[:20])
    del reader
    assert ask([40, 41]).array.shape[0] == 40  # now the free places are used


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
from tests.experiments.feature_cache.stored_features import ask
from keras_suite.experiments.feature_cache import store
store.COMMIT_SECONDS = 0.0
ask(range(60))
"""


def test_a_full_disk_is_reported_and_complete_rows_are_kept() -> None:
    """Files above 2,000 bytes cannot be written: 33 rows of 60."""
    done = subprocess.run(
        [sys.executable, "-c", FULL],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert "features cannot be kept in" in last and "File too large" in last and "cache --clear" in last
    assert ask(range(60)).computed == 60 - 28


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(OSError, match=r"Not a directory.*set CACHE_DIR to a writable folder"):
        ask(range(5))
