"""The variant and the run that a reader may go on with: what it reaches, what it costs, and how it is asked."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory.layout import MODEL, as_typed
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import counted, duration


@dataclass(frozen=True)
class Recommended:
    """What the first screen of a report recommends.

    Attributes:
        variant: Its name.
        why: Why it, in a sentence; "" where there is no other.
        facts: (what, text) pairs: absolute numbers, beside those of the baseline, and cost.
        run: Which of its runs to use, in words; "" where none has a model.
        folder: Where that run lies, as one types it; "" likewise.
        command: The command that asks it; "" likewise.
    """

    variant: str
    why: str
    facts: tuple[tuple[str, str], ...]
    run: str = ""
    folder: str = ""
    command: str = ""


def recommended(numbers: Numbers) -> Recommended | None:
    """Return the variant to go on with, and its run with the best validation score; None before any test score.

    It is the best of the variants that are shown to be better than the baseline, else the baseline: a higher mean alone
    recommends nothing. Which of its runs is chosen by validation images, so that its test score stays an honest one.
    """
    scored = [variant for variant in numbers.best_first() if variant.test_score.n]
    if not scored:
        return None
    variant, why = _chosen(numbers, scored)
    run = _run_with_a_model(variant)
    folder = shlex.quote(run_folder(run)) if run else ""
    return Recommended(
        variant=variant.name,
        why=why,
        facts=tuple(_facts(numbers, variant)),
        run="" if run is None else _run_in_words(variant, run, numbers.replicate),
        folder=folder,
        command=f"keras-suite predict {folder} IMAGE.png" if folder else "",
    )


def advice_on(choice: Recommended | None, suggestions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the first of the suggestions whose evidence is of the recommended variant's runs; None without one."""
    of_it = (
        each for each in suggestions if choice and any(seen["variant"] == choice.variant for seen in each["evidence"])
    )
    return next(of_it, None)


def run_folder(run: RunNumbers) -> str:
    """Return where a run lies, as one types it: "runs/digits_demo/cnn-ab937094/seed-3"."""
    return as_typed(run.source.path) if run.source else ""


def _chosen(numbers: Numbers, scored: Sequence[VariantNumbers]) -> tuple[VariantNumbers, str]:
    better, beaten = _shown(numbers)
    mean = f"mean {numbers.metric.score_label}"
    best = scored[0]
    if len(scored) == 1:
        only = len(numbers.variants) == 1
        return best, "" if only else f"The only variant with a {numbers.metric.score_label}."
    if not numbers.one_baseline():
        shown = next((variant for variant in scored if variant.name in better - beaten), None)
        if shown is not None:
            return shown, "It is better than one that it was compared with, and no comparison shows it to be worse."
        return best, f"The best {mean}; no difference from the others is shown."
    ahead = [variant for variant in scored if variant.name in better - {numbers.baseline}]
    if ahead:
        rivals = f", and has the best {mean} of the {len(ahead)} that are" if len(ahead) > 1 else ""
        return ahead[0], f"It is better than {numbers.baseline}{rivals}."
    baseline = next((variant for variant in scored if variant.name == numbers.baseline), None)
    if baseline is None:
        return best, f"The best {mean}; the baseline has none."
    why = "The baseline: no variant is shown to be better."
    if best is not baseline and not math.isclose(best.test_score.mean, baseline.test_score.mean):
        why += (
            f" The {mean} of {best.name}, {numbers.metric.format(best.test_score.mean)}, is better, but may be chance."
        )
    return baseline, why


def _shown(numbers: Numbers) -> tuple[set[str], set[str]]:
    """Return the variants that are shown to be better than one that they were compared with, and those to be worse."""
    better, beaten = set(), set()
    for pair in numbers.pairs:
        if pair.comparison.word in ("better", "worse"):
            ahead, behind = (pair.variant, pair.against)[:: 1 if pair.comparison.word == "better" else -1]
            better.add(ahead)
            beaten.add(behind)
    return better, beaten


def _facts(numbers: Numbers, variant: VariantNumbers) -> list[tuple[str, str]]:
    """Return what it reaches and costs; where it is not the baseline, beside that."""
    metric, score = variant.metric, variant.test_score
    baseline = next((each for each in numbers.variants if each.name == numbers.baseline), variant)
    other = None if baseline.name == variant.name or not baseline.test_score.n else baseline

    def beside(text: str) -> str:
        return f"; {baseline.name}: {text}" if other is not None else ""

    interval = f"95 % interval {metric.format_interval(score.interval)}, " if score.interval else ""
    facts = [
        (
            metric.score_title,
            f"{metric.format(score.mean)} ({interval}{counted(score.n, numbers.replicate)})"
            f"{beside(metric.format(baseline.test_score.mean))}",
        )
    ]
    if variant.seconds.n:
        facts.append(
            ("Training time", f"{duration(variant.seconds.mean)} a run{beside(duration(baseline.seconds.mean))}")
        )
    if variant.parameters is not None:
        facts.append(("Parameters", f"{number(variant.parameters)}{beside(number(baseline.parameters))}"))
    return facts


def _run_with_a_model(variant: VariantNumbers) -> RunNumbers | None:
    """Return the completed run with the best validation score, of those whose model lies in its folder."""
    usable = [
        run
        for run in variant.completed().values()
        if run.source and (run.is_repeat or not run.elsewhere) and (run.source.path / MODEL).exists()
    ]
    return max(usable, key=_validated, default=None)


def _validated(run: RunNumbers) -> tuple[float, float, int]:
    score = run.validation_score if run.validation_score is not None else math.nan
    loss = run.validation_loss if run.validation_loss is not None else math.inf
    return run.metric.in_history.goodness(score), -loss, -run.seed


def _run_in_words(variant: VariantNumbers, run: RunNumbers, replicate: str) -> str:
    metric = run.metric
    if run.is_repeat:
        return "fitted to all images; the accuracy is that of others like it, on images that they were not fitted to"
    reached = f"{metric.format(run.test_score)} {metric.score_label}"
    if len(variant.completed()) == 1:
        return f"{replicate} {run.seed}: {reached}"
    return f"{replicate} {run.seed}, the best of {len(variant.completed())} on its validation images: {reached}"
