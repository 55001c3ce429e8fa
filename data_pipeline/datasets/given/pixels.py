"""Images that were given as arrays of any numbers, as grey levels 0..255."""

import numpy as np

_BLOCK = 64 * 2**20  # bytes that are converted at a time
_DARK = 64  # where no pixel is brighter, the range is likely another one than 0..255
_TOPS = (1023, 4095, 16383, 65535)  # the largest grey levels of 10, 12, 14 and 16 bits
_ROUNDED = 0.01  # grey levels that 0..1 in single precision may be away from whole ones


class GreyLevels:
    """Converts images to uint8, one array after the other, all on one scale and of one size.

    uint8 stays as it is; other numbers are 0..255 or 0..1. Nothing is clipped. The first array of a name that is not
    all black decides on the scale of that name.
    """

    def __init__(self, where: str) -> None:
        """Begin.

        Args:
            where: What the images lie in, for errors.
        """
        self._where = where
        self._shape: tuple[int, ...] | None = None
        self._units: dict[str, bool] = {}  # whether 1 is white, by what the images are called
        self._scaled = self._rounded = False
        self._brightest = 0

    def converted(self, images: np.ndarray, called: str) -> np.ndarray:
        """Convert an array of images.

        Args:
            images: (n, height, width) or (n, height, width, channels) with 1 or 3 channels.
            called: What they are called in an error.

        Returns:
            uint8 (n, height, width, channels), 0..255.

        Raises:
            ValueError: If they are no such images, or of another size or scale than those before.
        """
        images = self._stacked(images, called)
        if images.dtype == np.uint8:
            self._decide(False, called)
            levels = np.ascontiguousarray(images)
        else:
            levels = self._scaled_levels(images, called)
        self._brightest = max(self._brightest, int(levels.max()))
        return levels

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what was converted."""
        notes = []
        if self._scaled:
            notes.append("images of 0..1 were scaled to 0..255")
        if self._rounded:
            notes.append("pixels between two of the 256 grey levels were rounded to the nearer one")
        if 0 < self._brightest < _DARK:
            notes.append(
                f"the brightest pixel is {self._brightest} of 255: if that is white, multiply the images by "
                f"255 / {self._brightest}"
            )
        return tuple(notes)

    def _stacked(self, images: np.ndarray, called: str) -> np.ndarray:
        """Return images of numbers as (n, height, width, channels)."""
        if images.dtype.kind not in "uifb":
            raise ValueError(f"{self._where}: {called} are of type {images.dtype}: give numbers, best uint8 0..255")
        if images.ndim == 3:
            images = images[..., np.newaxis]
        if images.ndim != 4 or images.shape[3] not in (1, 3):
            raise ValueError(
                f"{self._where}: {called} have the shape {images.shape}; expected (n, height, width) or "
                f"(n, height, width, channels) with 1 or 3 channels: {_shape_mend(images.shape, called)}"
            )
        if not images.size:
            raise ValueError(f"{self._where}: {called} are empty, of shape {images.shape}: give some")
        if self._shape is not None and images.shape[1:] != self._shape:
            raise ValueError(
                f"{self._where}: {called} are of {_size(images.shape[1:])} and others of {_size(self._shape)}: "
                "give all in one size"
            )
        self._shape = images.shape[1:]
        return images

    def _scaled_levels(self, images: np.ndarray, called: str) -> np.ndarray:
        low, high = float(images.min()), float(images.max())
        if not np.isfinite(low) or not np.isfinite(high):
            first = next(row for row, image in enumerate(images) if not np.isfinite(image).all())
            raise ValueError(
                f"{self._where}: {called} hold NaN or infinity (first: image {first}): give finite numbers"
            )
        if low < 0 or high > 255:
            raise ValueError(
                f"{self._where}: {called} are {images.dtype} from {low:g} to {high:g}; expected 0..255, or 0..1: "
                f"{_range_mend(images.dtype.kind, low, high)}"
            )
        fractions = images.dtype.kind in "fb"
        if high > 0 or not fractions:
            self._decide(fractions and high <= 1, called)
        scale = 255 if self._units.get(called) else 1
        self._scaled |= scale > 1
        levels = np.empty(images.shape, np.uint8)
        rows = max(1, _BLOCK // (images[0].size * 8))
        for start in range(0, len(images), rows):
            exact = images[start : start + rows] * np.float64(scale)
            whole = np.rint(exact)
            self._rounded |= bool(np.abs(exact - whole).max() > _ROUNDED)
            levels[start : start + rows] = whole
        return levels

    def _decide(self, unit: bool, called: str) -> None:
        """Raise ValueError unless images on this scale go with those before."""
        if unit and self._units.get(called) is False:
            return  # dark images among others
        if not all(known == unit for known in self._units.values()):
            scales = ("0..1", "0..255") if unit else ("0..255", "0..1")
            raise ValueError(
                f"{self._where}: {called} are {scales[0]} and images before them {scales[1]}: give all on one scale, "
                "best as uint8 0..255"
            )
        self._units[called] = unit


def _shape_mend(shape: tuple[int, ...], called: str) -> str:
    if len(shape) == 4 and shape[1] in (1, 3):
        return f"np.moveaxis({called}, 1, -1) moves the channels to the end"
    if len(shape) == 4 and shape[3] in (2, 4):
        return f"{called}[..., :{shape[3] - 1}] leaves out the last channel, of transparency"
    if len(shape) == 2 and (side := round(shape[1] ** 0.5)) ** 2 == shape[1] and side > 1:
        return f"{called}.reshape(-1, {side}, {side}) makes squares of rows of pixels"
    return "reshape them, or choose among the channels"


def _range_mend(kind: str, low: float, high: float) -> str:
    if low < 0 and kind == "i":
        return "shift and scale them, or save them as they were before a type with a sign"
    if -1 <= low < 0 and high <= 1:
        return "(images + 1) * 127.5 brings -1..1 there"
    if low < 0:
        return "give them as they were before they were normalized"
    top = next((f"{top}" for top in _TOPS if high <= top), "images.max()")
    return f"np.round(images * (255 / {top})).astype(np.uint8) keeps their range in 256 grey levels"


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
