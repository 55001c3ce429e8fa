"""What training through the suite costs beside the same `keras.Model.fit` on the same arrays.

    DATA_DIR=... python benchmarks/overhead.py [--quick]

Both sides train the MNIST demo net on real MNIST in one process, an epoch of the one, an epoch of the other. Ours is
the suite's own path: keyed shuffle, unpenalised loss and top-5 beside accuracy, guard, history file, checkpoints.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import json_line, paired_ratio
from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training import runtime

BATCH_SIZE = 128


def main() -> int:
    """Print the table and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer epochs on fewer images, under a minute")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    arguments = parser.parse_args()
    images, epochs = (1500, 6) if arguments.quick else (10_000, 16)
    runtime.start_tensorflow(runtime.available_cores())
    try:
        ours, theirs = measure(arguments.data_dir and Path(arguments.data_dir), images, epochs)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    report(ours[1:], theirs[1:], images)  # the first epoch traces the graph
    return 0


class Turns:
    """Two trainings in two threads, of which one epoch at a time runs."""

    def __init__(self) -> None:
        self.turn = 0
        self.changed = threading.Condition()

    def callback(self, side: int) -> Any:
        """Return a Keras callback, first in its list: an epoch lasts until all other callbacks are done with it."""
        import keras

        turns = self

        class Turn(keras.callbacks.Callback):
            def __init__(self) -> None:
                super().__init__()
                self.seconds: list[float] = []
                self.began: float | None = None

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                self._hand_over()
                with turns.changed:
                    turns.changed.wait_for(lambda: turns.turn in (side, -1))
                self.began = time.perf_counter()

            def on_train_end(self, logs: Any = None) -> None:
                self._hand_over()

            def _hand_over(self) -> None:
                if self.began is None:
                    return
                self.seconds.append(time.perf_counter() - self.began)
                with turns.changed:
                    turns.turn = 1 - side
                    turns.changed.notify_all()

        return Turn()


def measure(data_dir: Path | None, images: int, epochs: int) -> tuple[list[float], list[float]]:
    """Return seconds of each epoch, ours and plain Keras's."""
    import keras
    import numpy as np

    from keras_suite.experiments.training.fit import fit
    from keras_suite.experiments.training.job import Job, RunOptions
    from keras_suite.experiments.training.prepared_run import prepare

    turns = Turns()
    first, second = turns.callback(0), turns.callback(1)
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            dataset=use("mnist", limit=images), model=use("mnist_demo_net"), batch_size=BATCH_SIZE, epochs=epochs
        )
        options = RunOptions(runtime.available_cores(), Path(folder), data_dir)
        run = prepare(Job("overhead", "ours", config, 1, options))
        dataset = run.dataset
        run.fresh_session()
        model, plain = run.build_model(), run.build_model()
        plain.compile(
            "adam",
            loss=keras.losses.CategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=runtime.use_xla(),
        )
        labels = np.eye(run.targets.outputs, dtype=np.float32)[dataset.labels]
        train, validation = ((dataset.images[part], labels[part]) for part in (run.split.train, run.split.validation))

        def fit_plain() -> None:
            plain.fit(
                *train,
                batch_size=BATCH_SIZE,
                epochs=epochs,
                validation_data=validation,
                callbacks=[second],
                verbose=0,
            )

        thread = threading.Thread(target=fit_plain)
        thread.start()
        fit(run, model, extra_callbacks=[first])
        thread.join()
    return first.seconds, second.seconds


def report(ours: list[float], theirs: list[float], images: int) -> None:
    """The medians, and the median of the paired ratios with its interval."""
    from statistics import median

    print(f"{'':12}{'median s an epoch':>18}{'min':>8}{'max':>8}")
    for name, seconds in (("suite", ours), ("keras fit", theirs)):
        print(f"{name:12}{median(seconds):18.3f}{min(seconds):8.3f}{max(seconds):8.3f}")
    ratio = paired_ratio(ours, theirs)
    print(f"ratio {ratio.median:.3f}, 95 % interval {ratio.low:.3f} to {ratio.high:.3f}, {ratio.n} interleaved epochs")
    # TensorFlow 2.21 can sleep for seconds while it destroys an epoch's iterator; plain fit makes one for each epoch,
    # the suite one for the whole run. The fastest epochs of both had no such pause.
    fastest = min(ours) / min(theirs)
    print(f"the fastest epochs: {fastest:.3f}")
    data = f"MNIST, limit {images}, demo net, {runtime.available_cores()} cores"
    print(json_line("overhead", ratio, median(ours), median(theirs), data, fastest=round(fastest, 4)))


if __name__ == "__main__":
    sys.exit(main())
