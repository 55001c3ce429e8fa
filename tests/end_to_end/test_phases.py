"""Training in phases: what each trains, the history across the border, and resume on both sides of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.splits import split
from keras_suite.experiments.config import Config, from_json, override, to_json, use
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.identity import load_dataset
from keras_suite.experiments.training.job import Job
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import CONFIG, epochs_done, finish, kill_when, make_job, result, start

pytestmark = pytest.mark.slow

PHASED = override(
    CONFIG,
    {
        "model": use("vgg", width=0.1, blocks=2, units=[16], dropout=0.2, batch_normalization="before_pooling"),
        "augmentation": use("standard", shift=0.1, rotation=10),
        "phases": (
            use("head", epochs=6, learning_rate=1e-2, cached_views=2),
            use("last_blocks", learning_rate=3e-3),
            use("whole", epochs=3, learning_rate=1e-4),
        ),
        "callbacks.early_stopping.patience": 4,
        "callbacks.reduce_lr_on_plateau.patience": 2,
        "epochs": 9,
    },
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    return finish(make_job(folder / "runs", PHASED), folder)


def rows_of(job: Job, phase: int) -> int:
    directories = list(job.options.runs_dir.glob("*/*/seed-*"))
    rows = run_directory.read_history(directories[0]) if directories else ()
    return sum(row["phase"] == phase for row in rows)


@pytest.mark.slow
def test_the_history_says_which_phase_a_row_belongs_to(undisturbed: Path) -> None:
    run = run_directory.read_run(undisturbed)
    assert [row["epoch"] for row in run.history] == list(range(1, len(run.history) + 1))
    phases = [row["phase"] for row in run.history]
    assert phases == sorted(phases)
    assert set(phases) == {1, 2, 3}
    assert phases.count(1) <= 6 and phases.count(2) <= 9 and phases.count(3) <= 3
    first_rates = [run.history[phases.index(phase)]["learning_rate"] for phase in (1, 2, 3)]
    assert first_rates == pytest.approx([1e-2, 3e-3, 1e-4])


def test_the_metrics_say_what_each_phase_trained(undisturbed: Path) -> None:
    metrics = run_directory.read_run(undisturbed).metrics
    assert metrics is not None
    titles = [phase["trained"] for phase in metrics["phases"]]
    counts = [phase["trainable_parameters"] for phase in metrics["phases"]]
    assert titles == ["head", "last block", "whole"]
    in_head = 13 * 16 + 16 + 16 * 10 + 10
    in_blocks = [9 * 1 * 6 + 6 + 9 * 6 * 6 + 6 + 2 * 6, 9 * 6 * 13 + 13 + 9 * 13 * 13 + 13 + 2 * 13]
    assert counts == [in_head, in_head + in_blocks[1], in_head + sum(in_blocks)]
    assert metrics["trainable_parameters"] == counts[-1]
    log = (undisturbed / "log.txt").read_text(encoding="utf-8")
    assert f"phase 2 of 3: last block, {counts[1]:,} of {metrics['parameters']:,} parameters" in log


@pytest.mark.parametrize(
    "kills",
    [
        ((1, 2), (2, 2)),
        pytest.param(((1, 1), (1, 4)), marks=pytest.mark.slow),
        pytest.param(((2, 1), (3, 1)), marks=pytest.mark.slow),
    ],
    ids=["on both sides", "before", "after"],
)
def test_resume_across_the_borders_is_bit_identical(
    undisturbed: Path, tmp_path: Path, kills: tuple[tuple[int, int], ...]
) -> None:
    job = make_job(tmp_path / "runs", PHASED)
    for phase, rows in kills:
        kill_when(start(job, tmp_path), lambda phase=phase, rows=rows: rows_of(job, phase) >= rows)  # type: ignore[misc]
    assert result(finish(job, tmp_path)) == result(undisturbed)


@pytest.mark.slow
def test_resume_after_a_kill_between_two_phases(undisturbed: Path, tmp_path: Path) -> None:
    """With checkpoints only where a phase ends, what is lost is the whole of the next one."""
    job = make_job(tmp_path / "runs", PHASED, checkpoint_seconds=1e6)
    ended = sum(row["phase"] == 1 for row in run_directory.read_run(undisturbed).history)
    kill_when(start(job, tmp_path), lambda: epochs_done(job) > ended)
    assert result(finish(job, tmp_path)) == result(undisturbed)


def test_a_head_on_cached_features_and_its_backbone_are_saved_as_one_network(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts from an earlier run's weights; images that the next seed's split shares are not computed again."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    from keras_suite.models.saving import load_model

    config = override(
        PHASED,
        {"phases": (use("head", epochs=3),), "augmentation": use("standard"), "callbacks": (), "epochs": 3}
        | {"model.weights": f"run:{undisturbed}"},
    )
    first, second = (finish(make_job(tmp_path / f"seed {seed}", config, seed=seed), tmp_path) for seed in (1, 2))
    dataset = load_dataset(resolve(config).dataset, None)
    chosen, other = split(dataset, 1), split(dataset, 2)
    model, _ = load_model(run_directory.model_file(first))
    logits = model.predict(dataset.images[chosen.validation].astype(np.float32), verbose=0)
    accuracy = np.mean(logits.argmax(axis=-1) == dataset.labels[chosen.validation])
    metrics = run_directory.read_run(first).metrics
    assert metrics is not None
    assert metrics["validation"]["accuracy"] == pytest.approx(accuracy)
    assert metrics["phases"][0]["cached_views"] == 1
    logs = [(path / "log.txt").read_text(encoding="utf-8") for path in (first, second)]
    assert "features: 700 computed" in logs[0]
    new = {*other.train, *other.validation} - {*chosen.train, *chosen.validation}
    assert 0 < len(new) < 500
    assert f"features: {len(new)} computed" in logs[1]


def test_phases_come_back_from_json() -> None:
    assert from_json(to_json(PHASED)) == PHASED
    changed: Config = override(PHASED, {"phases.head.epochs": 2})
    assert changed.phases[0].options["epochs"] == 2


def test_a_config_without_phases_has_the_identity_it_had_before_there_were_any() -> None:
    assert "phases" not in resolve(CONFIG).canonical()
    assert resolve(PHASED).canonical()["phases"][1] == {"name": "last_blocks", "options": {"learning_rate": 3e-3}}


def test_a_phase_that_cannot_be_is_answered_before_anything_trains(tmp_path: Path) -> None:
    from keras_suite.experiments.scheduling.estimate import estimate

    def refuse(changes: dict[str, Any], match: str) -> None:
        job = make_job(tmp_path / "runs", override(PHASED, changes))
        with pytest.raises(ValueError, match=match):
            estimate([job])

    refuse({"phases.last_blocks.blocks": 3}, "vgg has 2 blocks: blocks=3 is too many")
    refuse({"phases": (use("from_layer", layer="block2_conf1"),)}, "did you mean 'block2_conv1'")
    refuse({"model": use("mlp")}, "mlp has no backbone")
    refuse({"augmentation.mixup": 0.2}, "cached features cannot be augmented by mixup or cutmix")
    refuse({"phases": (use("head", epochs=0),)}, "phases.head.epochs=0 is not possible")
    assert not np.any([path.is_file() for path in (tmp_path / "runs").rglob("*")])
