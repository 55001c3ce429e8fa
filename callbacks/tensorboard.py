"""Losses and metrics for TensorBoard, where somebody asks for them."""

from pathlib import Path

import keras


def tensorboard(folder: Path) -> keras.callbacks.TensorBoard:
    """Writes every epoch's values to `folder`/train and `folder`/validation: `tensorboard --logdir` shows them.

    No graph, weight histograms or profile: those take longer to write than a small network takes to train.
    """
    return keras.callbacks.TensorBoard(
        folder, histogram_freq=0, write_graph=False, update_freq="epoch", profile_batch=0
    )
