"""The environment is told once where all runs share it, and with the number of runs where they do not."""

from pathlib import Path

from keras_suite.reports.results.environment import environment
from tests.reports.conftest import MakeRuns


def test_what_all_runs_share_is_told_once(make_runs: MakeRuns) -> None:
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


def test_what_differs_is_told_with_the_number_of_runs(make_runs: MakeRuns) -> None:
    changes = {
        ("strong", 1): {"threads": 1, "commit": "b" * 40, "dirty": True, "versions": {"keras": "3.16.0"}},
        ("weak", 2): {"threads": 1},
    }
    told = dict(environment(make_runs(seeds=2, changes=changes).runs))
    assert told["threads"] == "1 (2 runs) and 2 (2 runs)"
    assert told["commit"] == "aaaaaaaaaa (3 runs) and bbbbbbbbbb with uncommitted changes (1 run)"
    assert "keras 3.15.0 (3 runs) and 3.16.0 (1 run)" in told["versions"]


def test_where_the_first_weights_came_from_is_told(make_runs: MakeRuns) -> None:
    source = {"source": "cifar10_pretrain, variant base, seed 1", "fingerprint": "abcdef0123456789"}
    told = dict(environment(make_runs(seeds=2, changes={("strong", 1): {"weights": source}}).runs))
    assert told["first weights"] == (
        "random (3 runs) and cifar10_pretrain, variant base, seed 1, content abcdef01 (1 run)"
    )


def test_what_is_unknown_is_left_out(make_runs: MakeRuns) -> None:
    unknown = {"data": None, "commit": None, "versions": None, "device": None, "started": None}
    assert dict(environment(make_runs(seeds=1, **unknown).runs)) == {"platform": "Linux x86_64", "threads": "2"}
    assert environment([]) == []


def test_a_note_on_the_data_is_told_once_and_without_this_machines_paths(make_runs: MakeRuns, tmp_path: Path) -> None:
    notes = [f"3 files in {tmp_path}/photos are no images", "2 images are in both training and test"]
    told = dict(environment(make_runs(seeds=2, data={"notes": notes}).runs))
    assert told["notes on the data"] == "3 files in …/photos are no images 2 images are in both training and test"
