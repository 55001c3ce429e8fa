"""The latency of the file that a run's network would be exported to: LiteRT in float32, one image, one thread."""

import tempfile
from pathlib import Path

from keras_suite.experiments.exporting import litert
from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.network import Classifier, prepare
from keras_suite.experiments.exporting.running import latency
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.saving import load_model
from keras_suite.reports import run_directory
from keras_suite.tasks import task_named


def exported_latency(run: PreparedRun) -> float:
    """Return the milliseconds of an answer to one validation image, as `export` measures them; no file is left.

    The model is loaded from the run directory: it is changed to be exported, and the trained one may be trained on.

    Raises:
        ValueError: If the network cannot be exported.
    """
    model, class_names = load_model(run_directory.model_file(run.directory))
    prepare(model)
    network = Classifier(run.directory, model, class_names, run.dataset.image_shape, task_named(run.dataset.task))
    images = Images(run.dataset.images, run.dataset.labels, run.split.validation, "validation image")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        litert.write_float32(network, path)
        return latency(litert.ask(path, 1), images, 1).milliseconds
