"""How large a step of gradient descent still goes down, on a parabola and on a small CNN?

    python -m experiments run step_size --threads 1

On f(x) = alpha / 2 x^2 a step of gradient descent multiplies x by 1 - rate * alpha: it converges exactly for rates
below 2 / alpha, slowly far below, and diverges above. A line search (Armijo 1966) finds a rate that works without
alpha. In a network alpha is the largest eigenvalue of the loss's Hessian, and it changes while the network trains. Here
a CNN is trained by full batches at three rates, and the callback `sharpness` finds that eigenvalue by power iteration.

Measured
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from experiments.config import Config, Experiment, use
from reports.run_directory import Run

RATES = (0.1, 0.4, 1.0)
TRAINED = 200
CURVATURE, STEPS = 3.0, 20  # of the parabola
TIMES = (0.1, 1.0, 1.8, 2.0, 2.1)  # rates, by 1 / alpha

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", image_size=[14, 14], limit=TRAINED * 5 // 4, test_limit=2000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[6, 12], dense_layers=0, activation="tanh", downsample="average"),
        optimizer=use("sgd", learning_rate=RATES[0]),
        callbacks=(use("sharpness", every=8, images=TRAINED),),
        batch_size=TRAINED,
        epochs=240,
    ),
    variants={f"rate_{rate:g}": {"optimizer.learning_rate": rate} if rate != RATES[0] else {} for rate in RATES},
    seeds=7,
)


def descent(curvature: float, rate: float, steps: int = STEPS, start: float = 1.0) -> np.ndarray:
    """x (steps + 1,) of gradient descent on curvature / 2 x^2."""
    return start * (1 - rate * curvature) ** np.arange(steps + 1)


def armijo(
    f: Callable[[float], float], slope: float, x: float, *, first: float = 1.0, shrink: float = 0.5, share: float = 0.1
) -> float:
    """The first of the rates first, first * shrink, ... at which f falls by `share` of what its slope promises.

    f(x - rate * slope) <= f(x) - share * rate * slope^2: Armijo's rule, met by all rates that are small enough.
    """
    rate = first
    while f(x - rate * slope) > f(x) - share * rate * slope**2:
        rate *= shrink
    return rate


def searched(curvature: float, steps: int = STEPS, start: float = 1.0) -> tuple[np.ndarray, float]:
    """x (steps + 1,) of gradient descent with a line search in each step, and the rate that the first one found."""
    path, rates = [start], []
    for _ in range(steps):
        x = path[-1]
        rates.append(armijo(lambda at: curvature / 2 * at**2, curvature * x, x))
        path.append(x - rates[-1] * curvature * x)
    return np.array(path), rates[0]


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """The parabola's courses; and the network's largest eigenvalue beside 2 / rate."""
    found = {"Gradient descent on a parabola": _parabola()}
    completed = [run for run in runs if run.metrics and "found" in run.metrics]
    return found | ({"The Hessian's largest eigenvalue while a CNN trains": _network(completed)} if completed else {})


def _parabola() -> Any:
    from reports.figures.style import GREY, colour, drawing

    with drawing(height=2.8) as figure:
        axes = figure.subplots()
        for position, times in enumerate(TIMES):
            distance = np.abs(descent(CURVATURE, times / CURVATURE))
            axes.plot(np.maximum(distance, 1e-9), color=colour(position), label=f"{times:g} / alpha")
        path, rate = searched(CURVATURE)
        axes.plot(np.maximum(np.abs(path), 1e-9), "--", color=GREY, label=f"Armijo: {rate * CURVATURE:g} / alpha")
        axes.set(
            yscale="log", ylim=(1e-6, 1e2), xlabel="step", ylabel="distance from the minimum", xticks=(0, 5, 10, 15, 20)
        )
        axes.legend(title="rate", loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _network(runs: Sequence[Run]) -> Any:
    from reports.figures.style import colour, drawing

    with drawing(height=4.6) as figure:
        sharpness, losses = figure.subplots(2, 1, sharex=True)
        for position, rate in enumerate(RATES):
            own = [run for run in runs if run.variant == f"rate_{rate:g}"]
            for run in own:
                rows = np.array(run.metrics["found"]["sharpness"]) if run.metrics else np.empty((0, 2))
                sharpness.plot(rows[:, 0], rows[:, 1], color=colour(position), linewidth=0.8)
                losses.plot([row["loss"] for row in run.history], color=colour(position), linewidth=0.8)
            sharpness.axhline(2 / rate, color=colour(position), linestyle="--", linewidth=1)
            sharpness.plot([], [], color=colour(position), label=f"rate {rate:g}, and 2 / rate = {2 / rate:g}")
        sharpness.set(yscale="log", ylabel="largest eigenvalue", ylim=(0.3, None))
        losses.set(yscale="log", xlabel="epoch", ylabel="training loss")
        sharpness.legend(loc="lower right")
    return figure
