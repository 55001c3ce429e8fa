"""The memory of a network by arithmetic: refused before it is taken, and ordinary networks are not counted."""

import functools

import keras
import pytest

from keras_suite.experiments.registry import builder
from keras_suite.experiments.training.model_size import check_model_fits


@pytest.mark.parametrize("units", [10**9, 10**12, 10**15])
def test_weights_that_fit_into_no_memory_are_refused_with_their_number(units: int) -> None:
    build = functools.partial(builder("model", "mlp"), (8, 8, 1), 10, 1, units=[units])
    with pytest.raises(ValueError, match=rf"model 'mlp' with {75 * units + 10:,} parameters .* GB are free"):
        check_model_fits(build, {"units": [units]}, (8, 8, 1), 32, "mlp")
    with keras.StatelessScope():  # at its end, Keras creates what others have left to be created
        pass


def test_a_batch_that_fits_into_no_memory_is_refused_before_anything_is_built() -> None:
    def build() -> keras.Model:
        raise AssertionError("nothing is to be built")

    with pytest.raises(ValueError, match="batches of 1,000,000 images need"):
        check_model_fits(build, {}, (4096, 4096, 3), 1_000_000, "mlp")


def test_a_large_network_that_fits_is_counted_and_an_ordinary_one_is_not() -> None:
    build = functools.partial(builder("model", "mlp"), (8, 8, 1), 10, 1, units=[20_000])
    assert check_model_fits(build, {"units": [20_000]}, (8, 8, 1), 32, "mlp")
    keras.backend.clear_session()
    assert not check_model_fits(build, {"units": [512]}, (8, 8, 1), 32, "mlp")


def test_counting_leaves_the_weights_of_the_network_that_is_built_next_as_they_are() -> None:
    build = functools.partial(builder("model", "mlp"), (8, 8, 1), 10, 1, units=[16])
    before = build().get_weights()
    counted = functools.partial(builder("model", "mlp"), (8, 8, 1), 10, 1, units=[20_000])
    assert check_model_fits(counted, {"units": [20_000]}, (8, 8, 1), 32, "mlp")
    keras.backend.clear_session()
    assert all((one == other).all() for one, other in zip(before, build().get_weights(), strict=True))
