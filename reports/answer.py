"""The one-sentence answer, in plain words and true to the numbers beneath it."""

import re
import shlex
from collections.abc import Sequence

from reports.numbers import Numbers, VariantNumbers
from reports.statistics import ALPHA, Comparison, Interval, Word
from reports.wording import counted, listed, percent, percent_interval, points, points_interval

NOUN = "percentage points of test accuracy"
WORTH_RUNNING = 100  # seeds; beyond, the answer names the number but urges nobody to spend that


def answer(numbers: Numbers) -> str:
    """What the experiment shows, in one sentence, and in another what is missing: failed and unfinished runs."""
    if len(numbers.variants) == 1:
        first = _one(numbers.variants[0])
    elif len(numbers.variants) == 2:
        first = _two(numbers, numbers.variants[1])
    else:
        first = _many(numbers)
    return " ".join([first, *_missing(numbers)])


def next_command(numbers: Numbers) -> str | None:
    """The command that runs just the seeds that open pairs still need; None if there are none, or they need too many.

    It is the command the experiment was run with, asked for more seeds: finished runs are never trained again.
    """
    open_pairs = [
        (variant, comparison.seeds_needed)
        for variant in numbers.variants[1:]
        if (comparison := numbers.comparisons[variant.name]).seeds_needed is not None
        and comparison.seeds_needed <= WORTH_RUNNING
    ]
    if not open_pairs:
        return None
    return with_seeds(numbers, max(_seeds_to_ask_for(numbers.variants[0], *pair) for pair in open_pairs))


def _seeds_to_ask_for(baseline: VariantNumbers, variant: VariantNumbers, needed: int) -> int:
    """Seeds count from 1; a seed that failed on either side gives no pair, one that is not finished yet may."""
    asked = max((run.seed for run in (*baseline.runs, *variant.runs)), default=0)
    failed = {run.seed for run in (*baseline.runs, *variant.runs) if run.status == "failed"}
    return asked + max(0, needed - (asked - len(failed)))


def with_seeds(numbers: Numbers, seeds: int) -> str:
    """The experiment's command with `--seeds` set anew, for all variants."""
    words = shlex.split(numbers.command) or ["python", "-m", "experiments", "run", numbers.name]
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("--seeds", "--variant"):
            skip = True
        elif word != "--fresh" and not re.match(r"--(seeds|variant)=", word):
            kept.append(word)
    return shlex.join([*kept, "--seeds", str(seeds)])


# -- the sentences ---------------------------------------------------------------------------------------------------


def _one(variant: VariantNumbers) -> str:
    spread = variant.test_accuracy
    if spread.n == 0:
        return f"No answer yet: no run of {variant.name!r} has been scored on the test set."
    if spread.n == 1:
        reached = f"{variant.name!r} reaches {percent(spread.mean)} test accuracy"
        return f"{reached} in its one run, which says nothing of the spread."
    within = f"95 % interval {percent_interval(spread.interval)}, {counted(spread.n, 'seed')}"
    return f"{variant.name!r} reaches {percent(spread.mean)} test accuracy ({within})."


def _two(numbers: Numbers, variant: VariantNumbers) -> str:
    comparison, names = numbers.comparisons[variant.name], (variant.name, numbers.baseline)
    how_sure = _how_sure(comparison)
    apart = points(abs(comparison.mean), sign=False)
    if comparison.word in ("better", "worse"):
        return f"{names[0]!r} is {comparison.word} than {names[1]!r} by {apart} {NOUN} ({how_sure})."
    if comparison.word == "equivalent":
        real = ", a real but small difference" if comparison.p_holm <= ALPHA else ""
        return (
            f"{names[0]!r} and {names[1]!r} are equivalent: they differ by less than "
            f"{points(comparison.margin, sign=False)} {NOUN} ({points(comparison.mean)}{real}; {how_sure})."
        )
    if comparison.word == "too few seeds":
        return f"{_too_few(comparison)}{_seen_so_far(comparison, names)}."
    return f"Undecided: {_seen(comparison, names)} ({how_sure}){_would_take(comparison)}."


def _many(numbers: Numbers) -> str:
    by_word: dict[Word, list[str]] = {}
    for name, comparison in numbers.comparisons.items():
        by_word.setdefault(comparison.word, []).append(name)
    if set(by_word) == {"too few seeds"}:
        return _too_few(min(numbers.comparisons.values(), key=lambda comparison: comparison.n)) + "."
    others = [
        f"{listed([repr(name) for name in by_word[word]])} {'is' if len(by_word[word]) == 1 else 'are'} {phrase}"
        for word, phrase in _PHRASES.items()
        if word in by_word
    ]
    return "; ".join([_best_of_many(numbers, by_word.get("better", [])), *others]) + "."


_PHRASES: dict[Word, str] = {
    "worse": "worse",
    "equivalent": "equivalent to it",
    "undecided": "undecided",
    "too few seeds": "without enough seeds to say",
}


def _best_of_many(numbers: Numbers, better: list[str]) -> str:
    total, baseline = len(numbers.comparisons), repr(numbers.baseline)
    if not better:
        return f"None of {total} variants is shown to be better than {baseline}"
    best = max(better, key=lambda name: numbers.comparisons[name].mean)
    comparison = numbers.comparisons[best]
    most = f"{best!r}, by {points(comparison.mean, sign=False)} {NOUN} ({_how_sure(comparison)})"
    if len(better) == 1:
        return f"1 of {total} variants is better than {baseline}: {most}"
    return f"{len(better)} of {total} variants are better than {baseline}, most of all {most}"


def _how_sure(comparison: Comparison) -> str:
    """The interval that the word rests on, in the direction in which the sentence gives the difference."""
    interval = comparison.equivalence_interval if comparison.word == "equivalent" else comparison.interval
    if interval is None:
        return counted(comparison.n, "paired seed")
    if comparison.word == "worse" or (comparison.word == "undecided" and comparison.mean < 0):
        interval = Interval(-interval.high, -interval.low, interval.level)
    level = round(100 * (1 - (1 - interval.level) * comparison.pairs))  # over all pairs together
    over = f" over all {comparison.pairs} comparisons" if comparison.pairs > 1 else ""
    return f"{level} % interval {points_interval(interval)}{over}, {counted(comparison.n, 'paired seed')}"


def _too_few(comparison: Comparison) -> str:
    over = f" {comparison.pairs} comparisons" if comparison.pairs > 1 else ""
    return (
        f"Too few seeds to say: {counted(comparison.n, 'paired seed')} cannot decide{over}, "
        f"at least {comparison.seeds_needed} are needed"
    )


def _seen_so_far(comparison: Comparison, names: Sequence[str]) -> str:
    return "" if comparison.n == 0 else f" (so far {_seen(comparison, names)})"


def _seen(comparison: Comparison, names: Sequence[str]) -> str:
    if comparison.mean == 0:
        return f"{names[0]!r} and {names[1]!r} come to the same test accuracy"
    direction = "above" if comparison.mean > 0 else "below"
    return f"{names[0]!r} is {points(abs(comparison.mean), sign=False)} percentage points {direction} {names[1]!r}"


def _would_take(comparison: Comparison) -> str:
    if comparison.seeds_needed is None:
        return "; no number of seeds can be named that would settle it"
    return f"; to show a difference of that size would take about {counted(comparison.seeds_needed, 'seed')}"


def _missing(numbers: Numbers) -> list[str]:
    sentences = []
    for status, fate in (
        ("failed", "and is counted, not averaged"),
        ("interrupted", "and can be continued"),
        ("running", ""),
    ):
        per_variant = [(variant.name, variant.count(status)) for variant in numbers.variants]  # type: ignore[arg-type]
        total = sum(count for _, count in per_variant)
        if total:
            names = listed([f"{count} of {name!r}" for name, count in per_variant if count])
            verb = "is" if total == 1 else "are"
            state = {"failed": "failed", "interrupted": f"{verb} interrupted", "running": f"{verb} still running"}[
                status
            ]
            fate = fate if total == 1 else fate.replace("is counted", "are counted")
            sentences.append(f"{counted(total, 'run')} {state} ({names}) {fate}".rstrip() + ".")
    return sentences
