"""The network for clips: what its two convolutions see of time, at equal parameters."""

import keras
import numpy as np
import pytest

from keras_suite.models.networks.clip_cnn import clip_cnn

CLIP = (28, 28, 6)


def test_over_time_and_stacked_have_the_same_number_of_parameters_in_the_experiment() -> None:
    three_d = clip_cnn(CLIP, 8, 1, convolution="3d", filters=(8, 16, 16))
    stacked = clip_cnn(CLIP, 8, 1, convolution="stacked", filters=(18, 24, 26))
    assert three_d.count_params() == stacked.count_params() == 10_760


@pytest.mark.parametrize("convolution", ["3d", "stacked"])
def test_logits_are_of_the_seed_alone(convolution: str) -> None:
    clips = np.random.default_rng(0).uniform(0, 255, (2, *CLIP)).astype("float32")
    one, again, other = (clip_cnn(CLIP, 8, seed, convolution=convolution)(clips) for seed in (1, 1, 2))
    assert one.shape == (2, 8) and np.array_equal(one, again) and not np.array_equal(one, other)


def test_kernels_over_time_are_shared_by_all_times_and_stacked_ones_are_not() -> None:
    """A spot that is lit in frame 5 or in frame 6, both far from the ends."""
    clips = np.zeros((2, 28, 28, 12), "float32")
    clips[0, 14, 14, 5] = clips[1, 14, 14, 6] = 255
    shared, own = (np.asarray(clip_cnn((28, 28, 12), 8, 1, convolution=way)(clips)) for way in ("3d", "stacked"))
    np.testing.assert_allclose(shared[0], shared[1], atol=1e-5)
    assert np.abs(own[0] - own[1]).max() > 1e-3


def test_time_is_an_axis_of_its_own_and_is_not_pooled() -> None:
    model = clip_cnn(CLIP, 8, 1, convolution="3d")
    assert model.get_layer("conv_1").kernel.shape == (3, 3, 3, 1, 8)
    assert [model.get_layer(f"pooling_{i}").output.shape[1:4] for i in (1, 2, 3)] == [(14, 14, 6), (7, 7, 6), (3, 3, 6)]
    assert isinstance(model.get_layer("mean"), keras.layers.GlobalAveragePooling3D)


def test_clips_too_small_for_the_poolings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"clip_cnn was given clips of 7x28 pixels, which 3 poolings leave nothing of"):
        clip_cnn((7, 28, 6), 8, 1)
