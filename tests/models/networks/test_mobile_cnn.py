"""The small network of separable convolutions: its parameters, its sizes, and that it learns digits."""

import keras
import pytest

from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.mobile_cnn import mobile_cnn
from keras_suite.models.optimizers import adam


def test_its_parameters_are_those_of_its_description() -> None:
    model = mobile_cnn((8, 8, 1), 10, 1)
    blocks = [(16, 32), (32, 64), (64, 64)]
    # A normalisation has four numbers a channel.
    of_blocks = sum(9 * c + 4 * c + c * k + 4 * k for c, k in blocks)
    assert model.count_params() == 9 * 16 + 4 * 16 + of_blocks + 64 * 10 + 10 == 9610
    assert sum(weight.shape[0] for weight in model.non_trainable_weights) == 576
    plain = 9 * 16 + 4 * 16 + sum(9 * c * k + 4 * k for c, k in blocks) + 650
    assert plain == 61402


def test_strides_shrink_the_maps_and_have_to_be_as_many_as_the_blocks() -> None:
    model = mobile_cnn((9, 8, 3), 4, 1, filters=(8, 12), strides=2, activation="maxout")
    assert [model.get_layer(f"pointwise_{i}_maxout").output.shape for i in (1, 2)] == [
        (None, 5, 4, 8),
        (None, 3, 2, 12),
    ]
    with pytest.raises(ValueError, match=r"model.strides=\[1, 2\] has 2 numbers and model.filters=3"):
        mobile_cnn((8, 8, 1), 10, 1, strides=(1, 2))


def test_the_same_seed_gives_the_same_weights_and_depthwise_kernels_go_unpunished() -> None:
    first, again = (mobile_cnn((8, 8, 1), 10, 5, l2=0.1) for _ in range(2))
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        assert (one == other).all()
    assert len(first.losses) == 5  # of the stem, three pointwise kernels and the logits


@pytest.mark.slow
def test_it_learns_real_digits(digits) -> None:
    images, labels = digits
    model = mobile_cnn((8, 8, 1), 10, 1, stem=8, filters=(16, 32), strides=(1, 2))
    model.compile(adam(learning_rate=1e-2), cross_entropy(), metrics=["accuracy"], jit_compile=False)
    keras.utils.set_random_seed(1)
    model.fit(images[:1400], labels[:1400], epochs=3, batch_size=32, verbose=0)
    assert model.evaluate(images[1400:], labels[1400:], verbose=0)[1] > 0.85
