"""What predicts as a trained network does: itself on images, or the head behind its frozen extractor on features.

The features of a frozen extractor were computed once for the images that train and validate, and are for those that
test: the runs of all seeds and variants share them. A prediction from features and one of the whole network differ by
rounding, as those of batches of two sizes do.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.feature_stream import feature_batches
from keras_suite.data_pipeline.pipeline import evaluation_batches
from keras_suite.data_pipeline.splits import images_to_test
from keras_suite.data_pipeline.targets import Targets
from keras_suite.experiments.feature_cache.frozen import Features, features_of, frozen_features
from keras_suite.experiments.training.fit import Fitted
from keras_suite.experiments.training.graph_reuse import predicting
from keras_suite.experiments.training.own_code import graph_source
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.transfer.freezing import split
from keras_suite.reports import run_directory


@dataclass(frozen=True)
class Predictor:
    """A network, and what it is given.

    Attributes:
        run: Its run.
        model: What `predict_on_batch` is called of: a whole network, or the head behind `extractor`.
        extractor: The frozen part, whose features the model is given; None where it is given images.
    """

    run: PreparedRun
    model: keras.Model
    extractor: keras.Model | None

    def test_batches(self, targets: Targets) -> tf.data.Dataset:
        """Return batches (inputs, targets) of all test images, whose targets these are, once."""
        images, _ = images_to_test(self.run.dataset, self.run.split)
        indices = np.arange(len(images))
        if self.extractor is None:
            return evaluation_batches(images, targets, indices, batch_size=self.run.batch_size)
        return self._batches_of_features(self.extractor, images, targets, indices)

    def validation_batches(self) -> tf.data.Dataset:
        """Return the same of the validation images."""
        run = self.run
        if self.extractor is None:
            return run.validation_batches()
        return self._batches_of_features(self.extractor, run.dataset.images, run.targets, run.split.validation)

    def _batches_of_features(
        self, extractor: keras.Model, images: np.ndarray, targets: Targets, indices: np.ndarray
    ) -> tf.data.Dataset:
        run, source = self.run, graph_source(self.run)
        try:
            features = frozen_features(extractor, images, indices=indices, source=source)
        except (ValueError, OSError) as error:  # a full cache or disk must not cost a run that has trained
            run_directory.log(run.directory, f"features are not kept: {error}")
            rows = np.full(len(images), -1, np.int64)
            rows[indices] = np.arange(len(indices))
            features = Features(features_of(extractor, images[indices], source), rows, len(indices), ())
        for note in features.notes:
            run_directory.log(run.directory, note)
        return feature_batches((features.array, features.rows), targets, indices, batch_size=run.batch_size)


@contextlib.contextmanager
def trained_predictor(run: PreparedRun, model: keras.Model, fitted: Fitted) -> Iterator[Predictor]:
    """Yield what predicts in this block as the trained `model` does.

    Its graphs are those of an earlier run's network where that is like it, except where the experiment's own `measure`
    may call the model: that may trace other graphs.
    """
    extractor, network = split(model) if fitted.phases[-1]["cached_views"] else (None, model)
    if run.job.source:
        yield Predictor(run, network, extractor)
        return
    tested = len(images_to_test(run.dataset, run.split)[1])
    sizes = f"batches of {run.batch_size} of {tested}, then of {len(run.split.validation)}"
    with predicting(network, sizes, lambda traced: traced, graph_source(run)) as traced:
        yield Predictor(run, traced, extractor)
