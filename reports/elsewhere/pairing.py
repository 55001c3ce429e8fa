"""What runs of several variants must have in common to be compared: the same seeds, or the same folds."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.wording.quantities import counted, listed

MOST_VARIANTS = 1_000
NAMED = 3  # missing seeds and images that a message names


class Key(NamedTuple):
    """One run: with a seed, or in cross-validation of a fold, and with the seed of that where it was repeated."""

    variant: str
    seed: int
    fold: int | None = None

    def __str__(self) -> str:
        fold = "" if self.fold is None else f"fold {self.fold} of "
        return f"{shortened(self.variant)}, {fold}seed {self.seed}"


def require_several(source: str, variants: Sequence[str]) -> None:
    """Raise ValueError for one variant alone, or far too many; `source` is what has them."""
    if len(variants) == 1:
        raise ValueError(f"{source} has the variant {shortened(variants[0])} alone: expected two or more to compare")
    if len(variants) > MOST_VARIANTS:
        raise ValueError(
            f"{source} has {len(variants):,} variants, more than {MOST_VARIANTS:,}: is something else mistaken for the "
            "variant?"
        )


def require_all_seeds(source: str, variants: Sequence[str], runs: Iterable[Key]) -> None:
    """Raise ValueError unless every variant has the same seeds; `source` is what has the runs."""
    found: dict[str, set[tuple[int, int | None]]] = {variant: set() for variant in variants}
    for variant, seed, fold in runs:
        found[variant].add((seed, fold))
    every = set().union(*found.values())
    noun = "seed" if all(fold is None for _, fold in every) else "fold"
    lacking = [
        f"{shortened(variant)} lacks {_missing(every, every - own)}" for variant, own in found.items() if own != every
    ]
    if lacking:
        more = [f"{len(lacking) - NAMED} more variants lack {noun}s"] if len(lacking) > NAMED else []
        raise ValueError(
            f"{source} is not paired, for {listed([*lacking[:NAMED], *more])}: give each variant the same {noun}s, or "
            "leave those out"
        )


def _missing(every: Collection[tuple[int, int | None]], lacking: Collection[tuple[int, int | None]]) -> str:
    """Return "seed 3", "fold 3", and of several cross-validations "fold 3 of seed 2"."""
    ordered = sorted(lacking, key=lambda each: (each[0], each[1] or 0))
    if all(fold is None for _, fold in every):
        return named("seed", [str(seed) for seed, _ in ordered])
    repeated = len({seed for seed, _ in every}) > 1
    return named("fold", [f"{fold} of seed {seed}" if repeated else str(fold) for seed, fold in ordered])


def number_of_folds(source: str, runs: Collection[Key]) -> int:
    """Return how many folds each seed's cross-validation has; 0 where runs are of seeds; `source` is what has them.

    Raises:
        ValueError: If a seed lacks a fold of another one, or there is one fold alone.
    """
    folds = {key.fold for key in runs if key.fold is not None}
    if not folds:
        return 0
    found: set[tuple[int, int | None]] = {(key.seed, key.fold) for key in runs}
    every: set[tuple[int, int | None]] = {(seed, fold) for seed, _ in found for fold in folds}
    if every - found:
        raise ValueError(
            f"{source} lacks {_missing(every, every - found)}: expected all folds of each cross-validation"
        )
    if len(folds) < 2:
        raise ValueError(f"{source} has fold {min(folds)} alone: expected two or more, or the column seed")
    return len(folds)


def named(noun: str, names: Sequence[str]) -> str:
    """Return "seed 3", "seeds 1, 2 and 3", "seeds 1, 2, 3 and 5 more"."""
    if len(names) <= NAMED + 1:
        return f"{noun if len(names) == 1 else f'{noun}s'} {listed(list(names))}"
    return f"{counted(len(names), noun)} ({', '.join(names[:NAMED])}, …)"
