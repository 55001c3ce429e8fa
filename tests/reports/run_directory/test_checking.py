"""Whatever is damaged in a run directory is told in one line: which file, what is wrong with it, how to mend it."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keras_suite.reports import run_directory
from keras_suite.reports.export.console import summary_text
from keras_suite.reports.results.comparability import environment
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.tasks.files.sealed_json import write_sealed
from tests.reports.conftest import MakeRuns


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "run.json",
            "[1]",
            r"is damaged: expected a JSON object, found \[1\]: restore it from a copy, or have the run trained again",
        ),
        (
            "run.json",
            "{}",
            "is damaged: it lacks experiment, variant, seed, status, identity, heartbeat, threads: restore it",
        ),
        ("run.json", '{"schema": 99}', r"was written by a newer version \(schema 99; this reads 2\): update the suite"),
        ("run.json", '{"experiment": ', r"is not readable JSON \(.*\): restore it from a copy"),
        ("config.json", "7", "is damaged: expected a JSON object, found 7"),
        ("config.json", '{"loss": "mse"}', 'is damaged: expected loss to be an object, found "mse"'),
        ("metrics.json", '{"schema": 2}', "is damaged: its checksum is missing"),
        ("config.json", "[" * 100_000, "is not readable JSON"),
        ("config.json", "NaN", r"is not readable JSON \(NaN is no JSON\)"),
        ("metrics.json", '"done"', 'is damaged: expected a JSON object, found "done"'),
        ("metrics.json", '{"test": {"accuracy": "high"}}', 'expected test.accuracy to be a number, found "high"'),
    ],
)
def test_a_damaged_file_is_named_with_what_was_expected(completed: Path, name: str, text: str, said: str) -> None:
    if name == "config.json":  # of before there were seals, which would tell that it is another file
        write_sealed(completed / "metrics.json", {})
    (completed / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said) as caught:
        run_directory.read_run(completed)
    assert str(completed / name) in str(caught.value)


def test_a_field_of_another_type_is_named_with_what_it_should_be(completed: Path) -> None:
    run_directory.update(completed, seed="one")
    with pytest.raises(ValueError, match=r'run\.json is damaged: expected seed to be a whole number, found "one"'):
        run_directory.read_run(completed)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ([], r"expected a JSON object, found \[\]"),
        ({"name": "e"}, "it lacks question, command, baseline, variants"),
        ({"name": "e", "question": "", "command": "", "baseline": "v", "variants": []}, "it names no variant"),
        ({"name": "e", "question": "", "command": "", "baseline": "v", "variants": [{}]}, "it lacks name, directory"),
    ],
)
def test_a_damaged_listing_is_named(tmp_path: Path, listing: object, said: str) -> None:
    (tmp_path / "experiment.json").write_text(json.dumps(listing), encoding="utf-8")
    with pytest.raises(
        ValueError, match=rf"experiment\.json is damaged: {said}.*: restore .* run the experiment again"
    ):
        run_directory.read_experiment(tmp_path)


ODD = ("x", -3, 1.5, [], [7], {}, {"x": 7}, None, True)


def changed(whole: Any) -> Iterator[Any]:
    """Copies of a JSON value with one thing in it replaced by something odd, or left out."""
    yield from ODD
    pairs = (
        list(whole.items()) if isinstance(whole, dict) else list(enumerate(whole)) if isinstance(whole, list) else []
    )
    for key, value in pairs:
        for other in changed(value):
            another = copy.copy(whole)
            another[key] = other
            yield another
        another = copy.copy(whole)
        del another[key]
        yield another


@pytest.mark.parametrize("name", ["run.json", "config.json", "metrics.json", "experiment.json"])
def test_a_json_file_with_anything_changed_makes_a_report_or_is_named(name: str, make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=1)
    path = runs.folder / name if name == "experiment.json" else runs.runs[-1].path / name
    whole = path.read_text(encoding="utf-8")
    for odd in changed(json.loads(whole)):
        path.write_text(json.dumps(odd), encoding="utf-8")
        try:
            experiment = run_directory.read_experiment(runs.folder)
        except ValueError as error:
            assert name == "experiment.json"
            assert str(error).startswith(str(path))
            assert "\n" not in str(error)
        else:
            environment(experiment.runs)
            assert summary_text(experiment_numbers(experiment))
            assert all("weak-01234567/seed-1" in line and "\n" not in line for line in experiment.problems)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (["margin"], "expected a JSON object"),
        ([{"name": "margin"}], "it lacks label, direction, unit, scale"),
        ([{"name": "../x", "label": "x", "direction": "max", "unit": "", "scale": 1}], "is no metric"),
        ([{"name": "x", "label": "x", "direction": "up", "unit": "", "scale": 1}], "is no metric"),
        ({"name": "x"}, "expected metrics to be a list"),
    ],
)
def test_an_own_metric_that_cannot_be_one_is_named(completed: Path, declared: Any, said: str) -> None:
    run_directory.update(completed, metrics=declared)
    with pytest.raises(ValueError, match=said) as caught:
        run_directory.read_run(completed)
    assert str(completed / "run.json") in str(caught.value)


def test_what_an_own_metric_came_to_is_a_number_or_nothing(completed: Path) -> None:
    declared = {"name": "margin", "label": "margin", "direction": "max", "unit": "", "scale": 1}
    run_directory.update(completed, metrics=[declared])
    for value in (0.5, None):
        write_sealed(completed / "metrics.json", {"test": {"margin": value}})
        assert (run_directory.read_run(completed, needs=()).metrics or {})["test"] == {"margin": value}
    write_sealed(completed / "metrics.json", {"test": {"margin": "high"}})
    with pytest.raises(ValueError, match=r'expected test\.margin to be a number, found "high"'):
        run_directory.read_run(completed, needs=())
