"""What of a large experiment the pictures show: tables hold all variants, but nobody reads a hundred curves."""

import dataclasses

from keras_suite.reports.results.experiment_numbers import Numbers

VARIANTS = 24
PAIRS = 40


def drawn(numbers: Numbers) -> Numbers:
    """The numbers of at most 24 variants, the baseline and the best of the others, and of their 40 widest pairs."""
    others = [variant for variant in numbers.best_first() if variant.name != numbers.baseline]
    kept = {numbers.baseline, *(variant.name for variant in others[: VARIANTS - 1])}
    pairs = [pair for pair in numbers.pairs if {pair.variant, pair.against} <= kept and pair.comparison.n]
    widest = sorted(pairs, key=lambda pair: -abs(pair.comparison.mean))[:PAIRS]
    return dataclasses.replace(
        numbers,
        variants=tuple(variant for variant in numbers.variants if variant.name in kept),
        pairs=tuple(pair for pair in numbers.pairs if any(pair is each for each in widest)),
    )


def left_undrawn(numbers: Numbers, shown: Numbers) -> str | None:
    """The line that says so; None where all is shown."""
    lines, others, of = [], len(shown.variants) - 1, len(numbers.variants) - 1
    if others < of:
        lines.append(f"{numbers.baseline} and the {others} best of the other {of:,} variants")
    comparable = [pair for pair in numbers.pairs if pair.comparison.n]
    if len(shown.pairs) == PAIRS < len(comparable):
        lines.append(f"the {PAIRS} widest of {len(comparable):,} differences")
    return f"The pictures show {' and '.join(lines)}; the tables hold all." if lines else None
