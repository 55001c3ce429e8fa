"""The small vision transformer: its parameters, what its attention sees, and that it learns digits."""

import keras
import numpy as np
import pytest

from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.vit import vit
from keras_suite.models.optimizers import adam


def test_its_parameters_are_those_of_its_description() -> None:
    model = vit((8, 8, 1), 10, 1)
    block = 4 * (32 * 32 + 32) + 2 * 2 * 32 + (32 * 64 + 64) + (64 * 32 + 32)
    assert model.count_params() == (4 * 32 + 32) + 16 * 32 + 2 * block + 2 * 32 + (32 * 10 + 10) == 18154


def test_every_patch_has_a_part_in_every_other_and_order_counts_by_the_positions_alone() -> None:
    model = vit((8, 8, 1), 4, 1, blocks=1)
    attended = keras.Model(model.input, model.get_layer("add_1a").output)
    x = np.zeros((2, 8, 8, 1), np.float32)
    x[1, :2, :2] = 255  # another first patch
    one, other = np.asarray(attended(x))
    assert np.all(np.any(one != other, axis=-1))
    model.get_layer("positions").set_weights([np.zeros((4, 4, 32), np.float32)])
    turned = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 1)).astype(np.float32)
    np.testing.assert_allclose(model(turned), model(np.roll(turned, 2, axis=1)), rtol=1e-4, atol=1e-5)


def test_the_same_seed_gives_the_same_weights_and_dropout_masks() -> None:
    x, y = np.ones((4, 8, 8, 1)), np.eye(10)[:4]
    losses = []
    for _ in range(2):
        model = vit((8, 8, 1), 10, 5, blocks=1, dropout=0.2, attention_dropout=0.2)
        model.compile("sgd", cross_entropy(), jit_compile=False)
        losses.append(model.train_on_batch(x, y))
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"patch_size": 3}, "images of 8x8 pixels, which model.patch_size=3 does not divide"),
        ({"heads": 5}, "model.width=32 is no multiple of model.heads=5"),
    ],
)
def test_patches_and_heads_that_do_not_fit_are_refused(options, said) -> None:
    with pytest.raises(ValueError, match=said):
        vit((8, 8, 1), 10, 1, **options)


@pytest.mark.slow
def test_it_learns_real_digits(digits) -> None:
    images, labels = digits
    model = vit((8, 8, 1), 10, 1, blocks=1)
    model.compile(adam(learning_rate=5e-3), cross_entropy(), metrics=["accuracy"], jit_compile=False)
    keras.utils.set_random_seed(1)
    model.fit(images[:1400], labels[:1400], epochs=4, batch_size=32, verbose=0)
    assert model.evaluate(images[1400:], labels[1400:], verbose=0)[1] > 0.8
