"""Run a network, or an exported file, on images: its answers, and how long one takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keras_suite.experiments.exporting.images import Images

Ask = Callable[[np.ndarray], np.ndarray]  # images uint8 (b, h, w, c) to probabilities float32 (b, classes)

_WARM_UP, _MOST, _MOST_SECONDS = 5, 100, 20.0


@dataclass(frozen=True)
class Latency:
    """How long an answer to one image takes.

    Attributes:
        milliseconds: The median.
        images: How many were timed.
        threads: That computed.
    """

    milliseconds: float
    images: int
    threads: int


def answers(ask: Ask, images: Images, at_a_time: int = 1) -> np.ndarray:
    """Return the probabilities float32 (n, classes) of all images, of which a batch at a time is in memory."""
    return np.concatenate([ask(batch) for batch in images.batches(at_a_time)]).astype(np.float32)


def latency(ask: Ask, images: Images, threads: int) -> Latency:
    """Time the answers to single images, after a few that do not count; 100 of them, or as many as 20 s allow."""
    seconds: list[float] = []
    began = time.perf_counter()
    while len(seconds) < _WARM_UP + _MOST:
        for image in images.batches():
            start = time.perf_counter()
            ask(image)
            end = time.perf_counter()
            seconds.append(end - start)
            if len(seconds) == _WARM_UP + _MOST or end - began > _MOST_SECONDS:
                break
        if end - began > _MOST_SECONDS:
            break
    timed = seconds[_WARM_UP:] or seconds
    return Latency(1e3 * float(np.median(timed)), len(timed), threads)
