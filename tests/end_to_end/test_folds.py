"""`run --folds K`: every image is tested once, folds are paired, and the report corrects for what they share."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.scheduling.selection import seed_count
from keras_suite.reports import run_directory
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.statistics.cross_validation import fold_interval, fold_p
from keras_suite.reports.statistics.intervals import t_interval
from keras_suite.reports.statistics.looks import FIRST_LOOK
from tests.end_to_end.typed import tiny_experiment, type_here

pytestmark = pytest.mark.slow

FOLDS = 3


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("user")
    done = type_here("run", tiny_experiment(folder), "--folds", str(FOLDS), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "runs" / "wider", done.stdout


@pytest.mark.slow
def test_every_image_is_tested_once_by_each_variant_and_the_test_set_never(validated: tuple[Path, str]) -> None:
    runs = run_directory.read_experiment(validated[0]).runs
    assert len(runs) == 2 * FOLDS
    for variant in ("narrow", "wide"):
        said = [run_directory.predictions(run) for run in runs if run.variant == variant]
        places = np.concatenate([each.places for each in said if each])
        assert len(places) == len(set(places.tolist())) == 300
        examples = [stored for run in runs if run.variant == variant and (stored := run_directory.examples(run))]
        assert set(np.concatenate([stored[0] for stored in examples])) <= set(places)
    assert {run.record["data"]["test"] for run in runs} == {100}


def test_the_numbers_are_corrected_for_what_the_folds_share(validated: tuple[Path, str]) -> None:
    numbers = experiment_numbers(run_directory.read_experiment(validated[0]))
    assert numbers.replicate == "fold" and not any("different test images" in line for line in numbers.problems)
    sides = [[run.test_score for run in variant.runs] for variant in numbers.variants]
    differences = np.subtract(sides[1], sides[0], dtype=float)
    comparison = numbers.comparison("wide")
    assert comparison.p == fold_p(differences, 200, 100)
    assert comparison.interval == fold_interval(differences, 200, 100, 1 - FIRST_LOOK * 0.05)
    plain = t_interval(differences, 1 - FIRST_LOOK * 0.05)
    assert (
        plain and comparison.interval and comparison.interval.low < plain.low and comparison.interval.high > plain.high
    )
    assert comparison.margin == pytest.approx(1 / 300)
    assert numbers.pairs[0].images is None
    assert numbers.variants[0].test_score.interval == fold_interval(np.array(sides[0], float), 200, 100)


def test_the_page_speaks_of_folds(validated: tuple[Path, str]) -> None:
    folder, printed = validated
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "6 runs (2 variants x 3 seeds)" in printed and f"{FOLDS} paired folds" in printed
    assert "Nadeau and Bengio" in page and "accuracy by fold" in page and "paired seed" not in page


def test_folds_are_run_whole() -> None:
    def config(folds: int | None) -> Config:
        return Config(dataset=use("digits", folds=folds), model=use("mlp"))

    assert seed_count({"a": config(None)}, None, 8) == 8
    assert seed_count({"a": config(5)}, None, 8) == 5
    assert seed_count({"a": config(5)}, 10, 8) == 10
    with pytest.raises(ValueError, match="--seeds 7 with 5 folds would leave some folds out: give a multiple of 5"):
        seed_count({"a": config(5)}, 7, 8)
    with pytest.raises(ValueError, match="give all of them the same"):
        seed_count({"a": config(5), "b": config(None)}, None, 8)
