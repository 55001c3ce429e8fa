"""What mattered is found where it did, and nothing is claimed where scores are noise."""

import numpy as np
import pytest

from keras_suite.reports.sweep.importance import FEWEST_TRIALS, TRAINED_EPOCHS, edges, importances
from tests.reports.sweep.conftest import SPACE, MakeSweep, drawn


def test_the_hyperparameter_that_makes_the_scores_comes_first_and_its_interval_is_above_zero(
    make_sweep: MakeSweep,
) -> None:
    result = importances(make_sweep(40))
    assert result.refused is None
    assert result.ranked[0].name == "learning_rate"
    assert result.ranked[0].low > 0
    assert {each.name for each in result.ranked} == {"learning_rate", "optimizer", "momentum", "batch_size"}
    assert all(each.low <= 0 for each in result.ranked[1:])


def test_noise_has_no_importance(make_sweep: MakeSweep) -> None:
    noise = dict(enumerate(np.random.default_rng(0).random(40).tolist()))
    result = importances(make_sweep(40, scores=noise))
    assert result.ranked == ()
    assert result.refused is not None and "chance" in result.refused


def test_a_hyperparameter_that_acts_only_where_it_is_active_is_found(make_sweep: MakeSweep) -> None:
    values = [drawn(k) for k in range(60)]
    scores = {k: 0.5 + own.get("momentum", 0.75) + 0.001 * (k % 7) for k, own in enumerate(values)}
    result = importances(make_sweep(values=values, scores=scores))
    assert result.ranked[0].name == "momentum" and result.ranked[0].low > 0


def test_an_inactive_hyperparameter_is_not_credited_with_its_condition(make_sweep: MakeSweep) -> None:
    values = [drawn(k) for k in range(60)]
    scores = {k: 0.5 + 0.4 * (own["optimizer"] == "adam") + 0.001 * (k % 7) for k, own in enumerate(values)}
    result = importances(make_sweep(values=values, scores=scores, space=SPACE[1:3])).ranked
    assert [each.name for each in result] == ["optimizer", "momentum"]
    assert result[1].mean < 0.02


def test_a_few_trials_are_too_few(make_sweep: MakeSweep) -> None:
    result = importances(make_sweep(FEWEST_TRIALS - 1))
    assert result.refused == "11 scored trials are too few to tell; 12 are needed"


def test_epochs_count_as_a_hyperparameter_of_hyperband(make_sweep: MakeSweep) -> None:
    values = [{**drawn(k), "tuner/epochs": (1, 3, 9)[k % 3]} for k in range(30)]
    scores = {k: 0.2 * (k % 3) + 0.01 * (k % 5) for k in range(30)}
    result = importances(make_sweep(tuner="hyperband", values=values, scores=scores, max_epochs=9))
    assert result.ranked[0].name == TRAINED_EPOCHS


def test_the_same_sweep_gives_the_same_numbers(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(20)
    assert importances(sweep) == importances(sweep)


def test_of_thousands_of_trials_a_part_is_used(make_sweep: MakeSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras_suite.reports.sweep.importance.MOST_TRIALS", 30)
    assert importances(make_sweep(60)).trials == 30


def test_the_best_at_one_end_suggest_a_wider_range(make_sweep: MakeSweep) -> None:
    values = [{**drawn(k), "learning_rate": 10 ** (-1 - 0.1 * k)} for k in range(15)]
    scores = {k: 1.0 - 0.05 * k for k in range(15)}
    (line,) = edges(make_sweep(values=values, scores=scores))
    assert line.startswith("The 3 best trials that have learning_rate lie at the upper end of its range (0.1)")
    assert edges(make_sweep(values=values, scores={k: -abs(k - 7) + 0.0 for k in range(15)}, tuner="grid")) == []
