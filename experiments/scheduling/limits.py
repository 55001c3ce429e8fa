"""How many runs a command may come to, by arithmetic, before anything is planned."""

from keras_suite.experiments.config.values import MOST_RUNS
from keras_suite.tasks.wording.quantities import counted


def check_run_count(variants: int, seeds: int, option: str = "--seeds") -> None:
    """Raise ValueError if that are more runs than one experiment can have, with the number that is possible."""
    if variants * seeds <= MOST_RUNS:
        return
    possible = MOST_RUNS // variants
    raise ValueError(
        f"{counted(variants, 'variant')} x {counted(seeds, 'seed')} are {variants * seeds:,} runs, and an experiment "
        f"has at most {MOST_RUNS:,}: give at most {option} {possible}"
    )


def check_trial_count(trials: int, seeds: int) -> None:
    """Raise ValueError if a sweep would have more runs than it can, with the number that is possible."""
    most = 5 * MOST_RUNS
    if trials * seeds <= most:
        return
    raise ValueError(
        f"{counted(trials, 'trial')} x {counted(seeds, 'seed')} are {trials * seeds:,} runs, and a sweep has at most "
        f"{most:,}: give at most --seeds {max(1, most // trials)}, or fewer trials"
    )
