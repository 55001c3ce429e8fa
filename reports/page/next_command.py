"""The command that runs only the missing seeds, and the one that repeats an experiment."""

import re
import shlex
from collections.abc import Sequence

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.statistics.looks import HORIZON

_CONFIRMS = re.compile(r" --confirm[= ]\d")
_CALL = re.compile(r"run\(.+\)")  # of experiments/from_python.py
MOST_NAMED = 24  # variants in a command; where more are open it is the one for all
WORTH_RUNNING = 100  # seeds; more are named in the answer but not suggested


def next_command(numbers: Numbers) -> str | None:
    """Return the command that goes on until undecided pairs are decided; None where that takes more than 100 seeds.

    It is the experiment's own command with more seeds of the variants in those pairs; finished runs are not repeated.
    Where runs are gone that one side of a pair still has, it is the command that trains them again.
    None, too, where seeds alone decide nothing, or where other code trains them.
    """
    if numbers.elsewhere:
        return None
    gone = [pair for pair in numbers.pairs if pair.comparison.word == "not comparable" and _lacks_runs(numbers, pair)]
    if gone and not numbers.unread:  # the warnings say what comes before
        return with_seeds(numbers, max(_last_run(numbers, pair) for pair in gone))
    open_pairs = [
        pair
        for pair in numbers.pairs
        if pair.comparison.seeds_needed is not None and pair.comparison.seeds_needed <= WORTH_RUNNING
    ]
    if not open_pairs:
        return None
    affected = {name for pair in open_pairs for name in (pair.variant, pair.against)}
    variants = [variant.name for variant in numbers.variants if variant.name in affected]
    seeds = max(_last_seed(numbers, pair) for pair in open_pairs)
    folds = max((run.fold.count for run in numbers.runs() if run.fold), default=1)
    seeds = folds * -(-seeds // folds)  # all folds of a partition
    only = variants if len(variants) < len(numbers.variants) and len(variants) <= MOST_NAMED else ()
    undecided = [pair.comparison.plan for pair in open_pairs if pair.comparison.word == "undecided"]
    if not undecided or folds > 1 or _CONFIRMS.search(numbers.command) or _CALL.fullmatch(numbers.command):
        return with_seeds(numbers, seeds, only)
    most = max([seeds, *(plan.high or 0 for plan in undecided if plan and (plan.high or 0) <= WORTH_RUNNING)])
    limit = ["--max-seeds", str(most)] if most > HORIZON else []
    return shlex.join([*_without_seeds(numbers), *_chosen(only), "--until-decided", *limit])


def repeat_command(numbers: Numbers) -> str:
    """Return the command that repeats all runs; the last one may have been for some variants or seeds only.

    Of runs that other code trained it is the recorded one.
    """
    if numbers.elsewhere:
        return numbers.command
    seeds = max((run.seed for run in numbers.runs()), default=0)
    requested = re.search(r"(?:--seeds[= ]|\bseeds=)(\d+)", numbers.command)
    if _CONFIRMS.search(numbers.command):
        return numbers.command
    partial = re.search(r"--variant[= ]|, variants=", numbers.command) is not None
    if not seeds or (not partial and (requested is None or int(requested.group(1)) >= seeds)):
        return numbers.command
    return with_seeds(numbers, seeds)


def with_seeds(numbers: Numbers, seeds: int, variants: Sequence[str] = ()) -> str:
    """Return the experiment's command with `--seeds` replaced, for these variants or for all."""
    if _CONFIRMS.search(numbers.command):
        return _with_fresh_seeds(numbers.command, seeds)
    if _CALL.fullmatch(numbers.command):
        of_these = f", variants={list(variants)}" if variants else ""
        return re.sub(r", (seeds=\d+|variants=\[.*?\])|\)$", "", numbers.command) + f", seeds={seeds}{of_these})"
    return shlex.join([*_without_seeds(numbers), *_chosen(variants), "--seeds", str(seeds)])


def _chosen(variants: Sequence[str]) -> list[str]:
    return [word for name in variants for word in ("--variant", name)]


def _without_seeds(numbers: Numbers) -> list[str]:
    """Return the words of the experiment's command without what chooses seeds and variants."""
    words = shlex.split(numbers.command) or ["keras-suite", "run", numbers.name]
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("--seeds", "--variant", "--max-seeds"):
            skip = True
        elif word not in ("--fresh", "--until-decided") and not re.match(r"--(seeds|variant|max-seeds)=", word):
            kept.append(word)
    return kept


def _with_fresh_seeds(command: str, last: int) -> str:
    """Return a `tune` command with `--confirm-seeds` replaced; these seeds follow those of the trials."""
    searched = re.search(r"--seeds[= ](\d+)", command)
    option = f"--confirm-seeds {last - (int(searched.group(1)) if searched else 1)}"
    without = re.sub(r" --confirm-seeds[= ]\d+| --fresh\b", "", command)
    return f"{without} {option}"


def _last_seed(numbers: Numbers, pair: Pair) -> int:
    """Return the last seed to request, so that the pair has enough.

    A seed that failed in either variant gives no pair; an unfinished one may. Seeds count from 1; those that confirm a
    sweep follow its own.
    """
    runs = [run for variant in _sides(numbers, pair) for run in variant.runs]
    last, first = _last_run(numbers, pair), min((run.seed for run in runs), default=1)
    failed = {run.seed for run in runs if run.status == "failed"}
    return last + max(0, (pair.comparison.seeds_needed or 0) - (last + 1 - first - len(failed)))


def _last_run(numbers: Numbers, pair: Pair) -> int:
    return max((run.seed for variant in _sides(numbers, pair) for run in variant.runs), default=0)


def _lacks_runs(numbers: Numbers, pair: Pair) -> bool:
    """Return whether one side of a pair has no completed run of a seed that the other completed."""
    one, other = (set(variant.completed()) for variant in _sides(numbers, pair))
    return one != other


def _sides(numbers: Numbers, pair: Pair) -> list[VariantNumbers]:
    return [numbers.variant(pair.variant), numbers.variant(pair.against)]
