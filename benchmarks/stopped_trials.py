"""What stopping hopeless trials saves and costs: epochs, winners that were stopped, points, and regret.

    python benchmarks/stopped_trials.py [--quick] [--development] [--oracle REPETITIONS]

Sweeps of 20 and 40 random trials on every third of LCBench's 34 tasks, with its learning curves of 52 epochs and noise
(an offset of each run and a jitter of each epoch, 0.35 points each); and of real curves of small networks
(benchmarks/recorded/curves.json), drawn in random orders. All curves are known to their end: a winner is stopped where
the trial with the best score of all was. `--development` takes other tasks: the rule was chosen there.

`--oracle` runs the Bayesian oracle instead, told different things of stopped trials: the score that they would probably
have had, or that they failed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import threadpoolctl
from scipy import stats

from benchmarks.lcbench import LONGEST, NAMES, Surrogate, points, space, surrogate
from keras_suite.experiments.tuning.hopeless import FIRST, SHARE, UNTOUCHED, FullCurves

REPETITIONS, ORDERS, OFFSET, JITTER = 50, 300, 0.35, 0.35
RECORDED = Path(__file__).parent / "recorded" / "curves.json"
Limits = Sequence[float | None] | np.ndarray | None
Rule = Callable[[list[np.ndarray]], Limits]  # full curves so far, the best so far in each, higher is better


def gained(times: float, share: float = 1.0) -> Rule:
    """Return the suite's rule, with other numbers."""

    def limits(full: list[np.ndarray]) -> Limits:
        curves = FullCurves("max")
        for curve in full:
            curves.add(curve.tolist(), float(curve[-1]), len(curve))
        return curves.limits(len(full[0]), max(float(curve[-1]) for curve in full), times, share) if full else None

    return limits


def quantile(share: float) -> Rule:
    """Return the rule that stops what is below a quantile of the full curves' best so far; the median is Vizier's."""

    def limits(full: list[np.ndarray]) -> Limits:
        if len(full) < FIRST:
            return None
        needed = np.quantile([np.maximum.accumulate(curve) for curve in full], share, axis=0)
        needed[: int(np.ceil(UNTOUCHED * len(needed)))] = -np.inf
        return needed

    return limits


def best_half(full: list[np.ndarray]) -> Limits:
    """Return the rule that stops what is below all curves of the half that ended best."""
    if len(full) < FIRST:
        return None
    order = sorted(full, key=lambda curve: -curve[-1])[: len(full) // 2]
    needed = np.min([np.maximum.accumulate(curve) for curve in order], axis=0)
    needed[: int(np.ceil(UNTOUCHED * len(needed)))] = -np.inf
    return needed


RULES: dict[str, Rule] = {
    "below the median": quantile(0.5),
    "below the lowest quarter": quantile(0.25),
    "below all of the better half": best_half,
    **{f"needs {times:g} times the largest gain": gained(times) for times in (1, 2)},
    **{f"that, and below the median: {times:g}": gained(times, SHARE) for times in (1, 1.5, 2, 2.5, 3)},
}


def stop_of(curve: np.ndarray, limits: Limits) -> int:
    """Return after how many epochs a run is stopped, or its length."""
    best = np.maximum.accumulate(curve)[:-1]  # at the last epoch there is nothing left to stop
    pairs = enumerate(zip(best, limits if limits is not None else (), strict=False), 1)
    return next((epochs for epochs, (reached, limit) in pairs if limit is not None and reached < limit), len(curve))


def play(curves: np.ndarray, rule: Rule) -> tuple[float, bool, float]:
    """Return the share of epochs saved, whether the winner was stopped, and points lost, of curves (trials, epochs)."""
    full: list[np.ndarray] = []
    epochs = 0
    for curve in curves:
        end = stop_of(curve, rule(full))
        epochs += end
        if end == len(curve):
            full.append(curve)
    lost = float(curves[:, -1].max() - max(curve[-1] for curve in full))
    return 1 - epochs / curves.size, lost > 0, lost


def lcbench_curves(lcbench: Surrogate, task: str, seed: int, trials: int) -> np.ndarray:
    """Return the noisy curves (trials, epochs) of random trials."""
    chance = np.random.default_rng([seed, int(task)])
    true = np.stack([lcbench.curve(task, values) for values in points(chance.random((trials, len(NAMES))))])
    return true + OFFSET * chance.standard_normal((trials, 1)) + JITTER * chance.standard_normal(true.shape)


def table(title: str, sweeps: Sequence[np.ndarray]) -> None:
    """Print a row for each rule."""
    print(f"\n{title}\n{'a trial is stopped where it':34} epochs saved   winners stopped            points lost")
    for name, rule in RULES.items():
        saved, winners, lost = (np.array(each, float) for each in zip(*(play(c, rule) for c in sweeps), strict=True))
        interval = stats.binomtest(int(winners.sum()), len(sweeps)).proportion_ci(0.95)
        share = f"{100 * winners.mean():.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
        print(f"{name:34} {100 * saved.mean():5.1f} %        {share:24}   {lost.mean():.3f}", flush=True)


def search(lcbench: Surrogate, task: str, told: str, seed: int, trials: int) -> tuple[float, int]:
    """Return the true score of what a Bayesian sweep finds best, and the epochs that it took."""
    from keras_tuner import Objective

    from keras_suite.experiments.tuning.oracles import make_oracle
    from keras_suite.experiments.tuning.space import all_hyperparameters

    oracle: Any = make_oracle("bayesian", all_hyperparameters(space), Objective("val_accuracy", "max"), seed)
    chance, curves, best, epochs = np.random.default_rng(seed), FullCurves("max"), (-np.inf, 0.0), 0
    for _ in range(trials):
        trial = oracle.create_trial("tuner")
        true = lcbench.curve(task, np.array([trial.hyperparameters.values[each] for each in NAMES]))
        curve = true + OFFSET * chance.standard_normal() + JITTER * chance.standard_normal(LONGEST)
        limits = curves.limits(LONGEST, best[0]) if told != "nothing is stopped" else None
        end, score = stop_of(curve, limits), float(curve[-1])
        epochs += end
        failed = end < LONGEST and told == "failed"
        if end == LONGEST:
            best = max(best, (score, float(true[-1])))
            curves.add(curve.tolist(), score, LONGEST)
        else:
            score = curves.expected(curve[:end].tolist(), LONGEST)
        trial.status = "FAILED" if failed else "COMPLETED"
        if not failed:
            oracle.update_trial(trial.trial_id, {"val_accuracy": score})
        oracle.end_trial(trial)
    return best[1], epochs


def oracle_table(lcbench: Surrogate, tasks: Sequence[str], repetitions: int, trials: int) -> None:
    """Print the regret of the Bayesian oracle by what it is told of stopped trials."""
    best = {task: lcbench.best(task) for task in tasks}
    print(f"\nBayesian, {trials} trials, {len(tasks)} tasks x {repetitions}; difference of regret with 95 % interval")
    plain: dict[tuple[str, int], float] = {}
    for told in ("nothing is stopped", "expected score", "failed"):
        found = {(t, s): search(lcbench, t, told, s, trials) for s in range(1, repetitions + 1) for t in tasks}
        regrets = {key: best[key[0]] - score for key, (score, _) in found.items()}
        plain = plain or regrets
        apart = np.array([regrets[key] - plain[key] for key in plain])
        half = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart))
        saved = 1 - np.mean([epochs for _, epochs in found.values()]) / (trials * LONGEST)
        print(
            f"{told:20} regret {np.mean([*regrets.values()]):.2f}, {apart.mean():+.2f} "
            f"({apart.mean() - half:+.2f} to {apart.mean() + half:+.2f}), epochs saved {100 * saved:.1f} %",
            flush=True,
        )


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 tasks, 2 repetitions")
    parser.add_argument("--development", action="store_true", help="the tasks on which the rule was chosen")
    parser.add_argument("--oracle", type=int, metavar="REPETITIONS", help="the Bayesian oracle's regret instead")
    parser.add_argument("--trials", type=int, default=20, help="of --oracle")
    options = parser.parse_args()
    try:
        lcbench = surrogate()
        tasks = lcbench.tasks[1::3] if options.development else lcbench.tasks[::3]
    except OSError as error:
        parser.error(str(error))
    tasks, repetitions, orders = (tasks[:2], 2, 5) if options.quick else (tasks, REPETITIONS, ORDERS)
    with threadpoolctl.threadpool_limits(1):
        if options.oracle:
            oracle_table(lcbench, tasks, options.oracle, options.trials)
            return 0
        sweeps = [lcbench_curves(lcbench, task, seed, 40) for task in tasks for seed in range(repetitions)]
        table(f"LCBench, {len(tasks)} tasks x {repetitions} sweeps of 20 trials", [each[:20] for each in sweeps])
        table("of 40 trials", sweeps)
        chance = np.random.default_rng(0)
        for name, recorded in json.loads(RECORDED.read_text(encoding="utf-8")).items():
            curves = np.array(recorded)
            for trials in (20, 40):
                drawn = [curves[chance.permutation(len(curves))[:trials]] for _ in range(orders)]
                table(f"{name}: {len(curves)} real curves, {orders} orders of {trials}", drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
