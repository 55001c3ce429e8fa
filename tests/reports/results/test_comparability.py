"""Runs that were not made alike are told apart in one line each; runs that were, in none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.results.comparability import environment, unlike, unlike_tests
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.statistics.cross_validation import Fold
from tests.reports.conftest import MakeRuns

TOLD = "; the differences below may be due to that"


def test_runs_made_alike_have_no_warning(make_runs: MakeRuns) -> None:
    assert unlike(make_runs(seeds=2).runs) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"commit": "b" * 40}, "the runs come from different commits: aaaaaaaaaa (3 runs) and bbbbbbbbbb (1 run)"),
        ({"commit": None}, "the runs come from different commits: aaaaaaaaaa (3 runs) and unknown (1 run)"),
        ({"threads": 1}, "the runs come from different numbers of threads: 2 (3 runs) and 1 (1 run)"),
        ({"device": "GPU"}, "the runs come from different devices: CPU (3 runs) and GPU (1 run)"),
        ({"platform": "macOS arm64"}, "different platforms: Linux x86_64 (3 runs) and macOS arm64 (1 run)"),
        ({"data": {"fingerprint": "e" * 64}}, "different data: ffffffffff (3 runs) and eeeeeeeeee (1 run)"),
        ({"versions": {"keras": "3.16.0"}}, "different versions of keras: 3.15.0 (3 runs) and 3.16.0 (1 run)"),
    ],
)
def test_differences_are_reported_with_the_number_of_runs(
    changes: dict[str, Any], line: str, make_runs: MakeRuns
) -> None:
    experiment = make_runs(seeds=2, changes={("weak", 2): changes})
    assert any(each.endswith(line + TOLD) for each in unlike(experiment.runs))
    assert any(each.endswith(line + TOLD) for each in experiment_numbers(experiment).problems)


def test_incomplete_runs_cause_no_warning(make_runs: MakeRuns) -> None:
    failed = {"status": "failed", "commit": "b" * 40, "error": {"type": "MemoryError", "message": "out of memory"}}
    assert unlike(make_runs(seeds=2, changes={("weak", 2): failed}).runs) == []


def test_uncommitted_changes_are_counted(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2, changes={("weak", 1): {"dirty": True}}).runs
    assert unlike(runs) == ["1 of 4 runs had uncommitted changes: their commit does not reproduce them"]


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ({"name": "cross_entropy", "options": {}}, None),
        ({"name": "cross_entropy", "options": {"label_smoothing": 0.0}}, None),
        ({"name": "cross_entropy", "options": {"label_smoothing": 0.1}}, "cross_entropy with label_smoothing 0.1"),
        ({"name": "hinge", "options": {}}, "hinge"),
        ({"name": "kl", "options": {"label_smoothing": 0.2}}, "kl with label_smoothing 0.2"),
    ],
)
def test_losses_of_other_names_or_label_smoothing_are_not_to_be_compared(
    loss: dict[str, Any], told: str | None, make_runs: MakeRuns
) -> None:
    said = unlike(make_runs(configs={"weak": {"loss": loss}}, seeds=2).runs)
    different = (
        f"the variants train with different losses (cross_entropy and {told}): compare their test scores, not these"
    )
    assert said == ([different] if told else [])


def test_both_smoothings_are_named_where_both_variants_smooth(make_runs: MakeRuns) -> None:
    configs = {
        name: {"loss": {"name": "cross_entropy", "options": {"label_smoothing": smoothing}}}
        for name, smoothing in (("strong", 0.1), ("weak", 0.2))
    }
    experiment = make_runs(configs=configs, seeds=2)
    [said] = unlike(experiment.runs)
    assert not experiment_numbers(experiment).one_loss()
    assert "(cross_entropy with label_smoothing 0.1 and cross_entropy with label_smoothing 0.2)" in said


def scored(labels: list[int], seed: int = 1, places: list[int] | None = None, folds: int | None = None) -> RunNumbers:
    said, where = np.array(labels), places or list(range(len(labels)))
    return RunNumbers(
        "only",
        seed,
        "completed",
        None,
        labels=said,
        predicted=said,
        confidence=np.ones(len(said)),
        places=np.array(where),
        test_set=f"{labels} at {where}",
        fold=Fold(folds, 2, 1) if folds else None,
    )


def test_different_test_images_are_reported() -> None:
    run = scored([0, 1, 2])
    assert unlike_tests([]) == unlike_tests([run]) == unlike_tests([run, scored([0, 1, 2], seed=2)]) == []
    assert "different test images" in unlike_tests([run, scored([2, 1, 0])])[0]
    assert "different test images" in unlike_tests([run, scored([0, 1])])[0]


def test_folds_have_their_own_test_images_but_equal_ones_of_a_seed() -> None:
    first, second = scored([0, 1], 1, [4, 7], folds=2), scored([1, 1], 2, [5, 6], folds=2)
    assert unlike_tests([first, second, scored([0, 1], 1, [4, 7], folds=2)]) == []
    for other in (scored([0, 1], 1, [5, 6], folds=2), scored([0, 1], 3, [4, 7], folds=3), scored([0, 1])):
        assert "different test images" in unlike_tests([first, second, other])[0]


def test_what_all_runs_share_is_listed_once(make_runs: MakeRuns) -> None:
    assert environment(make_runs(seeds=2).runs) == [
        ("data", "digits, 8 × 8 × 1 pixels, content ffffffff"),
        ("images", "200 to train, 150 to validate and 360 to test"),
        ("device", "CPU"),
        ("platform", "Linux x86_64"),
        ("threads", "2"),
        ("commit", "aaaaaaaaaa"),
        ("versions", "keras 3.15.0, numpy 2.4.6, python 3.11.7, suite 0.1.0, tensorflow 2.21.0"),
        ("first run started", "2026-01-02 03:04:01 UTC"),
    ]


def test_the_largest_peak_stands_beside_what_was_expected_of_that_run(make_runs: MakeRuns) -> None:
    assert "peak memory" not in dict(environment(make_runs(seeds=2, name="before").runs))
    mebibytes = {("strong", 1): (700, 650), ("weak", 2): (900, 850)}
    changes = {
        which: {"peak_memory_bytes": peak * 2**20, "expected_memory_bytes": expected * 2**20}
        for which, (peak, expected) in mebibytes.items()
    }
    said = dict(environment(make_runs(seeds=2, changes=changes).runs))
    assert said["peak memory"] == "900 MiB at most; 850 MiB had been expected"


def test_what_differs_is_listed_with_the_number_of_runs(make_runs: MakeRuns) -> None:
    changes = {
        ("strong", 1): {"threads": 1, "commit": "b" * 40, "dirty": True, "versions": {"keras": "3.16.0"}},
        ("weak", 2): {"threads": 1},
    }
    told = dict(environment(make_runs(seeds=2, changes=changes).runs))
    assert told["threads"] == "1 (2 runs) and 2 (2 runs)"
    assert told["commit"] == "aaaaaaaaaa (3 runs) and bbbbbbbbbb with uncommitted changes (1 run)"
    assert "keras 3.15.0 (3 runs) and 3.16.0 (1 run)" in told["versions"]


def test_the_source_of_initial_weights_is_listed(make_runs: MakeRuns) -> None:
    source = {"source": "cifar10_pretrain, variant base, seed 1", "fingerprint": "abcdef0123456789"}
    told = dict(environment(make_runs(seeds=2, changes={("strong", 1): {"weights": source}}).runs))
    assert told["first weights"] == (
        "random (3 runs) and cifar10_pretrain, variant base, seed 1, content abcdef01 (1 run)"
    )


def test_what_is_unknown_is_left_out(make_runs: MakeRuns) -> None:
    unknown = {"data": None, "commit": None, "versions": None, "device": None, "started": None}
    assert dict(environment(make_runs(seeds=1, **unknown).runs)) == {"platform": "Linux x86_64", "threads": "2"}
    assert environment([]) == []


def test_a_note_on_the_data_is_listed_once_and_without_paths(make_runs: MakeRuns, tmp_path: Path) -> None:
    notes = [f"3 files in {tmp_path}/photos are no images", "2 images are in both training and test"]
    told = dict(environment(make_runs(seeds=2, data={"notes": notes}).runs))
    assert told["notes on the data"] == "3 files in …/photos are no images 2 images are in both training and test"


def test_what_is_known_of_runs_that_other_code_trained_is_listed_as_that(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=1, trained="elsewhere", threads=None, commit=None, data={"test": 360})
    lines = dict(environment(experiment.runs))
    assert lines["trained"].startswith("by other code, which recorded its runs")
    assert lines["images"] == "360 to test" and not {"threads", "commit"} & lines.keys()
    assert "trained" not in dict(environment(make_runs(seeds=1, name="own").runs))


def test_networks_of_one_variant_are_to_be_alike_and_those_of_several_need_not(make_runs: MakeRuns) -> None:
    alike = {(variant, seed): {"network": variant} for variant in ("strong", "weak") for seed in (1, 2)}
    assert unlike(make_runs(seeds=2, changes=alike).runs) == []
    changed = alike | {("weak", 2): {"network": "another"}}
    (line,) = unlike(make_runs(seeds=2, changes=changed, name="changed").runs)
    assert line == "the runs of 'weak' have 2 different networks: they are no seeds of one variant"
