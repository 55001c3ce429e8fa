"""Scores of a sweep in the units of its objective."""

import dataclasses

from keras_suite.reports.sweep import wording
from keras_suite.tasks.task import own_metric
from tests.reports.sweep.conftest import MakeSweep


def test_shares_are_percent_and_losses_have_four_digits(make_sweep: MakeSweep) -> None:
    accuracy, loss = make_sweep(2), make_sweep(2, objective="val_unpenalised_loss")
    assert (wording.score(accuracy, 0.9712), wording.difference(accuracy, -0.012)) == ("97.12 %", "1.20 points")
    assert (wording.score(loss, 0.123456), wording.difference(loss, -0.5)) == ("0.1235", "0.5")
    assert (wording.axis(accuracy), wording.axis(loss)) == ("validation accuracy, %", "validation unpenalised loss")


def test_an_own_metric_is_written_as_it_is_declared(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(2)
    declared = own_metric({"name": "margin", "label": "Margin", "direction": "min", "unit": " m", "scale": 10.0})
    sweep = dataclasses.replace(sweep, own_metrics=(declared,), terms={**sweep.terms, "objective": "val_margin"})
    assert sweep.direction == "min"
    assert (wording.score(sweep, 0.25), wording.difference(sweep, -0.01)) == ("2.50 m", "0.10 m")
    assert (wording.metric(sweep), wording.axis(sweep)) == ("validation Margin", "validation Margin, m")
    assert wording.scale(sweep) == 10
