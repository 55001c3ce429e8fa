"""Test images as the page shows them: small PNGs inside the page."""

import base64
import io
from typing import Any

import numpy as np

SMALL = 96  # pixels; what is smaller is shown with hard edges


def as_seen(pixels: np.ndarray) -> np.ndarray:
    """What can be shown of an image (h, w, channels): grey (h, w), or colours (h, w, 3).

    Of a clip, whose frames lie in the channels, the first frame is red, the middle one green and the last one blue.
    """
    channels = pixels.shape[-1]
    return pixels[..., 0] if channels < 3 else pixels[..., [0, channels // 2, channels - 1]]


def thumbnail(pixels: np.ndarray) -> dict[str, Any]:
    """A uint8 image (h, w, channels) as a data address, and whether it is small."""
    from PIL import Image

    shown = np.ascontiguousarray(as_seen(pixels))
    data = io.BytesIO()
    Image.fromarray(shown).save(data, format="PNG")
    source = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode("ascii")
    return {"source": source, "small": max(shown.shape[:2]) < SMALL}
