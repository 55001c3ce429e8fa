"""Runs of a tracker as a table: what names variant and seed, and what cannot be compared."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.elsewhere.scored_runs import Chosen, FoundRun, scored_table
from keras_suite.reports.elsewhere.told import Told


def found(optimizer: str = "adam", seed: Any = 1, accuracy: float = 0.9, **settings: str) -> FoundRun:
    of = {"optimizer": optimizer, "seed": str(seed), **settings}
    return FoundRun(f"{optimizer}-{seed}", of, {"test_accuracy": accuracy}, {"note": "a tag"})


def four() -> list[FoundRun]:
    return [found(name, seed, (80 + seed) / 100) for name in ("sgd", "adam") for seed in (2, 1)]


def test_variants_are_what_differs_and_the_score_is_the_only_metric() -> None:
    table, told = scored_table("mine", four(), Chosen(), Told())
    assert table.variants == ("optimizer=sgd", "optimizer=adam")
    assert [(str(run.key), run.score) for run in table.runs[:2]] == [
        ("'optimizer=sgd', seed 1", 0.81),
        ("'optimizer=sgd', seed 2", 0.82),
    ]
    assert (told.metric, told.unit, told.measured_on) == ("accuracy", "share", "test")


def test_a_setting_that_is_named_is_the_variant_and_a_tag_may_be() -> None:
    table, _ = scored_table("mine", four(), Chosen(("optimizer",)), Told())
    assert table.variants == ("sgd", "adam")
    table, _ = scored_table("mine", four(), Chosen(("optimizer", "note")), Told())
    assert table.variants[0] == "optimizer=sgd, note=a tag"


@pytest.mark.parametrize(
    ("metric", "measured_on", "name"),
    [("val_accuracy", "validation", "accuracy"), ("train_loss", "training", "loss"), ("psnr", "test", "psnr")],
)
def test_a_metrics_name_says_what_it_was_measured_on(metric: str, measured_on: str, name: str) -> None:
    runs = [FoundRun("a run", run.settings, {metric: 0.5}) for run in four()]
    _, told = scored_table("mine", runs, Chosen(), Told(direction="max"))
    assert (told.measured_on, told.metric) == (measured_on, name)
    assert told.described(False, False, [np.array([0.5])]).score_label == f"{measured_on} {name}"


Runs = list[FoundRun]


@pytest.mark.parametrize(
    ("change", "chosen", "said"),
    [
        (
            lambda runs: [*runs, found("adam", 2)],
            Chosen(),
            "the runs adam-2 and adam-2 are both 'optimizer=adam', seed 2",
        ),
        (
            lambda runs: runs[:3],
            Chosen(),
            "not paired, for 'optimizer=adam' lacks seed 1: .* what differs in 'optimizer'",
        ),
        (lambda runs: runs[:2], Chosen(), "the runs differ in nothing but seed"),
        (lambda runs: runs[:2], Chosen(("optimizer",)), "has the variant 'sgd' alone"),
        (lambda runs: runs, Chosen(("optimiser",)), r"unknown setting 'optimiser'.*optimizer"),
        (lambda runs: runs, Chosen(seed="epochs"), "run sgd-2 has no epochs"),
        (
            lambda runs: runs,
            Chosen(seed="optimizer"),
            "optimizer of run sgd-2 is .*sgd.*, and expected is a whole number",
        ),
        (lambda runs: runs, Chosen(metric="f1"), r"run sgd-2 has no metric f1 \(it has 'test_accuracy'\)"),
        (lambda runs: [*runs[:3], found("adam", 1, float("nan"))], Chosen(), "is nan, and expected is a finite number"),
        (lambda runs: [*runs, FoundRun("odd", {"x": "1"}, {})], Chosen(), "not every run has a seed"),
        (lambda runs: [*runs, FoundRun("odd", {"seed": "1"}, {})], Chosen(), "no metric is common to all runs"),
        (
            lambda runs: [found("x" * 200, seed) for seed in (1, 2)] + runs,
            Chosen(),
            "expected is a name of at most 100",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(change: Callable[[Runs], Runs], chosen: Chosen, said: str) -> None:
    with pytest.raises(ValueError, match=f"mine.*{said}") as refusal:
        scored_table("mine", change(four()), chosen, Told())
    assert "\n" not in str(refusal.value)


def test_a_score_outside_its_unit_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("test_accuracy of run sgd-1 is 810, and --unit says")):
        runs = [
            FoundRun(run.name, run.settings, {"test_accuracy": 1000 * run.metrics["test_accuracy"]}) for run in four()
        ]
        scored_table("mine", [*four()[:1], *runs[1:]], Chosen(), Told(unit="share"))


def test_of_a_loss_the_direction_must_be_said() -> None:
    runs = [FoundRun("a run", run.settings, {"val_loss": 0.5}) for run in four()]
    with pytest.raises(ValueError, match="smaller values seem to be better: say so with --direction min"):
        scored_table("mine", runs, Chosen(), Told())
    scored_table("mine", runs, Chosen(), Told(direction="max"))
