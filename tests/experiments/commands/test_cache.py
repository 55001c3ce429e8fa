"""`cache`, typed as a user types it."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.images import decoded_images
from keras_suite.experiments.commands.cache import _ago
from keras_suite.experiments.feature_cache import entries
from keras_suite.experiments.feature_cache.store import Rows, key_of, stored_rows
from tests.end_to_end.typed import type_here


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(network: str, augmentation: str = "", images: int = 30) -> Rows:
    """An entry with features of 1,000 numbers for so many images."""
    return stored_rows(
        {"network": network},
        (1000,),
        [number.to_bytes(16) for number in range(images)],
        lambda positions: np.zeros((len(positions), 1000), np.float32),
        about={"network": network, "layer": "block5_pool", "augmentation": augmentation},
        batch_size=10,
    )


def decoded() -> None:
    entry = decoded_images.Entry(("a",), (1,), (0,), ())
    decoded_images.build("dec0ded", (1, 10, 10, 3), lambda put: entry)


def test_what_is_kept_is_shown_with_size_limit_and_last_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATURE_CACHE_BYTES", "5000000000")
    kept("vgg16", "horizontal_flip=true, copy 3")
    held = kept("vgg", images=1500)
    about = entries.features_folder() / key_of({"network": "vgg16"}) / "entry.json"
    os.utime(about, (time.time() - 7300,) * 2)
    decoded()
    done = type_here("cache", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split()[1:] == ["vgg", "block5_pool", "none", "1,500", "6.0", "MB", "now"]
    assert lines[2].startswith(key_of({"network": "vgg16"})[:8])
    assert "horizontal_flip=true, copy 3" in lines[2] and "2 h ago" in lines[2]
    assert lines[3] == "Features: 2 entries, 6.2 MB of at most 5.0 GB."
    assert lines[4] == "Decoded images: 1 entry, 0.0 MB; no limit."
    assert str(tmp_path / "cache") in lines[5]
    assert held.computed == 1500


def test_an_empty_cache_is_shown_as_such(tmp_path: Path) -> None:
    done = type_here("cache", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Features: 0 entries, 0.0 MB of at most 10.0 GB.")
    assert type_here("cache", "--clear", cwd=tmp_path).stdout == "Removed 0 entries, 0.0 MB.\n"


def test_an_entry_whose_description_is_damaged_is_shown_and_cleared(tmp_path: Path) -> None:
    kept("vgg16")
    (entries.features_folder() / key_of({"network": "vgg16"}) / "entry.json").write_text("[")
    assert "unknown" in type_here("cache", cwd=tmp_path).stdout
    type_here("cache", "--clear", cwd=tmp_path)
    assert entries.entries() == []


def test_one_entry_or_all_are_cleared(tmp_path: Path) -> None:
    for network in "abc":
        kept(network)
    decoded()
    done = type_here("cache", "--clear", key_of({"network": "b"})[:8], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "Removed 1 entry, 0.1 MB.\n")
    assert {entry.key for entry in entries.entries()} == {key_of({"network": name}) for name in "ac"}
    assert type_here("cache", "--clear", cwd=tmp_path).stdout == "Removed 3 entries, 0.2 MB.\n"
    assert entries.entries() == [] and decoded_images.load("dec0ded") is None


def test_what_is_in_use_is_kept_and_named(tmp_path: Path) -> None:
    held = kept("a")
    kept("b")
    done = type_here("cache", "--clear", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == "Removed 1 entry, 0.1 MB.\n"
    assert f"{key_of({'network': 'a'})[:8]} was kept, it is in use by process {os.getpid()}" in done.stderr
    assert "Traceback" not in done.stderr
    assert held.array.sum() == 0
    assert kept("a").computed == 0


def test_a_wrong_key_and_a_wrong_limit_are_answered_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = type_here("cache", "--clear", "nothing", cwd=tmp_path)
    assert done.returncode == 2 and "no entry begins with 'nothing'" in done.stderr
    monkeypatch.setenv("FEATURE_CACHE_BYTES", "10GB")
    done = type_here("cache", cwd=tmp_path)
    assert done.returncode == 2 and "FEATURE_CACHE_BYTES='10GB' is no size" in done.stderr


def test_times_are_written_in_their_largest_unit() -> None:
    assert [_ago(s) for s in (3, 130, 7300, 200_000)] == ["3 s ago", "2 min ago", "2 h ago", "2 days ago"]
