"""Template matching beside its definition, scikit-image's, and what it says of brightness and contrast."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.feature import match_template
from sklearn.datasets import load_digits

from keras_suite.models.plain_numpy.template_matching import (
    best_place,
    correlation,
    normalised_correlation,
    window_contrasts,
    window_means,
    zero_mean_correlation,
)

ALL = (correlation, zero_mean_correlation, normalised_correlation)


@pytest.fixture(scope="module")
def wall() -> np.ndarray:
    """120 real digits side by side, (80, 96), between 0 and 255; black beside the wider ones, so with flat windows."""
    tiles = load_digits().images[:120].reshape(10, 12, 8, 8)
    return np.round(tiles.transpose(0, 2, 1, 3).reshape(80, 96) * (255 / 16))


@st.composite
def image_and_template(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    image = (height + draw(st.integers(0, 9)), width + draw(st.integers(0, 9)))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    return random.uniform(0, 255, image), random.uniform(0, 255, (height, width))


@settings(deadline=None)
@given(image_and_template())
def test_each_score_is_what_its_definition_says_window_by_window(given: tuple[np.ndarray, np.ndarray]) -> None:
    image, template = given
    windows = np.lib.stride_tricks.sliding_window_view(image, template.shape)
    sums = np.sum(windows * template, axis=(2, 3))
    np.testing.assert_allclose(correlation(image, template), sums, rtol=1e-9)
    around = windows - windows.mean(axis=(2, 3), keepdims=True)
    covariance = np.mean(around * (template - template.mean()), axis=(2, 3))
    np.testing.assert_allclose(zero_mean_correlation(image, template), template.size * covariance, atol=1e-6)
    np.testing.assert_allclose(window_means(image, template.shape), windows.mean(axis=(2, 3)), rtol=1e-9)
    np.testing.assert_allclose(window_contrasts(image, template.shape), windows.std(axis=(2, 3)), atol=1e-5)
    if template.size > 1:
        expected = covariance / (windows.std(axis=(2, 3)) * template.std())
        np.testing.assert_allclose(normalised_correlation(image, template), expected, atol=1e-7)


@pytest.mark.parametrize("size", [(8, 8), (20, 9), (3, 31)])
def test_normalised_correlation_is_scikit_images(wall: np.ndarray, size: tuple[int, int]) -> None:
    template = wall[30 : 30 + size[0], 40 : 40 + size[1]]
    scores = normalised_correlation(wall, template)
    np.testing.assert_allclose(scores, match_template(wall, template), atol=1e-9)
    assert best_place(scores) == (30, 40) and scores[30, 40] == pytest.approx(1)


@pytest.mark.needs_data
def test_it_is_scikit_images_on_a_large_real_image_too(data_dir: Path) -> None:
    with np.load(data_dir / "mnist.npz") as file:
        digits = file["x_test"][:64].reshape(8, 8, 28, 28).transpose(0, 2, 1, 3).reshape(224, 224)
    assert (window_contrasts(digits, (3, 3)) == 0).any()  # flat windows, where both say 0
    for template in (digits[60:63, 61:64], digits[100:128, 30:60]):
        np.testing.assert_allclose(
            normalised_correlation(digits, template), match_template(digits, template), atol=1e-7
        )


def test_flat_windows_score_0_whatever_is_added_to_the_image() -> None:
    image = np.zeros((12, 12))
    image[:5, :5] = np.arange(25).reshape(5, 5)
    for offset in (0.0, 0.1, 1e4 / 3):
        scores = normalised_correlation(image + offset, image[:3, :3])
        assert (scores[5:, 5:] == 0).all() and scores[0, 0] == pytest.approx(1)


def test_a_large_offset_costs_no_digits(wall: np.ndarray) -> None:
    template = wall[16:24, 24:32]
    scores = normalised_correlation(wall + 1e7 / 3, template)
    np.testing.assert_allclose(scores, normalised_correlation(wall, template), atol=1e-6)


def test_a_bright_wall_beats_the_pattern_until_the_mean_is_taken_off(wall: np.ndarray) -> None:
    template = wall[16:24, 24:32]
    wall = wall.copy()
    wall[60:80, 60:90] = 255
    assert best_place(correlation(wall, template))[0] >= 60
    assert best_place(normalised_correlation(wall, template)) == (16, 24)


def test_light_that_differs_from_place_to_place_fools_all_but_the_normalised(wall: np.ndarray) -> None:
    template = wall[16:24, 24:32]
    dark = wall.copy()
    dark[16:24, 24:32] = 0.1 * dark[16:24, 24:32] + 7
    assert best_place(zero_mean_correlation(dark, template)) != (16, 24)
    scores = normalised_correlation(dark, template)
    assert best_place(scores) == (16, 24) and scores[16, 24] == pytest.approx(1)


@pytest.mark.parametrize("form", ALL)
def test_a_gain_and_an_offset_of_the_whole_image_move_no_maximum(
    wall: np.ndarray, form: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    for place in ((0, 0), (16, 24), (41, 33)):
        template = wall[place[0] : place[0] + 8, place[1] : place[1] + 8]
        assert best_place(form(0.4 * wall + 90, template)) == best_place(form(wall, template))


def test_a_template_of_the_images_size_has_one_place(wall: np.ndarray) -> None:
    for form in ALL:
        assert form(wall, wall).shape == (1, 1)
    assert normalised_correlation(wall, 255 - wall)[0, 0] == pytest.approx(-1)


@pytest.mark.parametrize(
    ("image", "template", "said"),
    [
        (np.ones((4, 4, 3)), np.ones((2, 2)), r"the image has shape \(4, 4, 3\): expected \(height, width\)"),
        (np.ones((4, 4)), np.ones((0, 2)), r"the template has shape \(0, 2\)"),
        (np.ones((4, 4)), np.ones((5, 2)), r"a template of \(5, 2\) does not fit into an image of \(4, 4\)"),
        (np.full((4, 4), np.nan), np.ones((2, 2)), "the image holds NaN or infinity"),
    ],
)
def test_what_cannot_be_matched_is_refused(image: np.ndarray, template: np.ndarray, said: str) -> None:
    for form in ALL:
        with pytest.raises(ValueError, match=said):
            form(image, template)


def test_a_flat_template_has_no_pattern_to_look_for() -> None:
    with pytest.raises(ValueError, match="the template is flat, all 3: expected a pattern"):
        normalised_correlation(np.eye(4), np.full((2, 2), 3))
