"""What `classify` says: what to expect, what is confused, what fine-tuning would take or brought, what to type next."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_suite.experiments.classifying.choice import LEAST
from keras_suite.experiments.classifying.classifier import MORE, Fitted
from keras_suite.experiments.classifying.fine_tuning import Tuned
from keras_suite.experiments.classifying.recorded import in_words
from keras_suite.experiments.predicting.scoring import ClassScore
from keras_suite.reports.results.guessing import no_better_than_guessing
from keras_suite.reports.run_directory import Run
from keras_suite.tasks.classes import ACCURACY
from keras_suite.tasks.wording.quantities import counted

OTHER = "other"  # the class of what is of none, as `--other` and a folder of that name give it


def answer_lines(fitted: Fitted, names: Sequence[str], tuned: Tuned | None) -> list[str]:
    """Return what to expect, what is confused, and what more photographs would buy."""
    kept = tuned is not None and tuned.choice.kept
    expected = fitted.expected if tuned is None else tuned.expected
    probabilities = tuned.probabilities[np.newaxis] if tuned is not None and kept else fitted.probabilities
    lines = [
        f"{counted(fitted.trained, 'image')} of {len(names):,} classes; right on images that were not trained "
        f"on: {ACCURACY.format(expected.share)} ({_how(fitted, kept)}).",
        f"Expect {ACCURACY.format_interval(expected.interval)} on new pictures like these.",
    ]
    score = ClassScore()
    for number, answer in zip(fitted.labels, probabilities[0], strict=True):
        best = int(answer.argmax())
        score.add(names[number], names[best], float(answer[best]))
    lines += score.lines()[1:]
    if OTHER in names:
        lines.append(_refusals(probabilities, fitted.labels, list(names).index(OTHER)))
    if guessing := no_better_than_guessing(fitted.labels, expected.interval, names):
        lines.append(f"{guessing} The pictures may not show what tells the classes apart, or be too few or too small.")
    elif fitted.more is not None and not kept:  # the curve is the head's
        lines.append(
            f"Another {MORE} photographs like these would bring it to about {ACCURACY.format_interval(fitted.more)}, "
            "if the error goes on falling as it did from half of them to all."
        )
    return lines


def _how(fitted: Fitted, kept: bool) -> str:
    """Say by which images that was measured."""
    if not fitted.folds:
        return f"the {counted(len(fitted.labels), 'test image')} that were set apart"
    if kept:
        return f"{fitted.folds} folds, each answered by what the others chose"
    return f"{fitted.folds} folds, {counted(len(fitted.probabilities), 'repeat')}"


def wrong(fitted: Fitted) -> int:
    """Return how many of the images that train are read wrong by heads that were fitted to the other folds."""
    answers = fitted.validated.probabilities[0].argmax(axis=-1)
    return int((answers != fitted.photographs.dataset.labels).sum())


def may_gain(fitted: Fitted) -> bool:
    """Return whether so many are read wrong that a gain could be told from chance."""
    return wrong(fitted) >= LEAST


def gain_line(fitted: Fitted, minutes: int, asked: bool, tuned: Tuned | None, before: Run | None) -> str:
    """Return what fine-tuning brought, or whether there is anything to gain by it, and about how long it would take.

    Args:
        fitted: The classifier.
        minutes: That fine-tuning it takes.
        asked: Whether fine-tuning was asked for.
        tuned: What it came to; None where nothing was trained.
        before: The run that an earlier command fine-tuned from the same head; None without one.
    """
    if tuned is not None:
        said = in_words(tuned.choice)
        return said[0].upper() + said[1:] + "."
    if before is not None:
        said = before.record["data"]["notes"][-1]
        where = f" in {before.path}" if before.record["kept"] else ""
        return f"An earlier --fine-tune of the same photographs: {said}{where}."
    of = f"{wrong(fitted):,} of {counted(fitted.trained, 'image')}"
    if not may_gain(fitted):
        done = "Not fine-tuned" if asked else "Fine-tuning has nothing to show"
        return f"{done}: the head reads {of} wrong, and a gain is told from chance from {LEAST} on."
    return (
        f"The head reads {of} wrong: --fine-tune would train the network's last blocks, too, in about "
        f"{counted(minutes, 'minute')}, and keep them if that is shown to be better."
    )


def next_lines(run: Path, folder: Path) -> list[str]:
    """Return where the model is and what to type next."""
    return [
        "",
        f"The model: {run / 'model.keras'}",
        f"Next: keras-suite predict {run} NEW_PHOTOGRAPHS",
        f"      keras-suite report {folder}",
        f"      keras-suite export {run} --to litert --int8",
    ]


def _refusals(probabilities: np.ndarray, labels: np.ndarray, other: int) -> str:
    """Say what share of the pictures of none of the classes is refused, and what share of the known ones is lost."""
    refused = probabilities.argmax(axis=-1) == other
    is_other = labels == other
    count = counted(int(is_other.sum()), "picture")
    return (
        f"Called {OTHER}: {100 * refused[:, is_other].mean():.1f} % of the {count} of none of the classes, and "
        f"{100 * refused[:, ~is_other].mean():.1f} % of those that are of one."
    )
