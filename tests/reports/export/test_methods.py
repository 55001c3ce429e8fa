"""The methods paragraph says what was done: numbers of runs, tests, corrections, margin, failures, versions."""

from dataclasses import replace

from keras_suite.reports.export.methods import REFERENCES, methods
from keras_suite.reports.results.comparability import environment
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}


def test_it_names_runs_test_margin_and_versions(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=6)
    text = methods(experiment_numbers(runs), dict(environment(runs.runs)))
    assert text.startswith("2 variants were trained on ") and "each with 6 seeds." in text
    assert "sign-flip permutation test [@fisher1935] over all sign patterns and by a test of seeds and test" in text
    assert "comparisons" not in text, "one comparison needs no correction"
    assert "shared by a look at 6 seeds (an error-spending function [@lan1983]" in text
    assert "difference below 0.28 points" in text and "Software and machine: " in text
    assert "failed" not in text and "smallest adjusted p" not in text


def test_it_names_failures_corrections_and_earlier_looks(make_runs: MakeRuns) -> None:
    runs = make_runs({"a": {}, "b": {}, "c": {}}, seeds=10, changes={("c", 9): FAILED})
    experiment_numbers(replace(runs, runs=tuple(run for run in runs.runs if run.seed <= 8)))
    text = methods(experiment_numbers(runs), {})
    assert "each with 9 to 10 seeds." in text
    assert "2 comparisons (correction by Holm [@holm1979]) and looks at 8 and 10 seeds" in text
    assert "the smallest adjusted p [@liu2008] and what all intervals left over [@jennison1989] count." in text
    assert "1 run failed and counted as worse than any other [@lachin1999]." in text


def test_references_are_whole() -> None:
    for key, entry in REFERENCES.items():
        assert entry.partition("{")[2].startswith(f"{key},\n") and entry.count("{") == entry.count("}")
        assert {"author", "title", "year"} <= {line.split(" = ")[0].strip() for line in entry.splitlines()}
