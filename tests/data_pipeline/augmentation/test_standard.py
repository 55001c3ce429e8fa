import numpy as np
import pytest
import tensorflow as tf

from keras_suite.data_pipeline import AUGMENTATIONS
from keras_suite.data_pipeline.augmentation.standard import Augmentation, standard
from tests.data_pipeline.stream_process import EVERYTHING


@pytest.fixture
def patches(photograph: np.ndarray) -> np.ndarray:
    return np.stack([photograph[top : top + 24, 200:232] for top in range(0, 320, 10)])


def augmented(images: np.ndarray, epoch: int = 0, **options: object) -> tuple[np.ndarray, np.ndarray]:
    augment = standard(images.shape[1:], len(images), **options)  # type: ignore[arg-type]
    assert augment is not None
    index = tf.range(len(images), dtype=tf.int64)
    changed, labels = augment(tf.constant(images), tf.eye(len(images)), 1, tf.constant(epoch, tf.int64), index)
    return changed.numpy().astype(np.float32), labels.numpy()


def test_the_table_names_it() -> None:
    assert AUGMENTATIONS["standard"] == f"{standard.__module__}:{standard.__name__}"


def test_nothing_on_is_no_augmentation() -> None:
    assert standard((8, 8, 1), 10) is None
    assert standard((8, 8, 1), 10, fill="edge", backend="opencv") is None


def test_auto_takes_tensorflow_for_small_and_opencv_for_large_images() -> None:
    for shape, backend in (((28, 28, 1), "tensorflow"), ((32, 32, 3), "opencv"), ((160, 160, 3), "opencv")):
        augment = standard(shape, 10, horizontal_flip=True)
        assert isinstance(augment, Augmentation) and augment.backend == backend


@pytest.mark.parametrize(
    ("option", "soft"), [("mixup", True), ("cutmix", True), ("cutout", False), ("rotation", False)]
)
def test_soft_labels_are_announced(option: str, soft: bool) -> None:
    augment = standard((8, 8, 1), 10, **{option: 0.5})  # type: ignore[arg-type]
    assert augment is not None and augment.soft_labels == soft


@pytest.mark.parametrize("backend", ["opencv", "tensorflow"])
@pytest.mark.parametrize("option", [name for name in EVERYTHING])
def test_every_option_alone_changes_images_and_stays_in_range(patches: np.ndarray, option: str, backend: str) -> None:
    changed, labels = augmented(patches, backend=backend, **{option: EVERYTHING[option]})
    assert changed.shape == patches.shape and changed.min() >= 0 and changed.max() <= 255
    assert not (changed == patches).all()
    assert np.allclose(labels.sum(axis=1), 1)
    assert ((labels == np.eye(len(patches))).all()) == (option not in ("mixup", "cutmix"))


@pytest.mark.parametrize("fill", ["zeros", "reflect", "edge"])
def test_both_backends_agree_on_everything_to_within_a_grey_level(patches: np.ndarray, fill: str) -> None:
    by_opencv, labels = augmented(patches, backend="opencv", fill=fill, **EVERYTHING)
    by_tensorflow, same_labels = augmented(patches, backend="tensorflow", fill=fill, **EVERYTHING)
    assert np.abs(by_opencv - by_tensorflow).max() < 0.6
    assert (labels == same_labels).all()


def test_another_epoch_gives_other_images_and_the_same_epoch_the_same(patches: np.ndarray) -> None:
    first, again, later = (augmented(patches, epoch, rotation=20)[0] for epoch in (0, 0, 1))
    assert (first == again).all() and not (first == later).all()


@pytest.mark.parametrize("backend", ["opencv", "tensorflow"])
def test_the_frame_of_a_recoloured_image_does_not_show(backend: str) -> None:
    black = np.zeros((20, 24, 24, 1), np.uint8)
    changed, _ = augmented(black, backend=backend, rotation=45, shift=0.3, brightness=0.5)
    assert (changed == changed[:, :1, :1]).all() and len(np.unique(changed)) > 5


def test_cutout_blackens_a_square_of_the_requested_size() -> None:
    white = np.full((200, 40, 40, 1), 255, np.uint8)
    changed, _ = augmented(white, cutout=0.25)
    erased = (changed == 0).sum(axis=(1, 2, 3))
    assert erased.max() == 100 and erased.min() >= 25 and np.median(erased) == 100


def test_the_input_is_left_alone(patches: np.ndarray) -> None:
    before = patches.copy()
    tensor = tf.constant(patches)
    for options in ({"cutout": 0.5}, {"brightness": 0.5, "cutout": 0.5}, EVERYTHING):
        augment = standard(patches.shape[1:], 2, backend="opencv", **options)  # type: ignore[arg-type]
        assert augment is not None
        augment(tensor, tf.eye(len(patches)), 1, tf.constant(0, tf.int64), tf.range(len(patches), dtype=tf.int64))
    assert (tensor.numpy() == before).all()
