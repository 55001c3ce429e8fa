"""A run that is trained with an earlier one's graphs ends with the same bits as one that is traced itself."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.scheduling.workers import perform
from keras_suite.experiments.training import graph_reuse, runtime
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.phases import phases_of, prepare_phase
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.models.hyperparameter_variables import structure
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import finish, result

BASE = Config(
    dataset=use("digits", limit=300, validation_fraction=0.3),
    model=use("pattern_cnn", blocks=1, filters=4, units=16, dropout=0.3, batch_normalization="before_pooling", l2=1e-4),
    optimizer=use("adamw", learning_rate=3e-3),
    callbacks=(
        use("reduce_lr_on_plateau", patience=1, min_delta=0.2),
        use("early_stopping", patience=2, min_delta=0.2),
    ),
    batch_size=32,
    epochs=6,
)
NUMBERS: dict[str, Any] = {
    "optimizer.learning_rate": 1e-2,
    "optimizer.weight_decay": 0.1,
    "model.dropout": 0.15,
    "model.l2": 1e-2,
    "model.initializer": "he_normal",
    "augmentation.shift": 0.1,
    "batch_size": 50,
    "epochs": 4,
    "callbacks.early_stopping.min_delta": 0.01,
}


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process in which nothing has been traced. It has two threads and deterministic kernels: tests/conftest.py."""
    monkeypatch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
    forget()
    yield
    forget()


def forget() -> None:
    graph_reuse._cache.clear()
    graph_reuse._traced.clear()


def job(folder: Path, config: Config, seed: int = 1, **changes: Any) -> Job:
    return Job("warm", "trial", config, seed, RunOptions(2, folder), **changes)


def trained(folder: Path, config: Config, seed: int = 1) -> dict[str, Any]:
    outcome = perform(job(folder, config, seed))
    assert outcome.status == "completed", outcome.reason
    return whole(outcome.directory)


def whole(directory: Path) -> dict[str, Any]:
    """All of a run that must not depend on what was trained before it, and how its model describes itself."""
    metrics = run_directory.read_run(directory).metrics
    assert metrics is not None
    with zipfile.ZipFile(run_directory.model_file(directory)) as archive:
        network = json.loads(archive.read("config.json"), object_hook=_without_addresses)["config"]
    return {**result(directory), "network": network, "parameters": metrics["parameters"]}


def _without_addresses(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != "shared_object_id"}


def reused(folder: Path, config: Config, seed: int = 1) -> dict[str, Any]:
    """The run, which must be trained with the only graphs that are there, and leave no others."""
    [before] = graph_reuse._cache.values()
    found = trained(folder, config, seed)
    [after] = graph_reuse._cache.values()
    assert after is before, "it was traced anew"
    return found


def test_warm_equals_fresh_in_every_bit(tmp_path: Path) -> None:
    other = override(BASE, NUMBERS)
    trained(tmp_path / "first", BASE)
    found = reused(tmp_path / "second", other, seed=2)
    assert len(found["history"]) > 1
    assert found == whole(finish(job(tmp_path / "fresh", other, seed=2), tmp_path)), "a fresh process ends otherwise"
    assert found != reused(tmp_path / "third", BASE, seed=2), "the numbers changed nothing"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"optimizer": use("momentum", learning_rate=0.02)}, marks=pytest.mark.slow),
        pytest.param({"optimizer": use("adadelta"), "loss": use("hinge")}, marks=pytest.mark.slow),
        pytest.param({"optimizer": use("adagrad", learning_rate=0.05), "model.l1": 1e-4}, marks=pytest.mark.slow),
        {"precision": "mixed_float16"},
        pytest.param({"schedule": use("one_cycle")}, marks=pytest.mark.slow),
        pytest.param({"model": use("mlp", units=[16], dropout=0.2, l1=1e-4)}, marks=pytest.mark.slow),
        pytest.param({"model": use("scratch_cnn", l1=1e-4, l2=1e-3)}, marks=pytest.mark.slow),
        pytest.param(
            {"dataset.image_size": [8, 8], "model": use("mnist_manual_net", dropout=0.2, l2=1e-3)},
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda changes: "-".join(str(getattr(value, "name", value)) for value in changes.values()),
)
def test_an_optimizer_loss_precision_or_network_of_any_kind_begins_anew(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    config = override(BASE, {"callbacks": (), "epochs": 2, **changes})
    penalty = {"model.l1": 3e-3} if "l1" in config.model.options else {"model.l2": 3e-3}
    other = override(config, penalty)
    fresh = trained(tmp_path / "fresh", other)
    graph_reuse._cache.clear()
    trained(tmp_path / "first", config)
    assert reused(tmp_path / "second", other) == fresh


HEAD = override(
    BASE,
    {
        "model": use("vgg", width=0.1, blocks=2, units=[16], dropout=0.2, batch_normalization="before_pooling"),
        "phases": (use("head", epochs=3),),
        "callbacks": (),
    },
)


def test_a_head_on_cached_features_is_trained_and_predicts_with_earlier_graphs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frozen part has other weights: they follow from the seed here."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    other = override(HEAD, {"optimizer.learning_rate": 1e-2, "model.dropout": 0.4})
    fresh = trained(tmp_path / "fresh", other, seed=2)
    forget()
    (tmp_path / "cache").rename(tmp_path / "put aside")
    first = trained(tmp_path / "first", HEAD)
    kept = dict(graph_reuse._traced)
    assert len(kept) == 2, "of the features, and of the whole network"
    assert reused(tmp_path / "second", other, seed=2) == fresh
    assert graph_reuse._traced == kept
    assert reused(tmp_path / "third", HEAD) == first, "the features come from the cache, the weights from the seed"


def compiled(config: Config) -> keras.Model:
    """What a run of this Config would be about to train."""
    run = prepare(job(Path("nowhere"), config))
    run.fresh_session()
    [phase] = phases_of(run.config)
    return prepare_phase(run, run.build_model(), phase).trainee


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer.beta_1": 0.8},
        {"model.dropout": 0.0},
        {"model.l2": 0.0},
        {"model.filters": 5},
        {"model.activation": "tanh"},
        {"loss.label_smoothing": 0.1},
        {"schedule": use("cosine")},
        {"precision": "mixed_bfloat16"},
    ],
    ids=str,
)
def test_what_is_traced_into_the_graph_is_traced_anew(change: dict[str, Any]) -> None:
    assert structure(compiled(override(BASE, change))) != structure(compiled(BASE))


def test_a_schedule_of_another_length_is_traced_anew() -> None:
    config = override(BASE, {"schedule": use("cosine")})
    assert structure(compiled(override(config, {"epochs": 9}))) != structure(compiled(config))


OWN_METRIC = "def margin(y_true, y_pred):\n    return {} * y_pred[:, 0]\n"


@pytest.mark.slow
def test_an_own_metric_is_traced_anew_where_its_source_is_another(tmp_path: Path) -> None:
    path, metric = tmp_path / "mine.py", use("mine.py:margin", direction="max")
    config = replace(override(BASE, {"epochs": 1, "callbacks": (), "metrics": (metric,)}), root=str(tmp_path))

    def margin(folder: str, rate: float) -> float:
        found = trained(tmp_path / folder, override(config, {"optimizer.learning_rate": rate}))
        return float(found["history"][0]["margin"])

    path.write_text(OWN_METRIC.format(1), encoding="utf-8")
    first = margin("first", 1e-3)
    assert margin("faster", 1e-2) != first
    assert len(graph_reuse._cache) == 1
    path.write_text(OWN_METRIC.format(2), encoding="utf-8")
    assert margin("doubled", 1e-3) == pytest.approx(2 * first)
    assert len(graph_reuse._cache) == 2


@pytest.mark.slow
def test_after_a_failure_nothing_of_it_is_used(tmp_path: Path) -> None:
    fresh = trained(tmp_path / "fresh", BASE)
    failed = perform(job(tmp_path / "failed", override(BASE, {"optimizer.learning_rate": 1e30})))
    assert failed.status == "failed"
    assert not graph_reuse._cache
    assert trained(tmp_path / "after", BASE) == fresh


def test_few_are_kept_and_large_ones_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [compiled(override(BASE, {"model.filters": filters})) for filters in range(2, 3 + graph_reuse.MAX_MODELS)]
    for model in models:
        with graph_reuse.reusing_graphs(model):
            pass
    assert [kept.model for kept in graph_reuse._cache.values()] == models[1:]
    graph_reuse._cache.clear()
    monkeypatch.setattr(graph_reuse, "MAX_BYTES", 100)
    with graph_reuse.reusing_graphs(models[0]):
        pass
    assert not graph_reuse._cache


@pytest.mark.slow
def test_a_held_rate_is_no_parameter(tmp_path: Path) -> None:
    with_rate = trained(tmp_path / "with", override(BASE, {"epochs": 1}))
    without = trained(tmp_path / "without", override(BASE, {"epochs": 1, "model.dropout": 0.0, "model.l2": 0.0}))
    assert with_rate["parameters"] == without["parameters"]
    assert len(with_rate["weights"]) == len(without["weights"])
