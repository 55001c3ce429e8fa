"""What a run's network answers to test and validation images: itself, or its head on features computed once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.splits import images_to_test
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.feature_cache import frozen
from keras_suite.experiments.training import predictor
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.experiments.training.run import train_prepared
from keras_suite.models.saving import load_model
from keras_suite.reports import run_directory

HEAD = Config(
    dataset=use("digits", limit=100, test_limit=45),
    model=use("vgg", width=0.1, blocks=1),
    phases=(use("head", epochs=2, cached_views=1),),
    batch_size=32,
)
CASES = {
    "a head on cached features": ({}, True),
    "a head with test images of the same source": ({"dataset.folds": 5}, True),
    "a head whose features are computed in each step": ({"phases": (use("head", epochs=1, cached_views=0),)}, False),
    "a head, then the whole network": (
        {"phases": (use("head", epochs=1, cached_views=1), use("whole", epochs=1, learning_rate=0.01))},
        False,
    ),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.parametrize(("changes", "cached"), CASES.values(), ids=CASES)
def test_what_is_kept_is_what_the_saved_network_answers(
    changes: dict[str, Any], cached: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[bool] = []
    monkeypatch.setattr(predictor, "feature_batches", spied(predictor.feature_batches, used))
    run = prepare(Job("phased", "only", override(HEAD, changes), 1, RunOptions(2, tmp_path)))
    assert train_prepared(run).status == "completed"
    assert len(used) == (2 if cached else 0), "test images, and validation images"
    model, _ = load_model(run_directory.model_file(run.directory))
    record = run_directory.read_run(run.directory)
    kept, validation = run_directory.predictions(record), run_directory.validation(record)
    assert kept is not None and validation is not None
    images, labels = images_to_test(run.dataset, run.split)
    assert (kept.labels == labels).all()
    for probabilities, shown in (
        (kept.probabilities, images),
        (validation.probabilities, run.dataset.images[run.split.validation]),
    ):
        logits = np.asarray(model.predict(shown.astype(np.float32), verbose=0))
        np.testing.assert_allclose(probabilities, run.task.to_predictions(logits), atol=1e-6)


def test_of_runs_with_one_extractor_the_first_computes_the_test_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[int] = []
    original = frozen.frozen_features

    def counted(*arguments: Any, **options: Any) -> frozen.Features:
        features = original(*arguments, **options)
        computed.append(features.computed)
        return features

    monkeypatch.setattr(predictor, "frozen_features", counted)
    for variant in ("first", "second"):  # of one seed, so that their frozen layers are equal, as pretrained ones are
        run = prepare(Job("phased", variant, HEAD, 1, RunOptions(2, tmp_path)))
        assert train_prepared(run).status == "completed"
    assert computed == [45, 0, 0, 0]


def test_a_cache_that_is_full_at_the_end_costs_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    for full in (False, True):
        if full:
            monkeypatch.setattr(predictor, "frozen_features", refused)
        run = prepare(Job("phased", "full" if full else "kept", HEAD, 1, RunOptions(2, tmp_path)))
        assert train_prepared(run).status == "completed"
        kept.append(run_directory.predictions(run_directory.read_run(run.directory)))
        assert ("features are not kept: the cache is full" in (run.directory / "log.txt").read_text()) == full
    assert kept[0] is not None and kept[1] is not None
    assert kept[0].probabilities.tobytes() == kept[1].probabilities.tobytes()


def refused(*_: Any, **__: Any) -> frozen.Features:
    raise ValueError("the cache is full")


def spied(function: Any, used: list[bool]) -> Any:
    def spy(*arguments: Sequence[Any], **options: Any) -> Any:
        used.append(True)
        return function(*arguments, **options)

    return spy
