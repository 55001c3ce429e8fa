"""EfficientNet-Lite with its ImageNet weights answers as PyTorch's does."""

import keras
import numpy as np
import pytest

from keras_suite.models.networks import applications
from keras_suite.models.networks.backbone import blocks
from keras_suite.models.networks.efficientnet_lite import scaled_stages
from keras_suite.models.transfer.imagenet_weights import imagenet_weights
from keras_suite.models.transfer.torch_weights import tensors

# What PyTorch 2.14 with efficientnet_lite_pytorch 0.1.0 says of the pixels below, on the CPU: the first logits, the
# place of the largest one, that one; and the parameters before the head.
PYTORCH = {
    "efficientnet_lite0": ([-2.07311, 0.13221, -0.70327, 0.49874, 0.8956, -0.62561], 111, 7.01711, 3_413_024),
    "efficientnet_lite1": ([-1.0353, -0.81616, 0.61945, 1.85592, 2.69118, 3.31019], 490, 11.52759, 4_189_344),
    "efficientnet_lite2": ([-1.29398, 1.27526, 0.81696, 0.27031, 1.0023, 1.30232], 111, 4.81678, 4_869_168),
}


@pytest.mark.parametrize(
    "name", [next(iter(PYTORCH)), *(pytest.param(n, marks=pytest.mark.slow) for n in [*PYTORCH][1:])]
)
def test_it_answers_as_pytorch_does(name: str) -> None:
    first, best, largest, parameters = PYTORCH[name]
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    model = getattr(applications, name)((64, 64, 3), 2, 1, weights="imagenet")
    backbone = keras.Model(model.input, model.get_layer("features").output)
    head = tensors(imagenet_weights(name))
    logits = np.asarray(backbone(pixels)) @ head["_fc.weight"].T + head["_fc.bias"]
    np.testing.assert_allclose(logits[0, :6], first, atol=1e-4)
    assert logits[0].argmax() == best and logits[0].max() == pytest.approx(largest, abs=1e-4)
    assert backbone.count_params() == parameters
    assert [group[0].name for group in blocks(model)][1:] == [f"block{k}a_expand_conv" for k in range(2, 8)]


@pytest.mark.slow
def test_seeds_give_other_random_weights_and_the_same_seed_the_same() -> None:
    one, again, other = (
        applications.efficientnet_lite0((32, 32, 1), 2, seed).get_layer("block3a_depthwise_conv").get_weights()[0]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_stages_are_scaled_as_published() -> None:
    assert [stage.repeats for stage in scaled_stages(1.0, 1.1)] == [1, 3, 3, 4, 4, 5, 1]
    assert [stage.filters for stage in scaled_stages(1.1, 1.2)] == [16, 24, 48, 88, 120, 208, 352]
