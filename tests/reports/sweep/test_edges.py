"""Where the best trials crowd at the end of a range, that is said."""

from keras_suite.reports.sweep.edges import edges
from tests.reports.sweep.conftest import MakeSweep, drawn


def test_the_best_at_one_end_ask_for_a_wider_range(make_sweep: MakeSweep) -> None:
    values = [{**drawn(k), "learning_rate": 10 ** (-1 - 0.1 * k)} for k in range(15)]
    scores = {k: 1.0 - 0.05 * k for k in range(15)}
    (line,) = edges(make_sweep(values=values, scores=scores))
    assert line.startswith("The 3 best trials that have learning_rate lie at the upper end of its range (0.1)")
    assert edges(make_sweep(values=values, scores={k: -abs(k - 7) + 0.0 for k in range(15)}, tuner="grid")) == []
