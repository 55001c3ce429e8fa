"""Runs that racing needs beside equal seeds for all, and how often it misses the winner.

    python benchmarks/raced_seeds.py [--quick] [--development]

Sweeps of random trials on every third of LCBench's 34 tasks, with 3 and 5 seeds of each trial. Seeds scatter by 0.5
points, alike in all trials or unequally (each trial by its own standard deviation, 0.1 to 1.5 points). The winner is
the trial with the best mean where all have all seeds; it is missed where racing finds another. What it costs is told by
the noise-free accuracies. `--development` takes other tasks: the level was chosen there.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from scipy import stats

from benchmarks.lcbench import NAMES, NOISE, points, surrogate
from keras_suite.experiments.tuning.racing import SeedScatter, goes_on

REPETITIONS = 100


def race(scores: np.ndarray, base: np.ndarray) -> tuple[int, int]:
    """Return the runs of a raced sweep, and its best trial.

    Args:
        scores: Of each trial and seed (trials, seeds), higher is better.
        base: Of the base's seeds (seeds,).
    """
    scatter = SeedScatter("max", scores.shape[1])
    scatter.add(base.tolist())
    means: list[float] = []
    runs = 0
    for trial in scores:
        bars, seeds = scatter.bars(max(means, default=None)), 1
        while seeds < len(trial) and goes_on(trial[:seeds].tolist(), bars, "max"):
            seeds += 1
        scatter.add(trial[:seeds].tolist())
        means.append(float(trial[:seeds].mean()))
        runs += seeds
    return runs, int(np.argmax(means))


def main() -> int:
    """Print a row for each number of trials and seeds, and kind of scatter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 tasks, 3 repetitions")
    parser.add_argument("--development", action="store_true", help="the tasks on which the level was chosen")
    options = parser.parse_args()
    try:
        lcbench = surrogate()
        tasks = lcbench.tasks[1::3] if options.development else lcbench.tasks[::3]
    except OSError as error:
        parser.error(str(error))
    tasks, repetitions = (tasks[:2], 3) if options.quick else (tasks, REPETITIONS)
    print(f"{'trials x seeds, scatter':30} runs of equal seeds    winner missed           true points lost")
    for trials, seeds, unequal in ((20, 3, False), (40, 3, False), (40, 5, False), (20, 3, True), (40, 3, True)):
        rows = []
        for task in tasks:
            for repetition in range(repetitions):
                chance = np.random.default_rng([repetition, int(task)])
                true = lcbench.accuracy(task, points(chance.random((trials + 1, len(NAMES)))))
                spread = np.exp(chance.uniform(np.log(0.1), np.log(1.5), trials + 1)) if unequal else NOISE
                scores = true[:, None] + np.broadcast_to(spread, trials + 1)[:, None] * chance.standard_normal(
                    (trials + 1, seeds)
                )
                runs, found = race(scores[1:], scores[0])
                winner = int(np.argmax(scores[1:].mean(axis=1)))
                rows.append((runs / (trials * seeds), found != winner, true[1:][winner] - true[1:][found]))
        used, missed, lost = np.array(rows, float).T
        interval = stats.binomtest(int(missed.sum()), len(missed)).proportion_ci(0.95)
        share = f"{100 * missed.mean():.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
        name = f"{trials} x {seeds}, {'unequal' if unequal else f'{NOISE:g} points'}"
        print(f"{name:30} {100 * used.mean():5.1f} %                {share:22}  {lost.mean():+.3f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
