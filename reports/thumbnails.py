"""Test images as the page shows them: small PNGs inside the page."""

import base64
import io
from typing import Any

import numpy as np

SMALL = 96  # pixels; what is smaller is shown with hard edges


def thumbnail(pixels: np.ndarray) -> dict[str, Any]:
    """A uint8 image (h, w, 1 or 3) as a data address, and whether it is small."""
    from PIL import Image

    shown = pixels if pixels.shape[-1] == 3 else pixels[..., 0]
    data = io.BytesIO()
    Image.fromarray(shown).save(data, format="PNG")
    source = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode("ascii")
    return {"source": source, "small": max(shown.shape[:2]) < SMALL}
