"""How long from a question to its verdict: the command `run` against plain Keras loops on the same data and epochs.

    DATA_DIR=... python benchmarks/time_to_answer.py [--quick] [--question digits|mnist|photographs]
                                                  [--seeds N] [--plain-seeds N] [--images N] [--turns N]

Each turn runs every side once, each as a process of its own, from its start to its end: imports, training, test images
and verdict; of the suite also what plain loops do not have: the dry fit, checkpoints, diagnosis, everything that is
kept, and the report. The plain loops are benchmarks/plain_loops.py. The ratio is of seconds, and beside it of the
processor's seconds, which a busy machine changes less; below 1 the suite is ahead. Those of two workers are not known:
a server forks them, and nobody here waits for them. The loops take as long for each seed, so those of some seeds may
stand for all: the line says how many were measured.

The photographs are read by heads on a frozen EfficientNet-Lite0, whose ImageNet weights are installed with the suite.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks.paired import json_line, paired_ratio
from keras_suite.experiments.config import Config, Experiment, use

PLAIN, ALONE, PAIR = "plain Keras", "suite", "suite, 2 workers"
EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[96, 96], validation_fraction=0.2),
        model=use("efficientnet_lite0", weights="imagenet", dropout=0.2),
        optimizer=use("adam", learning_rate=1e-3),
        phases=(use("head"),),
        batch_size=32,
        epochs=10,
    ),
    variants={"linear": {}, "dropout": {"model.dropout": 0.5}, "hidden": {"model.units": [64]}},
    seeds=3,
)


@dataclass(frozen=True)
class Question:
    """A question of the catalog, or of a file: its command's argument, its seeds, and the images that it is given."""

    source: str
    seeds: int
    quick_seeds: int
    limits: dict[str, int] = field(default_factory=dict)
    quick_limits: dict[str, int] = field(default_factory=dict)

    def settings(self, options: argparse.Namespace) -> dict[str, int]:
        """Return what is set for all variants."""
        if options.images:
            return {"dataset.limit": options.images, "dataset.test_limit": max(options.images // 4, 1)}
        return self.quick_limits if options.quick else self.limits


QUESTIONS = {
    "digits": Question("digits_demo", 8, 1),
    "mnist": Question(
        "mnist_fast",
        3,
        1,
        {"dataset.limit": 3000, "dataset.test_limit": 1000},
        {"dataset.limit": 600, "dataset.test_limit": 200},
    ),
    "photographs": Question(
        __file__,
        3,
        1,
        {"dataset.limit": 200, "dataset.test_limit": 100},
        {"dataset.limit": 40, "dataset.test_limit": 20},
    ),
}


@dataclass(frozen=True)
class Turn:
    """What one side took for an answer, and the mean test accuracy of the first variant."""

    seconds: float
    cpu: float
    accuracy: float


def main() -> int:
    """Print a table for each question, and the last one's JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the photographs, few of them, one turn of one seed")
    parser.add_argument("--question", choices=QUESTIONS, action="append", help="only this one; repeatable")
    parser.add_argument("--seeds", type=int, help="of each variant")
    parser.add_argument("--plain-seeds", type=int, help="those of the plain loops that are measured (all)")
    parser.add_argument("--images", type=int, help="how many train and validate; a quarter as many test (200; 3,000)")
    parser.add_argument("--turns", type=int, help="of each side (3)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    chosen = options.question or (["photographs"] if options.quick else list(QUESTIONS))
    if options.prepare:
        try:
            prepare(chosen[0], options)
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        return 0
    for name in chosen:
        question = QUESTIONS[name]
        seeds = options.seeds or (question.quick_seeds if options.quick else question.seeds)
        with tempfile.TemporaryDirectory() as folder:
            if code := begin(name, min(seeds, options.plain_seeds or seeds), options, Path(folder)):
                return code
            turns = take_turns(name, seeds, options, Path(folder), options.turns or (1 if options.quick else 3))
        report(name, seeds, options, turns)
    return 0


def begin(name: str, seeds: int, options: argparse.Namespace, folder: Path) -> int:
    """Write what the plain loops read, in a process whose time does not count, and return its exit code."""
    command = [sys.executable, __file__, "--question", name, "--seeds", str(seeds), "--prepare", str(folder)]
    command += ["--quick"] if options.quick else []
    command += ["--images", str(options.images)] if options.images else []
    command += ["--data-dir", str(options.data_dir)] if options.data_dir else []
    return subprocess.run(command, check=False).returncode


def prepare(name: str, options: argparse.Namespace) -> None:
    """Write the arrays and splits of a question, and of the photographs the backbone."""
    import keras
    import numpy as np

    from keras_suite.data_pipeline.splits import images_to_test, split
    from keras_suite.experiments import catalog
    from keras_suite.experiments.config import override
    from keras_suite.experiments.registry import resolve
    from keras_suite.experiments.training import runtime
    from keras_suite.experiments.training.identity import load_dataset

    question, folder = QUESTIONS[name], options.prepare
    config = override(catalog.load(question.source).experiment.base, question.settings(options))
    dataset = load_dataset(resolve(config).dataset, options.data_dir and Path(options.data_dir))
    splits = {seed: split(dataset, seed) for seed in range(1, options.seeds + 1)}
    test_images, test_labels = images_to_test(dataset, splits[1])
    arrays: dict[str, Any] = {
        "images": dataset.images,
        "labels": dataset.labels,
        "test_images": test_images,
        "test_labels": test_labels,
        "batch_size": config.batch_size,
        "seeds": options.seeds,
    }
    for seed, each in splits.items():
        arrays |= {f"train_{seed}": each.train, f"validation_{seed}": each.validation}
    np.savez(folder / f"{name}.npz", **arrays)
    if name == "photographs":
        runtime.start_tensorflow(runtime.available_cores())
        model = resolve(config).model.build(dataset.image_shape, 2, 1, weights="imagenet")
        features = model.get_layer("features").input
        keras.Model(model.input, features).save(folder / "backbone.keras")


def take_turns(name: str, seeds: int, options: argparse.Namespace, folder: Path, turns: int) -> dict[str, list[Turn]]:
    """Return the turns of each side."""
    taken: dict[str, list[Turn]] = {side: [] for side in (PLAIN, ALONE, *(() if options.quick else (PAIR,)))}
    for number in range(turns):
        for side, before in taken.items():
            before.append(turn(side, name, seeds, options, folder))
            print(
                f"{name}, turn {number + 1}, {side}: {before[-1].seconds:.1f} s, "
                + ("" if side == PAIR else f"{before[-1].cpu:.1f} s of the processor, ")
                + f"accuracy {before[-1].accuracy:.4f}",
                flush=True,
            )
    return taken


def turn(side: str, name: str, seeds: int, options: argparse.Namespace, folder: Path) -> Turn:
    """Return what one side takes, from the start of its process to its end."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        if side == PLAIN:
            command = [sys.executable, str(Path(__file__).with_name("plain_loops.py")), name, str(folder)]
        else:
            command = [sys.executable, "-m", "keras_suite.experiments", "run", QUESTIONS[name].source]
            command += ["--seeds", str(seeds), "--runs-dir", own, "--workers", "2" if side == PAIR else "1"]
            for key, value in QUESTIONS[name].settings(options).items():
                command += ["--set", f"{key}={value}"]
            command += ["--data-dir", str(options.data_dir)] if options.data_dir else []
        environment = {**os.environ, "CACHE_DIR": f"{own}/cache"}  # nothing is decoded or computed yet
        began, before = time.perf_counter(), os.times()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        seconds, after = time.perf_counter() - began, os.times()
        if done.returncode:
            raise RuntimeError(f"{side} ended with {done.returncode}: {done.stderr[-2000:]}")
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        if side == PLAIN:
            loops = json.loads(done.stdout.splitlines()[-1])
            more = seeds / min(seeds, options.plain_seeds or seeds) - 1
            seconds, cpu = seconds + more * loops["seconds"], cpu + more * loops["cpu"]
        return Turn(seconds, cpu, _accuracy(side, done.stdout, Path(own)))


def _accuracy(side: str, printed: str, runs_dir: Path) -> float:
    """Return the mean test accuracy of the first variant."""
    if side == PLAIN:
        accuracies: dict[str, Any] = json.loads(printed.splitlines()[-1])["accuracies"]
        return mean(next(iter(accuracies.values())))
    [table] = runs_dir.glob("*/comparison.csv")
    with table.open(encoding="utf-8") as file:
        return float(next(csv.DictReader(file))["test_accuracy_mean"])


def report(name: str, seeds: int, options: argparse.Namespace, turns: dict[str, list[Turn]]) -> None:
    """Print a question's table and its JSON line."""
    plain = turns[PLAIN]
    print(f"\n{name}, {seeds} seeds, {len(plain)} turns{'':12}s{'of processor':>14}{'ratio':>8}   95 % interval")
    ratios = {}
    for side, taken in turns.items():
        of_processor = "-" if side == PAIR else f"{median(each.cpu for each in taken):.1f}"
        line = f"{side:30}{median(each.seconds for each in taken):12.1f}{of_processor:>14}"
        if side != PLAIN:
            wall, cpu = (
                paired_ratio([getattr(a, of) for a in taken], [getattr(b, of) for b in plain])
                for of in ("seconds", "cpu")
            )
            ratios[side] = wall
            line += f"{wall.median:8.2f}   {wall.low:.2f} to {wall.high:.2f}"
            line += "" if side == PAIR else f"; of the processor's {cpu.median:.2f}"
        print(line)
    if options.plain_seeds and options.plain_seeds < seeds:
        print(f"{options.plain_seeds} of the plain loops' {seeds} seeds measured; they stand for all of them")
    best = min(ratios, key=lambda side: ratios[side].median)
    data = f"{name}, {seeds} seeds, {QUESTIONS[name].settings(options)}, {os.cpu_count()} cores; {best}"
    ours, theirs = (median(each.seconds for each in turns[side]) for side in (best, PLAIN))
    print(json_line("time_to_answer", ratios[best], ours, theirs, data))


if __name__ == "__main__":
    sys.exit(main())
