"""What a better score costs: who is beaten in score and cost at once is named nowhere, and the rule is Breiman's."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from keras_suite.reports.sweep.pareto import choice_in_words, front_rows, fronts, standard_error
from keras_suite.reports.sweep.reading import Sweep
from tests.reports.sweep.conftest import MakeSweep

SCORES = {0: 0.90, 1: 0.70, 2: 0.89, 3: 0.60, 4: 0.90}
PARAMETERS = {0: 5000, 1: 300, 2: 1200, 3: 800, 4: 6000}


def costing(sweep: Sweep, seconds: float = 2.0, images: int = 100) -> Sweep:
    """The sweep as if its trials' networks had these parameters."""

    def run(number: int) -> Any:
        return SimpleNamespace(
            metrics={"parameters": PARAMETERS[number], "train_seconds": seconds + 0.1 * number},
            record={"data": {"validation": images}},
            config={},
        )

    return replace(sweep, trials=tuple(replace(each, runs=(run(each.number or 0),)) for each in sweep.trials))


def test_a_trial_that_another_beats_in_both_is_not_on_the_front(make_sweep: MakeSweep) -> None:
    (by_parameters,) = fronts(costing(make_sweep(5, scores=SCORES)))
    assert [trial.number for trial in by_parameters.trials] == [1, 2, 0]
    rows = front_rows(make_sweep(5, scores=SCORES, name="again"), [by_parameters])
    assert [(row["trial"], row["parameters"], row["score"]) for row in rows] == [
        ("trial 0", "5,000", "90.00 %"),
        ("trial 2", "1,200", "89.00 %"),
        ("trial 1", "300", "70.00 %"),
    ]


def test_of_a_loss_less_is_better(make_sweep: MakeSweep) -> None:
    sweep = costing(make_sweep(5, scores=SCORES, objective="val_unpenalised_loss", base=1.0))
    assert [trial.number for trial in fronts(sweep)[0].trials] == [1, 3]


def test_the_cheapest_within_one_standard_error_of_the_best_is_as_good_a_choice(make_sweep: MakeSweep) -> None:
    sweep = costing(make_sweep(5, scores=SCORES))
    assert standard_error(sweep) == pytest.approx((0.9 * 0.1 / 100) ** 0.5)
    said = choice_in_words(sweep, fronts(sweep)[0])
    assert said.startswith("Of the trials within one standard error (3.00 points) of the best, ")
    assert "(trial 2) has the fewest parameters: 1,200 instead of 5,000, at 89.00 % validation accuracy" in said
    sure = costing(sweep, images=10_000)
    assert "no cheaper trial comes within one standard error (0.30 points)" in choice_in_words(sure, fronts(sure)[0])


def test_a_saving_that_cannot_be_seen_is_no_reason(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(5, scores=SCORES)
    runs = [SimpleNamespace(metrics={"train_seconds": 11.0 - 0.01 * k, "parameters": 1}, config={}) for k in range(5)]
    for each in runs:
        each.record = {"data": {"validation": 100}}
    runs[1].metrics["train_seconds"] = 3.0
    trials = tuple(replace(each, runs=(runs[each.number or 0],)) for each in sweep.trials)
    alike = replace(sweep, trials=trials)
    (by_time,) = fronts(alike)
    said = choice_in_words(alike, by_time)
    assert said.startswith("By training time of a run: no trial within one standard error (3.00 points) of the best, ")
    assert said.endswith("saves enough to be seen (11 s).") and "instead of" not in said


def test_of_several_seeds_the_error_of_their_mean_counts_if_it_is_larger(make_sweep: MakeSweep) -> None:
    sweep = costing(make_sweep(2, seeds=2), images=10**9)
    first, second = sweep.best()[0].seed_scores
    assert standard_error(sweep) == pytest.approx(abs(first - second) / 2)


def test_where_trials_cost_alike_there_is_nothing_to_choose(make_sweep: MakeSweep) -> None:
    assert [front.cost.key for front in fronts(costing(make_sweep(5), seconds=0.2))] == ["parameters", "seconds"]
    assert [front.cost.key for front in fronts(costing(make_sweep(5, name="slow"), seconds=9.0))] == ["parameters"]
    assert fronts(make_sweep(5, name="unknown")) == []
