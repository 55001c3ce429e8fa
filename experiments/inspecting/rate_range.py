"""The learning-rate range test (Smith 2017): a model is trained while the rate rises, and the loss is recorded."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.experiments.config import override, use
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.phases import PreparedPhase, phases_of, prepare_phase
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.reports.figures.style import GREY, INK, SERIES, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WINDOW = 0.02  # sd of the smoothing, as a share of all requested steps
START = 5  # steps whose mean is what the loss began with
MEMORY = 0.9  # of the running mean that says when to stop
LEAST_FALL = 0.1  # of the loss that it began with; less is noise


@dataclass(frozen=True)
class RateRange:
    """The loss (without penalties) of each step's batch before its update, float64 (n,), and the update's rate.

    `diverged`: the test was stopped before the last rate, see `has_diverged`.
    """

    rates: np.ndarray
    losses: np.ndarray
    steps: int
    diverged: bool

    @property
    def smoothed(self) -> np.ndarray:
        """The losses smoothed by a Gaussian over steps before and after, so that nothing is delayed."""
        positions = np.arange(len(self.losses))
        weights = np.exp(-0.5 * ((positions[:, np.newaxis] - positions) / max(1.0, WINDOW * self.steps)) ** 2)
        return weights @ self.losses / weights.sum(axis=1)


@dataclass(frozen=True)
class Suggestion:
    """Rates read off the smoothed loss: where it falls fastest, and the largest before it rises (there it is lowest).

    Both None where it never fell by a tenth. `open_end`: it was still falling at the last rate that was tried.
    """

    steepest: float | None
    largest: float | None
    open_end: bool


def range_test(job: Job, *, lowest: float, highest: float, steps: int) -> RateRange:
    """Train the job's model from its initial weights, the rate rising by an equal factor from step to step.

    The first phase's layers, optimizer and augmented batches are those of a run; its schedule and callbacks are left
    out. Nothing is written.
    """
    run = prepare(dataclasses.replace(job, config=override(job.config, {"schedule": use("constant")})))
    run.fresh_session()
    phase = dataclasses.replace(phases_of(run.config)[0], learning_rate=lowest)
    rates = np.geomspace(lowest, highest, steps)
    losses = _losses(prepare_phase(run, run.build_model(), phase), rates)
    return RateRange(rates[: len(losses)], losses, steps, len(losses) < steps)


def _losses(phase: PreparedPhase, rates: np.ndarray) -> np.ndarray:
    """Return one loss for each rate, up to where it diverges."""
    extractor = phase.cached_extractor
    losses: list[float] = []
    for rate, (images, labels) in zip(rates, phase.run.training_batches(), strict=False):
        phase.trainee.optimizer.learning_rate = float(rate)
        inputs = extractor(images, training=False) if extractor else images
        loss = float(phase.trainee.train_on_batch(inputs, labels, return_dict=True)["unpenalised_loss"])
        if not np.isfinite(loss) or has_diverged([*losses, loss]):
            break
        losses.append(loss)
    return np.array(losses)


def has_diverged(losses: Sequence[float]) -> bool:
    """Return whether the running mean is twice the first losses, or, once it fell by a tenth, a tenth above them."""
    began = float(np.mean(losses[:START]))
    if len(losses) <= START:
        return False
    weights = MEMORY ** np.arange(len(losses))
    means = np.convolve(losses, weights)[: len(losses)] / np.cumsum(weights)
    fell = means.min() < (1 - LEAST_FALL) * began
    return bool(means[-1] > (1 + LEAST_FALL if fell else 2) * began)


def suggest(tested: RateRange) -> Suggestion:
    """Read the rates off the smoothed loss."""
    loss = tested.smoothed
    if len(loss) < 3:
        return Suggestion(None, None, False)
    bottom = int(loss.argmin())
    began = float(tested.losses[: max(START, tested.steps // 10)].mean())
    if began - loss[bottom] < LEAST_FALL * abs(began):
        return Suggestion(None, None, False)
    level = began - LEAST_FALL * (began - loss[bottom])  # batches differ: above it the curve may fall by chance
    above = np.flatnonzero(loss[:bottom] >= level)
    first = int(above[-1]) if len(above) else 0
    slope = np.gradient(loss, np.log(tested.rates))[first : bottom + 1]
    open_end = not tested.diverged and bottom >= len(loss) - 1 - WINDOW * tested.steps
    return Suggestion(float(tested.rates[first + slope.argmin()]), float(tested.rates[bottom]), open_end)


def draw_range(tested: RateRange, suggestion: Suggestion, title: str) -> "Figure":
    """Plot loss against rate, each batch in grey and smoothed in colour, with both rates marked."""
    loss = tested.smoothed
    with drawing() as figure:
        axes = figure.add_subplot()
        axes.plot(tested.rates, tested.losses, ".", color=GREY, markersize=2.5, alpha=0.5)
        axes.plot(tested.rates, loss, color=SERIES[0])
        axes.set_xscale("log")
        span = max(loss[0], np.median(tested.losses)) - loss.min()
        axes.set_ylim(loss.min() - 0.15 * span, loss.min() + 1.6 * max(span, 1e-9))
        marks = (("falls fastest", suggestion.steepest, SERIES[2]), ("lowest", suggestion.largest, SERIES[1]))
        for name, rate, colour in marks:
            if rate is not None:
                axes.axvline(rate, color=colour, linewidth=1.2, linestyle="--", label=f"{name}: {rate:.2g}")
        if suggestion.steepest is not None:
            axes.legend(loc="lower left")  # the loss falls to the right of it
        axes.set_title(title, color=INK)
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss of a batch, without penalties")
    return figure
