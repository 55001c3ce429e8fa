"""Which comparisons were looked at, and with which seeds: looks.json beside an experiment's runs.

Each look spends of the error rate, see statistics/looks.py. The same seeds looked at twice are one look. Where the file
is missing or damaged although there are runs, nobody knows, and each number of seeds counts as looked at: to delete it
makes no verdict easier.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_suite.reports.run_directory.checking import Fields, check_fields
from keras_suite.tasks.files.damaged import DamagedFile, NewerSchema
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed

LOOKS = "looks.json"
MOST_RUNS = 1_000_000  # of one variant; more would not fit into memory
MEND = "each number of seeds counts as looked at now"
_FILE: Fields = {"first_look_known": bool, "pairs": list}
_PAIR: Fields = {"variants": list, "unknown_up_to": int, "seeds": list}

Directories = tuple[str, str]  # of two compared variants, in the order of the alphabet


@dataclass(frozen=True)
class PairLooks:
    """The looks at one comparison.

    Attributes:
        seeds: The seeds of each look.
        unknown_up_to: The number of seeds up to which each counts as looked at, as nobody knows.
    """

    seeds: tuple[frozenset[int], ...] = ()
    unknown_up_to: int = 0


@dataclass(frozen=True)
class Looks:
    """All looks at an experiment's comparisons.

    Attributes:
        first_look_known: Whether all looks were recorded from the first one on.
        pairs: The looks at each pair of variants' directories.
        problem: What is wrong with the file, or why it could not be written; None where nothing is.
    """

    first_look_known: bool = False
    pairs: Mapping[Directories, PairLooks] = field(default_factory=dict)
    problem: str | None = None

    def earlier(self, one: str, other: str, seeds: Collection[int]) -> tuple[int, ...] | None:
        """Return the numbers of seeds at which this comparison was looked at before, None where nobody knows."""
        known = self.pairs.get(_key(one, other))
        if known is None:
            return () if self.first_look_known else None
        counts = {*range(1, known.unknown_up_to + 1), *(len(look) for look in known.seeds if look < {*seeds})}
        return tuple(sorted(counts))

    def at(self, one: str, other: str, seeds: Collection[int]) -> tuple[frozenset[int], ...]:
        """Return the seeds of each recorded look at a part of these, fewest first; of equally many the first look's."""
        known = self.pairs.get(_key(one, other), PairLooks())
        first: dict[int, frozenset[int]] = {}
        for look in known.seeds:
            if look < {*seeds}:
                first.setdefault(len(look), look)
        return tuple(first[count] for count in sorted(first))

    def gone(self, one: str, other: str, seeds: Collection[int]) -> tuple[int, ...]:
        """Return the seeds that were looked at, and whose runs are there no more."""
        known = self.pairs.get(_key(one, other), PairLooks())
        return tuple(sorted(frozenset().union(*known.seeds) - {*seeds}))

    def comparisons(self, now: Collection[Directories], directories: Sequence[str], removed: int = 0) -> int:
        """Return how many comparisons share the error rate: those of now and all that were looked at before.

        Of earlier ones count those that hold one of the present variants. Where not all looks are known, these are all
        pairs that there are, and one of each removed variant.

        Args:
            now: The directories of the pairs that are compared now.
            directories: Those of the present variants.
            removed: The number of variants whose runs are there, and which are no longer compared.
        """
        pairs = {_key(*pair) for pair in now} | {pair for pair in self.pairs if {*pair} & {*directories}}
        if self.first_look_known:
            return len(pairs)
        return max(len(pairs), len(directories) * (len(directories) - 1) // 2 + removed)

    def with_look(self, seeds_of: Mapping[Directories, Collection[int]]) -> "Looks":
        """Return these looks and one more, at the seeds of each pair; pairs without a seed show nothing."""
        pairs = dict(self.pairs)
        for (one, other), seeds in seeds_of.items():
            key, look = _key(one, other), frozenset(seeds)
            known = pairs.get(key) or PairLooks((), 0 if self.first_look_known else len(look))
            if look and look not in known.seeds:
                pairs[key] = PairLooks((*known.seeds, look), known.unknown_up_to)
        return Looks(self.first_look_known, pairs, self.problem)


def begin_looks(folder: Path) -> None:
    """Begin the record of an experiment of which nothing has been run; without effect where there is one."""
    if not (folder / LOOKS).exists():
        _write(folder, Looks(first_look_known=True))


def read_looks(folder: Path) -> Looks:
    """Return the looks recorded in an experiment's folder; a damaged record is one of which nothing is known.

    Raises:
        NewerSchema: If a newer version wrote it, whose looks must not be lost.
    """
    path = folder / LOOKS
    try:
        content = read_sealed(path, MEND)
        check_fields(path, content, _FILE, MEND)
        return Looks(content["first_look_known"], dict(_pair(path, each) for each in content["pairs"]))
    except FileNotFoundError:
        return Looks()
    except NewerSchema:
        raise
    except (ValueError, OSError) as error:
        return Looks(problem=str(error))


def record_looks(folder: Path, before: Looks, seeds_of: Mapping[Directories, Collection[int]]) -> str | None:
    """Add a look to the record of an experiment's folder. Returns why that was not possible, else None."""
    after = before.with_look(seeds_of)
    if after.pairs == before.pairs and before.problem is None:
        return None
    try:
        _write(folder, after)
    except OSError as error:
        return f"this look could not be recorded ({error.strerror or error}): make {folder.name} writable"
    return None


def _key(one: str, other: str) -> Directories:
    return (one, other) if one <= other else (other, one)


def _write(folder: Path, looks: Looks) -> None:
    pairs = [
        {"variants": list(key), "unknown_up_to": each.unknown_up_to, "seeds": [_ranges(look) for look in each.seeds]}
        for key, each in looks.pairs.items()
    ]
    write_sealed(folder / LOOKS, {"first_look_known": looks.first_look_known, "pairs": pairs})


def _pair(path: Path, found: Any) -> tuple[Directories, PairLooks]:
    check_fields(path, found, _PAIR, MEND)
    try:
        one, other = map(str, found["variants"])
        return _key(one, other), PairLooks(tuple(map(_seeds, found["seeds"])), found["unknown_up_to"])
    except (ValueError, AttributeError) as error:
        raise DamagedFile(f"{path} is damaged: {error}", MEND) from None


def _ranges(seeds: Collection[int]) -> str:
    """Return seeds as text: "1-8,11"."""
    parts: list[list[int]] = []
    for seed in sorted(seeds):
        if parts and seed == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], seed]
        else:
            parts.append([seed])
    return ",".join("-".join(map(str, part)) for part in parts)


def _seeds(text: str) -> frozenset[int]:
    ends: Sequence[Sequence[str]] = [part.split("-") for part in text.split(",")]
    if any(int(part[-1]) > MOST_RUNS for part in ends):
        raise ValueError(f"{text} are more seeds than there can be")
    return frozenset(seed for part in ends for seed in range(int(part[0]), int(part[-1]) + 1))
