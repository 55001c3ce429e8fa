"""The memory that a network takes, by arithmetic: its weights are counted without being created."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras

from keras_suite.data_pipeline.images.memory import check_fits

LARGE_OPTION = 10_000  # units, filters: below that, weights fit into any memory
LARGE_BATCH = 2**27  # numbers in a batch of images
BYTES = 4  # of a float32


def check_model_fits(
    build: Callable[[], keras.Model],
    options: Mapping[str, Any],
    input_shape: tuple[int, ...],
    batch_size: int,
    name: str,
) -> bool:
    """Check that a network and a batch of images need no more memory than is free.

    What they need at least are the weights and their gradients, and half of what the layers put out for the batch.
    Ordinary networks are not counted.

    Args:
        build: Builds the network.
        options: The options of the model.
        input_shape: Of an image (h, w, c).
        batch_size: Images at a time.
        name: The model's.

    Returns:
        Whether it was counted: then the Keras session is to be made fresh again.

    Raises:
        ValueError: If they need more.
    """
    of_batch = batch_size * math.prod(input_shape)
    if max(_whole_numbers(options.values()), default=0) <= LARGE_OPTION and of_batch <= LARGE_BATCH:
        return False
    check_fits(of_batch * BYTES, f"batches of {batch_size:,} images", "give a smaller batch_size or image_size")
    parameters, outputs = _counted(build)
    outputs *= batch_size
    check_fits(
        BYTES * (2 * parameters + outputs // 2),
        f"model {name!r} with {parameters:,} parameters and batches of {batch_size:,} images",
        "give it smaller options, or a smaller batch_size or image_size",
    )
    return True


def _counted(build: Callable[[], keras.Model]) -> tuple[int, int]:
    """Return the numbers of a network's weights and of its layers' outputs for an image."""
    policy = keras.config.dtype_policy()
    try:
        with keras.StatelessScope(initialize_variables=False):
            model = build()
        return sum(math.prod(weight.shape) for weight in model.weights), sum(map(_size, model.layers))
    finally:
        keras.backend.clear_session()  # or the next StatelessScope anywhere creates these weights after all
        keras.config.set_dtype_policy(policy)


def _size(layer: Any) -> int:
    """Return how many numbers a layer puts out for an image; 0 where that is not known."""
    shape = getattr(getattr(layer, "output", None), "shape", ())
    return 0 if None in shape[1:] else math.prod(shape[1:])


def _whole_numbers(values: Iterable[Any]) -> list[int]:
    lists = (_whole_numbers(value) if isinstance(value, list | tuple) else [value] for value in values)
    return [value for value in itertools.chain.from_iterable(lists) if isinstance(value, int)]
