"""Runs of a tracker, each with one score, as a table: what names their variant and seed, and that none stands twice."""

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from keras_suite.reports.elsewhere.columns import LARGEST, LONGEST_NAME
from keras_suite.reports.elsewhere.pairing import Key, require_all_seeds, require_several
from keras_suite.reports.elsewhere.table import Table, TableRun
from keras_suite.reports.elsewhere.told import SHARE, Told
from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import listed
from keras_suite.tasks.wording.shown import shown

SEEDS = ("seed", "random_seed", "random_state")  # what a seed is called, where nobody says it
SMALLER = re.compile(r"(^|_)(loss|error|err|mse|rmse|mae|nll|perplexity|wer|cer|fid)(_|$)")
MEASURED_ON = {"test": "test", "val": "validation", "validation": "validation", "train": "training"}
NAMED = 12  # names that a message lists


@dataclass(frozen=True)
class FoundRun:
    """A run as a tracker has it.

    Attributes:
        name: What a message calls it.
        settings: Its parameters, as text.
        metrics: The last value of each.
        labels: What else may name a variant or a seed, where it is asked for by name: tags.
    """

    name: str
    settings: Mapping[str, str]
    metrics: Mapping[str, float]
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> Mapping[str, str]:
        """All that has a name: settings, and where they say nothing, labels."""
        return {**self.labels, **self.settings}


@dataclass(frozen=True)
class Chosen:
    """What of runs is compared.

    Attributes:
        variant: The settings that name the variant; none for all that differ.
        seed: The setting that is the seed; None for one that is called so.
        metric: The score; None where the runs have one metric alone.
    """

    variant: tuple[str, ...] = ()
    seed: str | None = None
    metric: str | None = None


def scored_table(source: str, runs: Sequence[FoundRun], chosen: Chosen, told: Told) -> tuple[Table, Told]:
    """Return runs as a table, and what is told of their scores with what the metric's name says.

    Args:
        source: What has the runs, for messages.
        runs: One at least.
        chosen: What of them is compared.
        told: What a user says of the scores.

    Raises:
        ValueError: With what is wrong, in one line: no seed, no such metric, a run that stands twice, seeds missing.
    """
    seed = chosen.seed or _seed_name(source, runs)
    metric = chosen.metric or _only_metric(source, runs)
    by = chosen.variant or _differing(source, runs, seed)
    found: dict[Key, FoundRun] = {}
    scores: dict[Key, float] = {}
    for run in runs:
        key = Key(_variant(source, run, by, bool(chosen.variant)), _seed(source, run, seed))
        if key in found:
            raise ValueError(
                f"{source}: the runs {found[key].name} and {run.name} are both {key}: leave one out, or name what "
                "tells them apart with --variant"
            )
        found[key], scores[key] = run, _score(source, run, metric)
    told = _completed(told, metric, scores.values())
    low, high = told.bounds(False)
    for key, score in scores.items():
        if not low <= score <= high:
            raise ValueError(
                f"{source}: {metric} of run {found[key].name} is {score:g}, and --unit says {low:g} to {high:g}"
            )
    variants = tuple(dict.fromkeys(key.variant for key in found))
    require_several(source, variants)
    try:
        require_all_seeds(source, variants, found)
    except ValueError as error:
        if chosen.variant:
            raise
        raise ValueError(f"{error} (variants are what differs in {_some(by)}: name others with --variant)") from None
    ordered = sorted(found, key=lambda key: (variants.index(key.variant), key.seed))
    table_runs = tuple(TableRun(key, scores[key]) for key in ordered)
    return Table(variants, table_runs, (), None, (), False, len(runs)), told


def _completed(told: Told, metric: str, scores: Iterable[float]) -> Told:
    """Return what is told of the scores, with the metric's name, and the unit where that follows from it.

    Raises:
        ValueError: If smaller scores seem to be better, and nobody said so.
    """
    if told.direction is None and SMALLER.search(metric.lower()):
        raise ValueError(
            f"of {metric} smaller values seem to be better: say so with --direction min, or --direction max"
        )
    prefix, _, rest = metric.partition("_")
    measured_on = MEASURED_ON.get(prefix.lower()) if rest else None
    name = (rest if measured_on else metric).replace("_", " ")
    unit = told.unit
    if unit is None and name.lower().endswith("accuracy") and all(0 <= score <= 1 for score in scores):
        unit = SHARE
    return dataclasses.replace(told, metric=name, unit=unit, measured_on=measured_on or told.measured_on)


def _seed_name(source: str, runs: Sequence[FoundRun]) -> str:
    for name in SEEDS:
        if all(name in run.named for run in runs):
            return name
    raise ValueError(
        f"{source}: not every run has a seed: name the setting that it is with --seed; expected one of "
        f"{_some(_shared(run.named for run in runs))}"
    )


def _only_metric(source: str, runs: Sequence[FoundRun]) -> str:
    names = _shared(run.metrics for run in runs)
    if len(names) == 1:
        return names[0]
    if not names:
        raise ValueError(f"{source}: no metric is common to all runs: leave out those without one")
    raise ValueError(f"{source}: which metric is the score? Name it with --metric: {_some(names)}")


def _shared(of_runs: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the names that all runs have."""
    every = list(of_runs)
    return [name for name in every[0] if all(name in each for each in every)]


def _differing(source: str, runs: Sequence[FoundRun], seed: str) -> tuple[str, ...]:
    """Return the settings that differ between the runs, but for the seed."""
    names = dict.fromkeys(name for run in runs for name in run.settings)
    by = tuple(name for name in names if name != seed and len({run.settings.get(name) for run in runs}) > 1)
    if not by:
        raise ValueError(f"{source}: the runs differ in nothing but {seed}: there are no variants to compare")
    return by


def _variant(source: str, run: FoundRun, by: Sequence[str], named: bool) -> str:
    """Return what the variant is called: its setting where one was named, else "name=value, name=value"."""
    for name in by:
        if named and name not in run.named:
            raise ValueError(f"{source}, run {run.name}: {unknown('setting', name, run.named)}")
    values = {name: run.named.get(name, "none") for name in by}
    words = values[by[0]] if named and len(by) == 1 else ", ".join(f"{name}={value}" for name, value in values.items())
    words = " ".join(words.split())
    if not words or not words.isprintable() or len(words) > LONGEST_NAME:
        raise ValueError(
            f"{source}: run {run.name} would be the variant {shown(shortened(words))}, and expected is a name of at "
            f"most {LONGEST_NAME} letters: name the settings that tell variants apart with --variant"
        )
    return words


def _seed(source: str, run: FoundRun, name: str) -> int:
    text = run.named.get(name)
    if text is None:
        raise ValueError(f"{source}: run {run.name} has no {name}: leave it out, or name the seed with --seed")
    if not re.fullmatch(r"[+-]?\d{1,15}(\.0*)?", text.strip()):
        raise ValueError(
            f"{source}: {name} of run {run.name} is {shown(shortened(text))}, and expected is a whole number"
        )
    return int(float(text))


def _score(source: str, run: FoundRun, metric: str) -> float:
    if metric not in run.metrics:
        has = f"it has {_some(run.metrics)}" if run.metrics else "it has none"
        raise ValueError(f"{source}: run {run.name} has no metric {metric} ({has}): leave it out, or name another one")
    score = run.metrics[metric]
    if not math.isfinite(score) or abs(score) > LARGEST:
        raise ValueError(f"{source}: {metric} of run {run.name} is {score:g}, and expected is a finite number")
    return score


def _some(names: Iterable[str]) -> str:
    every = [shortened(name) for name in names]
    if not every:
        return "none"
    return listed(every if len(every) <= NAMED else [*every[:NAMED], f"{len(every) - NAMED} more"])
