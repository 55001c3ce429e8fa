"""Float ranges in steps: whatever the range, step and oracle, their end is one of their values."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras_tuner import HyperParameters

from keras_suite.experiments.tuning.oracles import Tuner
from keras_suite.experiments.tuning.steps import Float, count_of, reaching_ends, value_at
from tests.experiments.tuning.simulated import Simulated, proposer


def thirds(hp: Any) -> dict[str, Any]:
    return {"model.dropout": hp.Float("rate", 0.1, 0.3, step=0.1)}


@given(low=st.integers(-500, 500), step=st.integers(1, 999), count=st.integers(2, 40), digits=st.integers(0, 5))
@settings(deadline=None)
def test_a_range_of_whole_steps_reaches_its_end_and_knows_its_values(
    low: int, step: int, count: int, digits: int
) -> None:
    scale = 10.0**-digits
    end = (low + (count - 1) * step) * scale
    each = Float("x", low * scale, end, step=step * scale)
    assert count_of(each) == count
    assert [each.prob_to_value(place) for place in (0.0, 1.0)] == [low * scale, end]
    values = list(each.values)
    assert values == sorted(set(values)) and max(values) <= each.max_value
    assert [each.prob_to_value(each.value_to_prob(value)) for value in values] == values


@pytest.mark.parametrize("sampling", ["log", "reverse_log"])
def test_a_logarithmic_range_reaches_both_ends(sampling: str) -> None:
    each = Float("x", 1e-4, 1e-1, step=10, sampling=sampling)
    assert {value_at(each, 0), value_at(each, 3)} == {1e-4, 1e-1}
    assert count_of(each) == 4


@pytest.mark.parametrize("tuner", ["random", "bayesian", "grid", "hyperband"])
def test_every_oracle_tries_the_end_that_rounding_would_cost(tuner: Tuner) -> None:
    trials = Simulated(proposer(tuner, asked=thirds), 1, range(99)).run(3, random.Random(0)).trials
    assert {trial.values["rate"] for trial in trials} == {0.1, 0.2, 0.3}


def test_a_sweep_of_before_keeps_the_steps_that_it_was_begun_with() -> None:
    trials = Simulated(proposer("grid", asked=thirds, rules=1), 1).run(9, random.Random(0)).trials
    assert [trial.values["rate"] for trial in trials] == [0.1, 0.2]


def test_values_and_conditions_are_kept() -> None:
    hp = HyperParameters()
    hp.Boolean("on", default=True)
    with hp.conditional_scope("on", [True]):
        hp.Float("rate", 0.1, 0.3, step=0.1)
    hp.values["rate"] = 0.2
    exact = reaching_ends(hp)
    assert exact.values == {"on": True, "rate": 0.2}
    assert [each.name for each in exact.space[1].conditions] == ["on"]
