"""Marks in learning curves: reduced learning rates, early stops and new phases; and the learning rate itself.

They are read from a run's history, and from its Config whether a callback or a schedule reduced the rate.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_suite.reports.figures.style import GREY
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CUT = 0.99  # a rate below this share of the previous one was reduced, not rounded


def mark(axes: "Axes", variants: Sequence[VariantNumbers], colours: Sequence[str]) -> None:
    """Mark each reduced learning rate by a triangle, early stop by a circle, start of a phase by a dotted line."""
    along = axes.get_xaxis_transform()  # x in epochs, y as a share of the height
    borders = [sorted({epoch for run in _histories(variant) for epoch in phase_borders(run)}) for variant in variants]
    for own, shade in zip(borders, colours, strict=True):
        shared = len(variants) > 1 and all(other == own for other in borders)
        for epoch in own:
            axes.axvline(epoch - 0.5, color=GREY if shared else shade, linewidth=0.9, linestyle=(0, (1, 2)))
    for place, (variant, shade) in enumerate(zip(variants, colours, strict=True)):
        cuts = [epoch for run in _histories(variant) for epoch in plateau_cuts(run)]
        stops = [stop for run in _histories(variant) if (stop := early_stop(run)) is not None]
        height = 0.03 + 0.1 * place
        _along(axes, cuts, height, "v", shade, along, shade)
        _along(axes, stops, height + 0.05, "o", shade, along, "none")


def _along(
    axes: "Axes", epochs: Sequence[float], height: float, marker: str, colour: str, along: Any, face: str
) -> None:
    if epochs:
        axes.plot(
            epochs,
            [height] * len(epochs),
            linewidth=0,
            marker=marker,
            markersize=3.2,
            markerfacecolor=face,
            markeredgecolor=colour,
            markeredgewidth=0.8,
            alpha=0.6,
            transform=along,
            clip_on=False,
        )


def learning_rates(axes: "Axes", variants: Sequence[VariantNumbers], colours: Sequence[str]) -> None:
    """Plot each run's learning rate by epoch as a thin line; logarithmic where the rates span a decade."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    seen: list[float] = []
    for variant, shade in zip(variants, colours, strict=True):
        for rates in sorted(rates_of(variant)):
            axes.step(np.arange(1, len(rates) + 1), rates, where="mid", color=shade, linewidth=0.8, alpha=0.7)
            seen += [rate for rate in rates if rate > 0]
    low, high = min(seen, default=1.0), max(seen, default=1.0)
    if high >= 10 * low:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=3))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(low / 1.5, high * 1.5)
    else:
        axes.set_ylim(0, 1.15 * high)
        axes.set_yticks([0, float(f"{high:.1g}")])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def rates_of(variant: VariantNumbers) -> set[tuple[float, ...]]:
    """Return the distinct sequences of learning rates, epoch by epoch, of a variant's runs."""
    return {tuple(_rates(run)) for run in _histories(variant)}


def rates_vary(variants: Sequence[VariantNumbers]) -> bool:
    """Return whether any learning rate changes while training, or differs between runs."""
    rates = [rate for variant in variants for run in _histories(variant) for rate in _rates(run)]
    return bool(rates) and min(rates) < CUT * max(rates)


def marks_in_words(variants: Sequence[VariantNumbers]) -> list[str]:
    """Return a sentence of the legend for each kind of mark that occurs."""
    runs = [run for variant in variants for run in _histories(variant)]
    return [
        sentence
        for sentence, seen in (
            ("Triangle: a learning rate was reduced on a plateau.", any(plateau_cuts(run) for run in runs)),
            ("Circle: a run stopped early.", any(early_stop(run) is not None for run in runs)),
            ("Dotted line: a new phase begins.", any(phase_borders(run) for run in runs)),
        )
        if seen
    ]


def phase_borders(run: Run) -> list[int]:
    """Return the epochs, counted from 1, that begin a new phase; none in runs without phases."""
    phases = [row.get("phase") for row in run.history]
    return [k + 1 for k in range(1, len(phases)) if phases[k] is not None and phases[k] != phases[k - 1]]


def plateau_cuts(run: Run) -> list[int]:
    """Return the epochs, counted from 1, with a learning rate that a callback has reduced on a plateau."""
    if "reduce_lr_on_plateau" not in _names(run.config.get("callbacks")):
        return []
    rates, borders = _rates(run), set(phase_borders(run))
    return [k + 1 for k in range(1, len(rates)) if rates[k] < CUT * rates[k - 1] and k + 1 not in borders]


def early_stop(run: Run) -> int | None:
    """Return the last epoch of a completed run that had more epochs to go; None for others."""
    planned = _planned_epochs(run)
    if run.status != "completed" or not run.history or planned is None:
        return None
    last_phase = run.history[-1].get("phase")
    trained = sum(row.get("phase") == last_phase for row in run.history)
    return len(run.history) if trained < planned else None


def _planned_epochs(run: Run) -> int | None:
    """Return the maximum epochs of the run's last phase."""
    phases = run.config.get("phases") or [{}]
    last = phases[-1] if isinstance(phases, list) and isinstance(phases[-1], Mapping) else {}
    options = last.get("options") or {}
    epochs = (options.get("epochs") if isinstance(options, Mapping) else None) or run.config.get("epochs")
    return epochs if isinstance(epochs, int) else None


def _names(parts: Any) -> set[str]:
    listed = parts if isinstance(parts, list) else []
    return {str(part.get("name")) for part in listed if isinstance(part, Mapping)}


def _rates(run: Run) -> list[float]:
    return [row["learning_rate"] for row in run.history if "learning_rate" in row]


def _histories(variant: VariantNumbers) -> list[Run]:
    return [run.source for run in variant.runs if run.source and run.source.history]
