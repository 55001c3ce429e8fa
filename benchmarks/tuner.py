"""How many short trials a minute: KerasTuner's own RandomSearch, and this suite with one worker and with two.

    python benchmarks/tuner.py [--quick]

Both search the same space from the same seed, so they train the same trials: the same network on the same digits, with
the same batches and epochs. KerasTuner's side is written as its guide has it. Each turn is a process of its own; what
it counts begins once TensorFlow is imported, and ends with the search. The suite's includes its dry fit, its unchanged
base as a trial more, everything it keeps on disk, and with two workers their start, but not the report at its end.

The second table is what proposing and recording one more trial costs when there are many already: processor time of the
sweep's own loop, with made scores in place of training. For the Bayesian oracle it is the proposal alone, on all points
and on the 200 that `--max-points 200` takes.
"""

import argparse
import contextlib
import io
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks.paired import json_line, paired_ratio
from keras_suite.experiments.config import Config, Experiment, override, use
from keras_suite.experiments.training import runtime

SEED, LAST = 1, 50  # of both oracles; the latest trials, of which the median cost is taken
Side = Literal["KerasTuner", "suite, 1 worker", "suite, 2 workers"]
SIDES: tuple[Side, ...] = get_args(Side)

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", validation_fraction=0.3),
        model=use("pattern_cnn", blocks=1, filters=8, units=32, dropout=0.25, dense_dropout=0.25, l2=1e-4),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=64,
        epochs=6,
    )
)


def space(hp: Any) -> dict[str, Any]:
    """Return numbers only: every trial has the same graph, as in most sweeps of rates."""
    return {
        "optimizer.learning_rate": hp.Float("learning_rate", 3e-4, 3e-2, sampling="log"),
        "model.dropout": hp.Float("dropout", 0.05, 0.5),
        "model.dense_dropout": hp.Float("dense_dropout", 0.05, 0.5),
        "model.l2": hp.Float("l2", 1e-6, 1e-2, sampling="log"),
    }


def main() -> int:
    """Print both tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="6 trials, one turn, and fewer recorded ones")
    parser.add_argument("--turn", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--trials", type=int, help="of each search (20)")
    options = parser.parse_args()
    trials = options.trials or (6 if options.quick else 20)
    if options.turn:
        print(json.dumps(search(options.turn, trials)))
        return 0
    seconds = take_turns(trials, 1 if options.quick else 3)
    report(trials, seconds)
    growth(*((100, 300), (20, 40)) if options.quick else ((100, 1000, 5000), (100, 300, 1000)))
    ratio = paired_ratio(seconds["KerasTuner"], seconds["suite, 1 worker"])
    per_minute = {side: 60 * trials / statistics.median(turns) for side, turns in seconds.items()}
    data = f"{trials} trials of 6 epochs on 1,006 digits of scikit-learn, {runtime.available_cores()} cores"
    two = round(per_minute["suite, 2 workers"], 2)
    print(json_line("tuner", ratio, per_minute["suite, 1 worker"], per_minute["KerasTuner"], data, two_workers=two))
    return 0


def take_turns(trials: int, turns: int) -> dict[Side, list[float]]:
    """Return seconds of each side's searches, taken in turn."""
    seconds: dict[Side, list[float]] = {side: [] for side in SIDES}
    for turn in range(turns):
        tried = []
        for side in SIDES:
            done = subprocess.run(
                [sys.executable, __file__, "--turn", side, "--trials", str(trials)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"{side} failed: {done.stderr[-2000:]}")
            result = json.loads(done.stdout.splitlines()[-1])
            seconds[side].append(result["seconds"])
            tried.append(result["values"])
            print(
                f"turn {turn + 1}, {side}: {result['seconds']:.1f} s, {result['cpu']:.1f} s of the processor",
                flush=True,
            )
        if any(values != tried[0] for values in tried):
            raise RuntimeError(f"the sides did not try the same: {tried}")
    return seconds


def search(side: Side, trials: int) -> dict[str, Any]:
    """Return one search in this process: its seconds and the values that were tried."""
    with tempfile.TemporaryDirectory() as folder:
        if side == "KerasTuner":
            return search_keras_tuner(trials, Path(folder))
        return search_suite(trials, Path(folder), workers=2 if side == "suite, 2 workers" else 1)


@contextlib.contextmanager
def timed(result: dict[str, Any]) -> Iterator[None]:
    """Add the seconds of the block, and those of the processor, in worker processes too, which have ended by then."""

    def cpu() -> float:
        return sum(os.times()[:4])

    began, before = time.perf_counter(), cpu()
    yield
    result |= {"seconds": time.perf_counter() - began, "cpu": cpu() - before}


def search_keras_tuner(trials: int, folder: Path) -> dict[str, Any]:
    """`RandomSearch.search` with the data in memory."""
    import keras
    import keras_tuner
    import numpy as np

    from keras_suite.data_pipeline.splits import split
    from keras_suite.experiments.registry import resolve_part
    from keras_suite.experiments.training.identity import load_dataset

    dataset = load_dataset(resolve_part("dataset", EXPERIMENT.base.dataset), None)
    chosen, labels = split(dataset, 1), np.eye(10, dtype=np.float32)[dataset.labels]
    keras.utils.disable_interactive_logging()
    keras.utils.set_random_seed(1)
    result: dict[str, Any] = {}
    with timed(result):
        tuner = keras_tuner.RandomSearch(
            build_model, "val_accuracy", max_trials=trials, seed=SEED, directory=folder, project_name="search"
        )
        tuner.search(
            dataset.images[chosen.train],
            labels[chosen.train],
            batch_size=EXPERIMENT.base.batch_size,
            epochs=EXPERIMENT.base.epochs,
            validation_data=(dataset.images[chosen.validation], labels[chosen.validation]),
            verbose=0,
        )
    return {**result, "values": [trial.hyperparameters.values for _, trial in sorted(tuner.oracle.trials.items())]}


def build_model(hp: Any) -> Any:
    """Return the base's network in Keras's own layers."""
    import keras
    from keras import layers

    options = override(EXPERIMENT.base, space(hp))
    model, rate = options.model.options, options.optimizer.options["learning_rate"]
    penalty = {"kernel_regularizer": keras.regularizers.L2(model["l2"])}
    network = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(model["filters"], 3, padding="same", activation="relu", **penalty),
            layers.MaxPooling2D(2),
            layers.Dropout(model["dropout"]),
            layers.Flatten(),
            layers.Dense(model["units"], activation="relu", **penalty),
            layers.Dropout(model["dense_dropout"]),
            layers.Dense(10, **penalty),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(rate)
    network.compile(optimizer, loss, metrics=["accuracy"], jit_compile=runtime.use_xla())
    return network


def search_suite(trials: int, folder: Path, workers: int) -> dict[str, Any]:
    """Return the command `tune`, typed in a process that has imported TensorFlow."""
    from keras_suite.experiments.cli import app
    from keras_suite.experiments.tuning import journal

    runtime.start_tensorflow(1 if workers > 1 else runtime.available_cores())
    command = ["tune", __file__, "--tuner", "random", "--seed", str(SEED)]
    command += ["--trials", str(trials), "--workers", str(workers)]
    result: dict[str, Any] = {}
    with mock.patch("keras_suite.experiments.commands.tune._report", lambda *_, **__: True), timed(result):
        code = app([*command, "--runs-dir", str(folder)], standalone_mode=False)
    if code:
        raise RuntimeError(f"tune ended with exit code {code}")
    [path] = folder.glob(f"*/*/{journal.NAME}")
    return {**result, "values": [event["values"] for event in journal.read(path) if event["event"] == "created"]}


def report(trials: int, seconds: dict[Side, list[float]]) -> None:
    """Trials a minute of each side, and how many times KerasTuner's that is."""
    print(f"\n{trials} trials, {runtime.available_cores()} cores, median of {len(seconds['KerasTuner'])} turns")
    print(f"{'':20}{'s':>8}{'trials/min':>12}{'ratio':>8}   95 % interval")
    for side, turns in seconds.items():
        median = statistics.median(turns)
        line = f"{side:20}{median:8.1f}{60 * trials / median:12.1f}"
        if side != "KerasTuner":
            ratio = paired_ratio(seconds["KerasTuner"], turns)
            line += f"{ratio.median:8.2f}   {ratio.low:.2f} to {ratio.high:.2f}"
        print(line)


# -- what one more trial costs ----------------------------------------------------------------------------------------


def growth(recorded: tuple[int, ...], fitted: tuple[int, ...]) -> None:
    """What one more trial costs, after so many: processor time, of which waiting for the disk is no part."""
    runtime.start_tensorflow(runtime.available_cores())
    print("\nCPU ms for one more trial after  " + "".join(f"{count:>8,}" for count in recorded))
    for tuner in ("random", "grid", "hyperband"):
        cpu = loop(tuner, recorded[-1])
        print(f"{tuner + ', proposed and recorded':32}" + "".join(f"{cost(cpu, count):8.1f}" for count in recorded))
    print(f"\ns for one more proposal after{'':3}" + "".join(f"{count:>8,}" for count in fitted))
    for points in (None, 200):
        name = "bayesian, all points" if points is None else f"bayesian, {points} points"
        print(f"{name:32}" + "".join(f"{propose(count, points):8.2f}" for count in fitted), flush=True)


def cost(durations: list[float], count: int) -> float:
    """Return median CPU milliseconds of the latest of `count` trials."""
    return 1000 * statistics.median(durations[count - LAST : count])


def loop(tuner: str, trials: int) -> list[float]:
    """CPU seconds of each trial in the loop of a sweep whose trials end at once."""
    from keras_suite.experiments.cli import app
    from keras_suite.experiments.training.job import Job, Outcome
    from keras_suite.experiments.tuning.driver import Driver
    from keras_suite.experiments.tuning.journal import TrialRun

    times: list[float] = []

    def ended(jobs: Iterator[Job], *_: Any, **__: Any) -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            yield job, Outcome(Path("nowhere"), "completed")
            times.append(time.process_time())

    def read(_: Driver, job: Job, outcome: Outcome) -> TrialRun:
        return TrialRun(job.seed, made_score(job.config), "", job.config.epochs, 0.1, str(outcome.directory))

    budget = ["--iterations", str(-(-trials // 10))] if tuner == "hyperband" else ["--trials", str(trials)]
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("keras_suite.experiments.tuning.sweep.run_all", ended),
        mock.patch("keras_suite.experiments.commands.tune._report", lambda *_, **__: True),
        mock.patch.object(Driver, "_read", read),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        app(["tune", __file__, "--tuner", tuner, "--runs-dir", folder, *budget], standalone_mode=False)
    return [after - before for before, after in itertools.pairwise(times)]


def propose(count: int, points: int | None) -> float:
    """Return seconds of a proposal by Gaussian process, after `count` random trials with made scores."""
    import keras_tuner

    from keras_suite.experiments.tuning.journal import Trial
    from keras_suite.experiments.tuning.oracles import SweepOracle, make_oracle
    from keras_suite.experiments.tuning.space import all_hyperparameters

    made = make_oracle(
        "bayesian", all_hyperparameters(space), keras_tuner.Objective("val_accuracy", "max"), SEED, points=points
    )
    made.num_initial_points = count
    oracle = SweepOracle(made, space)
    for _ in range(count):
        trial = oracle.create_trial()
        assert isinstance(trial, Trial)
        oracle.end_trial(trial.number, made_score(override(EXPERIMENT.base, trial.overrides)))
    began = time.perf_counter()
    oracle.create_trial()
    return time.perf_counter() - began


def made_score(config: Config) -> float:
    """Return a smooth function of a trial's numbers in place of its accuracy, best at a learning rate of 0.005."""
    model = config.model.options
    return 1 - abs(config.optimizer.options["learning_rate"] - 0.005) - 0.1 * model["dropout"] - model["l2"]


if __name__ == "__main__":
    sys.exit(main())
