"""Angles, directions and masks that were given as arrays, as the targets of their tasks."""

from collections.abc import Callable

import numpy as np

LARGEST_ANGLE = 360  # degrees
_MOST_PIXEL_CLASSES = 256


def targets_of(
    where: str, task: str, targets: np.ndarray, image_shape: tuple[int, int, int], called: str
) -> np.ndarray:
    """Check the targets of some images.

    Args:
        where: What they lie in, for an error.
        task: "angle", "direction" or "mask".
        targets: Degrees (n,) or (n, 1); x to the right and y up (n, 2), of any length but 0; or the class of each pixel
            (n, height, width) or (n, height, width, 1), from 0 up.
        image_shape: (height, width, channels)
        called: What they are called in an error.

    Returns:
        As `data_pipeline/targets.py` says.

    Raises:
        ValueError: If they are no such targets.
    """
    if targets.dtype.kind not in "uif" or not targets.size:
        raise ValueError(f"{where}: {called} are {targets.dtype} of shape {targets.shape}: give numbers")
    if not np.isfinite(targets).all():
        first = next(row for row, target in enumerate(targets) if not np.isfinite(target).all())
        raise ValueError(f"{where}: {called} hold NaN or infinity (first: image {first}): give finite numbers")
    of_task: dict[str, Callable[..., np.ndarray]] = {"angle": _angles, "direction": _directions, "mask": _masks}
    return of_task[task](where, targets, image_shape, called)


def radians(degrees: np.ndarray) -> np.ndarray:
    """Return degrees, float64 (n,), as radians, float32 (n, 1)."""
    return np.deg2rad(degrees).astype(np.float32)[:, np.newaxis]


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of any length but 0, float64 (n, 2), with length 1, float32 (n, 2)."""
    # else the square of a very small or large number would be 0 or infinite
    vectors = vectors / np.abs(vectors).max(axis=1, keepdims=True)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _angles(where: str, degrees: np.ndarray, image_shape: tuple[int, int, int], called: str) -> np.ndarray:
    """Return degrees as radians, float32 (n, 1)."""
    if degrees.shape not in ((len(degrees),), (len(degrees), 1)):
        raise ValueError(f"{where}: {called} have the shape {degrees.shape}: give one angle an image, in degrees")
    far = np.flatnonzero(np.abs(degrees.reshape(-1)) > LARGEST_ANGLE)
    if far.size:
        raise ValueError(
            f"{where}: {called} go beyond ±{LARGEST_ANGLE} (first: {degrees.reshape(-1)[far[0]]:g} of image "
            f"{far[0]}): give degrees"
        )
    return radians(degrees.reshape(-1).astype(np.float64))


def _directions(where: str, vectors: np.ndarray, image_shape: tuple[int, int, int], called: str) -> np.ndarray:
    """Return vectors as unit vectors, float32 (n, 2)."""
    if vectors.ndim != 2 or vectors.shape[1] != 2:
        raise ValueError(f"{where}: {called} have the shape {vectors.shape}: give x and y of each image, (n, 2)")
    vectors = vectors.astype(np.float64)
    if (zeros := np.flatnonzero(~vectors.any(axis=1))).size:
        raise ValueError(
            f"{where}: {called} hold (0, 0), which points nowhere (first: image {zeros[0]}): leave the image out"
        )
    return unit_vectors(vectors)


def _masks(where: str, masks: np.ndarray, image_shape: tuple[int, int, int], called: str) -> np.ndarray:
    """Return the class of each pixel, uint8 (n, height, width)."""
    if masks.ndim == 4 and masks.shape[3] == 1:
        masks = masks[..., 0]
    if masks.shape[1:] != image_shape[:2]:
        size = "x".join(map(str, image_shape[:2]))
        raise ValueError(f"{where}: {called} have the shape {masks.shape}: give a mask of {size} pixels an image")
    low, high = masks.min(), masks.max()
    if low < 0 or high >= _MOST_PIXEL_CLASSES or (masks.dtype.kind == "f" and (masks != np.rint(masks)).any()):
        raise ValueError(
            f"{where}: {called} are {masks.dtype} from {low:g} to {high:g}; expected the number of each pixel's class, "
            f"0..{_MOST_PIXEL_CLASSES - 1}: number the classes from 0, the background"
        )
    return masks.astype(np.uint8)
