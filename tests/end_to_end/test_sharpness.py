"""A run that measures how steeply its loss curves."""

from pathlib import Path

import pytest

from keras_suite.experiments.config import override, use
from keras_suite.experiments.validation import check
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import CONFIG, finish, make_job

pytestmark = pytest.mark.slow

WATCHED = override(
    CONFIG,
    {"augmentation": use("standard"), "callbacks": (use("sharpness", every=2, images=100, iterations=3),), "epochs": 3},
)


def test_the_metrics_contain_its_measurements(tmp_path: Path) -> None:
    metrics = run_directory.read_run(finish(make_job(tmp_path / "runs", WATCHED), tmp_path)).metrics
    assert metrics is not None
    assert [epoch for epoch, _ in metrics["found"]["sharpness"]] == [0, 2, 3]
    assert all(value > 0 for _, value in metrics["found"]["sharpness"])


def test_it_is_refused_where_it_could_not_look() -> None:
    with pytest.raises(ValueError, match="looks at a network that is trained as a whole: leave phases out"):
        check(override(WATCHED, {"phases": (use("head"),)}))
    with pytest.raises(ValueError, match="differentiates twice by autodiff, and scratch_cnn has none"):
        check(override(WATCHED, {"model": use("scratch_cnn")}))
    with pytest.raises(ValueError, match=r"callbacks.sharpness.every=0 is not possible"):
        check(override(WATCHED, {"callbacks.sharpness.every": 0}))
