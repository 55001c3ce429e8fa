"""Made features of made images, asked of a cache of the test's own, here or by another process."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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


FILL = """
import sys, time
import numpy as np
from keras_suite.experiments.feature_cache import store
from tests.experiments.feature_cache.stored_features import DECIDES, IMAGES, SHAPE, TRUE, image_digests

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
