"""Learning curves: a line per variant, a band over its seeds."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.marks import learning_rates, mark, rates_of, rates_tell_something
from keras_suite.reports.figures.style import GREY, INK, colour, drawing, shortened
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OVERLAID = 4  # curves of more variants get a panel each


def learning_curves(
    numbers: Numbers, column: str, label: str, scale: float = 1.0, log: bool = False
) -> "Figure | None":
    """Validation (solid, with a band of one sd over seeds) and training (dashed) of `column` against epochs.

    The mean is over completed runs and goes as far as all of them trained. Beyond, each longer run has its own thin
    line, and so has a run that failed or is not finished, over all its epochs. Cuts of the learning rate on a plateau,
    early stops and new phases are marked (reports/figures/marks.py); where learning rates change or differ, a strip
    beneath shows them. With more than four variants each has a panel, the baseline behind it in grey, and the learning
    rates have a picture of their own, `rates_of_many`. None where no run has the column.
    """
    variants = numbers.variants
    histories = [run.source.history for run in numbers.runs() if run.source]
    if not any(f"val_{column}" in row for history in histories for row in history):
        return None
    if len(variants) <= OVERLAID:
        return _overlaid(variants, column, label, scale, log, strips=rates_tell_something(variants))
    return _panels(variants, column, label, scale, log)


def _overlaid(
    variants: Sequence[VariantNumbers], column: str, label: str, scale: float, log: bool, strips: bool
) -> "Figure":
    with drawing(height=3.9 if strips else 3.0) as figure:
        axes, *beneath = np.atleast_1d(
            figure.subplots(1 + strips, 1, sharex=True, height_ratios=[3.3, 1][: 1 + strips])
        )
        for position, variant in enumerate(variants):
            _curve(axes, variant, column, scale, colour(position), variant.name)
        axes.legend(loc="best")
        if log:
            _log_scale([axes])
        mark(axes, variants, [colour(position) for position in range(len(variants))])
        if strips:
            learning_rates(beneath[0], variants, [colour(position) for position in range(len(variants))])
            beneath[0].set_ylabel("learning rate")
        _whole_epochs(axes)
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
        for position, (axes, variant) in enumerate(zip(shown, variants, strict=True)):
            mark(axes, [variant], [colour(position)])
        for empty in grid[len(variants) :]:
            empty.set_visible(False)
        _whole_epochs(shown[0])
        figure.supxlabel("epoch", fontsize=9, color=GREY)
        figure.supylabel(label, fontsize=9, color=GREY)
    return figure


def rates_of_many(numbers: Numbers) -> "Figure | None":
    """The learning rates of more than four variants in one picture; None of fewer, or where none changes or differs.

    Variants whose learning rates are those of the baseline, trained longer or not, are drawn in grey, as one.
    """
    variants = numbers.variants
    if len(variants) <= OVERLAID or not rates_tell_something(variants):
        return None
    usual = rates_of(variants[0])
    with drawing(height=2.4) as figure:
        axes = figure.add_subplot()
        unlike = [
            variant for variant in variants if not all(_known_course(rates, usual) for rates in rates_of(variant))
        ]
        colours = [GREY, *(colour(numbers.position(variant.name)) for variant in unlike)]
        learning_rates(axes, [variants[0], *unlike], colours)
        for shade, name in zip(colours, [variants[0].name, *(variant.name for variant in unlike)], strict=True):
            others = len(variants) - 1 - len(unlike)
            more = f" and {others} more" if shade == GREY and others else ""
            axes.plot([], [], color=shade, label=shortened(name, 26) + more)
        figure.legend(loc="outside upper left", ncols=3)
        axes.set_xlabel("epoch")
        axes.set_ylabel("learning rate")
        _whole_epochs(axes)
    return figure


def _known_course(rates: tuple[float, ...], known: Iterable[tuple[float, ...]]) -> bool:
    """Whether the rates are one of the known courses, cut short or gone on with as it ended."""
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
    """Epochs, mean and sd (0 of a single run) as far as all of `series` go."""
    together = min((len(values) for values in series), default=0)
    if not together:
        return np.array([]), np.array([]), np.array([])
    stacked = np.stack([values[:together] for values in series])
    sd = stacked.std(axis=0, ddof=1) if len(series) > 1 else np.zeros(together)
    return np.arange(1, together + 1), stacked.mean(axis=0), sd


def _faint(axes: "Axes", variant: VariantNumbers, column: str, scale: float) -> None:
    epochs, mean, _ = _mean(_series(variant, f"val_{column}", scale, completed=True))
    axes.plot(epochs, mean, color=GREY, linewidth=1.6)


def _curve(
    axes: "Axes", variant: VariantNumbers, column: str, scale: float, colour: str, name: str | None = None
) -> None:
    completed = _series(variant, f"val_{column}", scale, completed=True)
    epochs, mean, sd = _mean(completed)
    label = shortened(name, 26) if name else None
    axes.plot(epochs, mean, color=colour, linewidth=1.6, label=label)
    epochs_trained, training, _ = _mean(_series(variant, column, scale, completed=True))
    axes.plot(epochs_trained, training, linestyle=(0, (3, 2)), color=colour, linewidth=0.9)
    if len(completed) > 1:
        axes.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.16, linewidth=0)
    longer = [(len(mean), values[len(mean) - 1 :]) for values in completed if len(values) > len(mean)]
    others = [(1, values) for values in _series(variant, f"val_{column}", scale, completed=False)]
    for first, values in longer + others:
        axes.plot(np.arange(first, first + len(values)), values, color=colour, linewidth=0.5, alpha=0.55)


def _log_scale(all_axes: Sequence["Axes"]) -> None:
    """A logarithmic axis where the losses span a decade; plain numbers at its ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    values = np.concatenate([np.ravel(line.get_ydata()) for axes in all_axes for line in axes.get_lines()])
    values = values[np.isfinite(values)]
    if not values.size or values.min() <= 0 or values.max() / values.min() < 10:
        return
    for axes in all_axes:
        axes.set_yscale("log")
        if values.max() / values.min() < 100:  # tens alone might be a single tick
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(values.min() * 0.9, values.max() * 1.1)


def _whole_epochs(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
