"""Images as a page shows them, whatever their number of channels."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from keras_suite.reports.page.thumbnails import as_seen, thumbnail


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (6, "RGB")])
def test_images_of_any_number_of_channels_are_shown(channels: int, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    shown = thumbnail(pixels)
    image = Image.open(io.BytesIO(base64.b64decode(shown["source"].partition(",")[2])))
    assert (image.mode, image.size, shown["small"]) == (mode, (7, 5), True)
    assert np.array_equal(np.asarray(image), as_seen(pixels))


def test_colours_stay_as_they_are_and_a_clip_shows_its_first_middle_and_last_frame() -> None:
    colours = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert np.array_equal(as_seen(colours), colours)
    clip = np.broadcast_to(np.arange(6, dtype=np.uint8), (2, 2, 6))
    assert as_seen(clip)[0, 0].tolist() == [0, 3, 5]
