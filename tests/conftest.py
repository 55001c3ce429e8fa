"""What all tests share: the real data's folder, a cache folder of their own, and TensorFlow with two threads."""

import functools
import gc
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets import keras_datasets
from keras_suite.reports.figures import svg
from tests.browser import Page, browser, chromium
from tests.end_to_end import machines
from tests.end_to_end.typed import tiny_experiment, type_here

REPOSITORY = Path(__file__).parents[1]
PNG_DPI = svg.PNG_DPI


def real_data() -> Path | None:
    """DATA_DIR, or the folder beside the checkout that developers share."""
    for candidate in (os.environ.get("DATA_DIR"), REPOSITORY.parent / "shared" / "data"):
        if candidate and Path(candidate, "mnist.npz").exists():
            return Path(candidate).resolve()
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rotate TEXT`: so that runs with too little time for all tests reach every file in one of them."""
    parser.addoption("--rotate", metavar="TEXT", help="Begin with the test file that TEXT, a commit say, decides.")


def pytest_configure(config: pytest.Config) -> None:
    """Whatever computes first in this process, it has the threads and the kernels of the jobs that tests train in it.

    Switched on by a test, deterministic kernels would change the bits of what later tests train again.
    """
    os.environ.update(TF_NUM_INTRAOP_THREADS="2", TF_NUM_INTEROP_THREADS="2", TF_DETERMINISTIC_OPS="1")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each process that a test starts would compile the suite again


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the real data's files, Chromium or network namespaces, the tests that need them are deselected."""
    found = {
        "needs_data": lambda: real_data() is not None,
        "needs_chromium": lambda: chromium() is not None,
        "needs_namespaces": machines.possible,
    }
    needed = {mark for mark in found if any(item.get_closest_marker(mark) for item in items)}
    missing = [mark for mark in needed if not found[mark]()]
    without = [item for item in items if any(item.get_closest_marker(mark) for mark in missing)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]
    text = config.getoption("--rotate")
    if text and items:
        rotate(items, zlib.crc32(text.encode()))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep what the test files imported out of the garbage collector's sight, as a run does: each run collects."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _earlier_files_out_of_the_collectors_sight() -> None:
    """The same for what earlier test files left alive: models and graphs, which each run's collection would visit."""
    gc.collect()
    gc.freeze()


def rotate(items: list[pytest.Item], number: int) -> None:
    """Begin with the items of the file number `number`, counted round and round; the files stay in their order."""
    files = list(dict.fromkeys(item.path for item in items))
    place = {path: (index - number) % len(files) for index, path in enumerate(files)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real MNIST, CIFAR-10 and photographs."""
    found = real_data()
    assert found is not None, "mark this test with needs_data"
    return found


@pytest.fixture(scope="session")
def four_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of the tiny experiment and its two runs of each variant, only to be read and copied."""
    folder = tmp_path_factory.mktemp("four_runs")
    done = type_here("run", tiny_experiment(folder), "--threads", "2", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is cached in, or read from, the home folder of whoever runs the tests; decoded photographs are shared."""
    patched, folder = pytest.MonkeyPatch(), tmp_path_factory.getbasetemp()
    with_others = "PYTEST_XDIST_WORKER" in os.environ  # their folders lie in one
    patched.setenv("CACHE_DIR", str((folder.parent if with_others else folder) / "cache"))
    patched.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    yield
    patched.undo()


@pytest.fixture(scope="session", autouse=True)
def _downloads_read_once() -> Iterator[None]:
    """MNIST and CIFAR-10 of the real data's folder are read once in this process; nothing may write into them."""
    patched, folder, load = pytest.MonkeyPatch(), real_data(), keras_datasets._load

    @functools.cache
    def read(name: str) -> Dataset:
        dataset = load(name, folder)
        for array in (dataset.images, dataset.labels, dataset.test_images, dataset.test_labels):
            array.flags.writeable = False
        return dataset

    patched.setattr(
        keras_datasets, "_load", lambda name, data_dir: read(name) if data_dir == folder else load(name, data_dir)
    )
    yield
    patched.undo()


@pytest.fixture(scope="session", autouse=True)
def _coarse_pictures() -> Iterator[None]:
    """The PNG files of the reports' pictures are drawn coarsely, which is sooner; test_svg.py draws one as it is."""
    patched = pytest.MonkeyPatch()
    patched.setattr(svg, "PNG_DPI", 40)
    yield
    patched.undo()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of Chromium with the network off, for all tests of a file: mark them with needs_chromium."""
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened
