"""Answers are added up over the runs that did not train on an image, those of the same data together."""

from dataclasses import replace

import numpy as np
import pytest

from keras_suite.reports.results.label_evidence import PICTURES, Evidence, Seen, gathered
from keras_suite.reports.results.run_numbers import run_numbers
from keras_suite.reports.run_directory import ExperimentRuns
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import IMAGES, WRONG, answers, data, keep_halves


def found(runs: ExperimentRuns) -> list[Evidence]:
    every, problems = gathered([run_numbers(run)[0] for run in runs.runs])
    assert problems == []
    return [each for each in every if each.part == "train"]


def test_an_image_is_judged_by_the_mean_of_the_runs_that_saw_it(make_runs: MakeRuns) -> None:
    (evidence,) = found(keep_halves(make_runs({"only": {}}, seeds=2, data=data())))
    halves = [np.sort(np.random.default_rng(seed).permutation(IMAGES)[:200]) for seed in (1, 2)]
    seen, counts = evidence.means()
    assert np.array_equal(seen.places, np.union1d(*halves))
    both = np.isin(seen.places, np.intersect1d(*halves))
    assert (counts == np.where(both, 2, 1)).all()
    place = int(seen.places[both][0])
    said = [answers(half, seed)[half == place][0] for seed, half in enumerate(halves, 1)]
    assert seen.probabilities[seen.places == place][0] == pytest.approx(np.mean(said, axis=0))


def test_runs_on_other_data_or_with_other_labels_are_not_mixed(make_runs: MakeRuns) -> None:
    other = {("elsewhere", 1): {"data": data(fingerprint="b" * 64)}}
    runs = make_runs({"noisy": {}, "right": {}, "elsewhere": {}}, seeds=1, data=data(), changes=other)
    evidence = found(keep_halves(runs, right={"noisy": False}))
    assert sorted(each.variants for each in evidence) == [["elsewhere"], ["noisy"], ["right"]]
    assert {each.variants[0]: {*WRONG.tolist()} >= {*each.names} != set() for each in evidence}["noisy"]


def test_variants_that_are_wrong_much_more_often_are_not_asked(make_runs: MakeRuns) -> None:
    scores = {"good": 0.9, "also_good": 0.89, "bad": 0.8}
    runs = keep_halves(make_runs({name: {} for name in scores}, seeds=2, data=data()))
    rows = [run_numbers(run)[0] for run in runs.runs]
    every, _ = gathered([replace(row, validation_score=scores[row.variant]) for row in rows])
    evidence = next(each for each in every if each.part == "train")
    assert (evidence.variants, evidence.others, evidence.runs) == (["good", "also_good"], ["bad"], 4)


def test_networks_that_contradict_most_labels_are_not_asked(make_runs: MakeRuns) -> None:
    """As of runs whose rate was far too large: at chance, they would call nearly every label wrong."""
    runs = keep_halves(make_runs({"lost": {}}, seeds=2, data=data()))
    rows = [run_numbers(run)[0] for run in runs.runs]
    assert gathered([replace(row, validation_score=0.1) for row in rows]) == ([], [])
    assert gathered([replace(row, validation_score=0.6) for row in rows])[0]


def test_a_damaged_file_is_named_and_the_others_judge(make_runs: MakeRuns) -> None:
    runs = keep_halves(make_runs({"only": {}}, seeds=2, data=data()))
    (runs.runs[0].path / "validation.npz").write_bytes(b"no archive")
    every, problems = gathered([run_numbers(run)[0] for run in runs.runs])
    assert "labels are judged without only/seed-1" in problems[0] and "validation.npz is damaged" in problems[0]
    assert [each.runs for each in every if each.part == "train"] == [1]


def test_many_pictures_are_thinned_to_those_of_the_surest_contradictions() -> None:
    evidence, images = Evidence("train", ("a", "b")), np.zeros((100, 1, 1, 1), np.uint8)
    for first in range(0, 1000, 100):
        places = np.arange(first, first + 100)
        sure = 0.5 + places / 2001
        seen = Seen(places, np.zeros(100, np.int64), np.stack([1 - sure, sure], axis=1))
        evidence.add_pictures(zip(places.tolist(), images, strict=True), [seen])
    assert PICTURES <= len(evidence.pictures) <= 2 * PICTURES and 999 in evidence.pictures


def test_runs_that_know_fewer_classes_are_padded() -> None:
    evidence = Evidence("train", ("a", "b", "c"))
    evidence.add(Seen(np.array([1]), np.array([0]), np.array([[0.5, 0.5]])))
    evidence.add(Seen(np.array([0, 1]), np.array([2, 0]), np.array([[0, 0, 1], [0.5, 0.25, 0.25]])))
    seen, counts = evidence.means()
    assert seen.probabilities.tolist() == [[0, 0, 1], [0.5, 0.375, 0.125]] and counts.tolist() == [1, 2]
