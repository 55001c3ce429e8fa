"""Hyperband's brackets: how many trials it trains for how many epochs, and which can still be promoted."""

from collections.abc import Sequence
from dataclasses import dataclass

from keras_suite.experiments.tuning.oracles import Hyperband
from keras_suite.tasks.wording.quantities import counted


@dataclass(frozen=True)
class Round:
    """`size` trials, each trained until its epoch `until`, from `since` on."""

    size: int
    since: int
    until: int


def brackets(oracle: Hyperband) -> tuple[tuple[Round, ...], ...]:
    """The rounds of each bracket, in the order in which one iteration begins them."""
    numbers = reversed(range(oracle._get_num_brackets()))
    return tuple(tuple(_round(oracle, bracket, number) for number in range(bracket + 1)) for bracket in numbers)


def _round(oracle: Hyperband, bracket: int, number: int) -> Round:
    since = oracle._get_epochs(bracket, number - 1) if number else 0
    return Round(oracle._get_size(bracket, number), since, oracle._get_epochs(bracket, number))


def trials_in(found: Sequence[Sequence[Round]]) -> int:
    """All trials of one iteration; a promotion is a trial of its own."""
    return sum(each.size for rounds in found for each in rounds)


def epochs_in(found: Sequence[Sequence[Round]]) -> int:
    """All epochs of one iteration; those before a promotion are not trained again."""
    return sum(each.size * (each.until - each.since) for rounds in found for each in rounds)


def in_words(found: Sequence[Sequence[Round]]) -> list[str]:
    """A line for each bracket."""
    lines = []
    for number, rounds in enumerate(found, 1):
        first, *others = rounds
        line = f"bracket {number}: {counted(first.size, 'trial')} to epoch {first.until}"
        lines.append(line + "".join(f", the best {each.size} of them on to epoch {each.until}" for each in others))
    return lines


def promotable(oracle: Hyperband) -> set[int]:
    """The trials that the oracle may still go on from. KerasTuner drops a bracket once its last round is full."""
    found: set[int] = set()
    for bracket in oracle._brackets:
        rounds = bracket["rounds"]
        for number, after in enumerate(rounds[1:], 1):
            if len(after) < oracle._get_size(bracket["bracket_num"], number):
                gone_on = {each["past_id"] for each in after}
                found |= {int(each["id"]) for each in rounds[number - 1] if each["id"] not in gone_on}
    return found
