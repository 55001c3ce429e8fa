"""How sure a run may be: a temperature for its probabilities, and a threshold below which it answers "other"."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.reports import run_directory
from keras_suite.reports.results.held_out import HeldOut
from keras_suite.reports.results.held_out import held_out as held_out_of
from keras_suite.reports.run_directory.layout import MODEL
from keras_suite.reports.statistics.calibration import fitted_temperature
from keras_suite.reports.statistics.selective import Threshold, fewest_answers, threshold_for
from keras_suite.tasks.wording.quantities import percent


@dataclass(frozen=True)
class Sureness:
    """What was chosen by images that a run did not train on.

    Attributes:
        temperature: 1.0 where it was not asked for.
        reject: The lowest probability that is answered; 0.0 likewise.
        said: A line for each choice.
    """

    temperature: float = 1.0
    reject: float = 0.0
    said: tuple[str, ...] = ()


def chosen_sureness(run: Path, calibrate: bool, max_error: float | None) -> Sureness:
    """Choose a temperature, a threshold, or both, by a run's own validation images.

    Args:
        run: A completed run directory, or the .keras file in one.
        calibrate: Whether to fit a temperature.
        max_error: The error rate that its answers are to keep below; None for no threshold.

    Raises:
        ValueError: If the run keeps no such answers, or no threshold keeps the error rate.
    """
    if not calibrate and max_error is None:
        return Sureness()
    asked = "--calibrate" if max_error is None else f"--max-error {max_error:g}"
    held_out = _held_out(run, asked)
    temperature, said = 1.0, []
    if calibrate:
        temperature = fitted_temperature(held_out.labels, held_out.probabilities)
        word = "too sure" if temperature > 1 else "not sure enough"
        said.append(f"temperature {temperature:.2f}: by {held_out.count} the run is {word}")
    if max_error is None:
        return Sureness(temperature, 0.0, tuple(said))
    confidence, right = held_out.judged(temperature)
    found = threshold_for(confidence, right, max_error)
    if found is None:
        raise ValueError(_none_found(run, held_out, right, max_error))
    return Sureness(temperature, found.confidence, (*said, _in_words(found, held_out)))


def _held_out(run: Path, asked: str) -> HeldOut:
    directory = run if run.is_dir() else run.parent
    if not (run.is_dir() or run.name == MODEL) or not run_directory.is_completed(directory):
        raise ValueError(f"{asked} needs the answers to validation images, which lie in a run directory: give that")
    read = run_directory.read_run(directory, needs=())
    found = held_out_of(read)
    if found is not None:
        return found
    raise ValueError(
        f"{asked} needs the answers to validation images, and {run} keeps none (validation.npz): train it with this "
        "version, and with validation images"
    )


def _in_words(found: Threshold, held_out: HeldOut) -> str:
    return (
        f"answered from a probability of {found.confidence:.4g}: of {held_out.count} {found.answered:,} reach it, "
        f"{found.wrong:,} of them wrong, at most {percent(found.most_wrong)} of others like them (95 % confidence)"
    )


def _none_found(run: Path, held_out: HeldOut, right: np.ndarray, max_error: float) -> str:
    needed = fewest_answers(max_error)
    what = f"no threshold of {run} is shown to be wrong in at most {percent(max_error)} of its answers: "
    if len(right) < needed:
        return f"{what}that takes {needed:,} images at least, and it has {held_out.count}; give a larger --max-error"
    return (
        f"{what}too many of its surest answers to {held_out.count} are wrong ({percent(1 - float(right.mean()))} of "
        "all); give a larger --max-error"
    )
