"""Layer normalisation: each sample by itself; and bad input."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.layer_normalization import layer_normalization


def test_every_sample_has_mean_0_and_variance_1_whatever_the_others_are() -> None:
    x = np.random.default_rng(0).normal(5, 3, size=(3, 4, 50)).astype(np.float32)
    y = np.asarray(layer_normalization(tf.constant(x), epsilon=1e-6))
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(-1), 1, atol=1e-3)
    np.testing.assert_allclose(layer_normalization(tf.constant(x[:1]), epsilon=1e-6), y[:1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"axes": (0,)}, r"axes=\(0,\) is not possible .* expected each of 1 to 2 at most once"),
        ({"axes": (3,)}, r"axes=\(3,\) is not possible"),
        ({"axes": (-1, 2)}, r"axes=\(-1, 2\) is not possible"),
        ({"epsilon": -1.0}, "epsilon=-1.0 is not possible"),
        ({"gamma": tf.ones(3)}, r"gamma has shape \(3,\): expected \(5,\), as x on axes \[2\]"),
    ],
)
def test_what_does_not_fit_is_named(options, said) -> None:
    gamma = options.pop("gamma", None)
    with pytest.raises(ValueError, match=f"layer_normalization: {said}"):
        layer_normalization(tf.ones((2, 4, 5)), gamma, **options)
