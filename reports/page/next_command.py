"""The command that runs just the seeds that are missing, and the one that runs all of it again."""

import re
import shlex
from collections.abc import Sequence

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.variant_numbers import VariantNumbers

_CONFIRMS = re.compile(r" --confirm[= ]\d")
WORTH_RUNNING = 100  # seeds; beyond, the answer names the number but urges nobody to spend that


def next_command(numbers: Numbers) -> str | None:
    """The command that runs just the seeds that open pairs still need; None if there are none, or they need too many.

    It is the command the experiment was run with, asked for more seeds of the variants in those pairs: finished runs
    are never trained again.
    """
    open_pairs = [
        pair
        for pair in numbers.pairs
        if pair.comparison.seeds_needed is not None and pair.comparison.seeds_needed <= WORTH_RUNNING
    ]
    if not open_pairs:
        return None
    concerned = {name for pair in open_pairs for name in (pair.variant, pair.against)}
    variants = [variant.name for variant in numbers.variants if variant.name in concerned]
    seeds = max(_seeds_to_ask_for(numbers, pair) for pair in open_pairs)
    folds = max((run.fold.count for run in numbers.runs() if run.fold), default=1)
    seeds = folds * -(-seeds // folds)  # a partition is run whole
    return with_seeds(numbers, seeds, variants if len(variants) < len(numbers.variants) else ())


def whole_command(numbers: Numbers) -> str:
    """The command that repeats every run there is: the last one may have been for some of the variants or seeds."""
    seeds = max((run.seed for run in numbers.runs()), default=0)
    asked = re.search(r"--seeds[= ](\d+)", numbers.command)
    if _CONFIRMS.search(numbers.command):
        return numbers.command
    partly = re.search(r"--variant[= ]", numbers.command) is not None
    if not seeds or (not partly and (asked is None or int(asked.group(1)) >= seeds)):
        return numbers.command
    return with_seeds(numbers, seeds)


def with_seeds(numbers: Numbers, seeds: int, variants: Sequence[str] = ()) -> str:
    """The experiment's command with `--seeds` set anew, for these variants or for all."""
    if _CONFIRMS.search(numbers.command):
        return _with_fresh_seeds(numbers.command, seeds)
    words = shlex.split(numbers.command) or ["keras-suite", "run", numbers.name]
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("--seeds", "--variant"):
            skip = True
        elif word != "--fresh" and not re.match(r"--(seeds|variant)=", word):
            kept.append(word)
    chosen = [word for name in variants for word in ("--variant", name)]
    return shlex.join([*kept, *chosen, "--seeds", str(seeds)])


def _with_fresh_seeds(command: str, last: int) -> str:
    """`tune` counts the seeds that confirm its winners from behind those of its trials on."""
    searched = re.search(r"--seeds[= ](\d+)", command)
    asked = f"--confirm-seeds {last - (int(searched.group(1)) if searched else 1)}"
    without = re.sub(r" --confirm-seeds[= ]\d+| --fresh\b", "", command)
    return f"{without} {asked}"


def _seeds_to_ask_for(numbers: Numbers, pair: Pair) -> int:
    """A seed that failed on either side gives no pair, one that is not finished yet may.

    Seeds count from 1; those that confirm a sweep from behind its own.
    """
    sides: list[VariantNumbers] = [numbers.variant(pair.variant), numbers.variant(pair.against)]
    runs = [run for side in sides for run in side.runs]
    asked, first = max((run.seed for run in runs), default=0), min((run.seed for run in runs), default=1)
    failed = {run.seed for run in runs if run.status == "failed"}
    return asked + max(0, (pair.comparison.seeds_needed or 0) - (asked + 1 - first - len(failed)))
