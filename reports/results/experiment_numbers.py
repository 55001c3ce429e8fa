"""From run directories to the numbers of an experiment, before any of it is plotted or worded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_suite.reports.results.chosen_score import about_score
from keras_suite.reports.results.comparability import unlike, unlike_tests
from keras_suite.reports.results.pairs import Pair, chosen_pairs, compared
from keras_suite.reports.results.run_numbers import RunNumbers, run_numbers, scored_task, task_of_run
from keras_suite.reports.results.variant_numbers import VariantNumbers, variant_numbers
from keras_suite.reports.run_directory import ExperimentRuns, Run, Variant
from keras_suite.reports.run_directory.looks import Looks, read_looks, record_looks
from keras_suite.reports.statistics.verdicts import Comparison, Replicate
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Metric, Task
from keras_suite.tasks.wording.quantities import listed


@dataclass(frozen=True)
class Numbers:
    """All numbers of an experiment's report.

    Attributes:
        command: As it was typed, with this machine's paths: apply `without_paths` before it is sent to others.
            So do with the problems.
        variants: In the experiment's order, the baseline first.
        pairs: The compared pairs: each other variant with the baseline, unless others were requested.
        problems: A warning for each thing that does not fit.
        left_out: The folders that belong to no current variant.
        unread: The runs that could not be read.
    """

    name: str
    question: str
    command: str
    baseline: str
    variants: tuple[VariantNumbers, ...]
    pairs: tuple[Pair, ...]
    class_names: tuple[str, ...]
    problems: tuple[str, ...]
    left_out: tuple[str, ...]
    unread: tuple[str, ...] = ()

    def variant(self, name: str) -> VariantNumbers:
        """Return the variant of this name."""
        return next(variant for variant in self.variants if variant.name == name)

    def position(self, name: str) -> int:
        """Return the variant's position from 0, which decides its colour."""
        return [variant.name for variant in self.variants].index(name)

    def classes_of(self, variant: str) -> tuple[str, ...]:
        """Return the names of the classes that this variant's runs tell apart; variants may differ in them."""
        sources = [run.source for run in self.variant(variant).runs if run.source]
        return _recorded_names(sources) or self.class_names

    def comparison(self, variant: str, against: str | None = None) -> Comparison:
        """Return the comparison of this variant with `against`, by default the baseline."""
        names = (variant, against or self.baseline)
        return next(pair.comparison for pair in self.pairs if (pair.variant, pair.against) == names)

    def runs(self) -> list[RunNumbers]:
        """Return all runs, variant by variant."""
        return [run for variant in self.variants for run in variant.runs]

    @property
    def task(self) -> Task:
        """What the runs predict."""
        return self.variants[0].task

    @property
    def metric(self) -> Metric:
        """The metric of the test images."""
        return self.task.score

    def best_first(self) -> list[VariantNumbers]:
        """Return the variants by their mean test scores; those without one last."""
        return sorted(self.variants, key=lambda variant: -self.metric.goodness(variant.test_score.mean))

    @property
    def elsewhere(self) -> bool:
        """Whether other code trained the runs, so that the suite cannot train or continue any."""
        return any(run.elsewhere for run in self.runs())

    @property
    def repeats(self) -> bool:
        """Whether the runs are repeats of the cross-validation of one classifier."""
        return any(run.is_repeat for run in self.runs())

    @property
    def replicate(self) -> Replicate:
        """What a run is a replicate of: "seed", or in cross-validation "fold"."""
        return "fold" if any(run.fold for run in self.runs()) else "seed"

    def one_loss(self) -> bool:
        """Return whether all variants train with the same loss, so that its values can be compared."""
        return len({variant.loss for variant in self.variants if variant.loss}) < 2

    def one_baseline(self) -> bool:
        """Return whether every pair is a variant with the baseline."""
        return all(pair.against == self.baseline for pair in self.pairs)


def experiment_numbers(
    experiment: ExperimentRuns,
    margin: float | None = None,
    *,
    against: Sequence[str] = (),
    all_pairs: bool = False,
    score: str | None = None,
) -> Numbers:
    """Return the numbers of an experiment's current variants.

    `margin`: the largest difference of test scores that does not matter, of shares from 0 to 1 as they are; by default
    the measure's own, for accuracy the larger of 0.002 (0.2 percentage points) and one test image. `against`,
    `all_pairs`: see `chosen_pairs`; without them the pairs are the experiment's own. `score`: the metric of the test
    images that is compared; None for the task's own.
    """
    rows: dict[str, list[RunNumbers]] = {}
    problems: list[str] = []
    for run in experiment.runs:
        row, warnings = run_numbers(run, score)
        rows.setdefault(run.path.parent.name, []).append(row)
        problems += warnings
    task, names = task_of_all(experiment.runs, score), _recorded_names(experiment.runs)
    if score is not None:
        problems += about_score(task_of_all(experiment.runs), task, [row for of in rows.values() for row in of])
    looks = read_looks(experiment.folder)
    numbers = numbers_of(
        experiment,
        rows,
        task,
        margin,
        looks=looks,
        problems=[*problems, *_unknown_looks(looks)],
        class_names=names,
        against=against,
        all_pairs=all_pairs,
    )
    return looked_at(experiment, numbers, looks)


def looked_at(experiment: ExperimentRuns, numbers: Numbers, looks: Looks, folder: Path | None = None) -> Numbers:
    """Record that these numbers are looked at, and return them, with a warning where that is not possible.

    Args:
        experiment: What they are of.
        numbers: The numbers.
        looks: The looks before.
        folder: Where looks are recorded; by default the experiment's folder.
    """
    of = {variant.name: variant.directory for variant in experiment.variants}
    seeds = {(of[pair.variant], of[pair.against]): pair.seeds for pair in numbers.pairs}
    problem = record_looks(folder or experiment.folder, looks, seeds)
    if problem is None:
        return numbers
    return replace(numbers, problems=(*numbers.problems, problem))


def numbers_of(
    experiment: ExperimentRuns,
    rows: Mapping[str, Sequence[RunNumbers]],
    task: Task,
    margin: float | None = None,
    *,
    looks: Looks | None = None,
    problems: Sequence[str] = (),
    class_names: Sequence[str] = (),
    against: Sequence[str] = (),
    all_pairs: bool = False,
) -> Numbers:
    """Return the numbers of an experiment from those of its runs.

    Args:
        experiment: What is asked of which variants.
        rows: The runs by the directory of their variant.
        task: What they predict.
        margin: As in `experiment_numbers`.
        looks: At which seeds the variants were looked at before; None where nobody knows.
        problems: Warnings about the runs, beside the experiment's own.
        class_names: The classes' names; without any, they are numbered.
        against: As in `experiment_numbers`.
        all_pairs: The same.
    """
    largest = task.score.bounds[1]
    if margin is not None and not 0 <= margin < largest:
        raise ValueError(
            f"margin={margin} is not possible: expected a difference of test scores from 0 up to {largest:g}"
        )
    begun, missing = _begun(experiment.variants, rows, against)
    names = [variant.name for variant in begun]
    first = experiment.baseline if experiment.baseline in names else names[0]
    own = [pair for pair in experiment.against if {*pair.split("=")} <= {*names}]
    baseline, pairs = chosen_pairs(names, first, against or (() if all_pairs else own), all_pairs)
    if experiment.against and not own and not against and not all_pairs:
        pairs = ()  # of the experiment's own pairs there is none yet
    variants = tuple(
        variant_numbers(variant, rows.get(variant.directory, []), task) for variant in _first(begun, baseline)
    )
    scored = [row for of_variant in rows.values() for row in of_variant if row.scores is not None]
    test_sets = [row.labels for of_variant in rows.values() for row in of_variant if row.labels is not None]
    return Numbers(
        name=experiment.name,
        question=without_paths(experiment.question),
        command=experiment.command,
        baseline=baseline,
        variants=variants,
        pairs=compared(
            {variant.name: variant for variant in variants},
            pairs,
            margin,
            looks,
            {variant.name: variant.directory for variant in experiment.variants},
            len(experiment.left_out),
        ),
        class_names=tuple(class_names) or _numbered(test_sets),
        problems=(
            *missing,
            *experiment.problems,
            *_of_looks(looks),
            *problems,
            *unlike(experiment.runs),
            *unlike_tests(scored),
        ),
        left_out=experiment.left_out,
        unread=experiment.unread,
    )


def _unknown_looks(looks: Looks) -> list[str]:
    if looks.first_look_known or looks.problem:
        return []
    return [
        "when these runs were looked at first is not recorded, so each number of seeds and every pair counts as a look"
    ]


def _of_looks(looks: Looks | None) -> list[str]:
    return [looks.problem] if looks and looks.problem else []


def task_of_all(runs: Sequence[Run], score: str | None = None) -> Task:
    """Return the task of all runs, with the own metrics of any, and another score if one is asked for.

    Raises:
        ValueError: Where they have several, or it has no such score.
    """
    tasks = [task_of_run(run) for run in runs]
    names = {task.name for task in tasks}
    if len(names) > 1:
        raise ValueError(f"the runs predict different targets ({listed(sorted(names))}) and cannot be compared")
    task = tasks[0].measuring(metric for task in tasks for metric in task.own_metrics) if tasks else CLASSES
    return scored_task(task, score, runs)


def _begun(
    variants: Sequence[Variant], rows: Mapping[str, Sequence[RunNumbers]], against: Sequence[str]
) -> tuple[Sequence[Variant], list[str]]:
    """Return the variants that have a run or are named in `against`, all if none has, and a line on the others."""
    named = {name for pair in against for name in pair.split("=")}
    begun = [variant for variant in variants if rows.get(variant.directory) or variant.name in named]
    if not any(rows.get(variant.directory) for variant in variants) or len(begun) == len(variants):
        return variants, []
    others = [repr(variant.name) for variant in variants if variant not in begun]
    verbs = "has no run yet and is" if len(others) == 1 else "have no run yet and are"
    return begun, [f"{listed(others)} {verbs} left out"]


def _first(variants: Sequence[Variant], baseline: str) -> list[Variant]:
    return sorted(variants, key=lambda variant: variant.name != baseline)


def _numbered(test_sets: Sequence[np.ndarray]) -> tuple[str, ...]:
    count = max((int(labels.max()) + 1 for labels in test_sets), default=0)
    return tuple(str(number) for number in range(count))


def _recorded_names(runs: Sequence[Run]) -> tuple[str, ...]:
    recorded = ((run.record.get("data") or {}).get("class_names") for run in runs)
    return next((tuple(str(name) for name in names) for names in recorded if names), ())
