"""Cuts, stops and borders are read off histories as they happened, and stand at their epochs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from keras_suite.reports.figures.curves import learning_curves, rates_of_many
from keras_suite.reports.figures.marks import (
    early_stop,
    marks_in_words,
    phase_borders,
    plateau_cuts,
    rates_vary,
)
from keras_suite.reports.figures.style import GREY, SERIES
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import Run, read_experiment, write_history
from tests.reports.conftest import EPOCHS, MakeRuns

PLATEAU = {"name": "reduce_lr_on_plateau", "options": {"factor": 0.5}}


def a_run(rates: list[float], phases: list[int] | None = None, status: Any = "completed", **config: Any) -> Run:
    rows = [
        {"epoch": float(k), "learning_rate": rate, **({"phase": float(phases[k - 1])} if phases else {})}
        for k, rate in enumerate(rates, 1)
    ]
    return Run(Path("nowhere"), "e", "v", 1, status, {}, config, tuple(rows), None)


def test_a_cut_is_a_lower_rate_where_a_callback_cuts_on_plateaus() -> None:
    rates = [1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4]
    assert plateau_cuts(a_run(rates, callbacks=[PLATEAU])) == [3, 5]
    assert plateau_cuts(a_run(rates, callbacks=[{"name": "early_stopping"}])) == []
    assert plateau_cuts(a_run([1e-3, 0.99999e-3], callbacks=[PLATEAU])) == [], "rounding"


def test_a_new_phase_is_a_border_and_its_rate_no_cut() -> None:
    run = a_run([1e-3, 1e-3, 1e-5, 5e-6], phases=[1, 1, 2, 2], callbacks=[PLATEAU])
    assert phase_borders(run) == [3]
    assert plateau_cuts(run) == [4]
    assert phase_borders(a_run([1e-3, 1e-3])) == [], "histories of earlier versions have no phases"


@pytest.mark.parametrize(
    ("run", "stop"),
    [
        (a_run([1e-3] * 4, epochs=10), 4),
        (a_run([1e-3] * 4, epochs=4), None),
        (a_run([1e-3] * 4, epochs=10, status="failed"), None),
        (a_run([1e-3] * 4), None),
    ],
)
def test_a_stop_is_a_last_epoch_before_the_planned_one(run: Run, stop: int | None) -> None:
    assert early_stop(run) == stop


def test_with_phases_the_last_ones_own_epochs_are_planned() -> None:
    phases = [{"name": "train", "options": {"epochs": 2}}, {"name": "train", "options": {"epochs": 3}}]
    run = a_run([1e-3] * 4, [1, 1, 2, 2], epochs=9)
    assert early_stop(Run(**{**run.__dict__, "config": {"epochs": 9, "phases": phases}})) == 4
    longer = a_run([1e-3] * 5, [1, 1, 2, 2, 2], epochs=9)
    assert early_stop(Run(**{**longer.__dict__, "config": {"epochs": 9, "phases": phases}})) is None


def test_the_marks_and_the_strip_are_drawn_and_explained(make_runs: MakeRuns) -> None:
    configs = {"cut": {"callbacks": [PLATEAU], "epochs": 9}}
    runs = make_runs({"base": {}, "cut": {}}, seeds=1, configs=configs)
    rows = [
        {"epoch": k, "phase": 1 + (k > 3), "accuracy": 0.5, "val_accuracy": 0.5, "learning_rate": rate}
        for k, rate in enumerate([1e-3, 1e-3, 5e-4, 5e-4, 5e-5], 1)
    ]
    write_history(runs.runs[1].path, rows)
    numbers = experiment_numbers(read_experiment(runs.folder))
    figure = learning_curves(numbers, "accuracy", "accuracy, %")
    assert figure is not None
    upper, strip = figure.axes
    marks = {line.get_marker(): np.asarray(line.get_xdata()).tolist() for line in upper.get_lines()}
    assert (marks["v"], marks["o"]) == ([3, 5], [5])
    assert any(list(np.asarray(line.get_xdata())) == [3.5, 3.5] for line in upper.get_lines()), "a border before 4"
    assert strip.get_ylabel() == "learning rate"
    assert strip.get_yscale() == "log"
    assert sorted(len(np.asarray(line.get_xdata())) for line in strip.get_lines()) == [5, 5]
    assert len(marks_in_words(numbers.variants)) == 3


def test_where_the_rate_never_changes_there_is_no_strip_and_no_word(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=2))
    figure = learning_curves(numbers, "accuracy", "accuracy, %")
    assert figure is not None and len(figure.axes) == 1
    assert not rates_vary(numbers.variants)
    assert marks_in_words(numbers.variants) == []


def test_many_variants_have_their_rates_in_one_picture_the_usual_ones_in_grey(make_runs: MakeRuns) -> None:
    runs = make_runs({f"v{k}": {} for k in range(5)}, seeds=1)
    assert rates_of_many(experiment_numbers(runs)) is None, "all are the same"
    rows = [
        {"epoch": k, "accuracy": 0.5, "val_accuracy": 0.5, "learning_rate": 0.1**k, "unpenalised_loss": 1.0}
        for k in range(1, EPOCHS + 1)
    ]
    write_history(runs.runs[4].path, rows)
    write_history(runs.runs[3].path, [{**row, "learning_rate": 0.001} for row in rows[:2]])  # stopped early
    later = [*[0.001] * EPOCHS, 0.0005]
    write_history(
        runs.runs[2].path, [{**rows[0], "epoch": k, "learning_rate": rate} for k, rate in enumerate(later, 1)]
    )  # cut after the baseline
    numbers = experiment_numbers(read_experiment(runs.folder))
    figure = rates_of_many(numbers)
    assert figure is not None
    [axes] = figure.axes
    drawn = [line for line in axes.get_lines() if len(np.asarray(line.get_xdata()))]
    assert [to_hex(line.get_color()) for line in drawn] == [GREY, SERIES[2], SERIES[4]]
    assert np.asarray(drawn[2].get_ydata()) == pytest.approx([0.1**k for k in range(1, EPOCHS + 1)])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["v0 and 2 more", "v2", "v4"]
    panels = learning_curves(numbers, "accuracy", "accuracy, %")
    assert panels is not None and len([axes for axes in panels.axes if axes.get_visible()]) == 5
