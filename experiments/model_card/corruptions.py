"""Images as they come out of worse cameras: blurred, noisy, in other light, compressed, tilted. Pure functions.

Five of the kinds of Hendrycks and Dietterich (2019, ImageNet-C), each at three strengths. A corruption of an image is
a function of the image, the strength and a key: the same image is damaged alike whenever it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

_SEED = 20_190_328  # of the noise
_LEAST_SIDE = 40  # pixels; smaller images are blurred as much as this, or 1 % of them would be nothing


@dataclass(frozen=True)
class Corruption:
    """A kind of damage.

    Attributes:
        name: As the card says it.
        strengths: Three, the mildest first, in its own unit.
        apply: Takes an image uint8 (h, w, c), a strength and a key, and returns the damaged image uint8 (h, w, c).
        in_words: Takes a strength and the shorter side in pixels, and returns "σ 1.6 px", say.
    """

    name: str
    strengths: tuple[float, float, float]
    apply: Callable[[np.ndarray, float, int], np.ndarray]
    in_words: Callable[[float, int], str]

    def corrupted(self, image: np.ndarray, level: int, key: int) -> np.ndarray:
        """Return an image at a level 1 to 3; as it is at 0.

        Args:
            image: uint8 (h, w, c).
            level: Which of the strengths.
            key: The image's number: it decides the noise, and which way the image is rotated.
        """
        return image if level == 0 else self.apply(image, self.strengths[level - 1], key)


def _sigma(share: float, side: int) -> float:
    return share * max(side, _LEAST_SIDE)


def _blurred(image: np.ndarray, share: float, key: int) -> np.ndarray:
    sigma = _sigma(share, min(image.shape[:2]))
    blurred = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred).reshape(image.shape)


def _noisy(image: np.ndarray, deviation: float, key: int) -> np.ndarray:
    noise = np.random.default_rng((_SEED, key)).standard_normal(image.shape, np.float32)
    return _levels(image + deviation * noise)


def _times(image: np.ndarray, factor: float, key: int) -> np.ndarray:
    return _levels(image.astype(np.float32) * factor)


def _compressed(image: np.ndarray, quality: float, key: int) -> np.ndarray:
    def there_and_back(plane: np.ndarray) -> np.ndarray:
        colours = plane.ndim == 3
        given = np.ascontiguousarray(plane[..., ::-1] if colours else plane)  # OpenCV's colours are BGR
        _, content = cv2.imencode(".jpg", given, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
        found = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR if colours else cv2.IMREAD_GRAYSCALE))
        return found[..., ::-1] if colours else found

    return _by_plane(image, there_and_back)


def _rotated(image: np.ndarray, degrees: float, key: int) -> np.ndarray:
    height, width = image.shape[:2]
    angle = degrees if key % 2 else -degrees
    warp = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)

    def warped(plane: np.ndarray) -> np.ndarray:
        return np.asarray(
            cv2.warpAffine(plane, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        )

    return _by_plane(image, warped)


def _by_plane(image: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Change an image (h, w, 3) as a whole, and one of other numbers of channels plane by plane."""
    if image.shape[2] == 3:
        return change(image)
    return np.stack([change(np.ascontiguousarray(image[..., at])) for at in range(image.shape[2])], axis=-1)


def _levels(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


CORRUPTIONS = (
    Corruption("Gaussian blur", (0.01, 0.02, 0.04), _blurred, lambda share, side: f"σ {_sigma(share, side):.2g} px"),
    Corruption("Gaussian noise", (10, 25, 50), _noisy, lambda deviation, side: f"σ {deviation:g} of 255"),
    Corruption("darker", (0.7, 0.5, 0.3), _times, lambda factor, side: f"× {factor:g}"),
    Corruption("brighter", (1.4, 2, 3), _times, lambda factor, side: f"× {factor:g}"),
    Corruption("JPEG compression", (50, 25, 10), _compressed, lambda quality, side: f"quality {quality:g}"),
    Corruption("rotation", (5, 15, 30), _rotated, lambda degrees, side: f"{degrees:g}° either way"),
)
