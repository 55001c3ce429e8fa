"""The curves are the histories' own numbers: means and bands over completed runs, the rest as single lines."""

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_hex

from keras_suite.reports.figures.curves import OVERLAID, learning_curves
from keras_suite.reports.figures.style import GREY, SERIES
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import read_experiment, write_history
from tests.reports.conftest import EPOCHS, MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def histories(numbers: Numbers, variant: str, column: str, status: str = "completed") -> list[list[float]]:
    runs = [run for run in numbers.variant(variant).runs if run.status == status]
    return [[row[column] for row in run.source.history] for run in runs if run.source]


def lines(axes: Axes, width: float, shade: str) -> list[tuple[np.ndarray, np.ndarray]]:
    drawn = [line for line in axes.get_lines() if line.get_linewidth() == width and to_hex(line.get_color()) == shade]
    return [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in drawn]


SOLID, DASHED, THIN = 1.6, 0.9, 0.5


@pytest.mark.parametrize(("column", "scale"), [("accuracy", 100.0), ("unpenalised_loss", 1.0)])
def test_the_lines_are_the_means_over_seeds(column: str, scale: float, make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    figure = learning_curves(numbers, column, "what is measured", scale)
    assert figure is not None
    [axes] = figure.axes
    for name, shade in zip(("strong", "weak"), SERIES, strict=False):
        for width, key in ((SOLID, f"val_{column}"), (DASHED, column)):
            [(epochs, values)] = lines(axes, width, shade)
            assert epochs.tolist() == list(range(1, EPOCHS + 1))
            assert values == pytest.approx(scale * np.mean(histories(numbers, name, key), axis=0))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["strong", "weak"]
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("epoch", "what is measured")


def test_the_band_is_one_standard_deviation_over_seeds(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs({"only": {}}, seeds=4))
    figure = learning_curves(numbers, "accuracy", "accuracy, %", 100.0)
    assert figure is not None
    [band] = figure.axes[0].collections
    assert isinstance(band, FillBetweenPolyCollection)
    values = 100 * np.array(histories(numbers, "only", "val_accuracy"))
    corners = band.get_paths()[0].vertices
    for epoch in range(1, EPOCHS + 1):
        edge = corners[corners[:, 0] == epoch][:, 1]
        mean, sd = values[:, epoch - 1].mean(), values[:, epoch - 1].std(ddof=1)
        assert (edge.min(), edge.max()) == (pytest.approx(mean - sd), pytest.approx(mean + sd))


def test_a_single_seed_has_no_band(make_runs: MakeRuns) -> None:
    figure = learning_curves(experiment_numbers(make_runs(seeds=1)), "accuracy", "accuracy, %", 100.0)
    assert figure is not None
    assert not figure.axes[0].collections


def test_a_failed_run_is_drawn_and_not_averaged(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs({"only": {}}, seeds=3, changes={("only", 2): FAILED}))
    figure = learning_curves(numbers, "accuracy", "accuracy, %")
    assert figure is not None
    [(epochs, values)] = lines(figure.axes[0], SOLID, SERIES[0])
    assert len(epochs) == EPOCHS
    assert values == pytest.approx(np.mean(histories(numbers, "only", "val_accuracy"), axis=0))
    [(epochs, values)] = lines(figure.axes[0], THIN, SERIES[0])
    assert (epochs.tolist(), values.tolist()) == ([1, 2], histories(numbers, "only", "val_accuracy", "failed")[0])


def test_beyond_the_shortest_run_longer_ones_are_drawn_one_by_one(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=3)
    path = runs.runs[1].path / "history.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:4]), encoding="utf-8")
    numbers = experiment_numbers(read_experiment(runs.folder))
    figure = learning_curves(numbers, "accuracy", "accuracy, %")
    assert figure is not None
    every = histories(numbers, "only", "val_accuracy")
    assert [len(values) for values in every] == [5, 3, 5]
    [(epochs, values)] = lines(figure.axes[0], SOLID, SERIES[0])
    assert epochs.tolist() == [1, 2, 3]
    assert values == pytest.approx(np.mean([each[:3] for each in every], axis=0))
    alone = lines(figure.axes[0], THIN, SERIES[0])
    assert [epochs.tolist() for epochs, _ in alone] == [[3, 4, 5], [3, 4, 5]]
    assert [values.tolist() for _, values in alone] == [every[0][2:], every[2][2:]]


def test_many_variants_have_a_panel_each_with_the_baseline_behind(make_runs: MakeRuns) -> None:
    names = [f"variant_{k}" for k in range(OVERLAID + 1)]
    numbers = experiment_numbers(make_runs({name: {} for name in names}, seeds=1, strength={"variant_0": 1e-5}))
    figure = learning_curves(numbers, "accuracy", "accuracy, %")
    assert figure is not None
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == names
    baseline = histories(numbers, names[0], "val_accuracy")[0]
    for name, shade, axes in zip(names, SERIES, shown, strict=False):
        [(_, own)] = lines(axes, SOLID, shade)
        assert own.tolist() == histories(numbers, name, "val_accuracy")[0]
        assert [values.tolist() for _, values in lines(axes, SOLID, GREY)] == ([] if axes is shown[0] else [baseline])


def test_a_column_that_no_run_has_gives_no_picture(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=1))
    assert learning_curves(numbers, "top_5_accuracy", "top-5 accuracy") is None
    unfinished: dict[str, Any] = {"status": "running", "heartbeat": 1.0}
    begun = make_runs(seeds=1, name="begun", **unfinished)
    for run in begun.runs:
        (run.path / "history.csv").unlink()
    assert learning_curves(experiment_numbers(read_experiment(begun.folder)), "accuracy", "accuracy") is None


@pytest.mark.parametrize(("highest", "scale"), [(9.0, "linear"), (11.0, "log")])
def test_losses_that_span_a_decade_have_a_logarithmic_axis(highest: float, scale: str, make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=1)
    rows = [
        {"unpenalised_loss": loss, "val_unpenalised_loss": 2.0, "val_accuracy": 0.5}
        for loss in np.geomspace(highest, 1, EPOCHS)
    ]
    write_history(runs.runs[0].path, rows)
    numbers = experiment_numbers(read_experiment(runs.folder))
    figure = learning_curves(numbers, "unpenalised_loss", "loss", 1.0, log=True)
    assert figure is not None
    assert figure.axes[0].get_yscale() == scale
    low, high = figure.axes[0].get_ylim()
    assert low < 1 < high


@pytest.mark.parametrize("highest", [11.0, 90.0, 999.0, 2e4, 1e9])
def test_a_logarithmic_axis_has_numbers_enough_to_read_it_by(highest: float, make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=1)
    rows = [
        {"unpenalised_loss": x, "val_unpenalised_loss": 0.3 * highest} for x in 0.3 * np.geomspace(highest, 1, EPOCHS)
    ]
    write_history(runs.runs[0].path, rows)
    figure = learning_curves(experiment_numbers(read_experiment(runs.folder)), "unpenalised_loss", "loss", log=True)
    assert figure is not None
    figure.draw_without_rendering()
    axis, (low, high) = figure.axes[0].yaxis, figure.axes[0].get_ylim()
    places = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
    written = {place: label.get_text() for place, label in places if low <= place <= high}
    assert 2 <= len(written) <= 9
    assert all(float(text) == pytest.approx(place) for place, text in written.items())


def test_the_axis_holds_what_comes_after_the_first_quarter(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=2)
    values = [0.1, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96]
    for run in runs.runs:
        write_history(
            run.path, [{"epoch": k + 1, "accuracy": each, "val_accuracy": each} for k, each in enumerate(values)]
        )
    figure = learning_curves(experiment_numbers(read_experiment(runs.folder)), "accuracy", "accuracy, %", 100.0)
    assert figure is not None
    low, high = figure.axes[0].get_ylim()
    assert 90 < low < 91 and 96 < high < 97
