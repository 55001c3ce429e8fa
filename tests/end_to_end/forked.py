"""Processes that begin at once: forked from one that has imported TensorFlow, but never started it."""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any


def fork(said: Path, target: Callable[..., object], *arguments: Any) -> ForkServerProcess:
    """Start a process that calls `target`, in this one's environment; what it prints is added to the file `said`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["keras_suite.experiments.tuning.sweep", "keras_suite.experiments.training.run", "sklearn.datasets"]
    )
    said.parent.mkdir(parents=True, exist_ok=True)
    process = context.Process(target=_call, args=(said, dict(os.environ), target, arguments))
    process.start()
    return process


def _call(
    said: Path, environment: Mapping[str, str], target: Callable[..., object], arguments: tuple[Any, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with said.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    target(*arguments)
