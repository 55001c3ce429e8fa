"""The announcement of a plan, and that it loads each dataset once."""

from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.registry import ResolvedPart
from keras_suite.experiments.scheduling.cost import Estimate
from keras_suite.experiments.scheduling.plan import Plan, announcement, make_plan
from keras_suite.experiments.scheduling.selection import configs
from keras_suite.experiments.training import identity
from keras_suite.experiments.training.job import Job, Outcome, RunOptions

EXPERIMENT = Experiment(Config(dataset=use("digits", image_size=[8, 8]), model=use("mlp"), epochs=4))


def plan_of(variants: int, seeds: int, finished: int = 0, seconds: float | None = None) -> Plan:
    """A plan of so many runs, of which the first few have finished, each after so many seconds."""
    pairs = [(f"v{variant}", seed) for seed in range(1, seeds + 1) for variant in range(variants)]
    jobs = tuple(Job("name", variant, EXPERIMENT.base, seed, RunOptions(1, Path("runs"))) for variant, seed in pairs)
    directories = tuple(Path(variant) / f"seed-{seed}" for variant, seed in pairs)
    durations = {variant: [seconds] for variant, _ in pairs[:finished] if seconds is not None}
    outcomes = {path: Outcome(path, "already") for path in directories[:finished]}
    return Plan(jobs, directories, outcomes, (), durations)


@pytest.mark.parametrize(
    ("plan", "workers", "threads", "expected"),
    [
        (plan_of(1, 1), 1, 1, "1 run (1 variant x 1 seed): about 30 s with 1 thread each"),
        (plan_of(1, 1), 4, 2, "1 run (1 variant x 1 seed): about 30 s with 2 threads each"),
        (plan_of(1, 4), 2, 1, "4 runs (1 variant x 4 seeds): about 60 s with 1 thread each in 2 processes"),
        (
            plan_of(3, 1, finished=1),
            1,
            1,
            "3 runs (3 variants x 1 seed, 1 of them already finished): about 60 s with 1 thread each",
        ),
    ],
)
def test_the_announcement_has_singulars_and_plurals(plan: Plan, workers: int, threads: int, expected: str) -> None:
    cost = Estimate(60.0, 3_000_000, {f"v{i}": 30.0 for i in range(3)})
    assert announcement(plan, cost, workers, threads) == f"{expected}, about 3 MB on disk"
    each = " each" if "processes" in expected else ""
    announced = announcement(plan, replace(cost, memory=900 * 2**20), workers, threads)
    assert announced == f"{expected}, about 3 MB on disk, about 900 MiB of memory{each}"


def test_the_announcement_prefers_durations_of_finished_runs_to_the_dry_fit() -> None:
    plan = plan_of(1, 3, finished=1, seconds=5.0)
    assert "about 10 s with" in announcement(plan, Estimate(60.0, 3_000_000, {"v0": 30.0}), 1, 1)


@pytest.mark.parametrize(("seeds", "which"), [(1, "The run"), (2, "All 2 runs")])
def test_a_plan_with_nothing_to_train_says_so(seeds: int, which: str) -> None:
    plan = plan_of(1, seeds, finished=seeds)
    assert announcement(plan, None, 1, 1) == f"{which} had already finished: nothing was trained."


def test_each_dataset_is_loaded_once_to_plan_all_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = (100, 200, 300, 400)
    experiment = Experiment(EXPERIMENT.base, {f"of_{limit}": {"dataset.limit": limit} for limit in limits})
    entry = Entry("question", "question", "", "", experiment, None, None, None)
    loaded: list[int] = []

    def build(part: ResolvedPart, *context: object) -> object:
        loaded.append(part.options["limit"])
        return built(part, *context)

    for cached in (identity.load_dataset, identity.content_of):
        cached.cache_clear()
    built = ResolvedPart.build
    monkeypatch.setattr(ResolvedPart, "build", build)
    plan = make_plan(entry, configs(experiment, {}), list(experiment.variants), range(1, 6), RunOptions(1, tmp_path))
    assert len(plan.pending) == 20
    assert sorted(loaded) == sorted(limits)
