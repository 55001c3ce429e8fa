"""Verdicts by another metric of the test images than the experiment's own, from the predictions that runs keep."""

import numpy as np
import pytest

from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import predictions
from keras_suite.tasks.classification.scores import balanced_accuracy, macro_f1
from tests.reports.conftest import MakeRuns, make_runs

__all__ = ["make_runs"]  # a fixture
ABOUT = "the verdicts are by balanced accuracy; those by accuracy, the experiment's own, are in report.html"


def test_scores_intervals_and_verdicts_are_of_the_chosen_metric(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=6)
    own = experiment_numbers(experiment)
    numbers = experiment_numbers(experiment, score="balanced_accuracy")
    for run in numbers.runs():
        assert run.source is not None and run.scores is not None
        kept = predictions(run.source)
        assert kept is not None
        assert run.test_score == pytest.approx(balanced_accuracy(kept.labels, kept.probabilities))
        assert run.scores.mean() == pytest.approx(run.test_score)
        assert run.test_metrics["accuracy"] == pytest.approx(np.mean(kept.labels == run.predicted))
    assert numbers.metric.label == "balanced accuracy" and ABOUT in numbers.problems
    pair, of_own = numbers.pairs[0].comparison, own.pairs[0].comparison
    assert pair.interval is not None and of_own.interval is not None
    assert pair.word == of_own.word and pair.looks == of_own.looks, "the same seeds are one look"
    assert pair.interval.low < pair.mean < pair.interval.high and pair.mean != of_own.mean
    images = numbers.pairs[0].images
    assert images is not None and not images.mcnemar and np.isnan(images.only_variant)


def test_a_metric_may_be_called_by_its_key_and_the_own_score_changes_nothing(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=2)
    assert experiment_numbers(experiment, score="top_5").metric.name == "top_5_accuracy"
    assert experiment_numbers(experiment, score="accuracy").problems == experiment_numbers(experiment).problems
    kept = predictions(experiment.runs[0])
    assert kept is not None
    by_f1 = experiment_numbers(experiment, score="macro_f1").runs()[0]
    assert by_f1.test_score == pytest.approx(macro_f1(kept.labels, kept.probabilities))


def test_of_an_area_whose_parts_are_unknown_the_seeds_alone_are_known(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=6), score="pr_auc")
    assert all(run.scores is None and run.test_score is not None for run in numbers.runs())
    assert any(line.startswith("what each test image adds to PR area is unknown") for line in numbers.problems)


def test_a_score_that_is_none_is_refused(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=1)
    with pytest.raises(ValueError, match=r"unknown score 'balanced'; did you mean 'balanced_accuracy'\?"):
        experiment_numbers(experiment, score="balanced")
