"""What a report over a thousand runs costs: seconds and memory of `report` on a whole runs folder.

    python benchmarks/report_scale.py [--quick] [--wide] [--keep FOLDER]

The run directories are made here: 5 experiments of 10 variants and 20 seeds, 30 epochs, 10,000 test images of 10
classes. `report` then runs in a process of its own. The promise is 60 s and 1 GiB for 1,000 runs.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Variant

EXPERIMENTS, VARIANTS, SEEDS, EPOCHS = 5, 10, 20, 30
IMAGES, VALIDATION, CLASSES, PIXELS = 10_000, 2_000, 10, 28
SECONDS, MEBIBYTES = 60.0, 1024.0


def main() -> int:
    """Create the runs, reports them, prints what it cost; 1 if that is more than promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="100 runs, under a minute")
    parser.add_argument("--wide", action="store_true", help="one experiment of 100 variants instead of 5 of 10")
    parser.add_argument("--keep", type=Path, help="make the runs here, or use those that are here")
    arguments = parser.parse_args()
    experiments, variants, seeds = (1, 100, 10) if arguments.wide else (EXPERIMENTS, VARIANTS, SEEDS)
    if arguments.quick:
        experiments, variants, seeds = 1, variants, 100 // variants
    runs = experiments * variants * seeds
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        if not run_directory.experiment_folders(folder):
            make_runs(folder, experiments, variants, seeds)
        seconds, mebibytes = measure(folder)
    print(f"{runs:,} runs, {IMAGES:,} test images each: {seconds:.1f} s, {mebibytes:.0f} MiB at most")
    made = f"made: {experiments} x {variants} x {seeds}, {IMAGES:,} images of {CLASSES} classes, {EPOCHS} epochs"
    line = {
        "benchmark": "report_scale",
        "ratio": round(seconds / SECONDS, 4),
        "ours": round(seconds, 2),
        "theirs": SECONDS,
        "n": runs,
        "mebibytes": round(mebibytes),
        "data": f"{made}; theirs is the promise",
    }
    print(json.dumps(line))
    return int(seconds > SECONDS or mebibytes > MEBIBYTES)


def measure(folder: Path) -> tuple[float, float]:
    """Return seconds and peak memory in MiB of one `report` over the folder, its processes together."""
    import psutil

    command = [sys.executable, "-m", "keras_suite.experiments", "report", str(folder)]
    began, peak = time.perf_counter(), 0
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                processes = (watched, *watched.children(recursive=True))
                peak = max(peak, sum(each.memory_info().rss for each in processes))
            time.sleep(0.05)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"report ended with {process.returncode}")
    return seconds, peak / 2**20


def make_runs(folder: Path, experiments: int, variants: int, seeds: int) -> None:
    """Run directories as `run` leaves them, but for the model: variants that differ a little, seeds that scatter."""
    chance = np.random.default_rng(0)
    labels = chance.integers(0, CLASSES, IMAGES)
    pictures = chance.integers(0, 256, (IMAGES, PIXELS, PIXELS, 1), dtype=np.uint8)
    hard = chance.normal(0, 1.5, IMAGES)
    for number in range(1, experiments + 1):
        name = f"made_{number}"
        listed = [
            Variant(f"variant_{k}", f"variant_{k}-{k:08x}", {"model.dropout": k / 200} if k else {})
            for k in range(variants)
        ]
        run_directory.write_experiment(
            folder / name,
            name=name,
            question=f"Which of {variants} variants is best, made up for the {number}. time?",
            command=f"keras-suite run {name} --seeds {seeds}",
            variants=listed,
        )
        for k, variant in enumerate(listed):
            for seed in range(1, seeds + 1):
                directory = folder / name / variant.directory / f"seed-{seed}"
                _make_run(directory, name, variant, seed, chance, labels, pictures, hard + 0.05 * k)


def _make_run(
    directory: Path,
    experiment: str,
    variant: Variant,
    seed: int,
    chance: np.random.Generator,
    labels: np.ndarray,
    pictures: np.ndarray,
    ease: np.ndarray,
) -> None:
    run_directory.begin(directory, _record(experiment, variant, seed), {"loss": {"name": "cross_entropy"}})
    logits = chance.standard_normal((IMAGES, CLASSES), dtype=np.float32)
    logits[np.arange(IMAGES), labels] += 5 + ease + chance.normal(0, 0.1)
    probabilities = np.exp(logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)[:24]
    epochs = [_epoch(epoch, chance) for epoch in range(1, EPOCHS + 1)]
    run_directory.write_history(directory, epochs)
    run_directory.write_predictions(directory, labels, probabilities)
    validated = run_directory.ValidationLabels(
        np.arange(VALIDATION),
        labels[:VALIDATION],
        _jittered(probabilities[:VALIDATION], chance),
        "made",
        5 * VALIDATION,
    )
    run_directory.write_validation(directory, validated)
    run_directory.write_examples(directory, wrong, pictures[wrong])
    metrics = {
        "epochs": EPOCHS,
        "best_epoch": EPOCHS,
        "model_epoch": EPOCHS,
        "parameters": 100_000,
        "train_seconds": 60.0,
        "validation": {"accuracy": epochs[-1]["val_accuracy"], "unpenalised_loss": epochs[-1]["val_unpenalised_loss"]},
        "test": {
            "accuracy": float(np.mean(predicted == labels)),
            "unpenalised_loss": float(-np.log(probabilities[np.arange(IMAGES), labels].astype(float)).mean()),
        },
    }
    run_directory.complete(directory, metrics, seconds=61.0, peak_memory_bytes=700 * 2**20)


def _jittered(probabilities: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Return other probabilities of the same kind, for images that validate."""
    moved = probabilities * np.exp(0.5 * chance.standard_normal(probabilities.shape, dtype=np.float32))
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def _epoch(epoch: int, chance: np.random.Generator) -> dict[str, float]:
    loss = 2 / epoch + 0.02 * chance.random()
    row = {"loss": loss, "accuracy": 1 - loss / 5, "unpenalised_loss": loss}
    return {
        "epoch": epoch,
        "phase": 1,
        **row,
        **{f"val_{key}": value for key, value in row.items()},
        "learning_rate": 0.001 * 0.5 ** (epoch // 10),
        "seconds": 2.0,
        "images_per_second": 5_000.0,
    }


def _record(experiment: str, variant: Variant, seed: int) -> dict[str, Any]:
    return {
        "identity": variant.directory[-8:],
        "experiment": experiment,
        "variant": variant.name,
        "seed": seed,
        "command": f"keras-suite run {experiment}",
        "commit": "0" * 40,
        "dirty": False,
        "versions": {"python": "3.11", "tensorflow": "2.21.0"},
        "threads": 1,
        "device": "CPU",
        "platform": "Linux",
        "data": {
            "name": "made",
            "fingerprint": "0" * 64,
            "class_names": [str(k) for k in range(CLASSES)],
            "input_shape": [PIXELS, PIXELS, 1],
            "train": 1_000,
            "validation": 200,
            "test": IMAGES,
            "notes": [],
        },
    }


if __name__ == "__main__":
    sys.exit(main())
