"""Learning curves: a line for each variant, a band over its seeds."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.marks import learning_rates, mark, rates_of, rates_vary
from keras_suite.reports.figures.style import GREY, INK, colour, drawing, shortened
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OVERLAID = 4  # curves of more variants get a panel each
QUARTER = 0.25  # of the epochs, after which the page's script looks for the ends of an axis, too


def learning_curves(
    numbers: Numbers, column: str, label: str, scale: float = 1.0, log: bool = False
) -> "Figure | None":
    """Plot validation (solid, with a band of one sd over seeds) and training (dashed) against epochs.

    The mean is over completed runs, up to the epoch that all of them reached. Longer runs continue as thin lines, and
    runs that failed or are unfinished are thin lines throughout. Learning rates cut on a plateau, early stops and new
    phases are marked (see marks.py); where learning rates change or differ, a strip below shows them. The axis holds
    what comes after the first quarter of the epochs. More than four variants have a panel each, with the baseline in
    grey, and their learning rates are left to `rates_of_many`.

    Args:
        numbers: The experiment.
        column: A column of history.csv; that of the validation images begins with "val_".
        label: The axis label, with unit.
        scale: Factor from history.csv to the unit of the label.
        log: Use a logarithmic axis where the values span a decade.

    Returns:
        The figure, or None where no run has the column.
    """
    variants = numbers.variants
    histories = [run.source.history for run in numbers.runs() if run.source]
    if not any(f"val_{column}" in row for history in histories for row in history):
        return None
    if len(variants) <= OVERLAID:
        return _overlaid(variants, column, label, scale, log, strips=rates_vary(variants))
    return _panels(variants, column, label, scale, log)


def _overlaid(
    variants: Sequence[VariantNumbers], column: str, label: str, scale: float, log: bool, strips: bool
) -> "Figure":
    with drawing(height=3.9 if strips else 3.0) as figure:
        axes, *strip = np.atleast_1d(figure.subplots(1 + strips, 1, sharex=True, height_ratios=[3.3, 1][: 1 + strips]))
        for position, variant in enumerate(variants):
            _curve(axes, variant, column, scale, colour(position), variant.name)
        axes.legend(loc="best")
        if log:
            _log_scale([axes])
        _where_curves_differ([axes])
        mark(axes, variants, [colour(position) for position in range(len(variants))])
        if strips:
            learning_rates(strip[0], variants, [colour(position) for position in range(len(variants))])
            strip[0].set_ylabel("learning rate")
        _integer_epochs(axes)
        figure.supxlabel("epoch", fontsize=9, color=GREY)
        figure.supylabel(label, fontsize=9, color=GREY)
    return figure


def _panels(variants: Sequence[VariantNumbers], column: str, label: str, scale: float, log: bool) -> "Figure":
    rows = -(-len(variants) // 2)
    with drawing(height=0.35 + 1.45 * rows) as figure:
        grid = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).ravel()
        shown = list(grid[: len(variants)])
        for position, (axes, variant) in enumerate(zip(shown, variants, strict=True)):
            axes.set_title(shortened(variant.name, 26), color=INK, pad=3)
            if position:
                _faint(axes, variants[0], column, scale)
            _curve(axes, variant, column, scale, colour(position))
        if log:
            _log_scale(shown)
        _where_curves_differ(shown)
        for position, (axes, variant) in enumerate(zip(shown, variants, strict=True)):
            mark(axes, [variant], [colour(position)])
        for empty in grid[len(variants) :]:
            empty.set_visible(False)
        _integer_epochs(shown[0])
        figure.supxlabel("epoch", fontsize=9, color=GREY)
        figure.supylabel(label, fontsize=9, color=GREY)
    return figure


def rates_of_many(numbers: Numbers) -> "Figure | None":
    """Plot the learning rates of more than four variants; None for fewer, or where none changes or differs.

    Variants with the learning rates of the baseline, trained longer or not, share one line in grey.
    """
    variants = numbers.variants
    if len(variants) <= OVERLAID or not rates_vary(variants):
        return None
    baseline = rates_of(variants[0])
    with drawing(height=2.4) as figure:
        axes = figure.add_subplot()
        different = [
            variant for variant in variants if not all(_known_schedule(rates, baseline) for rates in rates_of(variant))
        ]
        colours = [GREY, *(colour(numbers.position(variant.name)) for variant in different)]
        learning_rates(axes, [variants[0], *different], colours)
        for shade, name in zip(colours, [variants[0].name, *(variant.name for variant in different)], strict=True):
            others = len(variants) - 1 - len(different)
            more = f" and {others} more" if shade == GREY and others else ""
            axes.plot([], [], color=shade, label=shortened(name, 26) + more)
        figure.legend(loc="outside upper left", ncols=3)
        axes.set_xlabel("epoch")
        axes.set_ylabel("learning rate")
        _integer_epochs(axes)
    return figure


def _known_schedule(rates: tuple[float, ...], known: Iterable[tuple[float, ...]]) -> bool:
    """Return whether the rates equal a known schedule, cut off or continued with its last value."""
    return any(
        rates[: len(each)] == each[: len(rates)] and len(set(rates[max(len(each) - 1, 0) :])) < 2 for each in known
    )


def _series(variant: VariantNumbers, key: str, scale: float, completed: bool) -> list[np.ndarray]:
    return [
        scale * np.array([row.get(key, np.nan) for row in run.source.history])
        for run in variant.runs
        if run.source and run.source.history and completed == (run.status == "completed")
    ]


def _mean(series: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return epochs, mean and sd (0 for a single run) up to the length of the shortest series."""
    shortest = min((len(values) for values in series), default=0)
    if not shortest:
        return np.array([]), np.array([]), np.array([])
    stacked = np.stack([values[:shortest] for values in series])
    sd = stacked.std(axis=0, ddof=1) if len(series) > 1 else np.zeros(shortest)
    return np.arange(1, shortest + 1), stacked.mean(axis=0), sd


def _faint(axes: "Axes", variant: VariantNumbers, column: str, scale: float) -> None:
    epochs, mean, _ = _mean(_series(variant, f"val_{column}", scale, completed=True))
    axes.plot(epochs, mean, color=GREY, linewidth=1.6)


def _curve(
    axes: "Axes", variant: VariantNumbers, column: str, scale: float, colour: str, name: str | None = None
) -> None:
    completed = _series(variant, f"val_{column}", scale, completed=True)
    epochs, mean, sd = _mean(completed)
    label = shortened(name, 26) if name else None
    marker, dash = (".", "_") if len(epochs) == 1 else ("None", "None")  # the line of a single epoch is invisible
    axes.plot(epochs, mean, marker=marker, color=colour, linewidth=1.6, label=label)
    if len(completed) > 1:
        axes.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.16, linewidth=0)
    epochs, training, _ = _mean(_series(variant, column, scale, completed=True))
    axes.plot(epochs, training, marker=dash, linestyle=(0, (3, 2)), color=colour, linewidth=0.9)
    longer = [(len(mean), values[len(mean) - 1 :]) for values in completed if len(values) > len(mean)]
    others = [(1, values) for values in _series(variant, f"val_{column}", scale, completed=False)]
    for first, values in longer + others:
        axes.plot(np.arange(first, first + len(values)), values, color=colour, linewidth=0.5, alpha=0.55)


def _log_scale(all_axes: Sequence["Axes"]) -> None:
    """Use a logarithmic axis where the values span a decade, with plain numbers at its ticks."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    values = np.concatenate([np.ravel(line.get_ydata()) for axes in all_axes for line in axes.get_lines()])
    values = values[np.isfinite(values)]
    if not values.size or values.min() <= 0 or values.max() / values.min() < 10:
        return
    for axes in all_axes:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def _where_curves_differ(all_axes: Sequence["Axes"]) -> None:
    """Limit the y axes to what each curve shows after the first quarter of its epochs: before, all are steep alike."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    late = [
        np.asarray(line.get_ydata(), dtype=float)[np.asarray(line.get_xdata()) > QUARTER * np.max(line.get_xdata())]
        for axes in all_axes
        for line in axes.get_lines()
        if np.size(line.get_xdata())
    ]
    values = np.concatenate([*late, np.array([])])
    values = values[np.isfinite(values)]
    if not values.size or values.min() == values.max():
        return
    low, high = float(values.min()), float(values.max())
    for axes in all_axes:
        if axes.get_yscale() == "log":
            axes.set_ylim(low * 0.9, high * 1.1)
            if high < 100 * low:  # powers of ten alone might be a single tick
                few = high < 6 * low
                axes.yaxis.set_major_locator(MaxNLocator(nbins=5) if few else LogLocator(subs=(1, 2, 5)))
        else:
            axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))


def _integer_epochs(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
