"""Contours of the loss: what is no number is left out."""

import numpy as np
import pytest

from keras_suite.reports.figures.loss_surface import Surface, draw_surfaces


def test_places_where_the_loss_is_no_number_are_left_blank() -> None:
    steps = np.linspace(-1, 1, 3)
    losses = np.array([[1.0, np.nan, 2.0], [1.0, 0.5, np.inf], [3.0, 1.0, 2.0]])
    draw_surfaces([Surface("a", 9, steps, losses), Surface("b", 9, steps, losses + 1)], "a heading")
    with pytest.raises(ValueError, match="give a smaller --reach"):
        draw_surfaces([Surface("a", 9, steps, np.full((3, 3), np.nan))] * 2, "a heading")


def test_the_middle_is_the_loss_of_the_weights_themselves() -> None:
    assert Surface("a", 9, np.linspace(-1, 1, 3), np.arange(9.0).reshape(3, 3)).middle == 4
