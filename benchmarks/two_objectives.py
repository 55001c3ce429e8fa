"""How much of the front of accuracy and cost 20 trials find: the oracle of two objectives, others, random search.

    python benchmarks/two_objectives.py [--quick] [--lcbench] [--development] [--repetitions N] [--first SEED]

On the table of small networks that really trained (benchmarks/cnn_table.py), with their parameters as the cost; with
`--lcbench` on every third of LCBench's tasks (benchmarks/lcbench.py), with the surrogate's training time. A trial is
told a noisy score. What counts is the front of those scores, by its noise-free accuracies: the share of the
hypervolume that the best front encloses, in points of accuracy above the median setting and in the logarithm of the
cost. With `--development` the tasks on which the oracle was chosen.
"""

import argparse
import functools
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import threadpoolctl
from keras_tuner import Objective

from benchmarks.cnn_table import AXES, CnnTable, nearest
from benchmarks.lcbench import LONGEST, NAMES, points, surrogate
from benchmarks.paired import Ratio, json_line
from benchmarks.trials_needed import interval
from keras_suite.experiments.tuning.bayesian import Bayesian
from keras_suite.experiments.tuning.gaussian_process import fit, normal_scores, promising
from keras_suite.experiments.tuning.oracles import make_oracle
from keras_suite.experiments.tuning.space import all_hyperparameters
from keras_suite.reports.sweep.costs import unbeaten

REPETITIONS, TRIALS, LOOKS = 30, 20, (8, 12, 20)
DRAWN = 20_000  # points of a surrogate, whose front stands for the best
Told = tuple[float, float, float]  # the noisy score of a trial, the true one, the cost


@dataclass(frozen=True)
class Task:
    """What is searched.

    Attributes:
        space: KerasTuner's hp to hyperparameters.
        names: Theirs, in the order of the values.
        told: Returns what is told of values, by chance.
        floor: The accuracy above which the hypervolume begins: the median setting's.
        ceiling: The logarithm of the cost below which it begins.
        best: The hypervolume of the best front.
    """

    space: Callable[[Any], dict[str, Any]]
    names: Sequence[str]
    told: Callable[[Sequence[float], np.random.Generator], Told]
    floor: float
    ceiling: float
    best: float

    def share(self, trials: Sequence[Told]) -> float:
        """Return the share of the best hypervolume that the front of the noisy scores has."""
        noisy, costs = ({k: each[at] for k, each in enumerate(trials)} for at in (0, 2))
        front = [trials[k] for k in unbeaten(noisy, costs)]
        return hypervolume([(true, cost) for _, true, cost in front], self.floor, self.ceiling) / self.best


def hypervolume(trials: Sequence[tuple[float, float]], floor: float, ceiling: float) -> float:
    """Return the area that (accuracy, cost) of trials enclose above the floor, below the ceiling of log(cost)."""
    area, height = 0.0, floor
    for accuracy, cost in sorted(trials, key=lambda each: (each[1], -each[0])):
        if accuracy > height and np.log(cost) < ceiling:
            area += (accuracy - height) * (ceiling - float(np.log(cost)))
            height = accuracy
    return area


def of_networks() -> Task:
    """Return the table of small networks, with their parameters."""
    table, costs = CnnTable(), parameters()
    curves = table._curves["digits"][:, :, -1]
    true = curves.mean(axis=1)

    def told(values: Sequence[float], chance: np.random.Generator) -> Told:
        at = nearest(values)
        return float(curves[at, chance.integers(curves.shape[1])]), float(true[at]), float(costs[at])

    floor, ceiling = float(np.median(true)), float(np.log(1.1 * costs.max()))
    best = hypervolume(list(zip(true.tolist(), costs.tolist(), strict=True)), floor, ceiling)
    return Task(table.space, table.names, told, floor, ceiling, best)


def parameters() -> np.ndarray:
    """Return the number of parameters of each of the table's settings (504,), of networks that are built for it."""
    from keras_suite.experiments.config import Config, use
    from keras_suite.experiments.registry import resolve

    @functools.cache
    def count(filters: float, kernel: float, normalized: float) -> int:
        placed = "before_activation" if normalized else None
        options = {"blocks": 2, "units": 32, "filters": filters, "kernel_size": kernel, "batch_normalization": placed}
        config = Config(dataset=use("digits"), model=use("pattern_cnn", **options))
        return int(resolve(config).model.build((14, 14, 1), 10, 1).count_params())

    places = [list(AXES).index(name) for name in ("filters", "kernel_size", "batch_normalization")]
    return np.array([count(*(each[k] for k in places)) for each in itertools.product(*AXES.values())], float)


def of_surrogate(name: str) -> Task:
    """Return a task of LCBench's surrogate, with the time that it says training takes."""
    lcbench = surrogate()

    def both(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return accuracies (n,) and seconds (n,): two of the surrogate's answers, the time the first of them."""
        asked = {
            "x_cat": np.full((len(values), 1), lcbench._numbers[name], np.int32),
            "x_cont": np.column_stack([np.full(len(values), LONGEST), values]).astype(np.float32),
        }
        answers = lcbench._session.run(None, asked)[0].astype(float)
        return answers[:, 1], np.maximum(answers[:, 0], 1e-3)

    def told(values: Sequence[float], chance: np.random.Generator) -> Told:
        accuracies, seconds = both(np.array([values], float))
        noisy = float(accuracies[0]) + 0.5 * chance.standard_normal()
        return noisy, float(accuracies[0]), float(seconds[0] * np.exp(0.05 * chance.standard_normal()))

    accuracies, seconds = both(points(np.random.default_rng(7).random((DRAWN, len(NAMES)))))
    floor, ceiling = float(np.median(accuracies)), float(np.log(np.quantile(seconds, 0.99)))
    best = hypervolume(list(zip(accuracies.tolist(), seconds.tolist(), strict=True)), floor, ceiling)
    return Task(lcbench.space, NAMES, told, floor, ceiling, best)


class ParEgo(Bayesian):
    """Knowles 2006: a Gaussian process of score and cost as one number, by a weight that each proposal draws anew."""

    def _best_points(
        self, axes: Any, ended: list[Any], scores: np.ndarray, running: np.ndarray, discrete: np.ndarray, chance: Any
    ) -> np.ndarray:
        weight = int(np.random.default_rng([self.seed, len(self.trials), 2]).integers(11)) / 10
        missed = _from_best(-scores), _from_best(np.log([trial.cost for trial in ended]))
        parts = np.stack([weight * missed[0], (1 - weight) * missed[1]])
        places = self._places(axes, ended)
        process = fit(axes.columns(places), normal_scores(-(parts.max(axis=0) + 0.05 * parts.sum(axis=0))))
        return promising(process, places, axes.columns, discrete, chance)


def _from_best(losses: np.ndarray) -> np.ndarray:
    """Return losses (n,) as places between the best, 0, and the worst, 1."""
    return (losses - losses.min()) / (np.ptp(losses) or 1.0)


def search(side: str, task: Task, seed: int) -> list[float]:
    """Return the share of the hypervolume after each of 20 trials."""
    known, objective = all_hyperparameters(task.space), Objective("val_accuracy", "max")
    if side == "ParEGO":
        oracle: Any = ParEgo(objective=objective, hyperparameters=known, seed=seed, max_trials=999)
    else:
        oracle = make_oracle("random" if side == "random" else "bayesian", known, objective, seed, two=side == "front")
    oracle.verbose = 0
    chance = np.random.default_rng(seed)
    trials: list[Told] = []
    shares = []
    for _ in range(TRIALS):
        trial = oracle.create_trial("tuner")
        told = task.told([float(trial.hyperparameters.values[name]) for name in task.names], chance)
        trial.cost = told[2]
        oracle.update_trial(trial.trial_id, {"val_accuracy": told[0]})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        trials.append(told)
        shares.append(task.share(trials))
    return shares


SIDES = {
    "front": "--objective val_accuracy and a cost, bayesian",
    "random": "random search",
    "ParEGO": "ParEGO, on the same Gaussian process",
    "accuracy alone": "--objective val_accuracy alone, bayesian",
}


def main() -> int:
    """Print a row for each oracle, what it is ahead of random search, and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 repetitions of the networks, without ParEGO")
    parser.add_argument("--lcbench", action="store_true", help="LCBench's tasks instead of the networks")
    parser.add_argument("--development", action="store_true", help="the tasks on which the oracle was chosen")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--first", type=int, default=101, help="the first seed")
    options = parser.parse_args()
    repetitions, sides = (3, ["front", "random"]) if options.quick else (options.repetitions, list(SIDES))
    try:
        if options.lcbench or options.development:
            names = surrogate().tasks[1::3] if options.development else surrogate().tasks[::3]
            tasks, title = [of_surrogate(name) for name in names], f"LCBench's surrogate, {len(names)} tasks, time"
        else:
            tasks, title = [of_networks()], "a table of 504 small CNNs, parameters"
    except OSError as error:
        parser.error(str(error))
    shares: dict[str, np.ndarray] = {}
    print(f"{'share of the hypervolume after':48}" + "".join(f"{look} trials{'':14}" for look in LOOKS))
    seeds = range(options.first, options.first + repetitions)
    with threadpoolctl.threadpool_limits(1):  # small matrices: threads cost more than they bring
        for side in sides:
            found = np.array([[search(side, task, seed) for task in tasks] for seed in seeds]).mean(axis=1)
            shares[side] = found
            cells = (_cell(found[:, look - 1]) for look in LOOKS)
            print(f"{SIDES[side]:48}" + "".join(f"{cell:23}" for cell in cells), flush=True)
    ours, theirs = (shares[side][:, TRIALS - 1] for side in ("front", "random"))
    pairs = np.stack([ours, theirs], axis=1)
    low, high = interval(pairs, lambda drawn: drawn[:, :, 0].mean(axis=1) / drawn[:, :, 1].mean(axis=1))
    ratio = Ratio(float(ours.mean() / theirs.mean()), low, high, len(ours))
    data = f"{title}, hypervolume after {TRIALS} trials"
    print(json_line("two_objectives", ratio, float(ours.mean()), float(theirs.mean()), data))
    return 0


def _cell(values: np.ndarray) -> str:
    low, high = interval(values, lambda drawn: drawn.mean(axis=1))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    sys.exit(main())
