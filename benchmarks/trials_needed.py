"""How many trials to a good answer: each oracle as `tune` calls it, KerasTuner's own, Optuna's TPE, and random search.

    python benchmarks/trials_needed.py [--quick] [--networks] [--side NAME …] [--minutes M] [--runs FILE]

On every third of LCBench's 34 tasks (benchmarks/lcbench.py), with 7 hyperparameters and scores with a seed's noise.
Regret is the best accuracy of 100,000 points minus the noise-free accuracy of the trial that looks best so far. All
have the same budget of epochs: Hyperband's short trials count by theirs. `--development` takes other tasks: whatever
was chosen by looking, as the number of initial points, was chosen there. `--networks` takes the table of small networks
that really trained (benchmarks/cnn_table.py), where no oracle was developed.

Runs are added to FILE as they end, and those that it has are not run again.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import threadpoolctl

from benchmarks.cnn_table import CnnTable
from benchmarks.lcbench import surrogate
from benchmarks.paired import Ratio, json_line
from benchmarks.search_regret import Landscape, Regrets, Run

if TYPE_CHECKING:
    from keras_suite.experiments.tuning.oracles import Tuner

REPETITIONS, TRIALS, LOOKS = 20, 40, (8, 20, 40)
RESAMPLED = 10_000


def keras_tuner_side(run: Run, make: Callable[[], Any], trials: int) -> None:
    """Ask one of KerasTuner's oracles, or of the suite's, which have the same calls, for trials."""
    oracle = make()
    oracle.verbose = 0
    for method in ("save", "_save_trial"):
        setattr(oracle, method, lambda *_: None)
    until: dict[str, int] = {}
    names, longest = run.landscape.names, run.landscape.longest
    while run.epochs < trials * longest:
        trial = oracle.create_trial("tuner")
        if trial.status == "STOPPED":
            return
        values = trial.hyperparameters.values
        parent = values.get("tuner/trial_id")
        until[trial.trial_id] = epoch = int(values.get("tuner/epochs", longest))
        score = run.score([values[each] for each in names], epoch, until.get(parent, 0))
        oracle.update_trial(trial.trial_id, {"val_accuracy": score})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)


def suite(tuner: "Tuner") -> Callable[[Run, int, int], None]:
    """Return the oracle as `tune --tuner` calls it."""

    def search(run: Run, seed: int, trials: int) -> None:
        from keras_tuner import Objective

        from keras_suite.experiments.tuning.oracles import make_oracle
        from keras_suite.experiments.tuning.space import all_hyperparameters

        objective = Objective("val_accuracy", "max")
        known, longest = all_hyperparameters(run.landscape.space), run.landscape.longest
        keras_tuner_side(
            run, lambda: make_oracle(tuner, known, objective, seed, max_epochs=longest, iterations=99), trials
        )

    return search


def keras_tuner_bayesian(initial: int | None) -> Callable[[Run, int, int], None]:
    """Return KerasTuner's own oracle, by default or with its number of initial points set."""

    def search(run: Run, seed: int, trials: int) -> None:
        from keras_tuner import HyperParameters, Objective

        from benchmarks.keras_tuner_oracle import KerasTunersBayesian

        known = HyperParameters()
        run.landscape.space(known)
        options = {"max_trials": trials, "num_initial_points": initial, "seed": seed, "hyperparameters": known}
        keras_tuner_side(
            run, lambda: KerasTunersBayesian(objective=Objective("val_accuracy", "max"), **options), trials
        )

    return search


def tpe(run: Run, seed: int, trials: int) -> None:
    """Search with Optuna's default sampler."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for _ in range(trials):
        trial = study.ask()
        values = run.landscape.space(_Suggested(trial))
        study.tell(trial, run.score([values[each] for each in run.landscape.names]))


class _Suggested:
    """KerasTuner's hp, as Optuna suggests."""

    def __init__(self, trial: Any) -> None:
        self._trial = trial

    def Int(self, name: str, low: int, high: int, sampling: str = "linear") -> int:
        return self._trial.suggest_int(name, low, high, log=sampling == "log")

    def Float(self, name: str, low: float, high: float, sampling: str = "linear") -> float:
        return self._trial.suggest_float(name, low, high, log=sampling == "log")


SIDES: dict[str, tuple[Callable[[Run, int, int], None], int]] = {  # and how many trials it is run for
    "bayesian": (suite("bayesian"), 40),
    "random": (suite("random"), 40),
    "hyperband": (suite("hyperband"), 40),
    "Optuna's TPE": (tpe, 40),
    "KerasTuner's Bayesian, after 7": (keras_tuner_bayesian(7), 20),
    "KerasTuner's Bayesian, default": (keras_tuner_bayesian(None), 40),
}


def main() -> int:
    """Run what is missing, and print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 tasks, 2 repetitions, without KerasTuner's Bayesian")
    parser.add_argument("--side", action="append", choices=list(SIDES), help="run only these; the table has all")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no run after so many")
    parser.add_argument("--runs", type=Path, help="where runs are kept")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--development", action="store_true", help="the tasks on which the oracle was developed")
    parser.add_argument("--networks", action="store_true", help="the table of small networks instead of LCBench")
    options = parser.parse_args()
    landscape: Landscape
    try:
        if options.networks:
            landscape = CnnTable()
            tasks = landscape.tasks
        else:
            landscape = surrogate()
            tasks = landscape.tasks[1::3] if options.development else landscape.tasks[::3]
    except OSError as error:
        parser.error(str(error))
    sides, repetitions = options.side or list(SIDES), options.repetitions
    if options.quick:
        tasks, repetitions, sides = tasks[:2], 2, ["bayesian", "random", "hyperband", "Optuna's TPE"]
    with threadpoolctl.threadpool_limits(1):  # small matrices: threads cost more than they bring
        runs = take(landscape, tasks, sides, repetitions, options.runs, 60 * options.minutes)
    counts = {side: whole_repetitions(runs, side, tasks, repetitions) for side in SIDES}
    done = min(count for side, count in counts.items() if count or side in ("bayesian", "random"))
    if not done:
        print("no repetition of bayesian and random is whole yet: run this again with --runs FILE", file=sys.stderr)
        return 2
    if done < repetitions:
        print(f"the first {done} of {repetitions} repetitions: run this again with the same --runs FILE for the others")
    found = {side: regrets_of(runs, side, tasks, done) for side, count in counts.items() if count}
    print(json_of(report(found), f"{landscape.title}, {len(tasks)} tasks"))
    return 0


def take(
    landscape: Landscape, tasks: list[str], sides: list[str], repetitions: int, file: Path | None, seconds: float
) -> dict[tuple[str, str, int], Regrets]:
    """Return all runs by side, task and repetition, those that the file had among them."""
    runs: dict[tuple[str, str, int], Regrets] = {}
    for line in file.read_text("utf-8").splitlines() if file and file.exists() else ():
        kept = json.loads(line)
        runs[kept["side"], kept["task"], kept["seed"]] = kept["regrets"]
    best = {task: landscape.best(task) for task in tasks}
    began = time.monotonic()
    for seed in range(1, repetitions + 1):
        for side in sides:
            for task in tasks:
                if (side, task, seed) in runs or time.monotonic() - began > seconds:
                    continue
                search, trials = SIDES[side]
                run = Run(landscape, task, seed, best[task])
                search(run, seed, trials)
                runs[side, task, seed] = regrets = run.regrets(trials)
                if file:
                    with file.open("a", encoding="utf-8") as kept_runs:
                        kept_runs.write(
                            json.dumps({"side": side, "task": task, "seed": seed, "regrets": regrets}) + "\n"
                        )
    return runs


def whole_repetitions(runs: dict[tuple[str, str, int], Regrets], side: str, tasks: list[str], most: int) -> int:
    """Return of how many repetitions, from the first on, a side has all tasks."""
    missing = (seed for seed in range(1, most + 1) if not all((side, task, seed) in runs for task in tasks))
    return next(missing, most + 1) - 1


def regrets_of(runs: dict[tuple[str, str, int], Regrets], side: str, tasks: list[str], repetitions: int) -> np.ndarray:
    """Return regrets (repetitions, tasks, trials) of a side."""
    return np.array([[runs[side, task, seed] for task in tasks] for seed in range(1, repetitions + 1)])


def interval(values: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval over the repetitions (the first axis) of a statistic of resampled ones."""
    chance = np.random.default_rng(0)
    drawn = chance.integers(len(values), size=(RESAMPLED, len(values)))
    low, high = np.percentile(statistic(values[drawn]), (2.5, 97.5))
    return float(low), float(high)


def report(found: dict[str, np.ndarray]) -> dict[str, Any]:
    """Print the mean regret of each side with its interval, and the first trial that reaches random's 40-trial mean."""
    goals = found["random"][:, :, TRIALS - 1].mean(axis=0)  # of each task
    print(
        f"{'mean regret, points, after':34}" + "".join(f"{look:>4} trials{'':12}" for look in LOOKS) + "trials to goal"
    )
    numbers: dict[str, Any] = {}
    for side, regrets in found.items():
        means = regrets.mean(axis=1)  # of each repetition
        line, numbers[side] = f"{side:34}", {}
        for look in LOOKS:
            if look <= means.shape[1]:
                here = means[:, look - 1]
                low, high = interval(here, lambda drawn: drawn.mean(axis=1))
                numbers[side][look] = here
                line += f"{here.mean():6.2f} ({low:.2f} to {high:.2f})".ljust(23)
            else:
                line += f"{'':23}"
        print(line + _to_goal(regrets, goals))
    return numbers


def _to_goal(regrets: np.ndarray, goals: np.ndarray) -> str:
    """Return the first trial with the mean regret of 40 random trials, and the median of single searches."""
    together = np.flatnonzero(regrets.mean(axis=(0, 1)) <= goals.mean())
    reached = regrets <= goals[None, :, None]
    single = np.where(reached.any(axis=2), reached.argmax(axis=2) + 1, np.inf)
    median = float(np.median(single))
    most = f"more than {regrets.shape[2]}"
    return (
        f"{together[0] + 1 if len(together) else most} (single searches: median {median if median < np.inf else most})"
    )


def json_of(numbers: dict[str, Any], title: str) -> str:
    """Return the last line: the regret after 20 trials beside that of Optuna's TPE, and of KerasTuner's after 7."""
    ours = numbers["bayesian"][20]

    def ratio(theirs: np.ndarray) -> Ratio:
        pairs = np.stack([ours, theirs], axis=1)
        low, high = interval(pairs, lambda drawn: drawn[:, :, 0].mean(axis=1) / drawn[:, :, 1].mean(axis=1))
        return Ratio(float(ours.mean() / theirs.mean()), low, high, len(ours))

    optuna = numbers["Optuna's TPE"][20]
    after_7 = numbers.get("KerasTuner's Bayesian, after 7", {}).get(20)
    more: dict[str, Any] = {}
    if after_7 is not None:
        beside = ratio(after_7)
        more["keras_tuner_after_7"] = [round(each, 3) for each in (beside.median, beside.low, beside.high)]
    data = f"{title}, regret in points after 20 trials"
    return json_line("trials_needed", ratio(optuna), float(ours.mean()), float(optuna.mean()), data, **more)


if __name__ == "__main__":
    sys.exit(main())
