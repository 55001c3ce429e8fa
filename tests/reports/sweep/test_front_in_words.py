"""A sweep of two objectives: the front as settings, the trial to take with its reason, and the page that says so."""

import math

import pytest

from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.sweep.confirmation import Confirmation
from keras_suite.reports.sweep.front_in_words import cheapest_confirmed, front_answer, two_rows
from keras_suite.reports.sweep.journal import rows
from keras_suite.reports.sweep.optimism import Confirmed
from keras_suite.reports.sweep.page import write_sweep_report
from keras_suite.reports.sweep.pareto import front_of_two, fronts, in_order_of_choice
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.recommended import recommended_settings
from tests.reports.sweep.conftest import MakeSweep

SCORES = {0: 0.90, 1: 0.70, 2: 0.89, 3: 0.60, 4: 0.90}
COSTS = {None: 900.0, 0: 5000.0, 1: 300.0, 2: 1200.0, 3: 800.0, 4: 6000.0}


def two(make: MakeSweep, **more: object) -> Sweep:
    """A sweep of accuracy and parameters: the front is trials 1, 2 and 0."""
    return make(5, scores=SCORES, costs=COSTS, cost="parameters", **more)


def test_the_answer_is_the_front_as_settings_and_the_base_beside_it(make_sweep: MakeSweep) -> None:
    sweep = two(make_sweep)
    said = front_answer(sweep, None)
    assert said.startswith(
        "Of 5 scored trials there are 3 that no other beats in both validation accuracy and parameters: learning_rate "
    )
    assert "(trial 1): 70.00 % at 300 parameters; " in said and "(trial 0): 90.00 % at 5,000 parameters." in said
    assert "The unchanged base has 80.00 % at 900 parameters, which none of them beats in both." in said
    assert "only fresh seeds can say" in said
    assert front_answer(make_sweep(5, name="one"), None) == ""


def test_without_a_standard_error_no_cheaper_trial_is_chosen_and_that_is_said(make_sweep: MakeSweep) -> None:
    sweep = two(make_sweep)
    assert "one seed of validation accuracy has no standard error; with --seeds 3 it has" in front_answer(sweep, None)
    assert in_order_of_choice(sweep) == [0, 2, 1]
    choice = recommended_settings(sweep, None)
    assert choice is not None and choice.variant == "trial 0" and "no standard error is known" in choice.why


def test_the_cheapest_within_the_scatter_of_seeds_is_the_one_to_take(make_sweep: MakeSweep) -> None:
    values = [{"learning_rate": rate, "optimizer": "adam", "batch_size": 16} for rate in (0.01, 0.012, 0.1)]
    costs = {0: 5000.0, 1: 300.0, 2: 200.0}
    sweep = make_sweep(3, values=values, seeds=3, costs=costs, cost="parameters")
    assert in_order_of_choice(sweep)[0] == 1
    front = front_of_two(sweep)
    assert front is not None
    taken = [row for row in two_rows(sweep, front) if row["chosen"]]
    assert [row["trial"] for row in taken] == ["trial 1"] and taken[0]["raw"]["cost"] == 300
    assert all(row["raw"]["error"] > 0 for row in two_rows(sweep, front)[:-1])
    choice = recommended_settings(sweep, None)
    assert choice is not None and choice.variant == "trial 1"
    assert "of the best many flatters" not in choice.why


def confirmed(variant: str, scores: list[float]) -> Confirmed:
    return Confirmed(variant, 0.9, 1, dict(enumerate(scores)))


def test_fresh_seeds_choose_the_cheapest_that_they_do_not_show_to_be_worse(make_sweep: MakeSweep) -> None:
    sweep = two(make_sweep)
    wave = [0.002 * math.sin(k) for k in range(8)]
    best, close, bad = (
        confirmed("trial-0000", [0.90] * 8),
        confirmed("trial-0002", [0.90 - 0.001 + each for each in wave]),
        confirmed("trial-0001", [0.70 + each for each in wave]),
    )
    found = cheapest_confirmed(sweep, Confirmation(None, "", (best, close, bad)))  # type: ignore[arg-type]
    assert found is not None and (found[0], found[1]) == (close, best)
    assert isinstance(found[2], Interval) and found[2].low <= 0 < found[2].high
    found = cheapest_confirmed(sweep, Confirmation(None, "", (best, bad)))  # type: ignore[arg-type]
    assert found is not None and found[0] is best


def test_the_page_begins_with_the_front_and_its_rule(make_sweep: MakeSweep) -> None:
    report = write_sweep_report(two(make_sweep))
    page = report.html.read_text(encoding="utf-8")
    assert "Of 5 scored trials there are 3 that no other beats in both" in report.answer
    assert "Of 5 scored trials there are 3 that no other beats in both" in page
    assert page.index('id="front"') < page.index('id="progress"')
    assert "The front of validation accuracy and parameters" in page and "trial 1" in page
    assert (report.html.parent / "figures" / "by-parameters.svg").exists()


def test_the_table_has_both_numbers_and_a_sweep_of_one_has_the_columns_of_before(make_sweep: MakeSweep) -> None:
    table = rows(two(make_sweep).events)
    assert list(table[0])[8:10] == ["parameters", "mean_parameters"]
    assert [row["mean_parameters"] for row in table] == [900.0, 5000.0, 300.0, 1200.0, 800.0, 6000.0]
    assert "parameters" not in rows(make_sweep(2, name="one").events)[0]


def test_trials_that_cost_alike_have_a_front_where_the_cost_was_asked_for(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, costs=dict.fromkeys((None, 0, 1, 2), 7.0), cost="latency")
    (front,) = fronts(sweep)
    assert [trial.number for trial in front.trials] == [sweep.best()[0].number]


def test_a_cost_that_is_not_known_is_a_damaged_journal(make_sweep: MakeSweep) -> None:
    with pytest.raises(ValueError, match="names an unknown cost, carbon"):
        make_sweep(2, cost="carbon")
