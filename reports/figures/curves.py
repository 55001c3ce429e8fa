"""Learning curves: a line per variant, a band over its seeds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.style import GREY, INK, colour, drawing, shortened
from reports.numbers import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OVERLAID = 4  # curves of more variants get a panel each


def learning_curves(
    numbers: Numbers, column: str, label: str, scale: float = 1.0, log: bool = False
) -> "Figure | None":
    """Validation (solid, with a band of one sd over seeds) and training (dashed) of `column` against epochs.

    The mean goes as far as all seeds of a variant trained; beyond, each longer run has its own thin line. With more
    than four variants each has a panel, the baseline behind it in grey. None where no run has the column.
    """
    by_variant = {
        v.name: [run.source.history for run in v.runs if run.source and run.source.history] for v in numbers.variants
    }
    if not any(f"val_{column}" in history[0] for histories in by_variant.values() for history in histories):
        return None
    names = [variant.name for variant in numbers.variants]
    together = len(names) <= OVERLAID
    rows = 1 if together else -(-len(names) // 2)
    with drawing(height=3.0 if together else 0.35 + 1.45 * rows) as figure:
        if together:
            axes = figure.add_subplot()
            for position, name in enumerate(names):
                _curve(axes, by_variant[name], column, scale, colour(position), name)
            axes.legend(loc="best")
            all_axes = [axes]
        else:
            grid = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).ravel()
            for position, name in enumerate(names):
                grid[position].set_title(shortened(name, 26), color=INK, pad=3)
                if position:
                    _curve(grid[position], by_variant[names[0]], column, scale, GREY, None, faint=True)
                _curve(grid[position], by_variant[name], column, scale, colour(position), None)
            for empty in grid[len(names) :]:
                empty.set_visible(False)
            all_axes = list(grid[: len(names)])
        if log:
            _log_scale(all_axes)
        _whole_epochs(all_axes[0])
        figure.supxlabel("epoch", fontsize=9, color=GREY)
        figure.supylabel(label, fontsize=9, color=GREY)
    return figure


def _curve(
    axes: "Axes",
    histories: Sequence[Sequence[dict[str, float]]],
    column: str,
    scale: float,
    colour: str,
    name: str | None,
    faint: bool = False,
) -> None:
    for key, dash in ((f"val_{column}", "-"), (column, (0, (3, 2)))):
        series = [np.array([row.get(key, np.nan) for row in history]) * scale for history in histories]
        if not series or (faint and key == column):
            continue
        together = min(len(values) for values in series)
        epochs = np.arange(1, together + 1)
        stacked = np.stack([values[:together] for values in series])
        mean = stacked.mean(axis=0)
        main = key != column
        label = shortened(name, 26) if main and name else None
        axes.plot(epochs, mean, linestyle=dash, color=colour, label=label, linewidth=1.6 if main else 0.9)
        if main and len(series) > 1 and not faint:
            sd = stacked.std(axis=0, ddof=1)
            axes.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.16, linewidth=0)
        for values in series:
            if main and not faint and len(values) > together:
                beyond = np.arange(together, len(values) + 1)
                axes.plot(beyond, values[together - 1 :], color=colour, linewidth=0.5, alpha=0.55)


def _log_scale(all_axes: Sequence["Axes"]) -> None:
    """A logarithmic axis where the losses span a decade; plain numbers at its ticks."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    values = np.concatenate([np.ravel(line.get_ydata()) for axes in all_axes for line in axes.get_lines()])
    values = values[np.isfinite(values)]
    if not values.size or values.min() <= 0 or values.max() / values.min() < 10:
        return
    for axes in all_axes:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(values.min() * 0.9, values.max() * 1.1)


def _whole_epochs(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
