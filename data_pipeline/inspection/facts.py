"""What is measured of each image once: its darkest and brightest level, and a hash that nearly equal images share."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

SIDE = 32  # pixels of the thumbnails that are compared
_BITS = 8  # the hash is of the 8 x 8 lowest frequencies
_BLOCK = 256  # images a task


@dataclass(frozen=True)
class ImageFacts:
    """Facts of images, in their order.

    Attributes:
        low: The lowest level of each, uint8 (n,).
        high: The highest.
        spread: The standard deviation of its levels, of the channel where it is largest, float32 (n,).
        hashes: uint64 (n,): a perceptual hash, as ImageHash's `phash` (Zauner 2010): which of the lowest frequencies of
            the cosine transform of a grey thumbnail are above their median.
    """

    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    hashes: np.ndarray

    def __len__(self) -> int:
        return len(self.low)


def measured(images: np.ndarray, rows: np.ndarray, *, with_hashes: bool = True) -> ImageFacts:
    """Measure some of the images, uint8 (n, h, w, c), which may be on disk and larger than memory."""
    import cv2  # `list` and `show` read this module, and have no use for it

    blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]

    def of_block(block: np.ndarray) -> tuple[np.ndarray, ...]:
        low, high = np.empty(len(block), np.uint8), np.empty(len(block), np.uint8)
        spread = np.empty(len(block), np.float32)
        small = np.empty((len(block), SIDE, SIDE), np.float32)
        for place, row in enumerate(block.tolist()):
            image = images[row]
            least, most = cv2.minMaxLoc(image.reshape(-1))[:2]
            low[place], high[place] = int(least), int(most)
            spread[place] = cv2.meanStdDev(image if image.shape[2] <= 4 else image.reshape(-1))[1].max()
            if with_hashes:
                small[place] = thumbnail(image)
        return low, high, spread, _hashes(small) if with_hashes else np.zeros(len(block), np.uint64)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(of_block, blocks))
    return ImageFacts(
        *(
            _joined([part[at] for part in found], kind)
            for at, kind in enumerate((np.uint8, np.uint8, np.float32, np.uint64))
        )
    )


def _joined(parts: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Return an image, uint8 (h, w, c), as grey levels float32 (SIDE, SIDE). Frames of a clip are averaged."""
    import cv2

    if image.shape[2] == 1:
        grey = image[..., 0]
    elif image.shape[2] == 3:
        grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    else:
        grey = image.mean(axis=2)
    shrinks = min(grey.shape) >= SIDE
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(grey, (SIDE, SIDE), interpolation=how).astype(np.float32)


def _hashes(small: np.ndarray) -> np.ndarray:
    """Return the hashes uint64 (n,) of thumbnails (n, SIDE, SIDE)."""
    steps = np.arange(SIDE)
    waves = np.cos(np.pi * (2 * steps + 1) * np.arange(_BITS)[:, np.newaxis] / (2 * SIDE)).astype(np.float32)
    frequencies = (waves @ small @ waves.T).reshape(len(small), -1)
    median = np.median(frequencies[:, 1:], axis=1, keepdims=True)  # the first is the mean brightness
    bits = frequencies > median
    return np.packbits(bits, axis=1).view(np.uint64).reshape(-1)
