"""What is in use stays, and what was used longest ago goes first where there is a limit."""

import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from keras_suite.experiments.feature_cache import entries
from keras_suite.experiments.feature_cache.store import key_of
from tests.experiments.feature_cache.stored_features import (
    KEY,
    TRUE,
    ask,
    cache,
    fill,
    folder,
)

__all__ = ["cache", "folder"]  # fixtures


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
