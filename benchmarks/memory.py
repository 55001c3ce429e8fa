"""Is the peak memory that `run` states before training what is then measured? Real data and networks, a process each.

    DATA_DIR=... python benchmarks/memory.py [--quick] [--pair NAME]

Each pair is trained as `run` does it, a few batches tried first; the epochs are short, since a peak is reached in the
first. Then two workers train digits_demo, and the memory of the command with all its processes is added up over time:
proportional set sizes, in which a page of the libraries counts for each process by its share.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import Ratio, json_line
from keras_suite.experiments.config import Config, Part, use
from keras_suite.experiments.training import runtime

MIB = 2**20


def digits(side: int) -> Part:
    """Return scikit-learn's digits, a number of pixels a side."""
    return use("digits", image_size=[side, side])


def photographs(side: int) -> Part:
    """Return 150 photographs of cats and dogs to train on; all 2,500 are held."""
    return use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[side, side], limit=150)


PAIRS: dict[str, Config] = {
    "digits 16, demo net, 32": Config(digits(16), use("mnist_demo_net"), batch_size=32, epochs=8),
    "digits 16, demo net, 512": Config(digits(16), use("mnist_demo_net"), batch_size=512, epochs=2),
    "digits 16, mlp, 32": Config(digits(16), use("mlp", units=[128]), batch_size=32, epochs=3),
    "digits 32, vit, 64": Config(digits(32), use("vit"), batch_size=64, epochs=1),
    "MNIST, demo net, 128": Config(use("mnist", limit=3000), use("mnist_demo_net"), batch_size=128, epochs=1),
    "MNIST, demo net, 512": Config(use("mnist", limit=3000), use("mnist_demo_net"), batch_size=512, epochs=1),
    "photos 96, pattern_cnn, 64": Config(photographs(96), use("pattern_cnn"), batch_size=64, epochs=1),
    "photos 96, mobile_cnn, 64": Config(photographs(96), use("mobile_cnn"), batch_size=64, epochs=1),
    "photos 128, vgg half, 32": Config(
        photographs(128), use("vgg", width=0.5), optimizer=use("momentum"), batch_size=32, epochs=1
    ),
    "photos 96, vgg16, 32": Config(photographs(96), use("vgg16"), batch_size=32, epochs=1),
    "photos 96, vgg16 frozen, 32": Config(
        photographs(96), use("vgg16"), phases=(use("head"),), batch_size=32, epochs=1
    ),
    "photos 96, resnet50, 32": Config(photographs(96), use("resnet50"), batch_size=32, epochs=1),
    "photos 128, alexnet, 64": Config(photographs(128), use("alexnet"), batch_size=64, epochs=1),
    "CIFAR-10, vgg quarter, 128": Config(
        use("cifar10", limit=2000),
        use("vgg", width=0.25, batch_normalization="before_activation"),
        batch_size=128,
        epochs=1,
    ),
}
QUICK = ("digits 16, demo net, 512", "MNIST, demo net, 512")


def main() -> int:
    """Print the table and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two pairs and no workers, under a minute")
    parser.add_argument("--pair", choices=PAIRS, help="only this pair, in this process: its JSON alone is printed")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    arguments = parser.parse_args()
    data_dir = arguments.data_dir and Path(arguments.data_dir)
    try:
        if arguments.pair:
            print(json.dumps(train(PAIRS[arguments.pair], data_dir)))
            return 0
        names = QUICK if arguments.quick else tuple(PAIRS)
        print(f"{'data, network, batch':30}{'said MiB':>10}{'measured':>10}{'ratio':>7}")
        found = [show(name, data_dir) for name in names]
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    ratios = sorted(said / measured for said, measured in found)
    middle, workers = ratios[len(ratios) // 2], {}
    if not arguments.quick:
        workers = {"two_workers_mebibytes": round(two_workers(data_dir) / MIB)}
        print(f"digits_demo with two workers, all processes: {workers['two_workers_mebibytes']:,} MiB at most")
    median_said, median_measured = sorted(found)[len(found) // 2]
    ratio = Ratio(middle, ratios[0], ratios[-1], len(ratios))
    data = f"{len(ratios)} pairs of data and network; the interval is their range"
    print(json_line("memory", ratio, median_said, median_measured, data, **workers))
    return 0


def show(name: str, data_dir: Path | None) -> tuple[float, float]:
    """Train a pair in a process of its own, print its row, and return what was said and measured, in MiB."""
    command = [sys.executable, str(Path(__file__)), "--pair", name]
    environment = {**os.environ, **({"DATA_DIR": str(data_dir)} if data_dir else {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{name}: {(done.stderr.splitlines() or ['it ended without a word'])[-1]}")
    row = json.loads(done.stdout.splitlines()[-1])
    said, measured = row["said"] / MIB, row["measured"] / MIB
    print(f"{name:30}{said:10,.0f}{measured:10,.0f}{said / measured:7.2f}", flush=True)
    return said, measured


def train(config: Config, data_dir: Path | None) -> dict[str, Any]:
    """Try a few batches and train, as `run` does; return the bytes that were stated and those that were measured."""
    threads = runtime.available_cores()
    runtime.start_tensorflow(threads)
    from keras_suite.experiments.scheduling.estimate import estimate
    from keras_suite.experiments.training.job import Job, RunOptions
    from keras_suite.experiments.training.run import train as train_run
    from keras_suite.reports import run_directory

    with tempfile.TemporaryDirectory() as folder:
        job = Job("memory", "only", config, 1, RunOptions(threads, Path(folder), data_dir))
        said = estimate([job]).memory
        outcome = train_run(job)
        if outcome.status != "completed":
            raise ValueError(outcome.reason)
        return {"said": said, "measured": run_directory.read_run(outcome.directory).record["peak_memory_bytes"]}


def two_workers(data_dir: Path | None) -> int:
    """Return the most bytes that the command with two workers and all its processes held together."""
    import psutil

    command = [sys.executable, "-m", "keras_suite.experiments", "run", "digits_demo", "--workers", "2", "--seeds", "2"]
    environment = {**os.environ, **({"DATA_DIR": str(data_dir)} if data_dir else {})}
    peak = 0
    with tempfile.TemporaryDirectory() as folder:
        command += ["--set", "epochs=3", "--runs-dir", folder]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                held = 0
                for each in _family(psutil.Process(process.pid)):
                    try:
                        held += each.memory_full_info().pss
                    except psutil.Error:
                        continue
                peak = max(peak, held)
                time.sleep(0.1)
    if process.returncode:
        raise ValueError(f"the command with two workers ended with {process.returncode}")
    return peak


def _family(process: Any) -> list[Any]:
    import psutil

    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


if __name__ == "__main__":
    sys.exit(main())
