"""A model's loss as a function of its weights alone: whatever it draws or keeps is restored before each evaluation.

Of outputs that tell classes apart it is the cross-entropy, of others the mean squared difference to fixed random
targets; the model's own penalties (L1, L2, add_loss) are added. Large outputs are divided first: a saturated softmax
has no gradient.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

LARGE = 3.0  # of an output, for a softmax


class ModelLoss:
    """The loss of a model on one batch.

    Args:
        model: Any Keras model.
        inputs: A batch.
        labels: Whole numbers (B,), the classes of a classifier, counted round where there are fewer.
        training: Whether it is computed as in training: with dropout, and the batch's own statistics.
        eager: Whether it is computed without a graph.
    """

    def __init__(
        self, model: keras.Model, inputs: Any, labels: np.ndarray, training: bool, *, eager: bool = False
    ) -> None:
        self._model, self._inputs, self._labels, self._training = model, inputs, labels, training
        trainable = {id(variable) for variable in model.trainable_variables}
        states = [variable for variable in model.variables if id(variable) not in trainable]
        self._states = [(variable, np.array(variable)) for variable in states]
        self._scales: list[float] = []
        self._graph = tf.function(self._computed)
        self._eager = eager
        self._scales = [max(1.0, float(np.max(np.abs(each))) / LARGE) for each in self._outputs()]

    def __call__(self) -> tf.Tensor:
        """Return the loss at the weights as they are."""
        return self._computed() if self._eager else self._graph()

    def check_repeats(self) -> None:
        """Compute eagerly if the graph gives another loss each time.

        Raises:
            ValueError: If that is so without the graph, too.
        """
        for eager in (False, True):
            self._eager = eager
            if np.array_equal(self(), self(), equal_nan=True):
                return
        raise ValueError(
            "the loss is another one each time that it is computed with the same weights: let layers draw their random "
            "numbers from a keras.random.SeedGenerator"
        )

    def gradients(self) -> list[np.ndarray | None]:
        """Return the gradient of each trainable weight, None where none reaches it."""
        weights = [variable.value for variable in self._model.trainable_variables]
        with tf.GradientTape() as tape:
            value = self()
        found = tape.gradient(value, weights)
        return [None if each is None else np.asarray(tf.convert_to_tensor(each)) for each in found]

    def restore(self) -> None:
        """Set what the model keeps to what it was."""
        tf.random.set_seed(0)  # of layers that draw with TensorFlow's own functions; in a graph only as it is traced
        for variable, value in self._states:
            variable.assign(value)

    def _computed(self) -> tf.Tensor:
        loss = tf.zeros([], tf.float64)
        for number, output in enumerate(self._outputs()):
            loss += self._of_output(output / self._scales[number], number)
        for penalty in self._model.losses:
            loss += tf.reduce_sum(tf.cast(penalty, tf.float64))
        return loss

    def _outputs(self) -> list[tf.Tensor]:
        self.restore()
        outputs = tf.nest.flatten(self._model(self._inputs, training=self._training))
        return [tf.cast(output, tf.float64) for output in outputs]

    def _of_output(self, output: tf.Tensor, number: int) -> tf.Tensor:
        random = np.random.default_rng(number)
        shape = tuple(output.shape)
        if len(shape) < 2 or shape[-1] == 1:
            return tf.reduce_mean((output - random.uniform(size=shape)) ** 2)
        classes = self._labels % shape[-1] if len(shape) == 2 else random.integers(shape[-1], size=shape[:-1])
        targets = tf.one_hot(classes, shape[-1], dtype=tf.float64)
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, output))
