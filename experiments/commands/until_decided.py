"""`run --until-decided`: add seeds where the answer is open, drop variants that are decided, stop when it stands.

Each round ends with a look at the comparisons, which is recorded like any other and spends its part of the error rate
(reports/statistics/looks.py), so the answer holds at 5 % however many rounds it took.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text

from keras_suite.experiments.commands.command_line import bad_input, out
from keras_suite.experiments.commands.plan_run import Begun, RunRequest, begin, train
from keras_suite.experiments.scheduling.limits import check_run_count
from keras_suite.experiments.scheduling.plan import make_plan
from keras_suite.reports.results.evidence import would_take
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.results.pairs import Pair, chosen_pairs
from keras_suite.reports.run_directory import read_experiment
from keras_suite.reports.statistics.looks import HORIZON
from keras_suite.reports.statistics.planning import fewest_seeds
from keras_suite.tasks.wording.quantities import counted, listed

if TYPE_CHECKING:
    from keras_suite.experiments.tracking.mlflow_log import MlflowLog

GROWTH = 1.2  # of the seeds from look to look: twelve looks from 6 to 48


def begin_rounds(request: RunRequest, max_seeds: int | None) -> Begun:
    """Check everything and plan the first round, as `begin` does.

    Args:
        request: What is to be run; its `seeds` are those of the first round, by default the fewest that can decide.
        max_seeds: The most seeds of a variant; None for 48.

    Raises:
        ValueError, OSError: With what is wrong, before anything trains.
    """
    return begin(replace(request, seeds=_first_round(request, max_seeds or HORIZON)))


def train_rounds(
    begun: Begun, request: RunRequest, max_seeds: int | None, debug: bool, log: "MlflowLog | None" = None
) -> bool:
    """Train round after round until nothing is open that seeds could decide, and return whether any run failed.

    Args:
        begun: The first round.
        request: As for `begin_rounds`.
        max_seeds: As for `begin_rounds`.
        debug: Whether errors between the rounds keep their traceback.
        log: Where all runs are logged, too.
    """
    most = max_seeds or HORIZON
    variants = list(request.variants or begun.configs)
    seeds, failed = max(job.seed for job in begun.plan.jobs), False
    while True:
        failed |= train(begun.plan, begun.workers, request.folder, begun.seconds, log)
        with bad_input(debug):
            numbers = experiment_numbers(read_experiment(request.folder))
            compared = [pair for pair in numbers.pairs if {pair.variant, pair.against} <= {*variants}]
            still_open = [pair for pair in compared if _seeds_may_decide(pair, most)]
            out.print(Text(_state(numbers, still_open, seeds)), soft_wrap=True)
            if not still_open or seeds >= most:
                return failed
            affected = {name for pair in still_open for name in (pair.variant, pair.against)}
            variants = [name for name in variants if name in affected]
            seeds = next_look(seeds, most)
            begun = _next_round(begun, request, variants, seeds)


def next_look(seeds: int, most: int) -> int:
    """Return the seeds of the next look: a fifth more, two at least, `most` at most."""
    return min(max(round(seeds * GROWTH), seeds + 2), most)


def _first_round(request: RunRequest, most: int) -> int:
    experiment = request.entry.experiment
    baseline = next(iter(experiment.variants))
    names = [name for name in experiment.variants if not request.variants or name in request.variants]
    _, pairs = chosen_pairs(list(experiment.variants), baseline, experiment.against)
    compared = [pair for pair in pairs if {*pair} <= {*names}]
    if not compared:
        raise ValueError(
            f"--until-decided compares variants, and {listed([repr(name) for name in names])} alone leaves nothing to "
            f"compare: add --variant {baseline}, or leave --variant out"
        )
    fewest = fewest_seeds(len(pairs))
    first = request.seeds or min(fewest, most)
    if most < fewest:
        raise ValueError(
            f"--max-seeds {most} is not enough: {counted(len(pairs), 'comparison')} cannot be decided with fewer than "
            f"{fewest} seeds"
        )
    if first > most:
        raise ValueError(f"--seeds {first} is more than --max-seeds {most}: the first round takes --seeds")
    check_run_count(len(names), most, "--max-seeds")
    return first


def _seeds_may_decide(pair: Pair, most: int) -> bool:
    """Return whether up to `most` seeds may decide a pair: not where it takes more test images."""
    comparison, plan = pair.comparison, pair.comparison.plan
    if not comparison.open:
        return False
    if comparison.word != "undecided":
        return True
    return plan is None or (plan.images is None and plan.low is not None and plan.low <= 2 * most)


def _next_round(begun: Begun, request: RunRequest, variants: Sequence[str], seeds: int) -> Begun:
    options, device = begun.plan.jobs[0].options, begun.workers.device
    plan = make_plan(request.entry, begun.configs, variants, range(1, seeds + 1), options, device=device)
    return replace(begun, plan=plan)


def _state(numbers: Numbers, still_open: Sequence[Pair], seeds: int) -> str:
    """Return a line on what a look showed, and what is still open."""
    decided = [pair for pair in numbers.pairs if not pair.comparison.open]
    lines = [f"{counted(seeds, 'seed')}: {len(decided)} of {counted(len(numbers.pairs), 'comparison')} decided"]
    metric = numbers.metric
    for pair in still_open:
        interval = pair.comparison.interval
        shown = f" ({metric.format_difference_interval(interval)} {metric.short_difference})" if interval else ""
        lines.append(f"  open: {pair.variant!r} against {pair.against!r}{shown}; {would_take(pair.comparison)}")
    for pair in numbers.pairs:
        if pair.comparison.open and pair not in still_open:
            lines.append(f"  left open: {pair.variant!r} against {pair.against!r}; {would_take(pair.comparison)}")
    return "\n".join(lines)
