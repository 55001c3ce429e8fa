"""Ask a network about image files: decoded in parallel, asked in batches of one size, answered one by one, in order.

However many files there are, a few batches of pixels are in memory. Each call of the network has the same shape, the
last batch being filled up: an image then has the same bits whatever stands beside it (measured with VGG16, ResNet50,
MobileNetV2 and the suite's networks at any place in a batch, see `feature_cache/frozen.py` and
`training/equal_bits.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.images.image_files import DecodedImage
from keras_suite.data_pipeline.images.likeness import Likeness
from keras_suite.data_pipeline.pipeline import array_reader, ordered_batches
from keras_suite.experiments.training.equal_bits import with_equal_bits
from keras_suite.tasks.task import Task, load
from keras_suite.tasks.wording.shown import message_of

_LARGEST_BATCH, _BATCH_PIXELS = 32, 2**18  # 10 images at 160 px, 5 at 224: a single one costs as much as a batch

Read = Callable[[Path], DecodedImage]  # with pixels (h, w, c); raises ValueError or OSError with what is wrong
Ask = Callable[[np.ndarray], np.ndarray]  # images uint8 (b, h, w, c) to predictions (b, ...)


@dataclass(frozen=True)
class Answer:
    """What came of one file.

    Attributes:
        place: Its place among the files.
        prediction: As predictions.npz keeps it, (...); None if the file could not be read.
        pixels: uint8 (h, w, c) as the network saw them; None likewise.
        problem: What is wrong with the file; "" if nothing.
        unlike: What the picture is beside those that trained the network; "" if it is alike, or nobody knows.
    """

    place: int
    prediction: Any = None
    pixels: Any = None
    problem: str = ""
    unlike: str = ""


def answers(
    model: keras.Model, ask: Ask, files: Sequence[Path], read: Read, likeness: Likeness | None = None
) -> Iterator[Answer]:
    """Yield an answer for each file, in their order.

    Args:
        model: Takes images uint8 or float32 0..255 (b, h, w, c). One that leaves h and w open is asked about one image
            at a time.
        ask: As `asker` returned it for the model.
        files: The image files.
        read: Reads one of them, at the model's size if it has one; called from several threads.
        likeness: What the training images look like, where that is known.
    """
    height, width, channels = model.inputs[0].shape[1:]
    is_open = height is None or width is None
    size = 1 if is_open else images_at_a_time(height, width)
    shape = (None, None) if is_open else (height, width)
    reader = _Reader(files, read, likeness, size, (*shape, channels))
    read_batch = array_reader(reader, _Reader.batch, (tf.uint8, tf.string))

    def batch(rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pixels, words = read_batch(rows)
        return tf.ensure_shape(pixels, (size, *shape, channels)), words

    first = 0
    for pixels, words in ordered_batches(batch, np.arange(len(files)), batch_size=size, keep_alive=reader):
        problems, unlike = ([_text(each) for each in row] for row in words.numpy())
        images = pixels.numpy()
        if is_open and not problems[0]:
            problems[0] = _too_small(model, files[first], images[0])
        predictions = ask(images) if not all(problems[: len(files) - first]) else None
        for row in range(min(size, len(files) - first)):
            if problems[row] or predictions is None:
                yield Answer(first + row, problem=problems[row])
            else:
                yield Answer(first + row, predictions[row], images[row], unlike=unlike[row])
        first += size


def images_at_a_time(height: int, width: int) -> int:
    """Return how many images a batch has."""
    return with_equal_bits(max(1, min(_LARGEST_BATCH, _BATCH_PIXELS // (height * width))))


@dataclass(frozen=True)
class _Reader:
    """Reads the files of a batch; where one cannot be read a black image stands for it, with what is wrong."""

    files: Sequence[Path]
    read: Read
    likeness: Likeness | None
    size: int
    shape: tuple[int | None, int | None, int]

    def batch(self, rows: np.ndarray) -> Any:
        """Return images uint8 (size, h, w, c), and texts (2, size): what is wrong with each, and how it is unlike."""
        images: list[DecodedImage | None] = []
        words = np.full((2, self.size), b"", object)
        for row, place in enumerate(rows.tolist()):
            try:
                images.append(self.read(self.files[place]))
            except (ValueError, OSError, MemoryError) as error:
                images.append(None)
                words[0, row] = message_of(error).encode("utf-8", "surrogateescape") or b"unreadable"
        height, width, channels = self.shape
        black = np.zeros((height or 1, width or 1, channels), np.uint8)
        filled = [black if image is None else image.pixels for image in images]
        stacked = np.stack(filled + [black] * (self.size - len(filled)))
        if self.likeness is not None and self.likeness.channels == channels:
            sizes = [(1, 1) if image is None else image.size for image in images] if height and width else []
            for row, text in enumerate(self.likeness.unlike(stacked[: len(filled)], sizes)):
                if not words[0, row]:
                    words[1, row] = text.encode()
        return stacked, words


def asker(model: keras.Model, task: Task) -> Ask:
    """Return a function from images to predictions; its graph is traced at its first call."""
    if task.decode:
        decode = load(task.decode)
        return lambda images: decode(model, images.astype(np.float32))

    @tf.function(autograph=False, reduce_retracing=True)
    def outputs(images: tf.Tensor) -> tf.Tensor:
        return tf.cast(model(tf.cast(images, tf.float32), training=False), tf.float32)

    return lambda images: task.to_predictions(outputs(tf.constant(images)).numpy())


def _too_small(model: keras.Model, file: Path, image: np.ndarray) -> str:
    """Return what is wrong where an image is smaller than a model takes that leaves the size open; else ""."""
    try:
        model.compute_output_shape((1, *image.shape))
    except ValueError:
        return (
            f"{file} is of {image.shape[0]}x{image.shape[1]} pixels, smaller than what the model was trained on: "
            "give a larger image, or ask the run itself, which stretches images"
        )
    return ""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
