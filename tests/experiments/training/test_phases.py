"""Phases with their epochs and rates, and what is frozen in one."""

from pathlib import Path

import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.phases import PreparedPhase, phases_of, prepare_phase
from keras_suite.experiments.training.prepared_run import prepare

CONFIG = Config(
    dataset=use("digits", limit=100, test_limit=50),
    model=use("vgg", width=0.1, blocks=1),
    optimizer=use("sgd", learning_rate=0.5),
    phases=(use("head", epochs=2), use("whole", learning_rate=0.1)),
    batch_size=32,
    epochs=3,
)


def prepared(folder: Path, **options: object) -> PreparedPhase:
    """The head's phase, with these options."""
    config = Config(CONFIG.dataset, CONFIG.model, phases=(use("head", **options),), batch_size=32)
    run = prepare(Job("phased", "only", config, 1, RunOptions(2, folder)))
    [phase] = phases_of(run.config)
    return prepare_phase(run, run.build_model(), phase)


def test_a_phase_takes_from_the_config_what_it_does_not_say_itself() -> None:
    head, whole = phases_of(resolve(CONFIG))
    assert (head.epochs, head.learning_rate) == (2, 0.5)
    assert (whole.epochs, whole.learning_rate) == (3, 0.1)


@pytest.mark.parametrize(("views", "cached"), [(1, True), (0, False)])
def test_only_the_head_is_trained_behind_a_frozen_extractor(tmp_path: Path, views: int, cached: bool) -> None:
    phase = prepared(tmp_path, cached_views=views)
    assert phase.extractor is not None and not phase.extractor.trainable_variables
    assert (phase.cached_extractor is not None) == cached
    assert 0 < phase.describe()["trainable_parameters"] < phase.model.count_params()
    assert ("computed once up to layer" in phase.in_words()) == cached


@pytest.mark.parametrize("views", [0, 1])
def test_its_network_is_probed_on_features_computed_either_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, views: int
) -> None:
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    phase = prepared(tmp_path, cached_views=views)
    lines: list[str] = []
    batches = phase.batches(0, 0, lines.append)
    assert phase.network(batches.probe.inputs).shape == batches.probe.targets.shape
    assert lines == (["features: 100 computed, the others were in the cache"] if views else [])
