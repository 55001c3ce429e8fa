"""The one-sentence answer of an experiment, true to its numbers."""

from collections.abc import Sequence

from keras_suite.reports.results.evidence import image_sentence, looks_in_words, would_take
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import Status
from keras_suite.reports.statistics.intervals import ALPHA, Interval
from keras_suite.reports.statistics.verdicts import Comparison, Replicate, Word
from keras_suite.reports.wording import MOST_SETTINGS
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import counted, listed, listed_or_counted


def answer(numbers: Numbers) -> str:
    """Return the result in a sentence; a sweep's trials have their settings where first named, or how many they are."""
    text = sentences(numbers)
    for variant in numbers.variants:
        if variant.trial_settings:
            count = len(variant.overrides)
            settings = variant.trial_settings if count <= MOST_SETTINGS else f"{count} settings"
            text = text.replace(repr(variant.name), f"{variant.name!r} ({settings})", 1)
    return text


def sentences(numbers: Numbers) -> str:
    """Return the result in a sentence that names variants, and further ones for few test images and unfinished runs."""
    if not numbers.pairs:
        first = _one(numbers.variants[0], numbers.replicate)
    elif len(numbers.pairs) == 1:
        first = _two(numbers.pairs[0], numbers.metric)
    elif all(pair.comparison.too_few for pair in numbers.pairs):
        first = _too_few(min((pair.comparison for pair in numbers.pairs), key=lambda comparison: comparison.n)) + "."
    else:
        first = _many(numbers) if numbers.one_baseline() else _pairs(numbers)
    shaky = image_sentence(numbers.pairs)
    return " ".join([first, *_incomparable(numbers), *([shaky] if shaky else []), *_missing(numbers)])


# -- the sentences ---------------------------------------------------------------------------------------------------


def _one(variant: VariantNumbers, replicate: Replicate) -> str:
    spread, metric = variant.test_score, variant.metric
    if spread.n == 0:
        return f"No answer yet: no run of {variant.name!r} has been scored on the test set."
    reached = f"{variant.name!r} reaches {metric.format(spread.mean)} {metric.score_label}"
    if spread.n == 1:
        return f"{reached} in its one run, which says nothing of the spread."
    expected = ""
    if variant.expected is not None:
        expected = f" Expect {metric.format_interval(variant.expected)} of a further run on other images like these."
    interval = metric.format_interval(spread.interval)
    return f"{reached} (95 % interval {interval}, {counted(spread.n, replicate)}).{expected}"


def _two(pair: Pair, metric: Metric) -> str:
    comparison, names = pair.comparison, (pair.variant, pair.against)
    confidence = _confidence(comparison, metric)
    difference = metric.format_difference(abs(comparison.mean), sign=False)
    if comparison.word in ("better", "worse"):
        return (
            f"{names[0]!r} is {comparison.word} than {names[1]!r} by {difference} {metric.difference} ({confidence})."
        )
    if comparison.word == "equivalent":
        real = ", a real but small difference" if comparison.p_holm <= ALPHA else ""
        return (
            f"{names[0]!r} and {names[1]!r} are equivalent: they differ by less than "
            f"{metric.format_difference(comparison.margin, sign=False)} {metric.difference} "
            f"({metric.format_difference(comparison.mean)}{real}; {confidence})."
        )
    if comparison.word == "same runs":
        return f"{names[0]!r} and {names[1]!r} are the same runs: what was changed made no difference in any bit."
    if comparison.word == "not comparable":
        return f"No verdict on {names[0]!r} and {names[1]!r}: {listed(comparison.notes)}."
    if comparison.too_few:
        return f"{_too_few(comparison)}{_seen_so_far(comparison, names, metric)}."
    return f"Undecided: {_seen(comparison, names, metric)} ({confidence}); {would_take(comparison)}."


def _many(numbers: Numbers) -> str:
    by_word: dict[Word, list[str]] = {}
    for pair in numbers.pairs:
        by_word.setdefault(pair.comparison.word, []).append(pair.variant)
    others = [
        f"{listed_or_counted([repr(name) for name in by_word[word]], 'other')} "
        f"{'is' if len(by_word[word]) == 1 else 'are'} {phrase}"
        for word, phrase in _PHRASES.items()
        if word in by_word
    ]
    return "; ".join([_best_of_many(numbers, by_word.get("better", [])), *others]) + "."


_PHRASES: dict[Word, str] = {
    "worse": "worse",
    "equivalent": "equivalent to it",
    "undecided": "undecided",
    "too few seeds": "without enough seeds to say",
    "too few folds": "without enough folds to say",
    "same runs": "the same runs: what was changed made no difference in any bit",
    "not comparable": "not comparable",
}


def _best_of_many(numbers: Numbers, better: list[str]) -> str:
    total, baseline = len(numbers.pairs), repr(numbers.baseline)
    if not better:
        return f"None of {total} variants is shown to be better than {baseline}"
    metric = numbers.metric
    best = max(better, key=lambda name: abs(numbers.comparison(name).mean))
    comparison = numbers.comparison(best)
    difference = metric.format_difference(abs(comparison.mean), sign=False)
    most = f"{best!r}, by {difference} {metric.difference} ({_confidence(comparison, metric)})"
    if len(better) == 1:
        return f"1 of {total} variants is better than {baseline}: {most}"
    return f"{len(better)} of {total} variants are better than {baseline}, most of all {most}"


MOST_NAMED = 12  # chosen pairs or variants that the answer names one by one


def _pairs(numbers: Numbers) -> str:
    """Return the answer where pairs without a common baseline are compared: each of few pairs, else the widest one and
    counts.
    """
    by_word: dict[str, list[Pair]] = {}
    for pair in numbers.pairs:
        word = pair.comparison.word
        by_word.setdefault("differ" if word in ("better", "worse") else word, []).append(pair)
    differing, total = by_word.pop("differ", []), len(numbers.pairs)
    each_named = total <= MOST_NAMED and total < len(numbers.variants) * (len(numbers.variants) - 1) / 2
    if not differing:
        first = f"None of {total} pairs is shown to differ"
    elif each_named:
        first = f"{len(differing)} of {total} pairs {'differs' if len(differing) == 1 else 'differ'}: "
        first += _each_difference(differing, numbers.metric)
    else:
        widest = max(differing, key=lambda pair: abs(pair.comparison.mean))
        first = f"{len(differing)} of {total} pairs {'differs' if len(differing) == 1 else 'differ'}: "
        first += "" if len(differing) == 1 else "most of all, "
        first += _two(widest, numbers.metric).removesuffix(".")
    rest = [
        f"{_named(by_word[word]) if each_named else len(by_word[word])} "
        f"{'is' if len(by_word[word]) == 1 else 'are'} {phrase}"
        for word, phrase in _PHRASES.items()
        if word in by_word
    ]
    return "; ".join([first, *_best_of_all(numbers), *rest]).replace("equivalent to it", "equivalent") + "."


def _each_difference(pairs: Sequence[Pair], metric: Metric) -> str:
    """Return what each pair's first adds to its second, the widest first, with its interval."""
    parts: list[str] = []
    for pair in sorted(pairs, key=lambda pair: -abs(pair.comparison.mean)):
        comparison = pair.comparison
        by = metric.format_difference(abs(comparison.mean), sign=False)
        unit = f" {metric.difference}" if not parts else ""
        confidence = f" ({_confidence(comparison, metric)})" if not parts else ""
        parts.append(f"{pair.variant!r} is {comparison.word} than {pair.against!r} by {by}{unit}{confidence}")
    return listed(parts)


def _named(pairs: Sequence[Pair]) -> str:
    return listed([f"{pair.variant!r} against {pair.against!r}" for pair in pairs])


def _best_of_all(numbers: Numbers) -> list[str]:
    """Return the variant shown to be better than every other one, if there is one."""
    wins: dict[str, int] = {}
    for pair in numbers.pairs:
        if pair.comparison.word in ("better", "worse"):
            winner = pair.variant if pair.comparison.word == "better" else pair.against
            wins[winner] = wins.get(winner, 0) + 1
    others = len(numbers.variants) - 1
    return [f"{name!r} is better than all {others} others" for name, count in wins.items() if count == others]


def _confidence(comparison: Comparison, metric: Metric) -> str:
    """Return the interval that the word rests on, in the direction in which the sentence gives the difference."""
    interval = comparison.equivalence_interval if comparison.word == "equivalent" else comparison.interval
    if interval is None:
        return _paired(comparison)
    if comparison.word in ("better", "worse", "undecided") and comparison.mean < 0:
        interval = Interval(-interval.high, -interval.low, interval.level)
    level = 90 if comparison.word == "equivalent" else 95  # over all pairs and looks together
    shown = metric.format_difference_interval(interval)
    return f"{level} % interval {shown}{looks_in_words(comparison)}, {_paired(comparison)}"


def _paired(comparison: Comparison) -> str:
    return counted(comparison.n, f"paired {comparison.replicate}")


def _too_few(comparison: Comparison) -> str:
    over = f" {comparison.pairs} comparisons" if comparison.pairs > 1 else ""
    again = f" after {counted(len(comparison.looks), 'earlier look')}" if comparison.looks else ""
    return (
        f"Too few {comparison.replicate}s to say: {_paired(comparison)} cannot decide{over}{again}, "
        f"at least {comparison.seeds_needed} are needed"
    )


def _seen_so_far(comparison: Comparison, names: Sequence[str], metric: Metric) -> str:
    return "" if comparison.n == 0 else f" (so far {_seen(comparison, names, metric)})"


def _seen(comparison: Comparison, names: Sequence[str], metric: Metric) -> str:
    if comparison.mean == 0:
        return f"{names[0]!r} and {names[1]!r} come to the same {metric.score_label}"
    direction = "above" if comparison.mean > 0 else "below"
    unit = metric.difference.partition(" of ")[0]
    return (
        f"{names[0]!r} is {metric.format_difference(abs(comparison.mean), sign=False)} {unit} {direction} {names[1]!r}"
    )


def _incomparable(numbers: Numbers) -> list[str]:
    """Return why pairs have no verdict, where there are several pairs: a sentence for each reason."""
    reasons: dict[str, list[Pair]] = {}
    for pair in numbers.pairs if len(numbers.pairs) > 1 else ():
        if pair.comparison.word == "not comparable":
            reasons.setdefault(listed(pair.comparison.notes), []).append(pair)
    if len(reasons) == 1:
        return [f"Why no verdict: {reason}." for reason in reasons]
    return [
        f"Why no verdict on {listed_or_counted([repr(pair.variant) for pair in pairs], 'pair')}: {reason}."
        for reason, pairs in reasons.items()
    ]


def _missing(numbers: Numbers) -> list[str]:
    sentences = []
    fates: tuple[tuple[Status, str], ...] = (
        ("failed", "and is counted, not averaged"),
        ("interrupted", "and cannot be continued" if numbers.elsewhere else "and can be continued"),
        ("running", ""),
    )
    for status, fate in fates:
        per_variant = [(variant.name, variant.count(status)) for variant in numbers.variants]
        total = sum(count for _, count in per_variant)
        if total:
            named = [f"{count} of {name!r}" for name, count in per_variant if count]
            names = listed(named) if len(named) <= MOST_NAMED else f"of {len(named)} variants"
            verb = "is" if total == 1 else "are"
            state = {"failed": "failed", "interrupted": f"{verb} interrupted", "running": f"{verb} still running"}[
                status
            ]
            fate = fate if total == 1 else fate.replace("is counted", "are counted")
            sentences.append(f"{counted(total, 'run')} {state} ({names}) {fate}".rstrip() + ".")
    return sentences
