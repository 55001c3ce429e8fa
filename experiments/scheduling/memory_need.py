"""Whether a command's processes fit into the memory of this machine, or of its container, before anything trains."""

import psutil

from keras_suite.data_pipeline.images.memory import free_bytes
from keras_suite.experiments.training import runtime
from keras_suite.tasks.wording.quantities import memory


def needed_bytes(expected: int, processes: int) -> int:
    """Return what a command takes in all, whose runs are expected to take so many bytes each.

    One process is the command itself. Several stand beside it, and it has tried a few batches of its own; what they
    share, the libraries, counts once.
    """
    if processes == 1:
        return expected
    return expected + processes * max(0, expected - runtime.memory_at_start().shared)


def held_bytes() -> int:
    """Return what this process holds already."""
    return int(psutil.Process().memory_info().rss)


def memory_warning(variant: str, expected: int, processes: int) -> str | None:
    """Return a line where more memory is expected to be taken than is free; None where it fits."""
    needed, had = needed_bytes(expected, processes), held_bytes() + free_bytes()
    if needed <= had:
        return None
    together = f", {memory(needed)} in {processes} worker processes and the command" if processes > 1 else ""
    fewer = f", or fewer --workers than {processes}" if processes > 1 else ""
    return (
        f"variant {variant!r} is expected to take {memory(expected)} of memory{together}, and {memory(had)} "
        f"can be had: runs may be killed; give a smaller batch_size or dataset.image_size{fewer}"
    )
