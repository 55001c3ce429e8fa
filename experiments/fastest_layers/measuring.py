"""What is timed for `model.layers="fastest"`, in a process of its own: training steps of a network, in turn.

A kind of layers is chosen only where the whole 95 % interval of its ratio to Keras's lies below 1; of several such
kinds, and all of them together, what took the least time. Times are the processor's, of all threads: other work on the
machine disturbs those least. On a GPU they are the clock's.
"""

import json
import math
import pickle
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from keras_suite.experiments.config import Config, to_json
from keras_suite.experiments.fastest_layers.choice import ANSWER, REQUEST, network_of, with_choice
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import PreparedRun, prepare
from keras_suite.experiments.training.trusted_kernels import trust_kernels
from keras_suite.models.networks.layer_implementations import kinds_in, with_layers
from keras_suite.reports.run_directory.layer_choices import LayerChoice, TimeRatio
from keras_suite.tasks.atomic_files import replacing

MOST_PAIRS, FEWEST_PAIRS = 21, 6  # of fewer than 6 ratios no interval of the median covers it with 95 %
MOST_SECONDS = 30.0  # of one comparison; after the fewest pairs it ends with these
LEAST_SECONDS = 0.02  # of one timing: shorter steps are made several times
WARM_UP = 2
CONFIDENCE = 0.95


def answer(folder: str) -> None:
    """Measure what the request in the folder asks for, and write the choices there, or a line on what is wrong."""
    configs, options, search_path = pickle.loads((Path(folder) / REQUEST).read_bytes())
    sys.path[:] = search_path
    found: list[LayerChoice] | str
    try:
        runtime.start_tensorflow(options.threads)
        found = measured(configs, options)
    except (ValueError, OSError, ForeignCodeError) as error:
        found = str(error)
    except MemoryError:
        found = "measuring the layers takes more memory than there is: give a smaller batch_size, or model.layers=[]"
    with replacing(Path(folder) / ANSWER) as path:
        path.write_bytes(pickle.dumps(found))


def measured(configs: Sequence[Config], options: RunOptions) -> list[LayerChoice]:
    """Return the choice for each network; networks of equal shapes are measured once.

    Raises:
        ValueError, OSError: With what is wrong.
    """
    of_shape: dict[str, LayerChoice] = {}
    choices = []
    for config in configs:
        resolve(config)  # of a network without the option it says so
        run = prepare(Job("layers", "layers", with_choice(config, ()), 1, options))
        model = to_json(run.job.config)["model"]
        shapes = [model, run.dataset.image_shape, run.targets.outputs, min(run.batch_size, len(run.split.train))]
        key = json.dumps(shapes)
        if key not in of_shape:
            of_shape[key] = _measured(run, options)
        choices.append(replace(of_shape[key], network=network_of(config)))
    return choices


def _measured(run: PreparedRun, options: RunOptions) -> LayerChoice:
    """Return the choice for the network of a prepared run."""
    run.fresh_session()
    model, batch = run.build_model(), next(iter(run.training_batches()))
    with_kerass = training_step(run, model, batch)

    def ratio(*kinds: str) -> TimeRatio:
        return time_ratio(kinds, training_step(run, with_layers(model, kinds), batch), with_kerass)

    ratios = [ratio(kind) for kind in kinds_in(model)]
    faster = [each.layers[0] for each in ratios if each.high < 1]
    if len(faster) > 1:
        ratios.append(ratio(*faster))
    best = min((each for each in ratios if each.high < 1), key=lambda each: each.median, default=None)
    return LayerChoice(
        network={},
        layers=best.layers if best else (),
        ratios=tuple(ratios),
        processor=runtime.device(),
        threads=options.threads,
        versions=runtime.versions(),
    )


def training_step(run: PreparedRun, model: keras.Model, batch: Any) -> Callable[[], Any]:
    """Return a compiled training step on always the same batch, which moves no weight."""
    trust_kernels(model)  # as before each run: a kernel that computes wrongly must not win
    model.compile(keras.optimizers.SGD(0.0), run.config.loss.build(), jit_compile=runtime.use_xla())
    inputs, targets = batch
    return lambda: model.train_on_batch(inputs, targets)


def time_ratio(kinds: Sequence[str], ours: Callable[[], Any], theirs: Callable[[], Any]) -> TimeRatio:
    """Time both steps in turn, each first in every other pair, and return the median ratio with its interval."""
    clock = time.perf_counter if runtime.use_xla() else time.process_time
    for _ in range(WARM_UP):
        ours()
        theirs()
    began = clock()
    theirs()
    repeats = math.ceil(LEAST_SECONDS / max(clock() - began, LEAST_SECONDS / 1000))

    def seconds(step: Callable[[], Any]) -> float:
        began = clock()
        for _ in range(repeats):
            step()
        return clock() - began

    ratios: list[float] = []
    started = time.monotonic()
    while len(ratios) < FEWEST_PAIRS or (len(ratios) < MOST_PAIRS and time.monotonic() - started < MOST_SECONDS):
        if len(ratios) % 2:
            of_ours = seconds(ours)
            ratios.append(of_ours / seconds(theirs))
        else:
            of_theirs = seconds(theirs)
            ratios.append(seconds(ours) / of_theirs)
    low, high = median_interval(ratios)
    return TimeRatio(tuple(kinds), statistics.median(ratios), low, high, len(ratios))


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the narrowest interval between ordered values, as far from either end, that holds the median with 95 %.

    It supposes nothing of the distribution: the median lies below the k-th smallest of n values where fewer than k of n
    fair coins fall heads.
    """
    ordered, n = sorted(values), len(values)
    outside, k = 0.0, 0
    while (outside := outside + 2 * math.comb(n, k) / 2**n) <= 1 - CONFIDENCE:
        k += 1
    return ordered[k - 1], ordered[n - k]
