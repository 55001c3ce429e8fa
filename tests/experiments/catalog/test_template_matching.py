"""The study `template_matching`, on real digits and photographs: fewer scenes, the same answer."""

import json
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.synthetic.cluttered_scenes import CHANGES, Scene
from keras_suite.experiments.catalog import template_matching
from keras_suite.experiments.catalog.template_matching import METHODS, look
from tests.end_to_end.typed import type_here


def test_one_pixel_beside_the_place_is_near_enough_and_two_are_not() -> None:
    image = np.random.default_rng(0).uniform(0, 255, (20, 20))
    for off, right in ((0, True), (1, True), (2, False)):
        scene = Scene(image, image[8:14, 5:11], (8 + off, 5 - off))
        assert look(scene, METHODS["normalised"]).right == right


@pytest.mark.needs_data
def test_the_study_says_what_fools_plain_correlation(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_matching, "SCENES", 12)
    done = type_here("run", "template_matching", "--data-dir", data_dir, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "runs" / "template_matching"
    assert json.loads((folder / "study.json").read_text("utf-8"))["answer"].startswith("Of 12 scenes of digits under")
    lines = (folder / "found_within_1_pixel.csv").read_text("utf-8").splitlines()[1:]
    shares = {tuple(line.split(",")[:3]): float(line.split(",")[3]) for line in lines}
    assert len(shares) == 2 * len(CHANGES) * len(METHODS)
    for change in ("as it is", "gain and offset", "uneven light", "place in shadow"):
        assert shares["photographs", change, "normalised"] == 100
        assert shares["photographs", change, "plain"] < 50
    for kind in ("digits", "photographs"):
        for method in METHODS:  # light that is the same everywhere moves no maximum
            assert shares[kind, "gain and offset", method] == shares[kind, "as it is", method]
    assert (folder / "report.html").read_text("utf-8").count("<svg") == 3
