"""From a command's settings to the Configs of all variants, and the thread count that an experiment keeps."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from keras_suite.experiments import registry
from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config, Experiment, Part, use
from keras_suite.experiments.scheduling.cost import Estimate
from keras_suite.experiments.scheduling.plan import Plan, announcement, configs, make_plan, parse_settings, thread_count
from keras_suite.experiments.training import job
from keras_suite.experiments.training.job import Job, Outcome

EXPERIMENT = Experiment(
    Config(dataset=use("digits", image_size=[8, 8]), model=use("mlp"), epochs=4),
    {
        "small": {},
        "large": {"dataset.image_size": [16, 16]},
        "cnn": {"model": use("pattern_cnn"), "callbacks": (use("early_stopping"),)},
    },
)


def test_values_are_json_where_they_are_json_else_text() -> None:
    assert parse_settings(["epochs=3", "dataset.path=photos/", "model.units=[8, 4]", "model.l1=null"]) == {
        "epochs": 3,
        "dataset.path": "photos/",
        "model.units": [8, 4],
        "model.l1": None,
    }


def test_a_setting_reaches_every_variant_also_one_that_replaces_the_part() -> None:
    found = configs(EXPERIMENT, {"model.dropout": 0.4, "epochs": 1})
    assert {config.model.options["dropout"] for config in found.values()} == {0.4}
    assert {config.epochs for config in found.values()} == {1}


def test_another_dataset_keeps_what_a_variant_sets_in_it() -> None:
    found = configs(EXPERIMENT, {"dataset.name": "image_folder", "dataset.path": "photos", "dataset.channels": 1})
    assert found["small"].dataset == use("image_folder", path="photos", channels=1)
    assert found["large"].dataset == use("image_folder", path="photos", channels=1, image_size=[16, 16])


def test_a_callbacks_option_is_set_in_the_variants_that_have_it() -> None:
    found = configs(EXPERIMENT, {"callbacks.early_stopping.patience": 3})
    assert found["cnn"].callbacks == (use("early_stopping", patience=3),)
    assert found["small"].callbacks == ()
    with pytest.raises(ValueError, match="holds no 'plateau'"):
        configs(EXPERIMENT, {"callbacks.plateau.patience": 3})


def test_settings_that_make_variants_equal_are_refused() -> None:
    with pytest.raises(ValueError, match="'small' and 'large' are the same Config"):
        configs(EXPERIMENT, {"dataset.image_size": [8, 8]})


def test_a_smoke_run_is_small_but_a_setting_still_wins() -> None:
    assert configs(EXPERIMENT, {}, smoke=True)["cnn"].epochs == 1
    assert configs(EXPERIMENT, {"epochs": 2}, smoke=True)["cnn"].epochs == 2


def test_an_experiment_keeps_the_threads_of_its_runs(tmp_path: Path) -> None:
    assert thread_count(tmp_path, None, 2) == 2
    assert thread_count(tmp_path, 1, 2) == 1
    (tmp_path / "experiment.json").write_text(json.dumps({"variants": [{"directory": "a-1"}]}), encoding="utf-8")
    record = tmp_path / "a-1" / "seed-1" / "run.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"threads": 3}', encoding="utf-8")
    assert thread_count(tmp_path, None, 2) == 3
    assert thread_count(tmp_path, 3, 2) == 3
    assert thread_count(tmp_path, 1, 2, fresh=True) == 1
    with pytest.raises(ValueError, match="used 3 threads, and runs with --threads 1"):
        thread_count(tmp_path, 1, 2)
    record.write_text('{"threads": 1}', encoding="utf-8")
    with pytest.raises(ValueError, match="used 1 thread, and runs with --threads 2"):
        thread_count(tmp_path, 2, 2)


def plan_of(variants: int, seeds: int, ended: int = 0, took: float | None = None) -> Plan:
    """A plan of so many runs, of which the first few had ended before, each after `took` seconds."""
    pairs = [(f"v{variant}", seed) for seed in range(1, seeds + 1) for variant in range(variants)]
    jobs = tuple(Job("asked", variant, EXPERIMENT.base, seed, 1, Path("runs")) for variant, seed in pairs)
    directories = tuple(Path(variant) / f"seed-{seed}" for variant, seed in pairs)
    before = {variant: [took] for variant, _ in pairs[:ended] if took is not None}
    return Plan(jobs, directories, {path: Outcome(path, "already") for path in directories[:ended]}, (), before)


@pytest.mark.parametrize(
    ("plan", "workers", "threads", "said"),
    [
        (plan_of(1, 1), 1, 1, "1 run (1 variant x 1 seed): about 30 s with 1 thread each"),
        (plan_of(1, 1), 4, 2, "1 run (1 variant x 1 seed): about 30 s with 2 threads each"),
        (plan_of(1, 4), 2, 1, "4 runs (1 variant x 4 seeds): about 60 s with 1 thread each in 2 processes"),
        (
            plan_of(3, 1, ended=1),
            1,
            1,
            "3 runs (3 variants x 1 seed, 1 of them ended before): about 60 s with 1 thread each",
        ),
    ],
)
def test_the_announcement_counts_as_people_do(plan: Plan, workers: int, threads: int, said: str) -> None:
    cost = Estimate(60.0, 3_000_000, {f"v{i}": 30.0 for i in range(3)})
    assert announcement(plan, cost, workers, threads) == f"{said}, about 3 MB on disk"


def test_the_announcement_trusts_what_runs_took_before_more_than_a_few_batches() -> None:
    plan = plan_of(1, 3, ended=1, took=5.0)
    assert "about 10 s with" in announcement(plan, Estimate(60.0, 3_000_000, {"v0": 30.0}), 1, 1)


@pytest.mark.parametrize(("seeds", "said"), [(1, "The run had ended"), (2, "All 2 runs had ended")])
def test_a_plan_with_nothing_to_train_says_so(seeds: int, said: str) -> None:
    assert announcement(plan_of(1, seeds, ended=seeds), None, 1, 1) == f"{said} before: nothing was trained."


def test_each_dataset_is_loaded_once_to_plan_all_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = (100, 200, 300, 400)
    experiment = Experiment(EXPERIMENT.base, {f"of_{limit}": {"dataset.limit": limit} for limit in limits})
    entry = Entry("question", "question", "", "", experiment, None, None, None)
    loaded: list[int] = []

    def build(kind: str, part: Part, *context: object) -> object:
        loaded.append(part.options["limit"])
        return registry.build(kind, part, *context)

    for cached in (job.load_dataset, job.content_of):
        cached.cache_clear()
    monkeypatch.setattr(job, "parts", SimpleNamespace(build=build, canonical=registry.canonical))
    found = configs(experiment, {})
    plan = make_plan(entry, found, [*found], range(1, 6), threads=1, runs_dir=tmp_path, data_dir=None, command="")
    assert len(plan.pending) == 20
    assert sorted(loaded) == sorted(limits)
