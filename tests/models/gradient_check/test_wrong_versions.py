"""Deliberately wrong versions of backward passes: many, different from the right one, and all noticed."""

import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.own_check import check_passes
from keras_suite.models.gradient_check.passes import Passes, by_tape
from keras_suite.models.gradient_check.trial_tensors import deduced
from keras_suite.models.gradient_check.wrong_versions import Version, wrong_versions
from tests.models.gradient_check.ops_of_users import CROSS_ENTROPY, DENSE, IN_FLOAT32, LOG, NUMPY_RELU, SWISH


def versions(passes: Passes) -> list[Version]:
    return wrong_versions(check_passes(passes, deduced(passes), 2)[1])


@pytest.mark.parametrize("passes", [DENSE, SWISH, LOG, NUMPY_RELU, IN_FLOAT32, CROSS_ENTROPY])
def test_every_wrong_version_is_noticed(passes: Passes) -> None:
    found = versions(passes)
    assert len(found) >= 7
    assert [version.slip for version in found if not version.noticed] == []


def test_the_slips_are_those_that_people_make() -> None:
    slips = {version.slip for version in versions(DENSE)}
    assert slips >= {
        "x times 1.01",
        "kernel negated",
        "bias divided by its first size",
        "kernel turned round along axis 1",
        "bias with one entry 0",
        "x forgotten",
        "dy left out",
        "dy turned round along axis 0",
    }
    product = Passes("f", ("q", "k"), *by_tape(lambda q, k: q * k * k))
    assert "q and k in each other's place" in {version.slip for version in versions(product)}
    inverse = Passes("f", ("m",), *by_tape(tf.linalg.inv))
    assert "m with axes 0 and 1 swapped" in {version.slip for version in versions(inverse)}


def test_a_version_that_gives_the_same_gradients_is_not_counted() -> None:
    total = Passes("f", ("x",), *by_tape(lambda x: tf.reduce_sum(x)))
    slips = {version.slip for version in versions(total)}
    assert "x negated" in slips
    assert not any("turned round" in slip for slip in slips)
    nothing = Passes("f", ("x",), *by_tape(lambda x: tf.reduce_sum(0 * x)))
    assert versions(nothing) == []
