"""Hyperband's brackets as they were run: promoted trials stand in their parent's, whatever KerasTuner called them."""

from typing import Any

from keras_suite.reports.sweep.rungs import bracket_of, rungs
from tests.reports.sweep.conftest import MakeSweep, drawn


def hyperband() -> list[dict[str, Any]]:
    """Two iterations of two brackets; the promoted trials carry a wrong label."""
    values = []
    for _ in range(2):
        first = len(values)
        values += [{**drawn(first + k), "tuner/epochs": 3, "tuner/bracket": 1, "tuner/round": 0} for k in range(3)]
        values += [
            {**drawn(first), "tuner/epochs": 9, "tuner/bracket": 0, "tuner/round": 1, "tuner/trial_id": f"{first:04d}"}
        ]
        values += [{**drawn(first + 4), "tuner/epochs": 9, "tuner/bracket": 0, "tuner/round": 0}]
    return values


def test_each_rung_has_its_trials_and_the_number_promoted(make_sweep: MakeSweep) -> None:
    all_rungs = rungs(make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9))
    assert [(each.bracket, each.until, len(each.trials), each.promoted) for each in all_rungs] == [
        (1, 3, 3, 1),
        (1, 9, 1, 0),
        (2, 9, 1, 0),
        (3, 3, 3, 1),
        (3, 9, 1, 0),
        (4, 9, 1, 0),
    ]


def test_a_promoted_trial_is_in_its_parents_bracket(make_sweep: MakeSweep) -> None:
    assert bracket_of(make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9))[3] == 1


def test_it_does_so_too_where_the_next_bracket_had_begun_before(make_sweep: MakeSweep) -> None:
    first, second, third, promoted, alone = hyperband()[:5]
    sweep = make_sweep(tuner="hyperband", values=[first, second, third, alone, promoted], max_epochs=9)
    assert bracket_of(sweep) == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1}


def test_other_tuners_have_none(make_sweep: MakeSweep) -> None:
    assert rungs(make_sweep(5)) == ()
