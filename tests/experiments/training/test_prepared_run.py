"""What follows from a job is computed once in a run, and handed on."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments import registry
from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training import identity, prepared_run
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.experiments.training.run import train

CONFIG = Config(
    dataset=use("digits", limit=100, test_limit=50),
    model=use("mlp", units=[4]),
    callbacks=(use("early_stopping"),),
    batch_size=32,
    epochs=1,
)
PARTS = ("dataset", "model", "augmentation", "loss", "optimizer", "schedule", "callbacks")


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    """A process that has resolved nothing."""
    for cached in (registry._resolved, identity.load_dataset, identity.content_of):
        cached.cache_clear()
    yield
    registry._resolved.cache_clear()


def test_a_run_resolves_each_part_and_looks_up_its_data_and_weights_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()

    def count(module: Any, name: str, key: Callable[..., str]) -> None:
        function = getattr(module, name)

        def counted(*given: Any) -> Any:
            calls[key(*given)] += 1
            return function(*given)

        monkeypatch.setattr(module, name, counted)

    count(registry, "resolve_part", lambda kind, part, root: kind)
    for name in ("load_dataset", "split", "targets_of", "pretrained"):
        count(prepared_run, name, lambda *given, name=name: name)
    outcome = train(Job("counted", "only", CONFIG, 1, RunOptions(2, tmp_path)))
    assert outcome.status == "completed", outcome.reason
    assert calls == dict.fromkeys((*PARTS, "load_dataset", "split", "targets_of", "pretrained"), 1)


def test_a_job_is_prepared_without_loading_data_whose_content_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job("known", "only", CONFIG, 1, RunOptions(2, tmp_path))
    directory = prepare(job).directory

    def refuse(*given: Any) -> None:
        raise AssertionError("the data were loaded")

    monkeypatch.setattr(prepared_run, "load_dataset", refuse)
    assert prepare(job).directory == directory == identity.directory_of(job)


def test_the_probe_is_the_same_whenever_it_is_taken(tmp_path: Path) -> None:
    run = prepare(Job("probed", "only", CONFIG, 1, RunOptions(2, tmp_path)))
    first, second = run.probe(10), run.probe(10)
    assert first.inputs.shape == (10, *run.dataset.image_shape)
    assert (first.inputs.numpy() == second.inputs.numpy()).all()
    assert len(run.probe(10**6).inputs) == len(run.split.train)
