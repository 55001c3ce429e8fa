"""The curves in the page are those of history.csv, and of too many epochs every so many-th."""

import json

import pytest

from keras_suite.reports.page.interactive import curves
from keras_suite.reports.page.interactive.curves import curves_of, kept_epochs
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import EPOCHS, MakeRuns, trained


def test_every_epoch_is_rounded_as_the_page_writes_it(make_runs: MakeRuns) -> None:
    accuracy, loss, rate = curves_of(experiment_numbers(make_runs(seeds=2)))
    history = trained(0.01, 2)[0]
    assert (accuracy["name"], loss["name"], rate["name"]) == ("accuracy", "unpenalised_loss", "learning_rate")
    assert accuracy["validation"][1] == [round(100 * row["val_accuracy"], 2) for row in history]
    assert loss["training"][1] == [float(f"{row['unpenalised_loss']:.4g}") for row in history]
    assert rate["validation"] == [None] * 4


def test_runs_that_are_not_finished_have_the_epochs_they_reached(make_runs: MakeRuns) -> None:
    accuracy, *_ = curves_of(experiment_numbers(make_runs(seeds=1, changes={("weak", 1): {"status": "failed"}})))
    assert [len(values) for values in accuracy["validation"]] == [EPOCHS, 2]


@pytest.mark.parametrize(
    ("epochs", "step", "kept"),
    [(0, 3, []), (1, 3, [0]), (5, 1, [0, 1, 2, 3, 4]), (7, 3, [0, 3, 6]), (8, 3, [0, 3, 6, 7])],
)
def test_the_last_epoch_is_always_kept(epochs: int, step: int, kept: list[int]) -> None:
    assert kept_epochs(epochs, step) == kept


def test_too_many_numbers_become_fewer(make_runs: MakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    monkeypatch.setattr(curves, "MOST_NUMBERS", 60)
    found = curves_of(numbers)
    assert found[0]["step"] == 3
    assert found[0]["validation"][0] == [curves_of(numbers)[0]["validation"][0][k] for k in range(3)]
    json.dumps(found, allow_nan=False)
