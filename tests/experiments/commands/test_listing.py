"""What `list` says of each experiment."""

import subprocess
import sys
from pathlib import Path

import pytest

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.listing import about, data, minutes
from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.foreign_code import ForeignCodeError
from tests.end_to_end.typed import type_here


def test_each_experiment_is_listed_with_its_question_data_runs_and_minutes() -> None:
    question, where, runs, took = about("receptive_field")
    assert question == catalog.load("receptive_field").question
    assert (where, runs, took) == ("cifar10, 4,000", "48", "28")


def test_a_file_that_cannot_be_loaded_is_named_and_the_others_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = catalog.load_any

    def one_is_broken(name: str) -> catalog.Entry | catalog.StudyEntry:
        if name == "losses":
            raise ForeignCodeError("losses.py line 3: loading it failed: SystemExit: 0")
        return load(name)

    monkeypatch.setattr(catalog, "load_any", one_is_broken)
    done = type_here("list", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "error: losses.py line 3: loading it failed: SystemExit: 0\n"
    assert "digits_demo" in done.stdout


def test_every_experiment_of_the_catalog_is_listed_with_what_was_measured() -> None:
    for name in catalog.names():
        question, *_, took = about(name)
        assert question.endswith("?")
        assert took, f"{name}: its docstring says no minutes of a measurement"


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Q?\n\nMeasured on MNIST (8 seeds, 30 runs\nin 22 minutes on 2 busy cores): better.", "22"),
        ("Q?\n\nMeasured (7 minutes on 2 cores that were busy).", "7"),
        ("Q?\n\nMeasured (37 minutes with 1 thread on 2 cores that were busy with other work).", "37"),
        ("Q?\n\nMeasured (8 seeds; 1 minute on 2 cores): better.", "1"),
        ("Q?\n\nMeasured (24 runs in 8 minutes on one of 2 busy cores): better.", "8"),
        ("Q?\n\nMeasured (made data, 7 s on one of 2 cores): better.", "< 1"),
        ("Q?\n\nMeasured (400 scenes, 18 s of one busy core): better.", "< 1"),
        ("Trains for 5 minutes on 2 cores?", ""),
        ("Q?\n\nMeasured: 84 % in 13 minutes of a GPU.", ""),
    ],
)
def test_minutes_are_those_of_the_measurement(docstring: str, expected: str) -> None:
    assert minutes(docstring) == expected


def test_data_are_named_with_the_most_images_that_a_variant_sees() -> None:
    base = Config(dataset=use("mnist", limit=100), model=use("mlp"))
    assert data(Experiment(base)) == "mnist, 100"
    assert data(Experiment(base, {"few": {}, "many": {"dataset.limit": 2000}})) == "mnist, up to 2,000"
    assert data(Experiment(base, {"some": {}, "all": {"dataset.limit": None}})) == "mnist"
    assert data(Experiment(Config(dataset=use("digit_scenes", scenes=2000), model=use("mlp")))) == "digit_scenes, 2,000"
    both = Experiment(base, {"mnist": {}, "cifar": {"dataset": use("cifar10", limit=100)}})
    assert data(both) == "mnist and cifar10, 100"


def test_list_answers_at_once(tmp_path: Path) -> None:
    """It imports nothing that it does not need: no dataset, no numbers of reports, and not what converts arguments."""
    slow = ("pydantic", "keras_suite.data_pipeline.datasets.options", "keras_suite.reports.results.experiment_numbers")
    code = (
        "import sys\nfrom keras_suite.experiments.cli import app\n"
        "code = app(['list'], standalone_mode=False)\n"
        f"print(code, [name for name in {slow} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "0 []"
