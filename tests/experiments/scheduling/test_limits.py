"""Too many runs are refused by arithmetic, with the number that is possible."""

import pytest

from keras_suite.experiments.scheduling.limits import check_run_count, check_trial_count


def test_twenty_thousand_runs_are_possible_and_one_more_is_not() -> None:
    check_run_count(1, 20_000)
    check_run_count(20_000, 1)
    with pytest.raises(ValueError, match=r"3 variants x 6,667 seeds are 20,001 runs, .* give at most --seeds 6666"):
        check_run_count(3, 6_667)


def test_trials_and_their_seeds_are_counted_together() -> None:
    check_trial_count(99_999, 1)
    with pytest.raises(ValueError, match="give at most --seeds 5"):
        check_trial_count(20_000, 6)
