"""A process of its own that prints the hash of augmented training batches; see test_pipeline.py."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.augmentation.standard import standard
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.targets import class_targets, targets_of

EVERYTHING = {
    "horizontal_flip": True,
    "vertical_flip": True,
    "shift": 0.2,
    "crop": 0.8,
    "rotation": 30,
    "zoom": 0.2,
    "shear": 10,
    "brightness": 0.2,
    "contrast": 0.3,
    "cutout": 0.3,
    "mixup": 0.4,
    "cutmix": 1.0,
}


def stream_hash(backend: str, epoch: int, batches: int, num_parallel_calls: int = tf.data.AUTOTUNE) -> str:
    """SHA-256 of the first batches of the epoch, everything on."""
    dataset = digits(None, image_size=(16, 16))
    augment = standard((16, 16, 1), 10, backend=backend, fill="reflect", **EVERYTHING)
    stream = training_stream(
        dataset.images,
        targets_of(dataset),
        range(500),
        batch_size=64,
        seed=11,
        start_epoch=epoch,
        augment=augment,
        num_parallel_calls=num_parallel_calls,
    )
    digest = hashlib.sha256()
    for images, labels in stream.take(batches):
        digest.update(images.numpy().tobytes() + labels.numpy().tobytes())
    return digest.hexdigest()


def leave_a_stream_behind() -> None:
    """Ends the process while TensorFlow's threads are at work on a stream that a global still holds."""
    global kept
    images = np.random.default_rng(0).integers(0, 256, (2000, 64, 64, 3), dtype=np.uint8)
    labels = np.zeros(len(images), np.int64)
    augment = standard(images.shape[1:], 2, rotation=20, mixup=0.3)
    kept = iter(training_stream(images, class_targets(labels, 2), labels, batch_size=64, seed=1, augment=augment))
    next(kept)


def run_process(argument: str) -> subprocess.CompletedProcess[str]:
    """Run this file in a process of its own."""
    command = [sys.executable, "-m", "tests.data_pipeline.stream_process", argument]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "TF_DETERMINISTIC_OPS": "0"}
    return subprocess.run(
        command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True, timeout=120, check=True
    )


if __name__ == "__main__":
    if sys.argv[1] == "leave":
        leave_a_stream_behind()
    else:
        if sys.argv[1] == "deterministic":
            tf.config.experimental.enable_op_determinism()
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        print(stream_hash("opencv", 2, 12), stream_hash("tensorflow", 2, 12))
