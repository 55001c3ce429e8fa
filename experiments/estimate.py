"""What a plan will cost, from a dry fit: a few batches of every variant, which also finds what would fail later."""

import time
from collections.abc import Sequence

from experiments.cost import Estimate
from experiments.job import Job, load_dataset
from experiments.run import compiled, fresh_session, training_batches

WARM_UP, TIMED = 1, 3


def estimate(jobs: Sequence[Job]) -> Estimate:
    """Builds each variant's model and trains it on a few batches, thrown away; ValueError says which one cannot."""
    seconds, size = {}, 0
    by_variant: dict[str, list[Job]] = {}
    for job in jobs:
        by_variant.setdefault(job.variant, []).append(job)
    for variant, same in by_variant.items():
        try:
            run_seconds, run_bytes = _dry_fit(same[0])
        except Exception as error:  # whatever a layer says of shapes that do not fit: it is the config that is wrong
            raise ValueError(f"variant {variant!r} cannot be trained: {_gist(error)}") from error
        seconds[variant] = run_seconds
        size += run_bytes * len(same)
    total = sum(seconds[variant] * len(same) for variant, same in by_variant.items())
    return Estimate(total, size, seconds)


def _gist(error: Exception) -> str:
    """The line that matters of TensorFlow's long messages: the last of a traced function's, else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1] if lines[0].startswith("in user code") else lines[0]


def _dry_fit(job: Job) -> tuple[float, int]:
    dataset = load_dataset(job.config.dataset, job.data_dir)
    began = time.perf_counter()
    fresh_session(job.config, job.seed)
    model, training = compiled(job.config, dataset, job.seed)
    batches = iter(training_batches(job, dataset, training, start_epoch=0))
    for _ in range(WARM_UP):
        model.train_on_batch(*next(batches))
    set_up = time.perf_counter() - began
    images = 0
    started = time.perf_counter()
    for _ in range(TIMED):
        batch = next(batches)
        images += len(batch[0])
        model.train_on_batch(*batch)
    per_image = (time.perf_counter() - started) / images
    looked_at = len(training.train) + len(training.validation) / 3  # a forward pass costs about a third of a step
    size = 4 * model.count_params() + 4 * training.classes * len(dataset.test_labels)
    return set_up + looked_at * per_image * job.config.epochs, size
