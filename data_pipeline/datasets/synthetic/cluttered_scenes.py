"""Cluttered scenes with a template to locate in them: digits over digits, walls of photographs, other light.

All images are grey, float64, 0..255; a scene is a function of the images that it is made of and of its number.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CANVAS, OTHERS = 128, 40  # pixels a side of a scene of digits; digits beside the template
WALL, PIECE = 3, 24  # photographs a side; pixels a side of the template
CONTRAST = 15  # grey levels: a template of less has nothing in it to match


@dataclass(frozen=True)
class Scene:
    """An image, and a part of it to locate.

    Attributes:
        image: Grey (H, W), 0..255.
        template: Grey (h, w), 0..255.
        place: The first pixel (row, column) that the template lies on.
    """

    image: np.ndarray
    template: np.ndarray
    place: tuple[int, int]

    @property
    def window(self) -> tuple[slice, slice]:
        """The pixels of the image that the template lies over."""
        rows, columns = (slice(at, at + size) for at, size in zip(self.place, self.template.shape, strict=True))
        return rows, columns


def scene_of_digits(digits: np.ndarray, seed: int) -> Scene:
    """Put digits (of n, 28, 28) anywhere on black, the template last; of ink over ink the brighter is seen."""
    random = np.random.default_rng([0, seed])
    image = np.zeros((CANVAS, CANVAS))
    for row in random.choice(len(digits), OTHERS + 1, replace=False):
        template = _ink(digits[row])
        top, left = (int(random.integers(CANVAS - size + 1)) for size in template.shape)
        scene = Scene(image, template, (top, left))
        image[scene.window] = np.maximum(image[scene.window], template)
    return scene


def _ink(digit: np.ndarray) -> np.ndarray:
    """Return what the bounding box (h, w) of a digit's ink (28, 28) holds."""
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)


def scene_of_photographs(photographs: np.ndarray, seed: int) -> Scene:
    """Put square photographs (n, side, side) side by side; the template is a piece of one with some contrast."""
    random, side = np.random.default_rng([1, seed]), photographs.shape[1]
    chosen = photographs[random.choice(len(photographs), WALL * WALL, replace=False)].astype(np.float64)
    wall = chosen.reshape(WALL, WALL, side, side).transpose(0, 2, 1, 3).reshape(WALL * side, WALL * side)
    while True:
        tile, inside = random.integers(WALL, size=2), random.integers(side - PIECE + 1, size=2)
        row, column = (int(at) for at in tile * side + inside)
        piece = wall[row : row + PIECE, column : column + PIECE]
        if piece.std() >= CONTRAST:
            return Scene(wall, piece.copy(), (row, column))


def other_light(scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Multiply the image by a gain from 0.3 to 1 and add an offset; nothing leaves 0..255."""
    gain = random.uniform(0.3, 1)
    return gain * scene.image + random.uniform(0, 255 * (1 - gain))


def uneven_light(scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Let the light fall evenly from 1 to 0.3 across the image, in any direction."""
    angle = random.uniform(0, 2 * np.pi)
    rows, columns = np.indices(scene.image.shape)
    along = np.sin(angle) * rows + np.cos(angle) * columns
    return scene.image * (1 - 0.7 * (along - along.min()) / np.ptp(along))


def shadow(scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Leave 0.3 of the light where the template lies."""
    image = scene.image.copy()
    image[scene.window] *= 0.3
    return image


def noise(scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Add normal noise with a standard deviation of 40 grey levels."""
    return scene.image + 40 * random.standard_normal(scene.image.shape)


CHANGES: dict[str, Callable[[Scene, np.random.Generator], np.ndarray]] = {
    "as it is": lambda scene, random: scene.image,
    "gain and offset": other_light,
    "uneven light": uneven_light,
    "place in shadow": shadow,
    "noise": noise,
}


def changed(scene: Scene, change: str, seed: int) -> Scene:
    """Apply one of CHANGES to the image; the template stays as it was."""
    random = np.random.default_rng([2, list(CHANGES).index(change), seed])
    return Scene(CHANGES[change](scene, random), scene.template, scene.place)
