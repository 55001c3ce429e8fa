"""Losses: one number for a batch, and its gradient with respect to the predictions. Labels have none.

With z (batch B, classes K) the logits, y the labels, s = softmax(z) and sg = sigmoid(z):

    softmax cross-entropy   1/B  sum_n -sum_k y_k log s_k                      dz = (s sum_k y_k - y) / B
    binary cross-entropy    1/BK sum   -y log sg - (1 - y) log(1 - sg)         dz = (sg - y) / BK
    mean squared error      1/BK sum   (z - y)^2                               dz = 2 (z - y) / BK
    hinge (SVM)             1/B  sum_n sum_{j wrong} max(0, z_j - z_y + m)     dz_j = [term_j > 0] / B, dz_y = -sum dz_j
    KL divergence           1/B  sum_n sum_k y_k (log y_k - log s_k)           dz as softmax cross-entropy's

The first: d(-log s_k)/dz_j = s_j - [k = j]; summed over k with weights y_k it is s_j sum_k y_k - y_j. Where a hinge is
exactly 0 its gradient is taken as 0, as relu's. Labels may be soft (mixtures, smoothed) in all but the hinge.
Half precision is computed, and the loss given, in float32. Sources: Goodfellow, Bengio and Courville 2016, section 6.2;
Weston and Watkins 1999 (hinge).
"""

from collections.abc import Callable

import tensorflow as tf

from keras_suite.models.ops.checks import check_range, check_same_shape, check_tensor
from keras_suite.models.ops.op import Gradients, Op, at_least_float32

Cache = tuple[tf.Tensor, tf.DType]  # dz of a loss whose own gradient is 1, and the precision of the predictions


def softmax_cross_entropy_forward(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, Cache]:
    """Return the mean over the batch of -sum_k y_k log softmax(z)_k.

    It is computed from logits, so no probability is ever rounded to 0.
    """
    z, y = _checked("softmax_cross_entropy", logits, labels)
    log_s = _log_softmax(z)
    loss = -tf.reduce_sum(y * log_s) / _rows(z)
    dz = (tf.exp(log_s) * tf.reduce_sum(y, axis=-1, keepdims=True) - y) / _rows(z)
    return loss, (dz, logits.dtype)


def binary_cross_entropy_forward(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, Cache]:
    """Return the mean over all entries.

    -log sg(z) = log(1 + e^-|z|) + max(-z, 0) neither overflows nor loses digits.
    """
    z, y = _checked("binary_cross_entropy", logits, labels)
    terms = tf.maximum(z, 0) - z * y + tf.math.log1p(tf.exp(-tf.abs(z)))
    return tf.reduce_mean(terms), ((tf.sigmoid(z) - y) / _entries(z), logits.dtype)


def mean_squared_error_forward(predictions: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, Cache]:
    """Return the mean over all entries of the squared differences."""
    z, y = _checked("mean_squared_error", predictions, targets)
    return tf.reduce_mean(tf.square(z - y)), (2 * (z - y) / _entries(z), predictions.dtype)


def hinge_forward(logits: tf.Tensor, labels: tf.Tensor, *, margin: float = 1.0) -> tuple[tf.Tensor, Cache]:
    """Return the mean over the batch of the wrong classes' sum of max(0, z_j - z_y + margin); one-hot labels."""
    check_range("hinge", "margin", margin, 0, float("inf"))
    z, y = _checked("hinge", logits, labels)
    correct = tf.reduce_sum(y * z, axis=-1, keepdims=True)
    terms = (1 - y) * tf.maximum(z - correct + margin, 0)
    active = tf.cast(terms > 0, z.dtype)
    dz = active - y * tf.reduce_sum(active, axis=-1, keepdims=True)
    return tf.reduce_sum(terms) / _rows(z), (dz / _rows(z), logits.dtype)


def kl_divergence_forward(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, Cache]:
    """Return the mean over the batch of KL(y || softmax(z)): 0 where both are equal; 0 log 0 = 0."""
    z, y = _checked("kl_divergence", logits, labels)
    log_s = _log_softmax(z)
    log_y = tf.math.log(tf.where(y > 0, y, tf.ones_like(y)))
    loss = tf.reduce_sum(y * (log_y - log_s)) / _rows(z)
    dz = (tf.exp(log_s) * tf.reduce_sum(y, axis=-1, keepdims=True) - y) / _rows(z)
    return loss, (dz, logits.dtype)


def loss_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dz, None): the gradient above, times that of what the loss goes into (1, or a scale for underflow)."""
    dz, dtype = cache
    return tf.cast(dy * dz, dtype), None


def _log_softmax(z: tf.Tensor) -> tf.Tensor:
    """Return z - log sum_j e^z_j, with the largest z subtracted first."""
    shifted = z - tf.reduce_max(z, axis=-1, keepdims=True)
    return shifted - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1, keepdims=True))


def _checked(op: str, logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    check_tensor(op, "logits", logits, "batch, classes")
    check_tensor(op, "labels", labels, "batch, classes")
    check_same_shape(op, "labels", labels, "logits", logits)
    z = at_least_float32(logits)
    return z, tf.cast(labels, z.dtype)


def _rows(z: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.shape(z)[0], z.dtype)


def _entries(z: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.size(z), z.dtype)


def _loss(name: str, forward: Callable[..., tuple[tf.Tensor, Cache]]) -> Op:
    return Op(name, forward, loss_backward)


softmax_cross_entropy = _loss("softmax_cross_entropy", softmax_cross_entropy_forward)
binary_cross_entropy = _loss("binary_cross_entropy", binary_cross_entropy_forward)
mean_squared_error = _loss("mean_squared_error", mean_squared_error_forward)
hinge = _loss("hinge", hinge_forward)
kl_divergence = _loss("kl_divergence", kl_divergence_forward)
