"""Image files of any size are read as the network takes them, and shown as they are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments.inspecting.images import images_to_show
from keras_suite.experiments.inspecting.network import Network


@pytest.mark.slow
def test_a_file_is_shown_as_it_is_and_read_at_the_networks_size(finder: Network, tmp_path: Path) -> None:
    Image.fromarray(np.full((30, 40, 3), 200, np.uint8)).save(tmp_path / "picture.png")
    [image] = images_to_show(tmp_path / "finder.keras", finder, [tmp_path / "picture.png"])
    assert image.pixels.shape == (24, 24, 1)
    assert image.shown.shape[:2] == (30, 40)


def test_a_model_file_alone_keeps_no_images(finder: Network, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keeps no images: give image files"):
        images_to_show(tmp_path / "finder.keras", finder, [])
