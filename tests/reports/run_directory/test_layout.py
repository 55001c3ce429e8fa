"""Where run directories lie."""

from pathlib import Path

from keras_suite.reports.run_directory.layout import run_path, variant_directory


def test_a_run_lies_below_its_experiment_its_variant_with_identity_and_its_seed() -> None:
    path = run_path(Path("runs"), "question", "base", "0123456789abcdef", 3)
    assert path == Path("runs/question/base-01234567/seed-3")
    assert path.parent.name == variant_directory("base", "0123456789abcdef")
