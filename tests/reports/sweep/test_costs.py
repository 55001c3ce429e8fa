"""Who is beaten in score and cost at once, and what costs are called."""

import pytest

from keras_suite.reports.sweep.costs import BY_KEY, LATENCY, PARAMETERS, unbeaten


def test_none_that_is_left_is_beaten_and_all_others_are() -> None:
    goodness = {0: 0.9, 1: 0.7, 2: 0.9, 3: 0.95, 4: 0.6}
    costs = {0: 5.0, 1: 1.0, 2: 4.0, 3: 9.0, 4: 2.0}
    assert unbeaten(goodness, costs) == [1, 2, 3]
    for trial in goodness.keys() - {1, 2, 3}:
        assert any(goodness[k] >= goodness[trial] and costs[k] <= costs[trial] for k in (1, 2, 3))


def test_of_equal_ones_the_first_stands_for_all() -> None:
    assert unbeaten({3: 0.5, 1: 0.5, 2: 0.4}, {3: 2.0, 1: 2.0, 2: 2.0}) == [1]
    assert unbeaten({}, {}) == []


@pytest.mark.parametrize("key", list(BY_KEY))
def test_a_cost_is_named_by_its_key_and_said_with_its_unit(key: str) -> None:
    assert BY_KEY[key].key == key and "," not in BY_KEY[key].name
    assert PARAMETERS.in_words(1210) == "1,210 parameters"
    assert LATENCY.in_words(0.07416) == "0.0742 ms"
