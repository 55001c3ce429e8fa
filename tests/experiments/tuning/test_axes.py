"""A space as a unit cube: values and their places, and what the Gaussian process sees of them."""

from typing import Any

import numpy as np
import pytest

from keras_suite.experiments.tuning.axes import Axes
from keras_suite.experiments.tuning.space import all_hyperparameters
from keras_suite.experiments.tuning.steps import reaching_ends


def mixed(hp: Any) -> dict[str, Any]:
    hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hp.Fixed("depth", 3)
    hp.Choice("kind", ["mlp", "cnn", "vit"])
    with hp.conditional_scope("kind", ["cnn", "vit"]):
        hp.Choice("filters", [4, 8, 16])
        hp.Boolean("pool")
        with hp.conditional_scope("pool", [True]):
            hp.Float("share", 0.1, 0.3, step=0.1)
    return {}


@pytest.fixture(scope="module")
def axes() -> Axes:
    return Axes(reaching_ends(all_hyperparameters(mixed)))


def test_the_ends_of_the_cube_are_the_ends_of_the_space(axes: Axes) -> None:
    assert axes.values([0.0] * len(axes)) == {"rate": 1e-4, "depth": 3, "kind": "mlp"}
    last = {"rate": 1e-1, "depth": 3, "kind": "vit", "filters": 16, "pool": True, "share": 0.3}
    assert axes.values([1.0] * len(axes)) == last


def test_values_are_found_again_at_their_places(axes: Axes) -> None:
    for place in np.random.default_rng(0).random((50, len(axes))).tolist():
        values = axes.values(place)
        again = axes.values(axes.places(values))
        assert again.keys() == values.keys()
        assert again.pop("rate") == pytest.approx(values.pop("rate"))
        assert again == values


def test_points_with_the_same_values_have_the_same_columns(axes: Axes) -> None:
    rate, mlp = 0.3, 0.1
    columns = axes.columns(np.array([[rate, mlp, 0.0, 0.0, 0.0], [rate, mlp, 0.9, 0.9, 0.9]]))
    assert np.array_equal(columns[0], columns[1]), "what is inactive is not seen"
    assert columns[0].tolist() == [rate, 1, 0, 0, 0.5, 0.5, 0.5]


def test_names_without_an_order_have_a_column_each(axes: Axes) -> None:
    columns = axes.columns(np.array([[0.3, place, 0.5, 0.1, 0.0] for place in (0.1, 0.5, 0.9)]))
    assert columns[:, 1:4].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert columns[:, 5].tolist() == [0.5, 0, 0] and columns[:, 6].tolist() == [0.5] * 3, (
        "inactive below what is not true"
    )
