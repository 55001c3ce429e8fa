"""Labels are judged by networks that did not train on the images, those of the same data together."""

import numpy as np

from keras_suite.reports.results.run_numbers import run_numbers
from keras_suite.reports.results.suspects import Suspects, suspects
from keras_suite.reports.run_directory import ExperimentRuns, write_predictions
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import IMAGES, NAMES, RIGHT, WRONG, answers, data, given, keep_fold, keep_halves


def found(runs: ExperimentRuns, part: str = "train") -> list[Suspects]:
    every, problems = suspects([run_numbers(run)[0] for run in runs.runs])
    assert problems == []
    return [each for each in every if each.part == part]


def mostly(judged: Suspects, wrong: set[int]) -> bool:
    """Whether all that is listed is wrong, and most that is wrong is listed: the least sure answers prove nothing."""
    places = {suspect.place for suspect in judged.listed}
    return places <= wrong and len(places) > 0.6 * len(wrong)


def test_wrong_labels_are_listed_with_what_the_runs_say_of_them(make_runs: MakeRuns) -> None:
    (judged,) = found(keep_halves(make_runs({"only": {}}, seeds=3, data=data())))
    seen = {int(place) for seed in (1, 2, 3) for place in np.random.default_rng(seed).permutation(IMAGES)[:200]}
    assert (judged.judged, judged.total, judged.runs) == (len(seen), IMAGES, 3)
    assert mostly(judged, {*WRONG.tolist()} & seen)
    first = judged.listed[0]
    assert first.name == f"={first.given}/{first.place}.png" and first.pixels is not None
    assert first.given == NAMES[given()[first.place]] and first.suggested == NAMES[RIGHT[first.place]]
    assert first.pixels[0, 0, 0] == first.place % 256 and judged.are_files
    interval = judged.errors.interval
    assert interval is not None and interval.low < len(seen & {*WRONG.tolist()}) < interval.high


def test_folds_judge_every_image_also_of_runs_from_before_there_was_validation_npz(make_runs: MakeRuns) -> None:
    of_fold = data(folds=4, train=270, validation=30, test=100)
    runs = make_runs({"only": {}}, seeds=4, data=of_fold)
    for run in runs.runs:
        keep_fold(run, 4)
    (judged,) = found(runs)
    assert judged.judged == IMAGES and mostly(judged, {*WRONG.tolist()})
    assert judged.listed[0].name is None and judged.listed[0].pixels is not None and not judged.are_files
    assert found(runs, "test") == []


def test_labels_made_wrong_on_purpose_are_counted(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=1, data=data())
    places = np.sort(np.random.default_rng(1).permutation(IMAGES)[:200])
    purpose = np.isin(places, WRONG)
    (judged,) = found(keep_halves(runs, only={"made_wrong": purpose}))
    assert judged.planted == (len(judged.listed), purpose.sum()) and judged.listed
    assert all(suspect.on_purpose for suspect in judged.listed)


def test_test_labels_are_judged_apart_by_all_runs(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=3, data=data())
    for run in runs.runs:
        write_predictions(run.path, given(), answers(np.arange(IMAGES), run.seed))
    (judged,) = found(runs, "test")
    assert mostly(judged, {*WRONG.tolist()}) and judged.listed[0].runs == 3
    assert found(runs) == []
