"""`inspect live` on a run: its wrong test images to choose, its own classes, and one line where it cannot be."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments.inspecting.live.page import live_page
from keras_suite.experiments.inspecting.network import Network
from tests.end_to_end.typed import TINY, type_here


def test_a_run_has_its_wrong_images_and_a_file_has_none(finder: Network, tmp_path: Path) -> None:
    finder.model.save(tmp_path / "finder.keras")
    page = live_page(tmp_path / "finder.keras", [])
    assert (page.network, page.eyebrow, page.examples) == ("finder", "finder.keras", [])
    assert page.passing == ["dropout"]
    images, scores = page.checks
    assert scores == pytest.approx(finder.scores(images), abs=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that was trained on the digits, and is often wrong."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "tiny.py").write_text(TINY.replace("seeds=2", "seeds=1"), encoding="utf-8")
    assert type_here("run", "tiny.py", "--variant", "narrow", cwd=folder).returncode == 0
    [found] = (folder / "runs" / "tiny").glob("narrow-*/seed-1")
    return found


def test_the_page_of_a_run_is_one_file_beside_it(run: Path) -> None:
    done = type_here("inspect", "live", run, cwd=run)
    assert done.returncode == 0, done.stderr
    assert "open it in a browser" in done.stdout
    text = (run / "inspect" / "live.html").read_text(encoding="utf-8")
    assert "Test images that it got most confidently wrong" in text
    assert '<option value="digits" selected>' in text, "what one draws is placed as the digits were"
    facts = json.loads(re.search(r'id="network">(.*?)</script>', text, re.DOTALL)[1])
    assert facts["class_names"] == list("0123456789")
    assert re.fullmatch(r"test image \d+, is \d", facts["examples"][0]["title"])


def test_images_of_ones_own_can_be_chosen(run: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 200, np.uint8)).save(tmp_path / "mine.png")
    page = live_page(run, [tmp_path / "mine.png"])
    assert [example.title for example in page.examples] == ["mine.png"]
    assert page.examples_heading == "Your images"


@pytest.mark.parametrize("given", [("missing",), ("RUN", "missing.png"), ("other.keras",)])
def test_what_cannot_be_shown_is_one_line_and_nothing_is_written(
    given: tuple[str, ...], run: Path, tmp_path: Path
) -> None:
    keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)]).save(tmp_path / "other.keras")
    done = type_here(
        "inspect", "live", *(run if word == "RUN" else word for word in given), "--output", "out", cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
