"""What a fork server imports before it forks workers: all that training needs. Importing it is its only purpose.

TensorFlow starts its threads with its first operation, and a fork takes no threads along: a process that is forked
afterwards hangs. So nothing here may compute.
"""

import ctypes
import gc
import importlib
import os
import signal

from keras_suite.experiments.training.runtime import quiet_stderr

MODULES = (
    "keras_suite.experiments.training.run",
    "keras_suite.experiments.scheduling.worker",
    "keras_suite.data_pipeline.augmentation.standard",
    "keras_suite.data_pipeline.datasets.digits",
    "keras_suite.models.networks.pattern_cnn",
    "keras_suite.models.optimizers",
    "sklearn.datasets",
)
PR_SET_PDEATHSIG = 1


def end_with(server: int) -> None:
    """Let the system kill this process when its fork server is gone: nobody would notice its end otherwise."""
    if os.getppid() == server:  # not the processes that a worker forks
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _preload() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with quiet_stderr():
        for module in MODULES:
            importlib.import_module(module)
    # Collections in a worker would write to every object that was imported, and so copy the memory that is shared.
    gc.collect()
    gc.freeze()
    server = os.getpid()
    os.register_at_fork(after_in_child=lambda: end_with(server))


_preload()
