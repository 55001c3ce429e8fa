"""Scores of a sweep in the units of its objective."""

from keras_suite.reports.sweep import wording
from tests.reports.sweep.conftest import MakeSweep


def test_shares_are_percent_and_losses_have_four_digits(make_sweep: MakeSweep) -> None:
    accuracy, loss = make_sweep(2), make_sweep(2, objective="val_unpenalised_loss")
    assert (wording.score(accuracy, 0.9712), wording.difference(accuracy, -0.012)) == ("97.12 %", "1.20 points")
    assert (wording.score(loss, 0.123456), wording.difference(loss, -0.5)) == ("0.1235", "0.5")
    assert (wording.axis(accuracy), wording.axis(loss)) == ("validation accuracy, %", "validation unpenalised loss")
