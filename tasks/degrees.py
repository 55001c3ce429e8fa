"""How far angles and directions that were given are off the true ones, in degrees."""

import numpy as np


def degrees_off(true: np.ndarray, given: np.ndarray) -> np.ndarray:
    """From the true to the given one, float64 (n,); counter-clockwise is positive.

    Angles (n, 1) in radians: given - true, however far. Directions (n, 2), x to the right and y up, of any length: the
    angle between the two, -180 to 180; 90 where (0, 0) was given, which points nowhere.
    """
    true, given = np.asarray(true, np.float64), np.asarray(given, np.float64)
    if true.shape != given.shape or true.ndim != 2 or true.shape[1] not in (1, 2):
        raise ValueError(f"got {true.shape} true and {given.shape} given: expected (n, 1) angles or (n, 2) directions")
    if true.shape[1] == 1:
        return np.rad2deg(given - true)[:, 0]
    across = true[:, 0] * given[:, 1] - true[:, 1] * given[:, 0]
    along = (true * given).sum(axis=1)
    return np.where(given.any(axis=1), np.rad2deg(np.arctan2(across, along)), 90.0)


def upright(angles: np.ndarray) -> np.ndarray:
    """Where the top of a picture turned by so many radians (n, 1) points: unit vectors (n, 2), x right and y up."""
    angles = np.asarray(angles, np.float64)[:, 0]
    return np.stack([-np.sin(angles), np.cos(angles)], axis=1)
