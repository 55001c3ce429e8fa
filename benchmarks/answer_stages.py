"""What the time of the command `run` is spent on, from the start of the process to the report.

    DATA_DIR=... python benchmarks/answer_stages.py [QUESTION] [--seeds N] [--images N] [--quick]

The question is one of benchmarks/time_to_answer.py's. Each stage is counted without the stages inside it: "training
steps" are what Keras's `fit` takes beside tracing, validation and the callbacks. Seconds of the processor change less
on a busy machine than seconds do.
"""

import argparse
import contextlib
import functools
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks.time_to_answer import QUESTIONS
from keras_suite.experiments.training import runtime

SUITE, KERAS, TENSORFLOW = "keras_suite.experiments.", "keras.src.backend.tensorflow.trainer", "tensorflow.python.eager"
STAGES = {
    "graphs traced": ((f"{TENSORFLOW}.polymorphic_function.tracing_compilation", "_create_concrete_function"),),
    "networks built": ((f"{SUITE}training.prepared_run", "PreparedRun.build_model"),),
    "data loaded": ((f"{SUITE}training.identity", "load_dataset"),),
    "data inspected": ((f"{SUITE}commands.plan_run", "inspect_and_print"),),
    "dry fits": ((f"{SUITE}scheduling.estimate", "_dry_fit"),),
    "features": ((f"{SUITE}training.phases", "frozen_features"),),
    "training steps": ((KERAS, "TensorFlowTrainer.fit"),),
    "validation passes": ((KERAS, "TensorFlowTrainer.evaluate"),),
    "diagnosis probe": (("keras_suite.callbacks.probing.diagnosis", "Diagnosis._record"),),
    "history and checkpoints": (
        ("keras_suite.callbacks.history", "History.on_epoch_end"),
        ("keras_suite.callbacks.snapshot", "Snapshot.on_epoch_end"),
    ),
    "networks saved": ((f"{SUITE}training.run", "save_model"),),
    "test images scored": ((f"{SUITE}training.run", "score"),),
    "validation images kept": ((f"{SUITE}training.run", "keep_validation"),),
    "other parts of runs": ((f"{SUITE}scheduling.execution", "perform"),),
    "report": ((f"{SUITE}commands.plan_run", "report"),),
}


class Stages:
    """Times and numbers of calls by stage, each without those inside it."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}
        self._inside: list[list[float]] = []

    @contextlib.contextmanager
    def counted(self, stage: str) -> Iterator[None]:
        """Count the block as this stage."""
        began, inner = (time.perf_counter(), time.process_time()), [0.0, 0.0]
        self._inside.append(inner)
        try:
            yield
        finally:
            whole = time.perf_counter() - began[0], time.process_time() - began[1]
            self._inside.pop()
            calls, seconds, cpu = self.taken.get(stage, [0.0, 0.0, 0.0])
            self.taken[stage] = [calls + 1, seconds + whole[0] - inner[0], cpu + whole[1] - inner[1]]
            if self._inside:
                self._inside[-1][0] += whole[0]
                self._inside[-1][1] += whole[1]

    def watch(self, stage: str, module: str, name: str) -> None:
        """Count every call of a function from now on."""
        *path, last = name.split(".")
        owner = functools.reduce(getattr, path, importlib.import_module(module))
        function: Callable[..., Any] = getattr(owner, last)

        @functools.wraps(function)
        def watched(*arguments: Any, **options: Any) -> Any:
            with self.counted(stage):
                return function(*arguments, **options)

        setattr(owner, last, watched)


def main() -> int:
    """Run the question's command in this process, and print the table; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("question", choices=QUESTIONS, nargs="?", default="digits")
    parser.add_argument("--seeds", type=int, help="of each variant")
    parser.add_argument("--images", type=int, help="as of time_to_answer.py")
    parser.add_argument("--quick", action="store_true", help="one seed, few images")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    options = parser.parse_args()
    question, stages = QUESTIONS[options.question], Stages()
    with stages.counted("imports"):
        runtime.start_tensorflow(runtime.available_cores())
        for stage, functions in STAGES.items():
            for module, name in functions:
                stages.watch(stage, module, name)
    from keras_suite.experiments.cli import app

    seeds = options.seeds or (question.quick_seeds if options.quick else question.seeds)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CACHE_DIR"] = f"{folder}/cache"
        command = ["run", question.source, "--seeds", str(seeds), "--runs-dir", folder]
        command += [f"--set={key}={value}" for key, value in question.settings(options).items()]
        command += ["--data-dir", str(options.data_dir)] if options.data_dir else []
        code = int(app(command, standalone_mode=False))
    report(stages)
    return code


def report(stages: Stages) -> None:
    """Print what each stage took, the most of the processor first."""
    seconds, cpu = time.time() - psutil.Process().create_time(), time.process_time()
    rest = [0.0, *(whole - sum(each[k] for each in stages.taken.values()) for k, whole in ((1, seconds), (2, cpu)))]
    print(f"\n{'stage':26}{'calls':>7}{'s':>9}{'of the processor':>18}{'share':>8}")
    ordered = sorted({**stages.taken, "rest": rest}.items(), key=lambda item: -item[1][2])
    for stage, (calls, own, own_cpu) in ordered:
        print(f"{stage:26}{calls or 1:7.0f}{own:9.2f}{own_cpu:18.2f}{own_cpu / cpu:8.0%}")
    print(f"{'in all':26}{'':7}{seconds:9.2f}{cpu:18.2f}")


if __name__ == "__main__":
    sys.exit(main())
