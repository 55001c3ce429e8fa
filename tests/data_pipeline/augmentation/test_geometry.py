import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_suite.data_pipeline.augmentation.draws import Draw, draw
from keras_suite.data_pipeline.augmentation.geometry import Fill, Geometry, matrices, warp_opencv, warp_tensorflow

STILL = {
    "horizontal_flip": False,
    "vertical_flip": False,
    "shift": 0.0,
    "crop": 1.0,
    "rotation": 0.0,
    "zoom": 0.0,
    "shear": 0.0,
}
FILLS: tuple[Fill, ...] = ("zeros", "reflect", "edge")


def geometry(**options: float) -> Geometry:
    return Geometry(**{**STILL, **options})  # type: ignore[arg-type]


def numbers(count: int = 1, **fixed: float) -> np.ndarray:
    """Draws that change nothing, but for those given by their names."""
    drawn = np.full((len(Draw), count), 0.5)
    for name, value in fixed.items():
        drawn[Draw[name]] = value
    return drawn


def opencv(images: np.ndarray, moved: np.ndarray, fill: Fill = "zeros", black: int = 0) -> np.ndarray:
    result = np.full_like(images, 99)
    for image, matrix, out in zip(images, moved, result, strict=True):
        warp_opencv(image, matrix, fill, black, out)
    return result


def tensorflow(images: np.ndarray, moved: np.ndarray, fill: Fill = "zeros", black: int = 0) -> np.ndarray:
    blacks = tf.fill([len(images)], tf.constant(black, tf.uint8))
    return warp_tensorflow(tf.constant(images), tf.constant(moved), fill, blacks).numpy()


@pytest.fixture(scope="module")
def patches(photograph: np.ndarray) -> np.ndarray:
    """Six real patches, 40 high and 56 wide."""
    return np.stack([photograph[top : top + 40, 200:256] for top in range(60, 300, 40)])


@pytest.mark.parametrize("warp", [opencv, tensorflow])
def test_flips_are_exact(patches: np.ndarray, warp: object) -> None:
    both = geometry(horizontal_flip=True, vertical_flip=True)
    for left, up in ((0.1, 0.9), (0.9, 0.1), (0.1, 0.1), (0.9, 0.9)):
        moved = matrices(both, numbers(6, FLIP_HORIZONTAL=left, FLIP_VERTICAL=up), 40, 56)
        expected = patches[:, :, ::-1] if left < 0.5 else patches
        expected = expected[:, ::-1] if up < 0.5 else expected
        assert (warp(patches, moved) == expected).all()  # type: ignore[operator]


@pytest.mark.parametrize("warp", [opencv, tensorflow])
@pytest.mark.parametrize("fill", FILLS)
def test_shifts_are_whole_pixels_and_exact(patches: np.ndarray, warp: object, fill: Fill) -> None:
    # shift=0.1 of 56 pixels is 6, of 40 is 4: 13 and 9 equally likely places.
    moved = matrices(geometry(shift=0.1), numbers(6, SHIFT_X=0.0, SHIFT_Y=0.999), 40, 56)
    assert moved[0].tolist() == [[1, 0, 6], [0, 1, -4]]
    mode = {"zeros": "constant", "reflect": "symmetric", "edge": "edge"}[fill]
    padded = np.pad(patches, ((0, 0), (4, 4), (6, 6), (0, 0)), mode)  # type: ignore[call-overload]
    assert (warp(patches, moved, fill) == padded[:, 0:40, 12:68]).all()  # type: ignore[operator]


def test_shifts_take_each_place_equally_often() -> None:
    drawn = draw(1, 0, np.arange(13_000))
    places = matrices(geometry(shift=0.1), drawn, 40, 56)[:, 0, 2]
    values, counts = np.unique(places, return_counts=True)
    assert values.tolist() == list(range(-6, 7)) and np.abs(counts - 1000).max() < 5 * np.sqrt(1000)


def test_a_small_shift_is_one_pixel_at_least() -> None:
    drawn = draw(1, 0, np.arange(1000))
    assert set(matrices(geometry(shift=0.01), drawn, 8, 8)[:, 0, 2]) == {-1, 0, 1}


def test_rotation_turns_about_the_centre_by_the_drawn_angle(patches: np.ndarray) -> None:
    square = patches[:, :, :40]
    quarter = matrices(geometry(rotation=90), numbers(6, ROTATION=1.0), 40, 40)
    assert np.abs(opencv(square, quarter).astype(int) - np.rot90(square, -1, axes=(1, 2))).max() <= 1
    assert (matrices(geometry(rotation=90), numbers(6), 40, 40) == np.eye(2, 3)).all()
    angles = matrices(geometry(rotation=30), draw(1, 0, np.arange(5000)), 40, 40)
    degrees = np.rad2deg(np.arctan2(angles[:, 0, 1], angles[:, 0, 0]))
    assert -30 <= degrees.min() < -29.9 and 29.9 < degrees.max() <= 30 and abs(degrees.mean()) < 1.2


def test_zoom_magnifies_about_the_centre() -> None:
    image = np.zeros((1, 21, 21, 1), np.uint8)
    image[0, 8:13, 8:13] = 255  # 5 pixels wide
    larger = opencv(image, matrices(geometry(zoom=0.8), numbers(ZOOM=1.0), 21, 21))
    assert abs(int((larger[0, 10] > 127).sum()) - 9) <= 0  # 1.8 times 5
    assert (larger[0] == larger[0, ::-1, ::-1]).all()


def test_shear_slants_along_x() -> None:
    moved = matrices(geometry(shear=45), numbers(SHEAR=1.0), 21, 21)
    bar = np.zeros((1, 21, 21, 1), np.uint8)
    bar[0, :, 10] = 255
    slanted = opencv(bar, moved)[0, :, :, 0]
    assert (slanted == np.eye(21, dtype=np.uint8) * 255).all()


@settings(deadline=None, max_examples=40)
@given(st.floats(0.3, 1.0), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_crop_never_leaves_the_image(crop: float, x: float, y: float, flip: bool) -> None:
    white = np.full((1, 30, 17, 1), 255, np.uint8)
    drawn = numbers(CROP_X=x, CROP_Y=y, FLIP_HORIZONTAL=0.0)
    moved = matrices(geometry(crop=crop, horizontal_flip=flip), drawn, 30, 17)
    assert (opencv(white, moved) >= 254).all()


def test_a_crop_is_a_window_of_the_image(patches: np.ndarray) -> None:
    # Half of each side, in the upper left corner: output corners see the corners of that window.
    moved = matrices(geometry(crop=0.5), numbers(6, CROP_X=0.0, CROP_Y=0.0), 40, 56)
    assert (moved[0] @ [0, 0, 1]).tolist() == [0, 0]
    assert np.allclose(moved[0] @ [55, 39, 1], [27.5, 19.5])


def test_crops_differ_between_the_images_of_a_batch() -> None:
    moved = matrices(geometry(crop=0.7), draw(1, 0, np.arange(100)), 64, 64)
    assert len({matrix.tobytes() for matrix in moved}) == 100


def test_steps_are_composed_in_the_documented_order() -> None:
    everything = geometry(horizontal_flip=True, shift=0.25, crop=0.6, rotation=40, zoom=0.5, shear=20)
    drawn = draw(3, 1, np.arange(50))
    moved = matrices(everything, drawn, 32, 48)
    centre = np.array([23.5, 15.5])
    for row in range(50):
        u = drawn[:, row]
        flip = np.diag([-1.0 if u[Draw.FLIP_HORIZONTAL] < 0.5 else 1.0, 1.0])
        angle = np.deg2rad(40) * (2 * u[Draw.ROTATION] - 1)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shear = np.array([[1, np.tan(np.deg2rad(20) * (2 * u[Draw.SHEAR] - 1))], [0, 1]])
        zoom = 0.5 + u[Draw.ZOOM]
        window = 0.4 * centre * (2 * u[[Draw.CROP_X, Draw.CROP_Y]] - 1)
        shift = np.floor([-12 + 25 * u[Draw.SHIFT_X], -8 + 17 * u[Draw.SHIFT_Y]])
        source = np.array([5.0, 9.0])
        out = centre + shift + zoom * rotation @ shear @ (flip @ (source - centre) - window) / 0.6
        assert np.allclose(moved[row] @ [*out, 1], source, atol=1e-4)


EVERYTHING = {
    "horizontal_flip": True,
    "vertical_flip": True,
    "shift": 0.2,
    "crop": 0.8,
    "rotation": 45,
    "zoom": 0.4,
    "shear": 20,
}


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("black", [0, 40])
@pytest.mark.parametrize("kind", ["photograph", "noise", "grey digit"])
def test_opencv_and_tensorflow_agree_to_within_a_grey_level(
    patches: np.ndarray, fill: Fill, black: int, kind: str
) -> None:
    generator = np.random.default_rng(0)
    images = {
        "photograph": np.repeat(patches, 20, axis=0),
        "noise": generator.integers(0, 2, (120, 33, 47, 3), dtype=np.uint8) * 255,  # the sharpest edges there are
        "grey digit": np.repeat(patches[..., :1], 20, axis=0),
    }[kind]
    height, width = images.shape[1:3]
    moved = matrices(geometry(**EVERYTHING), draw(1, 0, np.arange(len(images))), height, width)
    difference = np.abs(opencv(images, moved, fill, black) - tensorflow(images, moved, fill, black))
    assert difference.max() < 0.6  # measured 0.505: OpenCV rounds to whole levels


def test_far_beyond_the_image_the_fills_are_as_documented() -> None:
    row = np.array([10, 20, 30, 40], np.uint8).reshape(1, 1, 4, 1)
    far = np.array([[[1, 0, -3], [0, 1, 0]]], np.float32)
    for fill, expected in (("zeros", [0, 0, 0, 10]), ("reflect", [30, 20, 10, 10]), ("edge", [10, 10, 10, 10])):
        assert opencv(row, far, fill).ravel().tolist() == expected
        assert tensorflow(row, far, fill).ravel().tolist() == expected
