import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from keras_suite.experiments.feature_cache import entries, store
from keras_suite.experiments.feature_cache.store import Rows, image_digests, key_of, stored_rows

SHAPE = (3, 5)
DECIDES = {"network": "a"}
KEY = key_of(DECIDES)
IMAGES = np.random.default_rng(0).integers(0, 256, (60, 4, 4, 3), dtype=np.uint8)
TRUE = np.random.default_rng(1).normal(size=(60, *SHAPE)).astype(np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(cache: Path) -> Path:
    return cache / "features" / KEY


def ask(numbers: list[int] | range, decides: dict[str, str] = DECIDES, batch_size: int = 7) -> Rows:
    """Asks for the features of these images, and looks at every one."""
    chosen = np.array(numbers)
    got = stored_rows(
        decides,
        SHAPE,
        image_digests(IMAGES, chosen),
        lambda positions: TRUE[chosen[positions]],
        about={"network": "a", "layer": "b"},
        batch_size=batch_size,
    )
    assert np.array_equal(got.array[got.rows], TRUE[chosen])
    return got


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


FILL = """
import sys, time
import numpy as np
from keras_suite.experiments.feature_cache import store
from tests.experiments.feature_cache.test_store import DECIDES, IMAGES, SHAPE, TRUE, image_digests

first, last, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
store.COMMIT_SECONDS = 0.0
chosen = np.arange(first, last)
def compute(positions):
    print("computing", flush=True)
    time.sleep(seconds)
    return TRUE[chosen[positions]]
got = store.stored_rows(
    DECIDES, SHAPE, image_digests(IMAGES, chosen), compute, about={"network": "a"}, batch_size=5
)
assert np.array_equal(got.array[got.rows], TRUE[chosen])
print("computed", got.computed, flush=True)
if len(sys.argv) > 4:
    time.sleep(60)
"""


def fill(*arguments: object) -> "subprocess.Popen[str]":
    """A process that asks for the features of images: the first, the end, seconds for each 5, whether to stay."""
    return subprocess.Popen(
        [sys.executable, "-c", FILL, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    )


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


def test_least_recently_used_entries_go_first_and_none_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    names = "abcd"
    for age, name in enumerate(names):
        ask(range(20), {"network": name})
        about = entries.features_folder() / key_of({"network": name}) / "entry.json"
        os.utime(about, (time.time() - 100 + age,) * 2)
    one = entries.entries()[0].bytes
    used = ask([1], {"network": "b"})
    os.utime(entries.features_folder() / key_of({"network": "b"}) / "entry.json", (0, 0))
    monkeypatch.setenv("FEATURE_CACHE_BYTES", str(3 * one + 100))
    ask(range(20), {"network": "e"})
    assert {entry.key for entry in entries.entries()} == {key_of({"network": name}) for name in "bde"}
    assert used.array is not None


def test_what_does_not_fit_under_the_limit_is_refused_before_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    used = ask(range(20))
    monkeypatch.setenv("FEATURE_CACHE_BYTES", "4000")
    with pytest.raises(
        ValueError, match=r"features need 0.0 MB .*the limit is 0.0 MB: set FEATURE_CACHE_BYTES=\d+ or more"
    ):
        ask(range(60), {"network": "b"})
    with pytest.raises(ValueError, match="of other features are in use"):
        ask(range(40), {"network": "b"})
    assert len(used.array) == 20
    del used
    assert ask(range(40), {"network": "b"}).computed == 40
    for wrong in ("0", "-1", "10 GB"):
        monkeypatch.setenv("FEATURE_CACHE_BYTES", wrong)
        with pytest.raises(ValueError, match=r"FEATURE_CACHE_BYTES=.* is no size"):
            ask([59])


def test_entries_in_use_are_not_removed_be_it_by_another_process(folder: Path) -> None:
    process = fill(0, 20, 0, "stay")
    assert process.stdout is not None
    while "computed" not in process.stdout.readline():
        pass
    assert entries.users(KEY) == [process.pid]
    assert not entries.remove(KEY)
    process.kill()
    process.communicate()
    assert entries.users(KEY) == []
    array = ask(range(20)).array
    part = array[3:5]
    del array
    assert not entries.remove(KEY)  # a view of it is left
    del part
    assert entries.remove(KEY)
    assert not folder.exists()
    assert entries.entries() == []


def test_a_reader_survives_the_folders_removal_by_hand(cache: Path) -> None:
    reader = ask(range(20))
    shutil.rmtree(cache)
    assert np.array_equal(reader.array[reader.rows], TRUE[:20])
    assert ask(range(20)).computed == 20


def test_a_use_ends_in_whichever_thread_lets_go_last() -> None:
    files = psutil.Process().num_fds()
    held = [ask(range(20)).array]
    assert entries.users(KEY) == [os.getpid()]
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    assert entries.users(KEY) == []
    assert psutil.Process().num_fds() == files


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
from tests.experiments.feature_cache.test_store import ask
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
