import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.models.optimizers import adam


def kinds(model):
    return [type(layer).__name__ for layer in model.layers[2:]]  # without the input and its scaling


def size_before_flatten(model):
    return model.get_layer("flatten").input.shape[1:]


@pytest.mark.parametrize(("n", "m", "k"), [*itertools.product((0, 1, 2), (0, 1, 3), (0, 1, 2))])
def test_the_layers_follow_the_pattern_for_every_n_m_and_k(n, m, k):
    model = pattern_cnn((8, 8, 1), 10, 1, convs=n, blocks=m, dense_layers=k, filters=4, units=8)
    assert kinds(model) == [*(["Conv2D"] * n + ["MaxPooling2D"]) * m, "Flatten", *["Dense"] * k, "Dense"]
    assert np.asarray(model(np.zeros((2, 8, 8, 1), np.float32))).shape == (2, 10)


def test_nothing_but_the_output_layer_is_softmax_regression():
    assert pattern_cnn((28, 28, 1), 10, 1, blocks=0, dense_layers=0).count_params() == 784 * 10 + 10


def test_the_parameters_are_those_counted_by_hand():
    model = pattern_cnn((28, 28, 3), 10, 1, convs=2, blocks=2, filters=(8, 16), kernel_size=5, units=32)
    convs = (75 * 8 + 8) + (200 * 8 + 8) + (200 * 16 + 16) + (400 * 16 + 16)
    assert model.count_params() == convs + (7 * 7 * 16 * 32 + 32) + (32 * 10 + 10)


@pytest.mark.parametrize(
    ("downsample", "size"), [("max", (3, 3, 4)), ("average", (3, 3, 4)), ("stride", (4, 4, 4)), ("none", (14, 14, 4))]
)
def test_downsampling_halves_the_image(downsample, size):
    model = pattern_cnn((14, 14, 1), 10, 1, blocks=2, filters=4, downsample=downsample)
    assert size_before_flatten(model) == size
    pooling = {"max": "MaxPooling2D", "average": "AveragePooling2D"}.get(downsample)
    assert [kind for kind in kinds(model) if kind.endswith("Pooling2D")] == [pooling] * 2 * (pooling is not None)


def test_with_strides_only_the_last_convolution_of_a_block_steps_over_pixels():
    model = pattern_cnn((8, 8, 1), 10, 1, convs=2, blocks=1, downsample="stride")
    assert [model.get_layer(name).strides for name in ("conv_1_1", "conv_1_2")] == [(1, 1), (2, 2)]


def test_a_block_with_neither_convolution_nor_pooling_does_nothing():
    assert size_before_flatten(pattern_cnn((8, 8, 1), 10, 1, convs=0, blocks=5, downsample="stride")) == (8, 8, 1)


def test_valid_padding_takes_the_border_off():
    assert size_before_flatten(pattern_cnn((14, 14, 1), 10, 1, blocks=2, filters=4, padding="valid")) == (2, 2, 4)


def test_units_and_filters_may_be_given_one_by_one():
    model = pattern_cnn((8, 8, 1), 10, 1, filters=[4, 8], dense_layers=2, units=[32, 16])
    assert [model.get_layer(f"conv_{i}_1").filters for i in (1, 2)] == [4, 8]
    assert [model.get_layer(f"dense_{i}").units for i in (1, 2)] == [32, 16]


@pytest.mark.parametrize("placement", ["before_pooling", "after_pooling"])
def test_batch_normalisation_stands_next_to_each_pooling(placement):
    model = pattern_cnn((8, 8, 1), 10, 1, blocks=2, batch_normalization=placement)
    pair = ["BatchNormalization", "MaxPooling2D"]
    block = ["Conv2D", *(pair if placement == "before_pooling" else reversed(pair))]
    assert kinds(model) == [*block * 2, "Flatten", "Dense", "Dense"]


def test_batch_normalisation_before_every_activation():
    model = pattern_cnn((8, 8, 1), 10, 1, blocks=1, batch_normalization="before_activation")
    normalised = ["BatchNormalization", "Activation"]
    assert kinds(model) == ["Conv2D", *normalised, "MaxPooling2D", "Flatten", "Dense", *normalised, "Dense"]


def test_dropout_ends_each_block_and_each_hidden_layer():
    model = pattern_cnn((8, 8, 1), 10, 1, blocks=1, dense_layers=1, dropout=0.1, dense_dropout=0.4)
    assert kinds(model) == ["Conv2D", "MaxPooling2D", "Dropout", "Flatten", "Dense", "Dropout", "Dense"]
    assert (model.get_layer("dropout_1").rate, model.get_layer("dense_dropout_1").rate) == (0.1, 0.4)


def test_residual_connections_go_around_pairs_that_keep_their_channels():
    model = pattern_cnn((8, 8, 1), 3, 1, convs=4, blocks=2, filters=[4, 8], residual=True)
    shortcuts = [layer.name for layer in model.layers if type(layer).__name__ == "Add"]
    assert shortcuts == ["conv_1_4_shortcut", "conv_2_4_shortcut"]  # the first pairs have other channels before them
    assert model.count_params() == pattern_cnn((8, 8, 1), 3, 1, convs=4, blocks=2, filters=[4, 8]).count_params()


@pytest.mark.parametrize("placement", [None, "before_activation"])
def test_where_f_is_zero_a_residual_pair_hands_on_what_it_was_given(placement):
    model = pattern_cnn((8, 8, 4), 3, 1, convs=2, blocks=1, filters=4, residual=True, batch_normalization=placement)
    for name in ("kernel",) if placement else ("kernel", "bias"):
        weights = getattr(model.get_layer("conv_1_2"), name)
        weights.assign(np.zeros(weights.shape))
    images = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 4)).astype(np.float32)
    after = keras.Model(model.input, model.get_layer("conv_1_2_activation").output)(images)
    np.testing.assert_allclose(after, images / 255, rtol=1e-5)


def test_a_slope_below_zero_makes_the_activation_a_layer():
    model = pattern_cnn((8, 8, 1), 3, 1, blocks=1, activation="leaky_relu", negative_slope=0.1)
    assert kinds(model) == ["Conv2D", "LeakyReLU", "MaxPooling2D", "Flatten", "Dense", "LeakyReLU", "Dense"]
    assert model.get_layer("conv_1_1_activation").negative_slope == pytest.approx(0.1)
    assert [model.get_layer(name).activation.__name__ for name in ("conv_1_1", "dense_1")] == ["linear"] * 2


def test_keras_own_slope_given_computes_what_the_name_alone_does():
    images = np.random.default_rng(0).uniform(0, 255, (3, 8, 8, 1)).astype(np.float32)
    given, named = (
        pattern_cnn((8, 8, 1), 3, 1, activation="leaky_relu", negative_slope=slope) for slope in (0.2, None)
    )
    np.testing.assert_allclose(given(images), named(images), rtol=1e-5)


@pytest.mark.parametrize(("pooling", "values"), [("flatten", 2 * 2 * 4), ("average", 4), ("place", 2 * 4)])
def test_the_dense_layers_get_every_value_or_means_or_places(pooling, values):
    model = pattern_cnn((8, 8, 1), 2, 1, filters=4, units=8, pooling=pooling)
    assert model.get_layer("dense_1").input.shape == (None, values)


def test_coordinates_go_into_the_first_convolution_alone():
    model = pattern_cnn((8, 8, 3), 2, 1, filters=4, coordinates=True)
    assert [model.get_layer(f"conv_{i}_1").kernel.shape[2] for i in (1, 2)] == [3 + 2, 4]


def test_after_averaging_a_digit_elsewhere_looks_the_same_and_with_coordinates_it_does_not():
    images = np.zeros((2, 32, 32, 1), np.float32)
    images[0, 8:16, 8:16] = images[1, 16:24, 16:24] = np.random.default_rng(0).uniform(0, 255, (8, 8, 1))
    options = {"filters": 8, "blocks": 2, "pooling": "average"}
    same, told = (np.asarray(pattern_cnn((32, 32, 1), 2, 1, coordinates=c, **options)(images)) for c in (False, True))
    np.testing.assert_allclose(same[0], same[1], atol=1e-6)
    assert np.abs(told[0] - told[1]).max() > 1e-3


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"blocks": 4}, r"8x8 pixels have shrunk to 1x1 in block 4 of 4, too small to go on \(at least 2x2\)"),
        ({"blocks": 4, "downsample": "stride"}, r"shrunk to 1x1 in block 4 of 4.*model.downsample=none"),
        ({"kernel_size": 5, "padding": "valid"}, r"shrunk to 2x2 in block 2 of 2.*\(at least 5x5\).*padding=same"),
        ({"residual": True}, "model.convs=1: set 2 or more"),
        ({"residual": True, "convs": 2, "padding": "valid"}, "model.padding=valid: set padding=same"),
        ({"residual": True, "convs": 2, "activation": "maxout"}, "which halves the channels: take relu"),
        ({"negative_slope": 0.1}, "model.negative_slope=0.1 does not go with model.activation=relu"),
        ({"filters": [4, 8, 16]}, r"model.filters=\[4, 8, 16\] has 3 numbers and model.blocks=2"),
        ({"dense_layers": 2, "units": [8]}, r"model.units=\[8\] has 1 numbers and model.dense_layers=2"),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_line(options, line):
    with pytest.raises(ValueError, match=line) as error:
        pattern_cnn((8, 8, 1), 10, 1, **options)
    assert "\n" not in str(error.value)


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    n=st.integers(0, 2),
    m=st.integers(0, 4),
    kernel_size=st.integers(1, 5),
    padding=st.sampled_from(["same", "valid"]),
    downsample=st.sampled_from(["max", "average", "stride", "none"]),
)
def test_any_sizes_either_give_a_network_or_the_advice_to_mend_them(
    height, width, n, m, kernel_size, padding, downsample
):
    options = {"convs": n, "blocks": m, "kernel_size": kernel_size, "padding": padding, "downsample": downsample}
    try:
        model = pattern_cnn((height, width, 2), 3, 1, filters=2, units=4, **options)
    except ValueError as error:
        assert "set fewer model.blocks" in str(error)
    else:
        assert model.output_shape == (None, 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rung",
    [
        {"blocks": 1, "units": 256},
        {"blocks": 3, "units": 64},
        {"blocks": 3, "units": 64, "batch_normalization": "after_pooling"},
        {"blocks": 3, "units": 64, "dropout": 0.25, "dense_dropout": 0.5},
        {"blocks": 3, "units": 64, "l1": 1e-5, "l2": 1e-4},
    ],
)
def test_every_remedy_against_overfitting_is_an_option_and_lessens_the_loss(rung, digits):
    images, labels = digits[0][:512], digits[1][:512]
    keras.utils.set_random_seed(1)
    model = pattern_cnn((8, 8, 1), 10, 1, filters=32, **rung)
    model.compile(adam(learning_rate=5e-3), cross_entropy(), jit_compile=False)
    losses = model.fit(images, labels, epochs=8, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_dilated_kernel_spans_more_pixels_with_as_many_weights(padding):
    dilated, dense = (
        pattern_cnn((14, 14, 1), 10, 1, blocks=1, downsample="none", padding=padding, filters=4, units=8, **options)
        for options in ({"dilation": 3}, {"kernel_size": 7})
    )
    assert size_before_flatten(dilated) == size_before_flatten(dense)
    assert dilated.get_layer("conv_1_1").count_params() == 9 * 4 + 4
    impulse = np.zeros((1, 14, 14, 1), np.float32)
    impulse[0, 7, 7] = 255
    conv = keras.Model(dilated.input, dilated.get_layer("conv_1_1").output)
    reached = np.argwhere(np.any(np.asarray(conv(impulse) - conv(0 * impulse)), axis=(0, 3)))
    assert np.diff(np.unique(reached[:, 0])).tolist() == [3, 3]


def test_a_dilated_image_that_is_too_small_or_strided_is_refused():
    with pytest.raises(ValueError, match="shrunk to 6x6 in block 1 of 1, too small to go on"):
        pattern_cnn((6, 6, 1), 10, 1, blocks=1, dilation=3, padding="valid")
    with pytest.raises(ValueError, match=r"model.dilation above 1 does not go with model.downsample=stride"):
        pattern_cnn((14, 14, 1), 10, 1, dilation=2, downsample="stride")


@pytest.mark.parametrize(("mode", "numpy_mode"), [("reflect", "reflect"), ("edge", "edge")])
def test_a_padding_mode_continues_the_image_beyond_its_border(mode, numpy_mode):
    padded, plain = (pattern_cnn((8, 8, 1), 10, 1, blocks=1, filters=4, padding_mode=m) for m in (mode, "zeros"))
    valid = pattern_cnn((10, 10, 1), 10, 1, blocks=1, filters=4, padding="valid")
    image = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 1)).astype(np.float32)
    larger = np.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)), mode=numpy_mode)
    ours, expected, zeros = (
        np.asarray(keras.Model(model.input, model.get_layer("conv_1_1").output)(given))
        for model, given in ((padded, image), (valid, larger), (plain, image))
    )
    assert ours == pytest.approx(expected, abs=1e-5)
    assert ours[0, 1:-1, 1:-1] == pytest.approx(zeros[0, 1:-1, 1:-1], abs=1e-5)
    assert np.abs(ours - zeros).max() > 1e-2


def test_a_network_with_another_padding_is_saved_and_starts_from_the_same_weights(tmp_path):
    reflecting, plain = (pattern_cnn((8, 8, 1), 10, 1, padding_mode=mode) for mode in ("reflect", "zeros"))
    assert all(np.array_equal(a, b) for a, b in zip(reflecting.get_weights(), plain.get_weights(), strict=True))
    reflecting.save(tmp_path / "model.keras")
    image = np.full((1, 8, 8, 1), 100, np.float32)
    assert np.array_equal(keras.saving.load_model(tmp_path / "model.keras")(image), reflecting(image))


def test_what_pads_nothing_cannot_pad_in_another_way():
    with pytest.raises(ValueError, match=r"padding_mode=edge does nothing with model.padding=valid.*padding=same"):
        pattern_cnn((8, 8, 1), 10, 1, padding="valid", padding_mode="edge")


@pytest.mark.slow
def test_a_softmax_taken_for_logits_cannot_bring_the_loss_below_its_floor(digits):
    images, labels = digits[0][:256], digits[1][:256]
    options = {"blocks": 1, "filters": 8, "units": 32}
    losses = {}
    for output in ("linear", "softmax"):
        model = pattern_cnn((8, 8, 1), 10, 1, output_activation=output, **options)
        model.compile(adam(learning_rate=1e-2), cross_entropy(), jit_compile=False)
        losses[output] = model.fit(images, labels, epochs=30, batch_size=64, verbose=0).history["loss"][-1]
    assert losses["linear"] < 0.1
    assert losses["softmax"] > np.log(1 + 9 / np.e)  # all that a probability of 1 can say, taken for a logit


def test_a_softmax_at_the_end_gives_the_probabilities_of_the_logits(digits):
    logits, probabilities = (
        np.asarray(pattern_cnn((8, 8, 1), 10, 1, output_activation=output)(digits[0][:16]))
        for output in ("linear", "softmax")
    )
    assert probabilities == pytest.approx(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True), abs=1e-5)
